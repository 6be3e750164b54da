"""
The lines of a dreamed store as a reader sees them, taken apart by the benchmarks' own rules.

    - 8 May 2023. Caroline: I went to a support group yesterday [7 May 2023]. Melanie: I run. (conv-26-1)
    - 15 May 2024, mia_li_3668. Customer: I'd like to fly on May 20th. (sesn_01, sesn_07)
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from datetime import date
from functools import cached_property
from urllib.parse import unquote

import pendulum

from benchmarks._relative import follows
from dreamflow.core.specifics import Kind, specifics_of

__all__ = ["ROLES", "Said", "lines_of", "said_in"]

#: Speakers that are a role, not a name.
ROLES = frozenset({"agent", "assistant", "customer", "record", "tool", "user"})

_LINE = re.compile(
    r"- (?:(?P<day>\d{1,2} [A-Z][a-z]+ \d{4})|Undated)(?:, (?P<account>\S+))?\. "
    r"(?P<body>.+) \((?P<sources>[^\s()]+(?:, [^\s()]+)*)\)"
)
#: Who speaks stands at the start, or behind the end of a sentence: "Tom Okafor: ", "Agent to Tom Okafor: ". A role is
#: one wherever it stands.
_LABEL = re.compile(
    r"(?:^|(?<=[.!?…\])\"”’*] )|(?<= )(?=(?:Agent|Customer|Record|User)\b))"  # noqa: RUF001
    r"([A-Z][^\s:.!?]*(?: [^\s:.!?]+){0,5}): "
)
_BRACKETS = re.compile(r" \[([^\[\]]{4,60})\]")
_FORM = re.compile(
    r"(?:week of |weekend of )?(?:\d{1,2} )?(?:[A-Z][a-z]+ )?(?:19|20)\d\d(?: or \d{1,2} [A-Z][a-z]+ (?:19|20)\d\d)?"
)


@dataclass(frozen=True)
class Said:
    """One line that the engine wrote. ``day`` is None where the line says "Undated"."""

    path: str
    line: str
    day: date | None
    account: str
    body: str
    sources: tuple[str, ...]

    @cached_property
    def speakers(self) -> list[str]:
        return _LABEL.findall(self.body)

    @cached_property
    def parts(self) -> list[str]:
        """What was said, without who said it and without dates that were worked out, cut where the speaker changes."""
        return [
            part for part in _LABEL.split(_BRACKETS.sub(self._unless_dated, self.body))[::2] if part.strip()
        ]

    @cached_property
    def wrong_dates(self) -> list[str]:
        """Dates in brackets that do not follow from the words before them and the line's day."""
        return [
            match[1]
            for match in _BRACKETS.finditer(self.body)
            if _FORM.fullmatch(match[1]) and not self._follows(match)
        ]

    def _unless_dated(self, match: re.Match[str]) -> str:
        return "" if _FORM.fullmatch(match[1]) else match[0]

    def _follows(self, match: re.Match[str]) -> bool:
        words = self.body[max(0, match.start() - 60) : match.start()].lower()
        return self.day is not None and all(
            follows(words, day, self.day, last) for day, last in _days(match[1])
        )


def lines_of(store: Mapping[str, str]) -> list[str]:
    """Return the lines that say something: no blank lines and no headings."""
    return [
        line
        for content in store.values()
        for line in content.split("\n")
        if line.strip() and not line.startswith("#")
    ]


def said_in(store: Mapping[str, str], before: Mapping[str, str]) -> list[Said]:
    """Return the lines of what was said that stand in ``store`` and did not stand in the store ``before``."""
    known = {line for content in before.values() for line in content.split("\n")}
    return [
        said
        for path, content in store.items()
        for line in content.split("\n")
        if line not in known and (said := _read(path, line))
    ]


def _read(path: str, line: str) -> Said | None:
    match = _LINE.fullmatch(line)
    if match is None:
        return None
    days = [day for day, _ in _days(match["day"] or "")]
    sources = tuple(unquote(source) for source in match["sources"].split(", "))
    return Said(path, line, days[0] if days else None, match["account"] or "", match["body"], sources)


def _days(text: str) -> Iterator[tuple[date, date]]:
    """Return the dates of ``text``, each as its first and last day: of one that is only a month or a year."""
    found = [s.key for s in specifics_of(text) if s.kind is Kind.DATE]
    for key in found or re.findall(r"\b(?:19|20)\d\d\b", text):
        day = date.fromisoformat((key + "-01-01")[:10])
        end = {4: "year", 7: "month"}.get(len(key), "day")
        yield day, pendulum.date(day.year, day.month, day.day).end_of(end)
