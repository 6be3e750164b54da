"""
What people wrote: which names tell nothing, and which lines say the same.

It stays byte for byte, with two exceptions. A copy of a whole memory goes, unless its name says what neither the other's
name nor the text does. And in a memory whose name tells nothing ("notes", "untitled 3", a date) a line goes that stands
elsewhere word for word, and the memory with its last line.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Set
from datetime import date
from hashlib import blake2b

from include.managed_agents.dreams.offline.dates import find_relative_dates
from include.managed_agents.dreams.offline.text import clean, plain, sentences

__all__ = [
    "fingerprint",
    "gone_lines",
    "is_dated",
    "loose_lines",
    "name_words",
    "statements_of",
    "subject_words",
    "without",
]

_GENERIC = frozenset(
    "notes note misc todo to do tmp temp scratch untitled copy copies final old new draft stuff later memo memos log logs "
    "session sessions memory memories inbox random various other others general file files doc docs text readme index "
    "backup backups bak dump archive v the of and duplicate".split()
)
_DATE_IN_PATH = re.compile(r"(?<!\d)(?:19|20)\d\d[-_./]?(?:0[1-9]|1[0-2])(?!\d)")
_MARK = re.compile(r"(?:>\s?)*(?:(?:[-*+•]|\d{1,3}[.)])\s+(?:\[[ xX]\]\s+)?)?")
_MARKED = re.compile(r"[^ -~]|[*_`~<\[]")
#: Lines that are no statements of their own: headings, tables, code, what is nested below another line.
_OPAQUE = re.compile(r"\s|[|{}\[\]<#]|```|~~~|---+\s*$|===+\s*$")
#: A statement of fewer words says too little to be the same in another place.
_LEAST_WORDS = 4
_ANY_DAY = date(2000, 1, 3)


def name_words(path: str) -> tuple[str, ...]:
    """Return the words of a path's last segment, lower case, without its ending."""
    return tuple(re.findall(r"[^\W_]+", re.sub(r"\.\w{1,5}$", "", path.rsplit("/", 1)[-1].lower())))


def subject_words(path: str) -> frozenset[str]:
    """Return the words of a whole path that tell something: none where its name tells nothing."""
    words = frozenset(re.findall(r"[^\W_]+", re.sub(r"\.\w{1,5}$", "", path.lower()))) - _GENERIC
    return words if any(not re.fullmatch(r"v?\d+", word) for word in words) else frozenset()


def is_dated(path: str) -> bool:
    """Whether the path names a day or month: "yesterday" means something there."""
    return _DATE_IN_PATH.search(path) is not None


def fingerprint(text: str) -> int:
    """Return a number that texts have in common which differ in blanks and invisible characters only."""
    text = text if text.isascii() else clean(text)
    return int.from_bytes(blake2b(" ".join(text.split()).encode(), digest_size=8).digest())


def statements_of(line: str) -> Iterator[int]:
    """Yield a number for the line, whatever its marks, and one for each sentence; 0 for what has too few words."""
    body = line.strip().lower()
    mark = _MARK.match(body)
    text = body[mark.end() if mark else 0 :]
    text = plain(clean(text)) if _MARKED.search(text) else text
    for part in (text, *(sentences(text) if re.search(r"[.!?] ", text) else ())):
        yield fingerprint(part.rstrip(" .;,!")) if len(re.findall(r"\w+", part)) >= _LEAST_WORDS else 0


def loose_lines(path: str, own: str) -> Iterator[tuple[int, list[int]]]:
    """
    Yield the lines of a memory that could go, each with its numbers: the whole line's first.

    Headings, code, tables, nested lines and what stands below a label stay: they need what stands around them.
    """
    fenced = labeled = False
    dated = is_dated(path)
    for number, line in enumerate(own.split("\n")):
        fenced ^= line.lstrip().startswith(("```", "~~~"))
        labeled = bool(line.strip()) and (labeled or line.rstrip().endswith(":"))
        if not (fenced or labeled or not line.strip() or _OPAQUE.match(line)):
            if not (dated and find_relative_dates(line, _ANY_DAY)):
                yield number, list(statements_of(line))


def gone_lines(path: str, own: str, elsewhere: Set[int]) -> set[int]:
    """Return which lines of a memory stand ``elsewhere``: numbers of what stands in other memories."""
    loose = loose_lines(path, own)
    return {n for n, (whole, *parts) in loose if whole in elsewhere or (parts and elsewhere >= set(parts))}


def without(own: str, gone: Set[int]) -> str:
    """Return what is left of a memory without some of its lines; empty where that says nothing any more."""
    kept = [line for number, line in enumerate(own.split("\n")) if number not in gone]
    return "\n".join(kept) if not gone or any(line.strip() and line[0] != "#" for line in kept) else ""
