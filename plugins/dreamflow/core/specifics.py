"""
The specifics of a text: what must be kept exactly and may never be made up, with where it stands.

A specific has one key however it is written: "8 May 2023" is ``2023-05-08``, "$1,200.00" and "1200 dollars" are
``$1200``, "6 pm" is ``18:00``. The text is hostile: all of it is read in linear time, and quickly where it is plain
talk, as a store and its sessions may have 300 MB.
"""

from __future__ import annotations

import re
from bisect import bisect_left
from collections.abc import Callable
from enum import StrEnum
from functools import lru_cache
from operator import attrgetter
from typing import NamedTuple

from dreamflow.core import phrases
from dreamflow.core.quantities import (
    MONTHS,
    amount_at,
    date_at,
    lower_month_before,
    month_at,
    phone_at,
    plain_number,
    time_at,
)
from dreamflow.core.usual import TRIGGER, amount_key, clock_key, word_start
from dreamflow.core.words import COMMON, OWNERS, plain, search_words, singular

__all__ = [
    "SPELLED",
    "Kind",
    "Specific",
    "answers",
    "date_words",
    "is_words",
    "keys_of",
    "plain",
    "specifics_of",
    "words_of",
]


class Kind(StrEnum):
    IDENTIFIER = "identifier"
    DATE = "date"
    TIME = "time"
    NUMBER = "number"
    AMOUNT = "amount"
    LINK = "link"
    EMAIL = "e-mail"
    PHONE = "phone"
    QUOTATION = "quotation"
    NAME = "name"


#: How people spell the small numbers.
SPELLED = {
    "1": "one", "2": "two", "3": "three", "4": "four", "5": "five", "6": "six", "7": "seven", "8": "eight", "9": "nine",
    "10": "ten", "11": "eleven", "12": "twelve",
}  # fmt: skip


class Specific(NamedTuple):
    """``text[start:end]`` is how it is written; ``key`` is the same for every way to write it."""

    kind: Kind
    key: str
    start: int
    end: int


#: Characters that part tokens. Commas and colons do too, but for those between digits.
_CUTS = frozenset(' \t\n\r\x0b\x0c\x1c\x1d\x1e\x1f\x85\xa0\u2028\u2029()[]{}<>"“”„«»|*`…–—=,;\\:')  # noqa: RUF001
_TOKEN = re.compile(r"(?:[^\s()\[\]{}<>\"“”„«»|*`…–—=,;\\:]|(?<=\d)[,;:](?=\d)){1,401}")  # noqa: RUF001
#: A link to a memory that shows its path, as an index has them: it is not a thing that anybody said.
_MEMORY_LINK = re.compile(r"\[/[^\]\n]{0,1024}\]\([^)\n]{0,3100}\)")
_LETTERS = re.compile(r"[A-Za-z]+")
_EDGES = ".!?'’‘~_/-+&"  # noqa: RUF001
_MAX_TOKEN, _MAX_SCHEME = 400, 10

_LINK = re.compile(r"[^\s<>\"'“”()\[\]{}|\\^`]{1,2000}")
_LINK_EDGES = ".,;:!?…'’*_~"  # noqa: RUF001
_SCHEME = re.compile(r"[A-Za-z][A-Za-z0-9+.-]{1,9}\Z")
_EMAIL = re.compile(r"[\w.+-]{1,64}@[\w-]{1,63}(?:\.[\w-]{1,63}){1,6}")
_LIST_ITEM = re.compile(r"[0-9]{1,2}[.)](?:\s|$)")
_NUMBER = re.compile(r"\d+(?:[.,]\d+)*|\d+/\d+")
#: "20th", "15kg" and "24-hour" count or order something: they name nothing.
_COUNTED = re.compile(
    r"\d+(?:[.,]\d+)?(?:st|nd|rd|th|s|x|kg|g|km|m|cm|mm|h|hrs?|mins?|ms|[kmgt]b|k|d|p)|\d+-[a-z]+"
)
_RANGE = re.compile(r"(\d+(?:[.,:]\d+)*)-\d+(?:[.,:]\d+)*(?:am|pm|%)?")
_DIGITS = re.compile(r"\d+(?:[.,/]\d+)*")
_THOUSANDS = re.compile(r"\d{1,3}(?:\.\d{3})+(?:,\d+)?")
_FIGURES = frozenset("0123456789+$€£¥₹")
_LINE_BEFORE = re.compile(r"(?:^|\n)[ \t>]*\Z")
_START = attrgetter("start")


def specifics_of(text: str) -> list[Specific]:
    """Return the specifics of ``text`` in order. Only a quotation may hold others."""
    found = _tokens(text)
    phrased = [
        Specific(Kind.QUOTATION, key, start, end)
        for start, end in phrases.quotations(text)
        if (key := plain(text[start:end]))
    ]
    quoted = bool(phrased)
    for start, end in phrases.names(text):
        before = bisect_left(found, end, key=_START) - 1  # the last that begins before the name ends
        if before < 0 or found[before].end <= start:
            phrased.append(Specific(Kind.NAME, _plain_name(text[start:end]), start, end))
    if quoted:
        return sorted(found + phrased, key=lambda one: (one.start, -one.end))
    return sorted(found + phrased, key=_START) if phrased else found  # no two begin at one place


