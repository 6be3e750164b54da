"""
Pages below ``/late/``: what was written while an earlier dream ran, and could not be merged into its output.

Dreamflow writes them (``plugins/dreamflow/core/beside.py``). A page is a header, then for each write a note (the memory
that it belongs to, when, by whom, why, what it would have replaced, how many lines follow) and the raw lines.
"""

from __future__ import annotations

import re
from typing import NamedTuple

from include.managed_agents.memories.paths import check_path

__all__ = ["LATE", "Note", "read_page"]

LATE = "/late/"
_TITLE = "# Late writes\n"
_NOTE = re.compile(
    r"\n*## (?P<path>/.*): (?P<day>\d{4}-\d\d-\d\d)T[\d:.]+Z, (?P<by>.+?)(?:, part \d+ of \d+)?\n"
    r"(?P<told>.*\n(?:It replaces:\n(?:> .*\n)*(?:and \d+ more lines\n)?)?)"
    r"(?:No new lines\.|(?P<count>\d+) new lines?, as written:(?: it is all of (?P<page>/.+))?)(?:\n|$)"
)
_ESCAPED = re.compile(r"\\([\\`*\[\]<>&!~|$_])")


class Note(NamedTuple):
    """A late write: the memory it belongs to, the text that folds it in, and the page that is its new line, if one."""

    path: str
    text: str
    page: str


def read_page(content: str) -> list[Note]:
    """Return the notes of a page; none where it isn't wholly of this shape, and so is not ours to fold."""
    start = content.find("\n## ")
    notes: list[Note] = []
    while content.startswith(_TITLE) and start > 0 and content[start:].strip():
        match = _NOTE.match(content, start)
        if match is None:
            return []
        path, page = (_ESCAPED.sub(r"\1", match[name] or "") for name in ("path", "page"))
        try:
            check_path(path)
        except ValueError:
            return []
        lines = content[match.end() :].split("\n")
        count = 0 if page else int(match["count"] or 0)
        if path.startswith(LATE) or count >= len(lines):
            return []
        raw = "".join(f"{line}\n" for line in lines[:count])
        start = match.end() + len(raw)
        told = f"Written late, {match['day']}, by {match['by']}:\n{match['told']}"
        notes.append(Note(path, told + raw, page))
    return notes
