"""
By which keys a specific is looked for, and to which keys one that was said answers.

A dream does not copy: it writes "$121" for the ``121`` of a tool's answer, "Mia Li" for a first and a last name that
stand apart, a date for "yesterday". What may be said so counts as said. What counts nothing in itself (numbers up to
twelve, a quoted word) is not looked for: it would be found everywhere, or be a false alarm.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from functools import cached_property, lru_cache

from dreamflow.core.memory_paths import as_line
from dreamflow.core.review import Evidence
from dreamflow.core.secrets.masking import Span, may_reach_lines, secret_spans, shortened, spans_in
from dreamflow.core.specifics import Kind, Specific, answers, plain, specifics_of

__all__ = [
    "Writing",
    "address_key",
    "asked_keys",
    "days_beside",
    "find",
    "is_telling",
    "named_by",
    "needs_words",
    "said_keys",
    "shown",
    "telling",
    "together",
    "wanted_in",
    "written",
]

#: Numbers up to this one say too little to be looked for: they stand everywhere, as digits and as words.
SMALL = 12
_QUOTED_WORDS = 3
_PHONE_DIGITS = 9
#: Characters of a specific, and specifics of a line, that a sentence shows.
_SHOWN, _NAMED = 80, 5
#: What begins the key by which a line's word is asked of: the sessions that use it.
WORD_KEY = "w:"
_PLAIN_WORD = re.compile(r"[^\W_]+")
_LINE_WORD = re.compile(r"[^\W\d_]{4,}")
_BETWEEN = re.compile(r"\s*(?:[-/,&\u2013\u2014]|to|or|and|until)\s*")
#: What a count in an index counts.
_COUNTED = re.compile(
    r"\W{0,3}(?:memor(?:y|ies)|notes?|files?|pages?|entr(?:y|ies)|sessions?|lines?|topics?)\b", re.I
)
_HEADING = re.compile(r"\s*#{1,6}\s")
#: A link's target that is no address, and a path: both name a memory.
_TARGET = re.compile(r"\]\((?![a-z]+:)[^()]*(?:\([^()]*\)[^()]*)*\)|(?<![\w/:.])/[^\s)\]]*")
_PARTS = re.compile(r"[-_/#:.@+]")
_FIGURE = re.compile(r"\d[\d.]*$")
#: What a part of a path may be that says something. A number has so many digits; an identifier with a word in it may
#: be a name that sums up a topic.
_IN_PATHS = (Kind.EMAIL, Kind.PHONE, Kind.LINK)
_CODE_DIGITS = 5
_SLUG = re.compile(r"(?<![^\W_])[^\W\d_]{4,}(?![^\W_])")
#: The rest of a file's name behind a specific, and its beginning; characters of that.
_ENDING = re.compile(r"[\w-]{0,100}\.[a-z]{1,5}\b", re.I)
_WORD_BEFORE = re.compile(r"[\w.-]+\Z")
_LONGEST_NAME = 200
_LINK_EDGES = re.compile(r"^[a-z][a-z0-9+.-]*://(?:www\.)?|/+$")


def is_telling(specific: Specific) -> bool:
    """Tell whether a specific says enough to be looked for."""
    kind, key = specific.kind, specific.key
    if kind is Kind.NUMBER:
        figures = key.replace("..", ".").strip(".")
        return not _FIGURE.match(key) or figures.count(".") > 1 or float(figures or 0) > SMALL
    if kind is Kind.QUOTATION:
        return key.count(" ") + 1 >= _QUOTED_WORDS
    return True


def needs_words(key: str) -> bool:
    """Tell whether a key is words, which may be said without the signs that quotations and names are known by."""
    return key[:1] == "&" or key.replace(" ", "").isalpha() or key.count(" ") + 1 >= _QUOTED_WORDS


def telling(text: str) -> list[Specific]:
    """Return the specifics of a line that say enough."""
    made = specifics_of(text)
    days = {day.start: day for day in days_beside(made, text)}
    return [one for one in (days.get(one.start, one) if days else one for one in made) if is_telling(one)]


def days_beside(specifics: Sequence[Specific], text: str) -> list[Specific]:
    """Return as days the numbers that stand beside one: the first of "16 to 23 November", the last of "May 3 and 4"."""
    days = []
    for at, one in enumerate(specifics):
        if one.kind is not Kind.NUMBER:
            continue
        for other in (*specifics[max(0, at - 1) : at], *specifics[at + 1 : at + 2]):
            if other.kind is Kind.DATE and other.key.count("-") > 1:
                between = text[min(one.end, other.end) : max(one.start, other.start)]
                is_day = one.key.isdigit() and len(one.key) < 3 and 1 <= int(one.key) <= 31
                if is_day and _BETWEEN.fullmatch(between):
                    days.append(one._replace(kind=Kind.DATE, key=f"{other.key[:-2]}{int(one.key):02d}"))
    return days


def said_keys(specific: Specific, role: str) -> tuple[str, ...]:
    """Return the keys that a specific answers to where it is said: its own first."""
    kind, key, _, _ = specific
    if kind is Kind.EMAIL or (
        kind is Kind.IDENTIFIER and key.isalnum() and (role != "tool" or key[0].isalpha())
    ):
        return (key,)  # most are, and few are said twice
    return _said_keys(kind, key, role == "tool")


@lru_cache(maxsize=1 << 16)
def _said_keys(kind: Kind, key: str, by_tool: bool) -> tuple[str, ...]:
    own = answers(Specific(kind, key, 0, 0))
    more: list[str] = []
    if kind is Kind.DATE and key[0] != "-":
        more.append(key[:4])
    elif kind is Kind.AMOUNT and (figure := _FIGURE.search(key)):
        more.append(figure[0])
    elif kind is Kind.IDENTIFIER:
        more += [part for part in _PARTS.split(key) if len(part) > 3 and not part.isalpha()]
        more.append(key.strip("#@"))
    elif kind is Kind.PHONE:
        more.append(_short_phone(key))
    elif kind is Kind.LINK:
        more.append(_bare_link(key))
    if by_tool and _FIGURE.match(key):
        more.append(f"#{key}")
    return tuple(dict.fromkeys((*own, *more)))


def asked_keys(specific: Specific) -> tuple[str, ...]:
    """Return the keys that a specific is looked for by, in turn."""
    kind, key = specific.kind, specific.key
    if kind is Kind.AMOUNT and "%" not in key and (figure := _FIGURE.search(key)):
        return key, f"#{figure[0]}"
    if kind is Kind.IDENTIFIER:
        return tuple(dict.fromkeys((key, key.strip("#@"), _bare_link(key))))
    if kind is Kind.PHONE:
        return key, _short_phone(key)
    if kind is Kind.LINK:
        return key, _bare_link(key)
    if kind is Kind.TIME and re.fullmatch(r"\d\d:.*", key):
        hour = int(key[:2])
        return key, f"{(hour + 12) % 24:02d}{key[2:]}"
    if kind in (Kind.NAME, Kind.QUOTATION):
        return key, together(key)
    if kind is Kind.DATE and key[0] != "-" and len(key) == 10:
        return key, f"-{key[4:]}", key[:4]
    return (key,)


def together(words: str) -> str:
    """Return the key of words that stand in one event, in any order."""
    return f"&{' '.join(sorted(set(_PLAIN_WORD.findall(words))))}"


def address_key(address: str) -> str:
    """Return the key by which memories are asked for a postal address: its words, in order where they are three."""
    words = plain(address)
    return words if needs_words(words) else together(address.lower())


def find(specific: Specific, look_up: Callable[[str], Sequence[Evidence]]) -> Sequence[Evidence]:
    """Return where a specific was said, by the first of its keys that finds something."""
    keys = asked_keys(specific)
    if specific.kind is Kind.DATE and len(keys) == 3:
        # A day without its year is said of this one only where the year is spoken of.
        whole, day, year = keys
        found = look_up(whole) or (look_up(day) if look_up(year) else ())
    else:
        found = next((places for key in keys if (places := look_up(key))), ())
    return found


def wanted_in(lines: Iterable[str]) -> set[str]:
    """Return all keys by which changed lines are looked for: their specifics, and their words."""
    wanted: set[str] = set()
    for line in lines:
        for specific in telling(line):
            wanted.update(asked_keys(specific))
        wanted.update(key for key, _ in words_of(line))
    return wanted


def words_of(line: str) -> Iterator[tuple[str, int]]:
    """Yield the keys of a line's words that may tell where it comes from, and where they start."""
    return ((f"{WORD_KEY}{match[0]}", match.start()) for match in _LINE_WORD.finditer(line.lower()))


