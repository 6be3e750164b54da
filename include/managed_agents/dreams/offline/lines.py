"""
Write statements of a session as lines of a memory, and read a line back.

    - 8 May 2023. Caroline: I went to a support group yesterday [7 May 2023]. It was powerful. (conv-26-1)
    - 15 May 2024, mia_li_3668. Customer: I'd like to fly on May 20th. Agent: HAT136 costs $152. (sesn_01)

A line stands on its own: the day, the account that it is about where there is one, who said what in the order in
which it was said, and the session, or sessions where near-copies were folded. ``parse_line`` reads back what
``render_line`` wrote.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import date
from typing import Any
from urllib.parse import quote, unquote

from include.managed_agents.dreams.offline.dates import MONTHS, written

__all__ = ["MAX_LINE", "MAX_SOURCES", "Line", "pack", "parse_line", "render_line", "speaker"]

#: Characters of a line. Only a single statement that is longer by itself makes a longer one.
MAX_LINE = 450
#: Sessions that a line names, at most: what more of them say stands in a further line.
MAX_SOURCES = 8
_UNDATED = "Undated"
#: What needs no full stop before the next statement.
_ENDS = ".,;:!?…\"'”’"  # noqa: RUF001
_LINE = re.compile(
    rf"- (?:(?P<day>[1-9]\d?) (?P<month>{'|'.join(MONTHS)}) (?P<year>\d{{4}})|{_UNDATED})"
    r"(?:, (?P<account>\S{1,80}))?\. "
    r"(?P<text>[^\s:][^:]{0,99}: \S.*) \((?P<sources>[^\s(),]+(?:, [^\s(),]+)*)\)"
)


@dataclass(frozen=True)
class Line:
    """
    What one line of a memory says.

    ``day`` is ISO, empty when unknown; ``account`` may be empty; ``text`` is "Who: what they said. Who: …", one line;
    ``sources`` are ids of sessions, at least one.
    """

    day: str
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
    head = written(date.fromisoformat(line.day)) if line.day else _UNDATED
    if line.account:
        head += f", {line.account}"
    return f"- {head}. {line.text} ({', '.join(map(_escaped, line.sources))})"


def parse_line(text: str) -> Line | None:
    """Return what a line of this package says; None when ``text`` is none."""
    match = _LINE.fullmatch(text)
    if match is None:
        return None
    day = ""
    if match["day"]:
        try:
            day = date(int(match["year"]), MONTHS.index(match["month"]) + 1, int(match["day"])).isoformat()
        except ValueError:
            return None
    sources = tuple(unquote(source) for source in match["sources"].split(", "))
    return Line(day, match["account"] or "", match["text"], sources)


def speaker(name: str) -> str:
    """Return ``name`` as it can stand before the colon of a line."""
    return " ".join(re.sub(r"[:\s]+", " ", name).split())[:60].strip()


def _escaped(source: str) -> str:
    return "".join(
        quote(c, safe="") if c in "%()," or not c.isprintable() or c.isspace() else c for c in source
    )
