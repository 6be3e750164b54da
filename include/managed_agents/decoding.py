"""
Decode JSON that strangers wrote: no deeper and no more of it than is quick to read, and only what any reader of
JSON can be shown again. What is wrong is told by its place, never by its value.
"""

from __future__ import annotations

import json
import math
import re
from collections.abc import Iterable
from dataclasses import dataclass
from itertools import islice
from typing import Any

__all__ = ["NotJson", "NotKeepable", "decode", "mended", "place_name", "shortened"]

MAX_DEPTH = 64
MAX_PARTS = 1_000_000  # strings, lists, objects and commas: half a second of reading; 4 MiB of transcripts have 100,000
MAX_PLACE = 200  # characters of a place in a message
#: Matches any text in linear time: a string that doesn't end is taken to the end of the text.
PART = re.compile(rb'"(?:[^"\\]++|\\.)*+"?|[\[{,]', re.DOTALL)


class NotJson(ValueError):
    """The text is no JSON, or says two things at once. The message says where."""


class NotKeepable(ValueError):
    """The text is JSON, but holds what can't be kept and shown again. The message says where."""


@dataclass(frozen=True)
class Flaw:
    """What is wrong with a value, and where: the keys that lead there, the innermost first."""

    says: str
    place: tuple[str | int, ...] = ()
    kind: type[ValueError] = NotKeepable

    def below(self, key: str | int) -> Flaw:
        return Flaw(self.says, (*self.place, key), self.kind)

    @property
    def error(self) -> ValueError:
        name = place_name(reversed(self.place))
        return self.kind(f"{name}: {self.says}" if name else self.says)


class Repeated(dict[str, Any]):
    """An object that had a key twice."""


def decode(raw: bytes) -> Any:
    """
    Return the JSON value that ``raw`` is the text of.

    :raises NotJson: if it is not one JSON text in UTF-8, or an object has a key twice.
    :raises NotKeepable: if it is nested too deep, has too many parts, or holds NaN, a number out of range or half
        a surrogate pair.
    """
    check_size(raw)
    try:
        value = json.loads(raw.decode(), object_pairs_hook=object_of, parse_int=integer, parse_constant=float)
    except UnicodeDecodeError as error:
        raise NotJson(f"not UTF-8 at byte {error.start}") from error
    except json.JSONDecodeError as error:
        raise NotJson(str(error)) from error
    except RecursionError as error:
        raise NotKeepable(f"nested deeper than {MAX_DEPTH} levels") from error
    flaw = flaw_of(value)
    if flaw is not None:
        raise flaw.error
    return value


def check_size(raw: bytes) -> None:
    """Count the parts before anything is built of them, and first of all whether they need to be counted."""
    if sum(map(raw.count, (b'"', b",", b"[", b"{"))) <= MAX_PARTS:
        return
    if next(islice(PART.finditer(raw), MAX_PARTS, None), None) is not None:
        raise NotKeepable(f"more than {MAX_PARTS:,} strings, lists and commas; send less at a time")


def object_of(pairs: list[tuple[str, Any]]) -> dict[str, Any]:
    found = dict(pairs)
    return found if len(found) == len(pairs) else Repeated(found)


def integer(digits: str) -> int | float:
    return int(digits) if len(digits) <= 20 else math.inf


def flaw_of(value: Any, depth: int = 0) -> Flaw | None:
    """Return the first thing in a decoded value that can't be kept."""
    kind = type(value)
    if kind is str:
        return None if is_unicode(value) else Flaw("holds half a surrogate pair, which is no text")
    if kind is float:
        return None if math.isfinite(value) else Flaw("is no number that JSON can carry")
    if kind is int:
        return None if -(2**63) <= value < 2**63 else Flaw("is a whole number over 64 bits")
    if kind is list:
        return first_flaw(enumerate(value), depth + 1)
    if kind is dict:
        if not all(map(is_unicode, value)):
            return Flaw("has a key with half a surrogate pair, which is no text")
        return first_flaw(value.items(), depth + 1)
    return Flaw("has the same key twice", kind=NotJson) if kind is Repeated else None


def first_flaw(parts: Iterable[tuple[str | int, Any]], depth: int) -> Flaw | None:
    if depth > MAX_DEPTH:
        return Flaw(f"is nested deeper than {MAX_DEPTH} levels")
    for key, part in parts:
        flaw = flaw_of(part, depth)
        if flaw is not None:
            return flaw.below(key)
    return None


def is_unicode(text: str) -> bool:
    if text.isascii():
        return True
    try:
        text.encode()
    except UnicodeEncodeError:
        return False
    return True


def mended(value: Any) -> Any:
    """Return a value with what can't be shown replaced: other numbers by null, half surrogate pairs by a mark."""
    match value:
        case str():
            return value.encode(errors="replace").decode()
        case float():
            return value if math.isfinite(value) else None
        case dict():
            return {mended(key): mended(part) for key, part in value.items()}
        case list():
            return [mended(part) for part in value]
        case _:
            return value


def place_name(keys: Iterable[str | int]) -> str:
    """Join keys to a place such as ``metadata.color``, short and in one line whatever the keys are."""
    return shortened(".".join(str(key) for key in keys))


def shortened(text: str) -> str:
    """Return a name that a client chose so that a message or a log can hold it."""
    printable = "".join(
        mark if mark.isprintable() else "\N{REPLACEMENT CHARACTER}" for mark in text[:MAX_PLACE]
    )
    return printable if len(text) <= MAX_PLACE else f"{printable}…"
