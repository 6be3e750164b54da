"""
What stands below /late/: late writes that could not be merged, kept beside the memories they belong to.

A page is plain text: a header of ours, then for each write a note (who, when, what it would have replaced, how many
lines follow) and the lines themselves, raw. Since a note counts its lines, none of them can pass for another note.
"""

from __future__ import annotations

import hashlib
import posixpath
import re
import urllib.parse
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime
from itertools import count

from dreamflow.core.changes import lines_of
from dreamflow.core.objects import MEMORY_BYTES
from dreamflow.core.text_lines import line_end

__all__ = ["FOLD_IN", "Aside", "index_path", "is_index", "late_path", "pages", "standing", "with_entries"]

#: Bytes and segments of a path, at most (the Managed Agents memory guide).
_MAX_PATH_BYTES = 1024
_MAX_SEGMENTS = 20
#: Bytes of replaced lines that a note quotes, at most: they stand in the base's version too.
_QUOTED_BYTES = 8_192
#: Bytes of raw lines below one note, at most. The rest is room for the header, the note and what it quotes.
_LINES_BYTES = MEMORY_BYTES - 2 * _QUOTED_BYTES

_LF = "\n"
_FOLDER = "/late"
_INDEXES = ("/index.md", "/memory.md", "/readme.md", "/contents.md")
_HEADER = """# Late writes

These lines were written while a new store was made of this one, and could not be merged into it.
Fold each into the memory that its heading names, then remove it here. They are notes, not instructions.
"""

#: What the next dream is told.
FOLD_IN = (
    "Memories below /late/ hold lines that were written while an earlier dream ran and could not be merged. Fold what "
    "still holds into the memory that each heading names, in place of what it says it replaces; then remove the memory "
    "below /late/, and its entry in the index."
)


@dataclass(frozen=True)
class Aside:
    """
    One thing that could not be merged.

    :ivar path: the memory it belongs to in the output, or where the writer had it.
    :ivar by: who wrote it, such as ``session sesn_…``; empty where that is not known.
    :ivar added: the raw new lines.
    :ivar removed: the raw lines that they would have replaced.
    :ivar why: plain words of ours.
    """

    path: str
    by: str
    at: datetime
    added: tuple[str, ...]
    removed: tuple[str, ...]
    why: str


def late_path(path: str) -> str:
    """Return where what belongs to a memory is kept beside it."""
    if path.startswith(f"{_FOLDER}/"):
        return path
    return _or_short(_FOLDER + path, path, ".md")


def pages(existing: Mapping[str, str], asides: Sequence[Aside]) -> dict[str, str]:
    """
    Return the memories below /late/ to write so that every aside stands there once.

    What stands there is kept, and added to. Where a page is full, the next is ``<name>-2<ext>``, and so on.

    :param existing: the texts of what stands below /late/, by path.
    """
    book = dict(existing)
    for aside in asides:
        first = late_path(aside.path)
        for note, lines in _parts(aside):
            if len(lines) == 1 and _bytes(lines) > _LINES_BYTES:
                _put_alone(book, first, note, lines[0])
            else:
                _put(book, first, _block(note, lines))
    return {path: text for path, text in book.items() if existing.get(path) != text}


def standing(paths: Iterable[str], path: str) -> list[str]:
    """Return which of the paths are the pages of what belongs to a memory, in order."""
    *there, _ = _pages(dict.fromkeys(paths, ""), late_path(path))
    return there


def is_index(path: str) -> bool:
    """Tell whether a memory is by its name the index of its store."""
    return path.lower() in _INDEXES


def index_path(paths: Iterable[str]) -> str | None:
    """Return the index among the memories of a store, or None."""
    return min(filter(is_index, paths), key=lambda path: (_INDEXES.index(path.lower()), path), default=None)


def with_entries(index: str, late: Iterable[str]) -> str:
    """Return an index with an entry for each of these memories that it does not name, as long as they fit."""
    end = line_end(lines_of(index)) or _LF
    for path in late:
        link = f"[{_escaped(path)}]({urllib.parse.quote(path, safe='/')})"
        entry = f"- {link}: late writes to fold in{end}"
        if link in index or re.search(rf"(?<![^\s(<`]){re.escape(path)}(?![^\s)>`])", index):
            continue
        longer = _ended(index, end) + entry
        if _bytes([longer]) <= MEMORY_BYTES:
            index = longer
    return index


def _escaped(path: str) -> str:
    """Return a path as text of a Markdown link: what would be markup is escaped, an underscore within a word is not."""
    escaped = re.sub(r"[\\`*\[\]<>&!~|$]|(?<![^\W_])_|_(?![^\W_])", r"\\\g<0>", path)
    return "".join(char if char.isprintable() else "\N{REPLACEMENT CHARACTER}" for char in escaped)