@lru_cache(maxsize=1 << 12)
def _plain_name(name: str) -> str:
    return plain(name)


def is_words(specific: Specific) -> bool:
    """
    Tell whether its key is words, to be looked for in ``plain``: a quotation, a name, or a code of letters only.

    They may be said without the signs that they are known by: marks, capitals, or the word "reservation" before them.
    """
    return specific.kind in (Kind.QUOTATION, Kind.NAME) or (
        specific.kind is Kind.IDENTIFIER and specific.key.isalpha()
    )


def answers(specific: Specific) -> tuple[str, ...]:
    """Return the keys that it answers to: a date with its year says the day without, and the month, too."""
    key = specific.key
    if specific.kind is Kind.DATE and key[0] != "-" and len(key) == 10:
        return (key, f"-{key[4:]}", key[:7])
    return (key,)


def keys_of(text: str) -> set[str]:
    """Return all keys that the specifics of ``text`` answer to."""
    return {key for specific in specifics_of(text) for key in answers(specific)}


def words_of(text: str, *, finest: bool = False) -> list[str]:
    """
    Return the words of ``text`` as a search sees them: in lower case, common ones left out, a plural s taken off.

    A date is the same words however it is written: its day, its day without the year, its month and its year; only the
    first of them where just the ``finest`` are asked for.
    """
    words: list[str] = []
    at = 0
    for specific in specifics_of(text):
        if specific.kind is Kind.DATE:
            words += _words(text, at, specific.start)
            words += date_words(specific.key)[: 1 if finest else None]
            at = specific.end
    return words + _words(text, at, len(text))


def _words(text: str, start: int, end: int) -> list[str]:
    words = (word[:-2] if word[-2:] in OWNERS else word for word in search_words(text[start:end]))
    return [singular(word) for word in words if word not in COMMON]


@lru_cache(maxsize=1 << 13)
def date_words(key: str) -> tuple[str, ...]:
    """Return the words that a date is searched by: the finest first."""
    if key.startswith("--"):
        return tuple(dict.fromkeys([key, key[:4]]))
    return tuple(dict.fromkeys([key, f"-{key[4:]}", key[:7], f"-{key[4:7]}", key[:4]]))


#: What a usual way to write a specific makes it, and its key.
_USUAL: dict[str | None, tuple[Kind, Callable[[str], str]]] = {
    "day": (Kind.DATE, str),
    "code": (Kind.IDENTIFIER, str.lower),
    "seat": (Kind.IDENTIFIER, str.lower),
    "digits": (Kind.IDENTIFIER, str),
    "number": (Kind.NUMBER, plain_number),
    "amount": (Kind.AMOUNT, amount_key),
    "clock": (Kind.TIME, clock_key),
}
#: As ``Specific`` does, in half the time.
_new = tuple.__new__
#: The same of what letters begin.
_BEGUN: dict[str | None, Kind] = {"word": Kind.IDENTIFIER, "mail": Kind.EMAIL}


def _tokens(text: str) -> list[Specific]:
    """Return the specifics that are no phrases, each character in one at most."""
    found: list[Specific] = []
    at = floor = 0
    while trigger := TRIGGER.search(text, at):
        here = trigger.start()
        group = trigger.lastgroup
        if usual := _USUAL.get(group):
            kind, key_of = usual
            at = floor = trigger.end()
            found.append(_new(Specific, (kind, key_of(trigger[0]), here, at)))
            continue
        if begun := _BEGUN.get(group):
            start, end = word_start(text, here, floor), trigger.end()
            if start and end - start > 2:
                at = floor = end
                found.append(_new(Specific, (begun, text[start:end].lower(), start, end)))
                continue
        if "A" <= text[here] <= "Z":
            at, specific = _by_capital(text, here)
        elif text[here] == "/" and (link := _MEMORY_LINK.match(text, max(0, here - 1))):
            at = floor = link.end()
            continue
        else:
            start = _start_of(text, here, floor)
            token = _TOKEN.match(text, start)
            at = max(here + 1, token.end() if token else 0)
            specific = _judged(text, start, at, floor)
            if at - start > _MAX_TOKEN:  # what follows is a part of it, and begins anew
                floor = at
        if specific:
            at = floor = specific.end
            found.append(specific)
    return found


def _start_of(text: str, here: int, floor: int) -> int:
    """Return where the token begins that something at ``here`` is part of."""
    floor = max(floor, here - _MAX_TOKEN)
    while here > floor and text[here - 1] not in _CUTS:
        here -= 1
    return here


