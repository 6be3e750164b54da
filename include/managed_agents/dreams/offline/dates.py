"""
Relative dates made absolute: "yesterday", "next Friday", "in two weeks" by the day on which they were said.

The words stay; the date stands beside them in square brackets, as in "by Friday [13 November 2026]", so that a reader
can tell what was said from what was worked out. Where English leaves two readings, both are given, with "or"; where a
weekday alone may lie before or behind, it stays as it is, and the line's own date says when.
"""

from __future__ import annotations

import re
from collections.abc import Callable
from datetime import MAXYEAR, MINYEAR, date, timedelta

__all__ = ["MONTHS", "disarm", "is_relative", "resolve_dates", "without_computed", "written"]

_YEAR = "January February March April May June July August September October November December"
MONTHS = tuple(_YEAR.split())
_WEEKDAYS = ("mon", "tue", "wed", "thu", "fri", "sat", "sun")
_PART = r"(?:\s+(?:morning|afternoon|evening|night|noon))?"
#: "Sun", "Sat" and "Mon" are left out: they are words as well.
_WEEKDAY = rf"(?P<day>(?:mon|tues|wednes|thurs|fri|satur|sun)day|tues?|wed|thurs?|thu|fri){_PART}"
_NUMBERS = ("one", "two", "three", "four", "five", "six", "seven", "eight", "nine", "ten", "eleven", "twelve")
_COUNTS = {word: count for count, word in enumerate(_NUMBERS, 1)} | {"a": 1, "an": 1, "a couple of": 2}
_COUNTED = rf"(?P<count>\d{{1,3}}|{'|'.join(_COUNTS)})\s+(?P<unit>day|week|fortnight|month|year)s?"
_STEPS = {"last": -1, "previous": -1, "this": 0, "next": 1, "coming": 1}
_WHICH = rf"(?P<which>{'|'.join(_STEPS)})"
_BY = r"(?:(?:on|by|until|till|from|since)\s+)?"
_OWN = r"(?:[’']s)?"  # noqa: RUF001
_MONTH = rf"(?:{'|'.join(MONTHS)}) \d{{4}}"
_DAY = rf"\d{{1,2}} {_MONTH}"
_BRACKETED = rf"\[((?:week(?:end)? of )?{_DAY}(?: or {_DAY})?|{_MONTH}|\d{{4}})\]"


def written(day: date) -> str:
    """Return a day as people write it: "8 May 2023"."""
    return f"{day.day} {MONTHS[day.month - 1]} {day.year:04d}"


def resolve_dates(text: str, said: date) -> str:
    """Return ``text`` with absolute dates in brackets behind relative ones, save "today": that is the line's day."""

    def with_date(match: re.Match[str]) -> str:
        absolute = _absolute(match[0], said)
        stays = absolute in ("", written(said)) or text.startswith(" [", match.end())
        return match[0] if stays else f"{match[0]} [{absolute}]"

    return _RELATIVE.sub(with_date, text)


def disarm(text: str) -> str:
    """Return ``text`` with dates in square brackets put in round ones: square ones are for dates worked out here."""
    return re.sub(_BRACKETED, r"(\1)", text)


def without_computed(text: str) -> str:
    """Return ``text`` as it was said: without the dates in brackets that ``resolve_dates`` puts there."""
    return re.sub(f" {_BRACKETED}", "", text)


def _absolute(words: str, said: date) -> str:
    """Return the date or dates that a relative expression means; "" where they lie beyond the calendar."""
    for pattern, resolve in _RULES:
        if match := pattern.fullmatch(words.lower()):
            try:
                return resolve(said, **match.groupdict())
            except (OverflowError, ValueError):
                return ""
    return ""