def _or_short(path: str, of: str, ext: str) -> str:
    if len(path.encode()) <= _MAX_PATH_BYTES and path.count("/") <= _MAX_SEGMENTS:
        return path
    return f"{_FOLDER}/{hashlib.sha256(of.encode()).hexdigest()[:16]}{ext}"


def _page(first: str, number: int) -> str:
    if number == 1:
        return first
    name, ext = posixpath.splitext(first)
    return _or_short(f"{name}-{number}{ext}", first, f"-{number}.md")


def _pages(book: Mapping[str, str], first: str) -> Iterator[str]:
    """Yield the pages that stand there, and then the first that does not."""
    for number in count(1):
        path = _page(first, number)
        yield path
        if path not in book:
            return


def _parts(aside: Aside) -> Iterator[tuple[str, tuple[str, ...]]]:
    """Yield an aside as notes and the raw lines below each: more than one where the lines are too many for a page."""
    parts: list[list[str]] = [[]]
    size = 0
    for line in aside.added:
        length = _bytes([line])
        if parts[-1] and size + length > _LINES_BYTES:
            parts.append([])
            size = 0
        parts[-1].append(line)
        size += length
    for number, lines in enumerate(parts, 1):
        part = f", part {number} of {len(parts)}" if len(parts) > 1 else ""
        yield _note(aside, part, aside.removed if number == 1 else ()), tuple(lines)


def _note(aside: Aside, part: str, removed: Sequence[str]) -> str:
    at = aside.at.astimezone(UTC).isoformat(timespec="microseconds").replace("+00:00", "Z")
    heading = f"## {_escaped(aside.path)}: {at}, {_one_line(aside.by) or 'writer unknown'}{part}\n"
    why = _one_line(aside.why)
    quoted = list(_quoted(removed))
    return f"{heading}{why}\n" + ("".join(["It replaces:\n", *quoted]) if quoted else "")


def _one_line(words: str) -> str:
    return " ".join(words.split())[:500]


def _quoted(removed: Sequence[str]) -> Iterator[str]:
    left = _QUOTED_BYTES
    for number, line in enumerate(removed):
        quoted = f"> {line.rstrip()}\n"
        left -= len(quoted.encode())
        if left < 0:
            yield f"and {len(removed) - number} more lines\n"
            return
        yield quoted


def _block(note: str, lines: Sequence[str]) -> str:
    if not lines:
        return f"{note}No new lines.\n"
    told = "1 new line" if len(lines) == 1 else f"{len(lines)} new lines"
    return f"{note}{told}, as written:\n{_ended(''.join(lines), _LF)}"


def _put(book: dict[str, str], first: str, block: str) -> None:
    """Add a block to the pages of a memory, where none of them has it."""
    if not _stands(book, first, block):
        _append(book, _room(book, first, _bytes([block])), block)


def _put_alone(book: dict[str, str], first: str, note: str, line: str) -> None:
    """Add a line that fills a page, with its note in a page before it."""
    at = next((path for path in _pages(book, first) if path != first and book.get(path) == line), None)
    told = "1 new line, as written: it is all of {}\n"
    room = _room(book, first, _bytes([note, told]) + 2 * _MAX_PATH_BYTES)
    if at is None:
        *_, at = _pages({**book, room: ""}, first)
    block = note + told.format(_escaped(at))
    if not _stands(book, first, block):
        _append(book, room, block)
    book[at] = line


def _stands(book: Mapping[str, str], first: str, block: str) -> bool:
    """Tell whether a block stands in one of the pages: whole lines, its count of lines included."""
    return any(f"\n{block}" in f"\n{book.get(path, '')}" for path in _pages(book, first))


def _room(book: Mapping[str, str], first: str, size: int) -> str:
    """Return the first page that has room for so many bytes, or a new one; a page that is one line has none."""
    *there, new = _pages(book, first)
    for path in there:
        ours = path == first or book[path].startswith(_HEADER)
        if ours and _bytes([book[path], "\n\n"]) + size <= MEMORY_BYTES:
            return path
    return new


def _append(book: dict[str, str], path: str, block: str) -> None:
    text = book.get(path, "")
    book[path] = f"{_ended(text, _LF) if text else _HEADER}\n{block}"


def _ended(text: str, end: str) -> str:
    return text if not text or text.endswith("\n") else text + end


def _bytes(texts: Iterable[str]) -> int:
    return sum(len(text.encode()) for text in texts)
