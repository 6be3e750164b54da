"""
Days that people name from where they stand: "yesterday", "next Friday", "three weeks ago".

A dream writes such a day as a date. It is grounded by the words and the day on which they were said. People mean
different days by "next Friday": all of them count.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator
from datetime import date, timedelta
from functools import lru_cache

from dreamflow.core.strings import Finder

__all__ = ["relative_dates"]

_WEEKDAYS = ("monday", "tuesday", "wednesday", "thursday", "friday", "saturday", "sunday")
_COUNTS = {
    "a": (1,), "an": (1,), "one": (1,), "two": (2,), "three": (3,), "four": (4,), "five": (5,), "six": (6,),
    "seven": (7,), "eight": (8,), "nine": (9,), "ten": (10,), "twelve": (12,), "a couple of": (2, 3),
    "couple of": (2, 3), "a few": (2, 3, 4, 5), "few": (2, 3, 4, 5), "several": (3, 4, 5, 6, 7),
}  # fmt: skip
_COUNT = "|".join(sorted(_COUNTS, key=len, reverse=True))
_RELATIVE = re.compile(
    rf"\b(?:(?:(?P<which>last|next|this|past|coming) )?(?P<what>{'|'.join(_WEEKDAYS)}|week(?:end)?|month|year)s?"
    r"|(?P<day>yesterday|tomorrow|day before yesterday|day after tomorrow|last night|overnight)"
    rf"|(?P<in>in |within |after )?(?P<count>\d{{1,3}}|{_COUNT}) (?P<unit>day|week|month|year)s?"
    r"(?P<ago> (?:ago|earlier|before|from now|later|from today))?)\b"
)


def _counted(unit: str) -> str:
    """Return what finds a unit behind the last letters of a count, or of "last" and its like."""
    return rf"((?<=(?:an|ne|wo|ee|ur|ve|ix|en|ht|of|ew|al|st|xt|is|ng|\d\d) {unit})|(?<=\b[a\d] {unit}))"


#: What every such day has. It begins with plain letters, which a search skips to; the group tells where it starts.
_STEM = re.compile(
    r"day(?:((?<=(?:mon|fri|sun)day))|((?<=tuesday))|((?<=(?:thurs|satur)day))|((?<=(?:wednes|yester)day))"
    rf"|{_counted('day')})|night(?:((?<=overnight))|((?<=last night)))|tomorrow()"
    rf"|week{_counted('week')}|month{_counted('month')}|year{_counted('year')}"
)
#: By group, how many characters before; none of a unit.
_STARTS = (0, 3, 4, 5, 6, None, 4, 5, 0, None, None, None)
#: What may stand before one that is no unit.
_LEADS = ("last ", "next ", "this ", "past ", "coming ", "before ", "after ")
#: Characters of such words before a unit, or its like, and behind it, at most: "within a couple of", "from today".
_BEFORE, _BEHIND = 24, 40
_DAYS = {
    "yesterday": -1, "tomorrow": 1, "day before yesterday": -2, "day after tomorrow": 2, "last night": -1,
    "overnight": 1,
}  # fmt: skip
#: What every stem begins with.
_BEGINNINGS = Finder((b"day", b"night", b"tomorrow", b"week", b"month", b"year"))


def relative_dates(lowered: str, said_on: date) -> Iterator[tuple[frozenset[str], int, int]]:
    """
    Yield the days (or a month, or a year) that words of a text may mean, and where the words stand.

    :param lowered: the text in lower case.
    """
    for match in _matches(lowered):
        try:
            keys = _keys(match[0], said_on)
        except (OverflowError, ValueError):
            continue  # beyond the calendar
        if keys:
            yield keys, match.start(), match.end()


def _matches(lowered: str) -> Iterator[re.Match[str]]:
    """Yield where such days are named, looking only around the words that they have."""
    at = 0
    for stem in _stems(lowered):
        if stem.start() < at:
            continue
        before = _STARTS[stem.lastindex or 0]
        start = stem.start() - (before or 0)
        if before is None or lowered.endswith(_LEADS, at, start):
            stop = lowered.find(" ", stem.end() + _BEHIND)  # where words end
            match = _RELATIVE.search(lowered, max(at, start - _BEFORE), stop if stop >= 0 else len(lowered))
        else:
            match = _RELATIVE.match(lowered, start)
        at = stem.end()
        if match and match.start() <= start:
            at = match.end()
            yield match


def _stems(lowered: str) -> Iterable[re.Match[str]]:
    if not lowered.isascii():
        return _STEM.finditer(lowered)
    places = sorted(at for each in _BEGINNINGS.places(lowered.encode()).values() for at in each)
    return (stem for at in places if (stem := _STEM.match(lowered, at)))


@lru_cache(maxsize=1 << 14)
def _keys(words: str, day: date) -> frozenset[str]:
    """Return the days that words mean: kept, as people say the same on the same day again and again."""
    match = _RELATIVE.match(words)
    return frozenset(_days(match, day)) if match else frozenset()


def _days(match: re.Match[str], day: date) -> set[str]:
    which, what = match["which"], match["what"]
    if match["day"]:
        return {(day + timedelta(days=_DAYS[match["day"]])).isoformat()}
    if what in _WEEKDAYS:
        ahead = (_WEEKDAYS.index(what) - day.weekday()) % 7
        return {(day + timedelta(days=days)).isoformat() for days in (ahead - 7, ahead, ahead + 7)}
    if what:
        step = {"last": -1, "past": -1, "next": 1, "coming": 1, "this": 0}.get(which or "")
        return set() if step is None else _spans(day, what, step)
    count = match["count"]
    counts = (int(count),) if count.isdigit() else _COUNTS[count]
    signs = (-1,) if (match["ago"] or "").strip() in ("ago", "earlier") else (1,) if match["in"] else (-1, 1)
    if not (match["in"] or match["ago"]):
        return set()
    return {key for n in counts for sign in signs for key in _spans(day, match["unit"], sign * n)}


def _spans(day: date, unit: str, step: int) -> set[str]:
    """Return the days of a week so many weeks away, or the one day, month or year."""
    if unit == "day":
        return {(day + timedelta(days=step)).isoformat()}
    if unit in ("week", "weekend"):
        monday = day + timedelta(days=7 * step - day.weekday())
        days = {(monday + timedelta(days=days)).isoformat() for days in range(7)}
        return days | {(day + timedelta(weeks=step)).isoformat()}
    if unit == "month":
        months = day.year * 12 + day.month - 1 + step
        month = f"{months // 12:04d}-{months % 12 + 1:02d}"
        return {month, f"{month}-{min(day.day, 28):02d}", f"{month}-{day.day:02d}"}
    return {f"{day.year + step:04d}", f"{day.year + step:04d}-{day:%m}", f"{day.year + step:04d}-{day:%m-%d}"}