def _moved(said: date, count: str | int, unit: str, sign: int = 1) -> str:
    """Return the day, of months and years the month or the year, that lies so many units after a day."""
    count = sign * (_COUNTS.get(str(count)) or int(count))
    if unit not in ("month", "year"):
        return written(said + timedelta(days=count * {"day": 1, "week": 7, "fortnight": 14}[unit]))
    year, month = divmod(said.year * 12 + said.month - 1 + count * (12 if unit == "year" else 1), 12)
    if not MINYEAR <= year <= MAXYEAR:
        raise OverflowError(year)
    return f"{year:04d}" if unit == "year" else f"{MONTHS[month]} {year:04d}"


def _period(said: date, which: str, unit: str) -> str:
    """Resolve "next week", "last month", "this year" to the Monday of the week, the month, the year."""
    if unit in ("month", "year"):
        return _moved(said, _STEPS[which], unit)
    return f"{unit} of {written(_in_week(said, _STEPS[which], 'sat' if unit == 'weekend' else 'mon'))}"


def _in_week(day: date, weeks: int, weekday: str) -> date:
    """Return the weekday of the week that lies so many after the one of the day."""
    return day + timedelta(weeks=weeks, days=_WEEKDAYS.index(weekday[:3]) - day.weekday())


def _after(day: date, weekday: str) -> date:
    """Return the first such weekday behind the day."""
    return _in_week(day, 0 if _in_week(day, 0, weekday) > day else 1, weekday)


def _before(day: date, weekday: str) -> date:
    """Return the last such weekday before the day."""
    return _after(day - timedelta(days=8), weekday)


def _either(one: date, other: date) -> str:
    return written(one) if one == other else f"{written(one)} or {written(other)}"


#: What starts first in a text counts, and of what starts together what stands first here. "Next Friday", said earlier
#: in that same week, may also be the one in the week after; "the last week" may be the one up to now, and "last week of
#: term" is another.
_EXPRESSIONS: dict[str, Callable[..., str]] = {
    r"the\s+day\s+after\s+tomorrow": lambda said: _moved(said, 2, "day"),
    r"the\s+day\s+before\s+yesterday": lambda said: _moved(said, -2, "day"),
    rf"yesterday{_PART}{_OWN}|last\s+night": lambda said: _moved(said, -1, "day"),
    rf"tomorrow{_PART}{_OWN}": lambda said: _moved(said, 1, "day"),
    rf"(?:today|tonight|this\s+(?:morning|afternoon|evening)){_OWN}": written,
    rf"{_COUNTED}\s+ago": lambda said, count, unit: _moved(said, count, unit, -1),
    rf"in\s+{_COUNTED}(?:[’']\s*time)?": _moved,  # noqa: RUF001
    rf"{_COUNTED}\s+from\s+(?:now|today)": _moved,
    rf"{_BY}{_WEEKDAY}\s+{_WHICH}\s+week": lambda said, day, which: written(
        _in_week(said, _STEPS[which], day)
    ),
    rf"next\s+{_WEEKDAY}": lambda said, day: _either(_after(said, day), _in_week(said, 1, day)),
    rf"last\s+{_WEEKDAY}": lambda said, day: _either(_in_week(said, -1, day), _before(said, day)),
    rf"this\s+{_WEEKDAY}": lambda said, day: written(_in_week(said, 0, day)),
    rf"since\s+{_WEEKDAY}": lambda said, day: written(_before(said, day)),
    rf"(?:(?:this\s+)?coming|by|until|till|from)\s+{_WEEKDAY}": lambda said, day: written(_after(said, day)),
    rf"(?<!the ){_WHICH}\s+(?P<unit>weekend|week|month|year)(?! of)": _period,
}
_RULES = [(re.compile(pattern), resolve) for pattern, resolve in _EXPRESSIONS.items()]
_ANY = "|".join(re.sub(r"P<[a-z]+>", ":", pattern) for pattern in _EXPRESSIONS)
_RELATIVE = re.compile(rf"(?<![\w-])(?:{_ANY})(?![\w-])", re.I)
#: Whether a text says a date that means something only by the day on which it was said.
is_relative = _RELATIVE.search
