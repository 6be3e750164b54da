"""
Relative dates made absolute: "yesterday", "next Friday", "in two weeks" by the moment at which they were said.

The words stay; the date stands beside them in square brackets, as in "by Friday [13 November 2026]", so that a reader
can tell what was said from what was worked out. Where English leaves two readings, both are given, with "or"; where a
weekday alone may lie before or behind, it stays as it is, and the line's own date says when.
"""

from __future__ import annotations

import re
from collections.abc import Callable
from dataclasses import dataclass
from datetime import MAXYEAR, MINYEAR, date, timedelta

__all__ = [
    "MONTHS",
    "RelativeDate",
    "disarm",
    "find_relative_dates",
    "resolve_dates",
    "without_computed",
    "written",
]

MONTHS = (
    "January", "February", "March", "April", "May", "June",
    "July", "August", "September", "October", "November", "December",
)  # fmt: skip


def written(day: date) -> str:
    """Return a day as people write it: "8 May 2023"."""
    return f"{day.day} {MONTHS[day.month - 1]} {day.year:04d}"


@dataclass(frozen=True)
class RelativeDate:
    """A relative expression in a text: where it ends, its words, and the date or dates that it means."""

    start: int
    end: int
    words: str
    absolute: str


_WEEKDAYS = ("monday", "tuesday", "wednesday", "thursday", "friday", "saturday", "sunday")
#: "Sun", "Sat" and "Mon" are left out: they are words as well.
_WEEKDAY = rf"(?P<weekday>{'|'.join(_WEEKDAYS)}|tues?|wed|thurs?|thu|fri)"
_NUMBERS = {
    "a": 1, "an": 1, "one": 1, "two": 2, "three": 3, "four": 4, "five": 5, "six": 6, "seven": 7, "eight": 8,
    "nine": 9, "ten": 10, "eleven": 11, "twelve": 12, "a couple of": 2,
}  # fmt: skip
_COUNT = rf"(?P<count>\d{{1,3}}|a couple of|{'|'.join(n for n in _NUMBERS if ' ' not in n)})"
_UNIT = r"(?P<unit>day|week|fortnight|month|year)s?"
_PART = r"(?:\s+(?:morning|afternoon|evening|night|noon))?"
_OWN = r"(?:[’']s)?"  # noqa: RUF001

_STEPS = {"last": -1, "previous": -1, "this": 0, "next": 1, "coming": 1}
#: Characters before and behind a weekday that are looked at for the tense of its sentence.
_SENTENCE = 300

_Resolver = Callable[[re.Match[str], str, date], str | None]


def resolve_dates(text: str, said: date) -> str:
    """
    Return ``text`` with each relative date followed by its absolute one in brackets; done twice, it stays.

    "Today" stays as it is: the line that it stands in says when it was said.
    """
    out: list[str] = []
    at = 0
    for found in find_relative_dates(text, said):
        out.append(text[at : found.end])
        at = found.end
        if not text.startswith(" [", at) and found.absolute != written(said):
            out.append(f" [{found.absolute}]")
    return "".join([*out, text[at:]])


def find_relative_dates(text: str, said: date) -> list[RelativeDate]:
    """Return the relative dates of ``text`` as said on the day ``said``, in order, none overlapping."""
    if not _MAY_HOLD_ONE.search(text):
        return []
    found: list[RelativeDate] = []
    taken = bytearray(len(text))
    for pattern, resolve in _RULES:
        for match in pattern.finditer(text):
            start, end = match.span()
            if any(taken[start:end]):
                continue
            taken[start:end] = b"\x01" * (end - start)
            try:
                absolute = resolve(match, text, said)
            except (OverflowError, ValueError):  # a year beyond the calendar
                absolute = None
            if absolute is not None:
                found.append(RelativeDate(start, end, match[0], absolute))
    return sorted(found, key=lambda f: f.start)


_MAY_HOLD_ONE = re.compile(r"day|night|tomorrow|ago\b|week|month|year|this | (?:tue|wed|thu|fri)", re.I)


def _day(offset: int) -> _Resolver:
    return lambda match, text, said: written(said + timedelta(days=offset))


def _counted(sign: int) -> _Resolver:
    """Resolve "three days ago", "in two weeks" to the day, months and years to the month and the year."""

    def resolve(match: re.Match[str], text: str, said: date) -> str:
        words = match["count"].lower()
        count = sign * (_NUMBERS[words] if words in _NUMBERS else int(words))
        match match["unit"].lower():
            case "year":
                return _year(said.year + count)
            case "month":
                return _month(said, count)
            case unit:
                return written(said + timedelta(days=count * {"day": 1, "week": 7, "fortnight": 14}[unit]))

    return resolve


def _period(match: re.Match[str], text: str, said: date) -> str:
    """Resolve "next week", "last month", "this year" to the Monday of the week, the month, the year."""
    step = _STEPS[match["which"].lower()]
    match match["unit"].lower():
        case "week":
            return "week of " + written(_monday(said) + timedelta(weeks=step))
        case "weekend":
            return "weekend of " + written(_monday(said) + timedelta(weeks=step, days=5))
        case "month":
            return _month(said, step)
        case _:
            return _year(said.year + step)


def _of_week(match: re.Match[str], said: date, step: int) -> date:
    return _monday(said) + timedelta(weeks=step, days=_weekday(match))


def _next_weekday(match: re.Match[str], text: str, said: date) -> str:
    """The coming one; said earlier in that same week, speakers also mean the one in the week after."""
    return _either(_following(match, said), _of_week(match, said, 1))


def _last_weekday(match: re.Match[str], text: str, said: date) -> str:
    return _either(_of_week(match, said, -1), _preceding(match, said))