def _by_capital(text: str, here: int) -> tuple[int, Specific | None]:
    """Return where letters end that begin with a capital, and the date or code that they begin."""
    end = _LETTERS.match(text, here).end()  # type: ignore[union-attr]
    if here and (text[here - 1].isalnum() or text[here - 1] == "_"):
        return end, None
    if text[here : here + 3].lower() in MONTHS and (found := month_at(text, here)):
        return end, Specific(Kind.DATE, *found)
    if end - here == 6 and phrases.is_code(text, here, end):
        return end, Specific(Kind.IDENTIFIER, text[here:end].casefold(), here, end)
    return end, None


def _judged(text: str, start: int, end: int, floor: int) -> Specific | None:
    """Return the specific that a token is, or begins with."""
    before = text[start - 1 : start]
    if before == ":" and text.startswith("//", start):
        return _link(text, start, floor)
    if before == "(" and text[start - 2 : start - 1] == "]":  # where a Markdown link leads: a memory's path
        return None
    # "2024-05-20T15:00", and line ends as JSON has them
    if before and ((start == floor and text[start] in "Tt") or (before == "\\" and text[start] in "nrt")):
        start += 1
    while (
        start < end
        and text[start] in _EDGES
        and not (text[start] == "+" and text[start + 1 : start + 2].isdigit())
    ):
        start += 1
    while end > start and text[end - 1] in _EDGES:
        end -= 1
    if not 0 < end - start <= _MAX_TOKEN:
        return None
    token = text[start:end]
    if "@" in token:
        return _email(token, start)
    if (token[0] in _FIGURES or "$" in token[:3]) and (specific := _quantity(text, start, end, floor)):
        return specific
    return _identifier_or_number(text, start, token)


def _quantity(text: str, start: int, end: int, floor: int) -> Specific | None:
    if found := date_at(text, start):
        return Specific(Kind.DATE, *found)
    if end - start <= 4 and (found := lower_month_before(text, start)) and found.start >= floor:
        return Specific(Kind.DATE, *found)
    if found := amount_at(text, start, floor):
        return Specific(Kind.AMOUNT, *found)
    if found := time_at(text, start):
        return Specific(Kind.TIME, *found)
    if found := phone_at(text, start):
        return Specific(Kind.PHONE, *found)
    return None


def _identifier_or_number(text: str, start: int, token: str) -> Specific | None:
    low, name = _name_in(token)
    end = start + len(token) - 2 * (token[-2:] in OWNERS)
    if low[:1].isdigit():
        if part := _RANGE.fullmatch(low):
            return Specific(Kind.NUMBER, plain_number(part[1]), start, start + len(part[1]))
        if _NUMBER.fullmatch(low) or _COUNTED.fullmatch(low):
            return _number(text, low, start, end)
    if name or (low.count("/") > 1 and text[start - 1 : start] == "/"):
        return Specific(Kind.IDENTIFIER, name or low, start, end)
    return None


@lru_cache(maxsize=20_000)
def _name_in(token: str) -> tuple[str, str]:
    """Return a token in lower case, without the 's of an owner, and what it names: empty where it is a word."""
    low = (token[:-2] if token[-2:] in OWNERS else token).casefold()
    if low.endswith(".md"):
        return low, ""  # a memory's path: it names no thing
    name = low.lstrip("#")
    if any(map(str.isdigit, name)):
        return low, name if len(low) > 2 or low != name else ""
    is_file = low.count("/") > 1 and "." in low
    return low, low if is_file or "_" in low else ""


def _number(text: str, low: str, start: int, end: int) -> Specific | None:
    if len(low) > 4 and low.isdigit():
        return Specific(Kind.IDENTIFIER, low, start, end)
    if (
        len(low) < 3
        and _LIST_ITEM.match(text, start)
        and _LINE_BEFORE.search(text, max(0, start - 40), start)
    ):
        return None
    digits = _DIGITS.match(low)[0]  # type: ignore[index]
    if digits.count(".") > 1 and not _THOUSANDS.fullmatch(digits):
        return Specific(Kind.IDENTIFIER, low, start, end)
    return Specific(Kind.NUMBER, plain_number(digits), start, end)


def _link(text: str, slashes: int, floor: int) -> Specific | None:
    scheme = _SCHEME.search(text, max(floor, slashes - 1 - _MAX_SCHEME), slashes - 1)
    rest = _LINK.match(text, slashes + 2) if scheme else None
    if scheme is None or rest is None:
        return None
    written = text[scheme.start() : rest.end()].rstrip(_LINK_EDGES)
    key = written.casefold().removeprefix("https://").removeprefix("http://").removeprefix("www.").rstrip("/")
    return Specific(Kind.LINK, key, scheme.start(), scheme.start() + len(written)) if key else None


def _email(token: str, start: int) -> Specific | None:
    found = _EMAIL.search(token)
    if found:
        return Specific(Kind.EMAIL, found[0].casefold(), start + found.start(), start + found.end())
    handle = token[0] == "@" and len(token) > 2 and "@" not in token[1:]
    return Specific(Kind.IDENTIFIER, token.casefold(), start, start + len(token)) if handle else None
