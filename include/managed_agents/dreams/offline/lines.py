"""
Write statements of a session as lines of a memory, and read a line back.

    - 8 May 2023. Caroline: I went to a support group yesterday [7 May 2023]. It was powerful. (conv-26-1)
    - 15 May 2024, mia_li_3668. Customer: I'd like to fly on May 20th. Agent: HAT136 costs $152. (sesn_01)

A line stands on its own: the day, the account that it is about where there is one, who said what in the order in
which it was said, and the session, or sessions where near-copies were folded.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping
from contextlib import suppress
from dataclasses import dataclass
from datetime import date
from typing import Any
from urllib.parse import quote, unquote

from include.managed_agents.dreams.offline.dates import MONTHS, written

__all__ = ["MAX_LINE", "MAX_SOURCES", "Line", "pack", "parse_line", "render_line", "speaker", "turns"]

#: Characters of a line. Only a single statement that is longer by itself makes a longer one.
MAX_LINE = 450
#: Sessions that a line names, at most: what more of them say stands in a further line.
MAX_SOURCES = 8
#: What needs no full stop before the next statement.
_ENDS = ".,;:!?…\"'”’"  # noqa: RUF001
_LINE = re.compile(
    rf"- (?P<day>[1-9]\d?) (?P<month>{'|'.join(MONTHS)}) (?P<year>\d{{4}})(?:, (?P<account>\S{{1,80}}))?\. "
    r"(?P<text>[^\s:][^:]{0,99}: \S.*) \((?P<sources>[^\s(),]+(?:, [^\s(),]+)*)\)"
)
_TURN = re.compile(r"(?:^|(?<=[.!?…)\]\"'] ))([^\s:.!?][^:.!?]{0,98}): ")


@dataclass(frozen=True)
class Line:
    """What one line of a memory says: ``text`` is "Who: what they said. Who: …"; ``account`` may be empty."""

    day: date
    account: str
    text: str
    sources: tuple[str, ...]


def pack(statements: Iterable[Mapping[str, Any]], sources: tuple[str, ...], account: str) -> list[Line]:
    """
    Return statements of one session in as few lines as hold them, in their order; a speaker is named once a turn.

    What belongs to one person stands in lines of their own: who asks about somebody finds no one else's words there.
    """
    lines: list[Line] = []
    #: By party: the number of its last line, and who speaks at its end.
    ends: dict[str, tuple[int, str]] = {}
    for statement in statements:
        day, who, text, party = (statement[key] for key in ("day", "who", "text", "party"))
        number, last = ends.get(party, (len(lines), ""))
        if number < len(lines):
            said = lines[number].text
            said += ("" if said[-1] in _ENDS else ".") + ("" if who == last else f" {who}:")
            longer = Line(day, account, f"{said} {text}", sources)
            if lines[number].day == day and len(render_line(longer)) <= MAX_LINE:
                lines[number] = longer
                ends[party] = (number, who)
                continue
        ends[party] = (len(lines), who)
        lines.append(Line(day, account, f"{who}: {text}", sources))
    return lines


def render_line(line: Line) -> str:
    """Return the line as a list item."""
    head = written(line.day) + (f", {line.account}" if line.account else "")
    return f"- {head}. {line.text} ({', '.join(quote(source, safe=':/@+=;!*~.-_#&?$') for source in line.sources)})"


def parse_line(text: str) -> Line | None:
    """Return what ``render_line`` wrote as ``text``; None when it wrote no such line."""
    if match := _LINE.fullmatch(text):
        with suppress(ValueError):
            day = date(int(match["year"]), MONTHS.index(match["month"]) + 1, int(match["day"]))
            sources = tuple(map(unquote, match["sources"].split(", ")))
            return Line(day, match["account"] or "", match["text"], sources)
    return None


def speaker(name: str) -> str:
    """Return ``name`` as it can stand before the colon of a line."""
    return " ".join(name.replace(":", " ").split())[:60].strip()


def turns(text: str) -> list[tuple[str, str]]:
    """Return who said what, in order, of a line's text."""
    cut = _TURN.split(text)
    return list(zip(cut[1::2], map(str.strip, cut[2::2]), strict=True))