def _named_week(match: re.Match[str], text: str, said: date) -> str:
    return written(_of_week(match, said, _STEPS[match["which"].lower()]))


def _coming(weeks: int) -> _Resolver:
    return lambda match, text, said: written(_following(match, said) + timedelta(weeks=weeks))


_PAST = re.compile(
    r"\b(?:was|were|had|did|didn't|went|came|left|got|sent|took|saw|said|told|wrote|made|broke|paid|began|bought|gave|met|ago)\b"
    r"|\b(?:I|we|you|he|she|they|it|who|and|[A-Z]\w+)\s+(?:(?i:just|also|already|\w+ly)\s+)?\w{2,}ed\b"
)
_FUTURE = re.compile(
    r"\b(?:will|shall|going to|gonna|must|should|can|could|may|might|would|please|remind|follow up|let's|plan|planned|"
    r"due|scheduled|from|starting|starts?|ships?|goes|moves?|comes?|ends?)\b|\w[’']ll\b",  # noqa: RUF001
    re.I,
)


def _bare_weekday(match: re.Match[str], text: str, said: date) -> str | None:
    """Resolve "on Tuesday" by the tense of its sentence: one tense found gives a date, none or both give nothing."""
    if match["preposition"].lower() == "since":
        return written(_preceding(match, said))
    before = re.split(r"[.!?;]", text[max(0, match.start() - _SENTENCE) : match.start()])[-1]
    after = re.split(r"[.!?;]", text[match.end() : match.end() + _SENTENCE], maxsplit=1)[0]
    past, future = (bool(tense.search(f"{before} {after}")) for tense in (_PAST, _FUTURE))
    if past == future:
        return None
    return written(_preceding(match, said) if past else _following(match, said))


def _compiled(pattern: str) -> re.Pattern[str]:
    return re.compile(rf"(?<![\w-]){pattern}(?![\w-])", re.I)


_RULES: tuple[tuple[re.Pattern[str], _Resolver], ...] = (
    (_compiled(r"the\s+day\s+after\s+tomorrow"), _day(2)),
    (_compiled(r"the\s+day\s+before\s+yesterday"), _day(-2)),
    (_compiled(rf"(?:yesterday{_PART}{_OWN}|last\s+night)"), _day(-1)),
    (_compiled(rf"tomorrow{_PART}{_OWN}"), _day(1)),
    (_compiled(rf"(?:today|tonight|this\s+(?:morning|afternoon|evening)){_OWN}"), _day(0)),
    (_compiled(rf"{_COUNT}\s+{_UNIT}\s+ago"), _counted(-1)),
    (_compiled(rf"in\s+{_COUNT}\s+{_UNIT}(?:[’']\s*time)?"), _counted(1)),  # noqa: RUF001
    (_compiled(rf"{_COUNT}\s+{_UNIT}\s+from\s+(?:now|today)"), _counted(1)),
    (_compiled(rf"{_WEEKDAY}\s+(?P<which>last|this|next)\s+week"), _named_week),
    (_compiled(rf"{_WEEKDAY}\s+after\s+next"), _coming(1)),
    (_compiled(rf"next\s+{_WEEKDAY}{_PART}"), _next_weekday),
    (_compiled(rf"last\s+{_WEEKDAY}{_PART}"), _last_weekday),
    (_compiled(rf"(?P<which>this)\s+(?!coming){_WEEKDAY}{_PART}"), _named_week),
    (_compiled(rf"(?:(?:this\s+)?coming|by|until|till|from)\s+{_WEEKDAY}{_PART}"), _coming(0)),
    (_compiled(rf"(?P<preposition>on|since|before|after)\s+{_WEEKDAY}{_PART}"), _bare_weekday),
    # "The last week" may be the one up to now, and "last week of term" is another.
    (_compiled(rf"(?<!the )(?P<which>{'|'.join(_STEPS)})\s+(?P<unit>weekend|week|month|year)(?! of)"), _period),
)  # fmt: skip


def _weekday(match: re.Match[str]) -> int:
    return [day[:3] for day in _WEEKDAYS].index(match["weekday"][:3].lower())


def _following(match: re.Match[str], said: date) -> date:
    return said + timedelta(days=(_weekday(match) - said.weekday() - 1) % 7 + 1)


def _preceding(match: re.Match[str], said: date) -> date:
    return said - timedelta(days=(said.weekday() - _weekday(match) - 1) % 7 + 1)


def _monday(day: date) -> date:
    return day - timedelta(days=day.weekday())


def _either(one: date, other: date) -> str:
    return written(one) if one == other else f"{written(one)} or {written(other)}"


def _month(said: date, step: int) -> str:
    year, month = divmod(said.year * 12 + said.month - 1 + step, 12)
    return f"{MONTHS[month]} {_year(year)}"


def _year(year: int) -> str:
    if not MINYEAR <= year <= MAXYEAR:
        raise OverflowError(year)
    return f"{year:04d}"


_WRITTEN = rf"\d{{1,2}} (?:{'|'.join(MONTHS)}) \d{{4}}"
_BRACKETED = (
    rf"\[((?:(?:week|weekend) of )?{_WRITTEN}(?: or {_WRITTEN})?|(?:(?:{'|'.join(MONTHS)}) )?\d{{4}})\]"
)


def disarm(text: str) -> str:
    """Return ``text`` with dates in square brackets put in round ones: square ones are for dates worked out here."""
    return re.sub(_BRACKETED, r"(\1)", text)


def without_computed(text: str) -> str:
    """Return ``text`` as it was said: without the dates in brackets that ``resolve_dates`` puts there."""
    return re.sub(f" {_BRACKETED}", "", text)