def named_by(path: str) -> list[Specific]:
    """Return the specifics that a part of a path is: a number, a day, an address. A name of several words is none."""
    line = as_line(path)
    return [
        one
        for one in telling(line)
        if line[one.start - 1 : one.start].strip() == line[one.end : one.end + 1].strip() == ""
        and (one.kind in _IN_PATHS or (one.kind is Kind.DATE and one.key.count("-") == 2) or _is_code(one))
    ]


def _is_code(one: Specific) -> bool:
    if one.kind is Kind.NUMBER:
        return len(one.key) >= _CODE_DIGITS
    return one.kind is Kind.IDENTIFIER and not _SLUG.search(one.key)


class StoreNames:
    """
    What memories are called: a path, its parts and words say nothing that must be grounded, or kept.

    :param new: paths of memories that may be new: who names one makes no claim, but their parts say nothing else.
    """

    def __init__(self, *listings: Iterable[str], new: Iterable[str] = ()) -> None:
        self._names = {name for paths in listings for path in paths for name in _names_of(path)}
        self._files = {path.casefold().rpartition("/")[2] for path in new}

    def telling(self, line: str) -> list[Specific]:
        """Return the specifics of a line that say something, but for what names a memory, or counts some."""
        targets = [match.span() for match in _TARGET.finditer(line)]
        return [one for one in telling(line) if not self._is_name(one, line, targets)]

    def _is_name(self, one: Specific, line: str, targets: Sequence[tuple[int, int]]) -> bool:
        if any(start <= one.start < end for start, end in targets):
            return True
        if one.kind is Kind.NUMBER:
            return bool(_COUNTED.match(line, one.end))
        if one.kind is Kind.NAME and _HEADING.match(line):
            return True
        if one.kind is Kind.AMOUNT:
            return False
        return one.key.strip("/") in self._names or self._is_file(one, line)

    def _is_file(self, one: Specific, line: str) -> bool:
        """Tell whether a specific is a part of a new memory's name, with its ending."""
        if not self._files:
            return False
        ending = _ENDING.match(line, one.end)
        word = _WORD_BEFORE.search(line, max(0, one.start - _LONGEST_NAME), one.start)
        return (
            ending is not None
            and f"{word[0] if word else ''}{line[one.start : ending.end()]}".casefold() in self._files
        )


