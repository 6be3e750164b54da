"""
Pages below ``/late/``: what was written while an earlier dream ran, and could not be merged into its output.

Dreamflow writes them (``plugins/dreamflow/core/beside.py``). A page is a header, then for each write a note (the memory
that it belongs to, when, by whom, why, what it would have replaced, how many lines follow) and the raw lines.
"""

from __future__ import annotations

import re
from dataclasses import dataclass

from include.managed_agents.memories.paths import check_path

__all__ = ["LATE", "Note", "read_page"]

LATE = "/late/"
_TITLE = "# Late writes\n"
_NOTE = re.compile(
    r"\n*## (?P<path>/.*): (?P<day>\d{4}-\d\d-\d\d)T[\d:.]+Z, (?P<by>.+?)(?:, part \d+ of \d+)?\n"
    r"(?P<told>.*\n(?:It replaces:\n(?:> .*\n)*(?:and \d+ more lines\n)?)?)"
    r"(?:No new lines\.|(?P<count>\d+) new lines?, as written:(?: it is all of (?P<page>/.+))?)(?:\n|$)"
)


@dataclass(frozen=True)
class Note:
    """
    One late write: the memory it belongs to, and the text that folds it in.

    ``page`` is the other page below ``/late/`` that is the new line, where that fills one; else empty.
    """

    path: str
    text: str
    page: str


def read_page(content: str) -> list[Note]:
    """Return the notes of a page; none where it isn't wholly of this shape, and so is not ours to fold."""
    start = content.find("\n## ")
    notes: list[Note] = []
    while content.startswith(_TITLE) and start > 0 and content[start:].strip():
        match = _NOTE.match(content, start)
        path = _plain(match["path"]) if match else LATE
        if match is None or path.startswith(LATE) or not _is_path(path):
            return []
        lines = content[match.end() :].split("\n")
        count = 0 if match["page"] else int(match["count"] or 0)
        if count >= len(lines):
            return []
        raw = "".join(f"{line}\n" for line in lines[:count])
        start = match.end() + len(raw)
        text = f"Written late, {match['day']}, by {match['by']}:\n{match['told']}{raw}"
        notes.append(Note(path, text, _plain(match["page"] or "")))
    return notes


def _plain(path: str) -> str:
    return re.sub(r"\\([\\`*\[\]<>&!~|$_])", r"\1", path)


def _is_path(path: str) -> bool:
    try:
        return check_path(path) == path
    except ValueError:
        return False
