"""Secrets that only the lines around them give away: under a heading, in a table's column, cut in two, in a key file."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterable, Iterator
from itertools import pairwise
from typing import NamedTuple

from dreamflow.core.secrets.values import Looks, looks_of, trimmed
from dreamflow.core.secrets.vocabulary import telling_words
from dreamflow.core.secrets.words import KINDS, is_value

__all__ = ["Found", "LineAlone", "announces", "has_rest", "may_be_rest", "spans_around"]

Found = tuple[int, int, str]


class LineAlone(NamedTuple):
    """
    A line, and the words for secrets that it may hold.

    :ivar found: returns the secrets that it gives away by itself. :ivar is_asked: they matter, or what is found for it.
    """

    text: str
    stems: tuple[str, ...]
    found: Callable[[], list[Found]]
    is_asked: bool


_BEGIN = re.compile(r"-----BEGIN [A-Z0-9 ]*PRIVATE KEY(?: BLOCK)?-----|PuTTY-User-Key-File-\d|Private-Lines:")
_END = re.compile(r"-----END [A-Z0-9 ]*PRIVATE KEY(?: BLOCK)?-----|Private-MAC:")
#: Words after the telling one that say whose or which it is, as far as the heading's end.
_HEAD_END = re.compile(
    r"(?:\s*\([^)\n]{1,40}\)|[ ,\w'’&/-]{0,60})[\"'`*_\])]{0,4}\s*(?:[:=：>|-]{1,2}|is|are|below|follows?|\?|—|–)?[\s>|\"'`\\*_{(\[]*$",
    re.IGNORECASE,
)
_LEAD = re.compile(
    r"\s*(?:[-*+•>]\s+|\d{1,2}[.):]\s+|\[[ x]\]\s+)*(?:(?:value|val|is|it is|it['’]s)\s*[:=]?\s*)?[\"'`“*|]*",
    re.I,
)
_NAMED_VALUE = re.compile(
    r"\s*+(?:[-*+•>|]\s*|\d{1,2}[.)]\s+)*[\w@. '’()/&+-]{1,60}?\s*+(?::|=|->|→|–|—|(?<=\s)-|\||/)\s*[\"'`“*]*(?P<value>[^\s\"'`|]{4,})[\"'`|*\s.]*$"
)
_CODE_LINE = re.compile(
    r"(?=[^\d\n]*\d)[\s\-*+>|\d.):`\"']*?(?P<value>[A-Za-z0-9]{3,156}(?:(?:[ -]|, ?| \| ?)[A-Za-z0-9]{3,156}){0,12})[`\"'|\s,.]*"
)
_SEPARATOR = re.compile(r"[\s|:+=-]*")
_FENCE = re.compile(r"\s*(?:```|~~~)[\w+-]*\s*")
#: A line that goes on a value that the line before it ended with.
_FORM_OF_REST = r"(?:(?:line|part) \d[^\S\n]?[:.)][^\S\n]*+)?[\"'+.]{0,3}[^\S\n]*+[\"']?(?P<value>[A-Za-z0-9+/_=.-]{6,}+)[\"'\\+;,)]*"
_REST = re.compile(_FORM_OF_REST)
_RESTS = re.compile(rf"\n([^\S\n]*+{_FORM_OF_REST}[^\S\n]*)(?=\n|\Z)")
_GOES_ON = re.compile(r"[\"']?\s*[\\+.-]?\s*\\?\s*$")
_LIST = re.compile(
    r"codes|words|passwords|secrets|keys|tokens|pins|creds|credentials|logins|zugangsdaten|identifiants|wörter",
    re.I,
)
#: Characters that a heading has, and a table's head.
_HEADING, _TABLE_HEAD = 160, 300


def spans_around(lines: Iterable[LineAlone]) -> Iterator[list[Found]]:
    """
    Yield the secrets of each line, those that its neighbours give away included; they may overlap.

    None of lines that are not asked for, but where those below may hang on them.
    """
    in_key = False
    heading, table = _Heading(), _Table()
    ended = ""
    for line, stems, alone, is_asked in lines:
        marked = "PRIVATE KEY" in line or "Private-" in line or "PuTTY" in line
        if not (is_asked or marked or in_key or stems or heading.reaches or table.reaches):
            table.note(line, stems)
            yield []
            continue
        closes = marked and _END.search(line)
        if in_key and not closes:
            found = [(0, len(line.rstrip("\r")), "private key")] if line.strip() else []
        else:
            found = (alone() or heading.of(line)) + table.of(line)
            if ended and not found and (rest := _rest(line)):
                found = [(*rest, ended)]
        yield found
        last = max(found, key=lambda span: span[1], default=None)
        ended = last[2] if last and _GOES_ON.match(line, last[1]) and not in_key else ""
        if not in_key:
            heading.note(line, stems, found)
            table.note(line, stems)
        in_key = (in_key or bool(marked and _BEGIN.search(line))) and not closes


def announces(line: str, stems: tuple[str, ...]) -> bool:
    """Tell whether a line may be a heading, or a table's head, that tells of secrets below it. It takes not long."""
    if len(line) > _TABLE_HEAD or not any(telling_words(line, line.lower(), stems)):
        return False
    return bool((len(line) <= _HEADING and _last_word(line, stems)) or _columns(line, stems))


