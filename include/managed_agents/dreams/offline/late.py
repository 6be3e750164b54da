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
_HEADING = re.compile(r"## (?P<path>/.*): (?P<when>\d{4}-\d\d-\d\dT[\d:.]+Z), (?P<by>.+?)(?:, part \d+ of \d+)?")
_COUNT = re.compile(
    r"(?P<none>No new lines\.)|(?P<count>[\d,]+) new lines?, as written: ?(?:it is all of (?P<page>/.+))?"
)
_ESCAPE = re.compile(r"\\([\\`*\[\]<>&!~|$_])")


@dataclass(frozen=True)
class Note:
    """
    One late write: the memory it belongs to, and the text that folds it in.

    ``page`` is the other page below ``/late/`` that is the new line, where that fills one; else empty.
    """

    path: str
    text: str
    page: str = ""


def read_page(content: str) -> list[Note] | None:
    """Return the notes of a page, in order; None where it isn't wholly of this shape, and so is not ours to fold."""
    title, _, rest = content.partition("\n## ")
    if not title.startswith(_TITLE) or not rest:
        return None
    lines = f"## {rest}".split("\n")
    notes: list[Note] = []
    at = 0
    while at < len(lines):
        if not lines[at]:
            at += 1
            continue
        read = _read_note(lines, at)
        if read is None:
            return None
        note, at = read
        notes.append(note)
    return notes


def _read_note(lines: list[str], at: int) -> tuple[Note, int] | None:
    head = _HEADING.fullmatch(lines[at])
    if head is None:
        return None
    end = at + 1
    while end < len(lines) and not (count := _COUNT.fullmatch(lines[end])):
        if lines[end].startswith("## "):
            return None
        end += 1
    if end == len(lines):
        return None
    size = 0 if count["none"] or count["page"] else int(count["count"].replace(",", ""))
    new = lines[end + 1 : end + 1 + size]
    path = _ESCAPE.sub(r"\1", head["path"])
    if len(new) < size or path.startswith(LATE) or not _is_path(path):
        return None
    told = lines[at + 2 : end]
    text = "\n".join([f"Written late, {head['when'][:10]}, by {head['by']}:", *told, *new])
    return Note(path, f"{text}\n", _ESCAPE.sub(r"\1", count["page"] or "")), end + 1 + size


def _is_path(path: str) -> bool:
    try:
        return check_path(path) == path
    except ValueError:
        return False
