"""
What stands in a store: which memories are copies, which names tell nothing, which lines of those stand elsewhere.

What people or agents wrote stays byte for byte, with two exceptions. A copy of a whole memory goes, unless its name
says something that neither the copied one's name nor its text does. And in a memory whose name tells nothing ("notes",
"untitled 3", a date) a line goes that stands elsewhere word for word.
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
    "loose_lines",
    "name_words",
    "statements_of",
    "subject_words",
    "tells_nothing",
    "without",
]

_GENERIC = frozenset(
    "notes note misc todo to do tmp temp scratch untitled copy copies final old new draft drafts stuff later memo memos log "
    "logs session sessions memory memories inbox random various other others general file files doc docs text readme index "
    "backup backups bak dump archive v the of and md txt duplicate".split()
)
_DATE_IN_PATH = re.compile(r"(?<!\d)(?:19|20)\d\d[-_./]?(?:0[1-9]|1[0-2])[-_./]?(?:0[1-9]|[12]\d|3[01])(?!\d)")
_MARK = re.compile(r"(?:>\s?)*(?:(?:[-*+•]|\d{1,3}[.)])\s+(?:\[[ xX]\]\s+)?)?")
#: Lines that are no statements of their own: tables, code, data, what is nested below another line.
_OPAQUE = re.compile(r"\s|[|{}\[\]<#]|```|~~~|---+\s*$|===+\s*$")
#: A line of fewer words says too little to be the same statement in another place.
_LEAST_WORDS = 4
_MARKED = re.compile(r"[^ -~]|[*_`~<\[]")
_WORD = re.compile(r"\w+")
_ANY_DAY = date(2000, 1, 3)


def name_words(path: str) -> tuple[str, ...]:
    """Return the words of a path's last segment, lower case, without its ending."""
    name = re.sub(r"\.\w{1,5}$", "", path.rsplit("/", 1)[-1])
    return tuple(re.findall(r"[^\W_]+", name.lower()))


def subject_words(path: str) -> frozenset[str]:
    """Return the words of a whole path that tell something."""
    return frozenset(re.findall(r"[^\W_]+", re.sub(r"\.\w{1,5}$", "", path.lower()))) - _GENERIC


def tells_nothing(path: str) -> bool:
    """Whether no segment of the path tells a subject."""
    return all(re.fullmatch(r"v?\d+", word) for word in subject_words(path))


def fingerprint(text: str) -> int:
    """Return a number that texts have in common which differ in blanks and invisible characters only."""
    text = text if text.isascii() else clean(text)
    return int.from_bytes(blake2b(" ".join(text.split()).encode(), digest_size=8).digest())


def statements_of(line: str) -> Iterator[int]:
    """
    Yield a number for the line and one for each sentence of it, whatever marks stand before and behind.

    It is 0 where the words are too few to tell one thing from another.
    """
    body = line.strip()
    mark = _MARK.match(body)
    text = body[mark.end() if mark else 0 :].lower()
    text = plain(clean(text)) if _MARKED.search(text) else text
    parts = sentences(text) if ". " in text or "? " in text or "! " in text else []
    for part in (text, *parts):
        yield fingerprint(part.rstrip(" .;,!")) if len(_WORD.findall(part)) >= _LEAST_WORDS else 0


def loose_lines(path: str, own: str) -> Iterator[tuple[int, list[int]]]:
    """
    Yield the lines of a memory that could go, each with its numbers: the whole line's first.

    Headings, code, tables, nested lines and what stands below a label stay: they need what stands around them.
    """
    fenced = labeled = False
    dated = _DATE_IN_PATH.search(path) is not None
    for number, line in enumerate(own.split("\n")):
        fenced ^= line.lstrip().startswith(("```", "~~~"))
        if not line.strip():
            labeled = False
        elif fenced or labeled or _OPAQUE.match(line):
            continue
        elif line.rstrip().endswith(":"):
            labeled = True
        elif not (dated and find_relative_dates(line, _ANY_DAY)):
            yield number, list(statements_of(line))


def gone_lines(path: str, own: str, elsewhere: Set[int]) -> set[int]:
    """
    Return which lines of a memory stand elsewhere.

    :param elsewhere: numbers of what stands in other memories (see ``statements_of``).
    """
    return {
        number
        for number, (whole, *parts) in loose_lines(path, own)
        if whole in elsewhere or (parts and elsewhere >= set(parts))
    }


def without(own: str, gone: Set[int]) -> str:
    """Return what is left of a memory without some of its lines; empty where that says nothing any more."""
    if not gone:
        return own
    kept = [line for number, line in enumerate(own.split("\n")) if number not in gone]
    return "\n".join(kept) if any(line.strip() and not line.startswith("#") for line in kept) else ""