def may_be_rest(line: str = "") -> bool:
    """Tell whether a line may go on what the one before it ended with."""
    return _rest(line) is not None


def has_rest(text: str) -> bool:
    """Tell whether any line of a text, but the first, may go on what the one before it ended with."""
    return any(may_be_rest(match[1]) for match in _RESTS.finditer(text))


def _rest(line: str) -> tuple[int, int] | None:
    """Return where in a line the value is that may go on what the line before ended with. It takes not long."""
    match = _REST.fullmatch(line.strip())
    if match is None:
        return None
    value = match["value"].lstrip("/.")  # no path: it goes on what was cut there
    is_one = any(map(str.isdigit, value)) and any(map(str.isalpha, value)) and looks_of(value) >= Looks.LIKELY
    indent = len(line) - len(line.lstrip())
    return (indent + match.start("value"), indent + match.end("value")) if is_one else None


class _Heading:
    """A line that announces a secret, and has none: ``## Recovery codes``, ``password:``, ``- name: DB_PASSWORD``."""

    def __init__(self) -> None:
        self._family, self._many = "", False
        self._reaches = self._is_first = False

    @property
    def reaches(self) -> bool:
        """Tell whether what is found in a line, or under it, may change what comes."""
        return self._reaches or self._many

    def note(self, line: str, stems: tuple[str, ...], found: list[Found]) -> None:
        """Take note of a line as a heading, or of one that ends what a heading reaches."""
        if not (self._reaches or stems or found):
            return
        if _FENCE.fullmatch(line) or not line.strip():
            return
        if not found and stems and len(line) <= _HEADING and (word := _last_word(line, stems)):
            self._family = str(word.lastgroup)
            self._many = self._family == "code" or bool(_LIST.search(line))
            self._reaches = self._is_first = True
        else:  # a list may begin a line later, and goes on as long as there are secrets, or where there are again
            self._reaches = self._many and (bool(found) or self._is_first)
            self._is_first = False

    def of(self, line: str) -> list[Found]:
        """Return the secrets of a line under the heading."""
        if not self._reaches or not line.strip() or len(line) > 400:
            return []
        family, kind = self._family, KINDS[self._family]
        if self._many and (match := _CODE_LINE.fullmatch(line)) and _are_codes(match["value"]):
            return [(*match.span("value"), kind)]
        lead = _LEAD.match(line)
        start = lead.end() if lead else 0
        value = trimmed(line[start:].strip())
        if value and not re.search(r"\s", value):
            figures = family != "password" and value.isdigit() and len(value) >= 4
            if figures or is_value(value, family, "joined", ends=False):
                return [(start, start + len(value), kind)]
        if "word" in self._family or self._many:
            match = _NAMED_VALUE.fullmatch(line)
            if match and is_value(
                trimmed(match["value"]), family if family == "code" else "password", "joined"
            ):
                value_start = match.start("value")
                return [(value_start, value_start + len(trimmed(match["value"])), kind)]
        return []


