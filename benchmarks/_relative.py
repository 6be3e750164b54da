"""Whether a date can be what "yesterday" or "three weeks ago" means: reckoned apart from the engine's own rules."""

from __future__ import annotations

import re
from datetime import date

import pendulum

__all__ = ["follows"]

#: Three letters tell a weekday: "tues" is "tuesday".
_WEEKDAYS = ("mon", "tue", "wed", "thu", "fri", "sat", "sun")
_COUNTS = {
    "a": 1, "an": 1, "one": 1, "couple": 2, "two": 2, "three": 3, "four": 4, "five": 5, "six": 6, "seven": 7,
    "eight": 8, "nine": 9, "ten": 10, "eleven": 11, "twelve": 12,
}  # fmt: skip
_AGO = re.compile(
    r"(?:\b(in) )?\b(\d{1,3}|[a-z]+)(?: of)? (day|week|fortnight|month|year)s?['’]?"  # noqa: RUF001
    r"(?: (ago|time|from now|from today))?$"
)
#: The days from the line's day in which a date may lie that follows such words.
_NEAR: tuple[tuple[re.Pattern[str], tuple[int, int]], ...] = tuple(
    (re.compile(rf"\b(?:{words})(?:'s|’s)?$"), days)  # noqa: RUF001
    for words, days in (
        (r"the day before yesterday", (-2, -2)),
        (r"the day after tomorrow", (2, 2)),
        (r"yesterday(?: \w+)?|last night", (-1, -1)),
        (r"tomorrow(?: \w+)?", (1, 1)),
        (r"today|tonight|this (?:morning|afternoon|evening)", (0, 0)),
        (r"(?:last|previous) (?:week|weekend)", (-13, -1)),
        (r"this (?:week|weekend)", (-6, 6)),
        (r"(?:next|coming) (?:week|weekend)", (1, 14)),
        (r"(?:last|previous) month", (-62, -28)),
        (r"this month", (-30, 0)),
        (r"(?:next|coming) month", (1, 31)),
        (r"(?:last|previous) year", (-731, -365)),
        (r"this year", (-365, 0)),
        (r"(?:next|coming) year", (1, 366)),
    )
)
_BY_WEEKDAY = re.compile(
    rf"\b({'|'.join(_WEEKDAYS)})(?:s|rs|day|sday|nesday|rsday|urday)?"
    r"(?: (?:morning|afternoon|evening|night|noon|(?:last|this|next) week|after next))?$"
)


def follows(words: str, day: date, said: date, last: date | None = None) -> bool:
    """
    Return whether ``day`` can be what ``words``, in lower case, mean at their end when said on the day ``said``.

    A counted distance is counted anew, by the day. A weekday must be that weekday, within a fortnight. Otherwise the
    words give a span of days in which the date must lie.

    :param last: of a date that is only a month or a year, its last day, where ``day`` is its first.
    """
    counted = _AGO.search(words)
    count = _COUNTS.get(counted[2]) or (int(counted[2]) if counted[2].isdigit() else 0) if counted else 0
    if counted and count and (counted[1] or counted[4]):
        sign = -1 if counted[4] == "ago" else 1
        return day <= _moved(said, sign * count, counted[3]) <= (last or day)
    weekday = _BY_WEEKDAY.search(words)
    if weekday:
        return day.weekday() == _WEEKDAYS.index(weekday[1]) and abs((day - said).days) <= 14
    return any(low <= (day - said).days <= high for near, (low, high) in _NEAR if near.search(words))


def _moved(day: date, count: int, unit: str) -> date:
    from_day = pendulum.date(day.year, day.month, day.day)
    match unit:
        case "year":
            return from_day.add(years=count)
        case "month":
            return from_day.add(months=count)
        case _:
            return from_day.add(days=count * {"day": 1, "week": 7, "fortnight": 14}[unit])