def _names_of(path: str) -> Iterator[str]:
    """Yield what a memory is called: by its path, its parts and their words, with their ending and without."""
    low = path.casefold().strip("/")
    for part in (low, *low.split("/"), *re.split(r"[/\s]+", low)):
        yield part
        yield part.rsplit(".", 1)[0]


@lru_cache(maxsize=4)
def _secrets_of(line: str) -> tuple[Span, ...]:
    """Return where a line's secrets are. One line of 100 kB has thousands of specifics, asked about one by one."""
    return tuple(secret_spans(line))


def written(line: str, specific: Specific, secrets: Iterable[Span] | None = None) -> str:
    """
    Return a specific as it is written in a line, cut, and masked where it is a secret.

    :param secrets: those of the line, where the lines around it were looked at too (``Writing``).
    """
    text = " ".join(line[specific.start : specific.end].split())
    for start, end, kind in _secrets_of(line) if secrets is None else secrets:
        if start < specific.end and specific.start < end:
            return shortened(text, kind)
    return text if len(text) <= _SHOWN else f"{text[:_SHOWN]}…"


class Writing:
    """
    How specifics of one text's lines are written, without secrets that other lines give away.

    :param numbers: of the lines that are asked about, from 1.
    """

    def __init__(self, text: str, numbers: Iterable[int]) -> None:
        self._text, self._numbers = text, numbers

    def of(self, number: int, line: str, specific: Specific) -> str:
        """:param number: the line's, from 1."""
        return written(line, specific, self._secrets[number] if self._secrets else None)

    @cached_property
    def _secrets(self) -> Mapping[int, list[Span]]:
        if not may_reach_lines(self._text):
            return {}
        return spans_in(self._text, tuple(self._numbers))


def shown(words: Sequence[str]) -> str:
    """Return the first of some specifics in quotation marks, and how many more there are."""
    more = f" and {len(words) - _NAMED} more" if len(words) > _NAMED else ""
    return ", ".join(f"“{word}”" for word in words[:_NAMED]) + more


def _short_phone(key: str) -> str:
    return f"tel:{key[-_PHONE_DIGITS:]}"


def _bare_link(key: str) -> str:
    return _LINK_EDGES.sub("", key) if "/" in key else key