def _last_word(line: str, stems: tuple[str, ...]) -> re.Match[str] | None:
    """Return the telling word that a heading ends with, but for words that say whose it is."""
    lowered = line.lower()
    if not any(stem in lowered for stem in stems):
        return None
    heads = line.lstrip().startswith("#") or line.rstrip()[-1:] in ":=：>|?-(\\{[" or "**" in line
    heads = (
        heads
        or bool(re.search(r"\b(?:is|are|below|follows)\s*$", line))
        or bool(re.match(r"\s*- name:\s", line))
    )
    heads = heads or (len(line.split()) <= 4 and "," not in line and "|" not in line)
    if not heads:
        return None
    for word in telling_words(line, lowered, stems):
        if _HEAD_END.match(line, word.end()):
            return word
    return None


def _are_codes(text: str) -> bool:
    """Tell whether a line is nothing but codes: each has a figure, or there are several, of one length."""
    codes = re.split(r"[ ,|-]+", text)
    figured = sum(any(map(str.isdigit, code)) for code in codes)
    return figured * 2 > len(codes) and sum(map(len, codes)) >= 6 and all(len(code) >= 3 for code in codes)


class _Table:
    """A table of which a column is headed by a word for a secret: Markdown's, or separated by commas and the like."""

    def __init__(self) -> None:
        self._sign, self._columns = "", list[tuple[int, str]]()
        self._count, self._before = 0, ""

    @property
    def reaches(self) -> bool:
        return bool(self._sign)

    def note(self, line: str, stems: tuple[str, ...]) -> None:
        """Take note of a line as a table's head, or as one that ends it."""
        if self._sign and (line.count(self._sign) < self._count and not _SEPARATOR.fullmatch(line)):
            self._sign = ""
        before, self._before = self._before, line
        if not self._sign and "|" not in before and stems and (head := _columns(line, stems)):
            self._sign, self._columns = head
            self._count = line.count(self._sign)

    def of(self, line: str) -> list[Found]:
        """Return the secrets of a row of the table."""
        if not self._sign or line.count(self._sign) < self._count or len(line) > 2_000:
            return []
        edges = [-1, *(match.start() for match in re.finditer(re.escape(self._sign), line)), len(line)]
        cells = list(pairwise(edges))
        found = []
        for column, family in self._columns:
            if column < len(cells):
                start, end = cells[column][0] + 1, cells[column][1]
                text = line[start:end]
                value = text.strip().strip("\"'`*")
                if len(value.split()) in (1, 2) and is_value(value, family, "joined", ends=True):
                    at = start + text.index(value)
                    found.append((at, at + len(value), KINDS[family]))
        return found


def _columns(line: str, stems: tuple[str, ...]) -> tuple[str, list[tuple[int, str]]] | None:
    """Return the sign between a table's columns, and which of them are secret, of which family; None: it's no head."""
    lowered = line.lower()
    if len(line) > _TABLE_HEAD or not any(stem in lowered for stem in stems):
        return None
    for sign in ("|", "\t", ";", ","):
        cells = line.split(sign) if sign in line else ()
        if len(cells) < 2 or any(
            len(cell) > 40 or (sign in ",;" and len(cell.split()) > 2) for cell in cells
        ):
            continue
        if columns := [(n, str(word.lastgroup)) for n, cell in enumerate(cells) if (word := _heads(cell))]:
            return sign, columns
    return None


def _heads(cell: str) -> re.Match[str] | None:
    """Return the word for a secret that a cell is, but for what decorates it, and a word that says whose it is."""
    text = cell.strip(" *_`\"'#")
    word = next(telling_words(text, text.lower()), None)
    return word if word and len(text) - len(word[0]) <= 14 and word.lastgroup != "login" else None
