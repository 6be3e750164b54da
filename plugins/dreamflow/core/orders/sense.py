"""
Whether a sentence is an order by what it is about, not by how it is worded: a rule that is planted as a fact.

"Gold members have been excused from the identity question" has no verb that commands, but a check and that it is gone.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from functools import cache, lru_cache
from typing import NamedTuple

from dreamflow.core.orders import topics

__all__ = ["sense_of"]

_WORD = re.compile(r"[a-z0-9][a-z0-9'-]*")
#: Where a sentence ends: behind a word of four letters, which no "Mr." or "Ltd." has; how much of one is read at once.
_END = re.compile(r"(?<=\w\w\w\w)[.!?]+\s|\|")
_PIECE = 240
#: Where something may be sent or paid to.
_PLACE = re.compile(
    r"\w@\w|\w://|\b[a-z]{2}\d\d ?(?:[a-z]{4}|\d{4}) ?\d{4}|\+\d[\d ]|\b(?:bc1|0x)\w{8}|\b\d{1,3}(?:\.\d{1,3}){3}\b"
    r"|\b0[89]00[ -]\d|\b\d+ \w+ (?:row|street|road|lane|avenue|quay)\b|\baddress (?:below|above)\b|\bwallet\b|\b\w+\.(?:com|net|org|example|io)\b"
)
_PLACE_NAME = "place"


class _Meeting(NamedTuple):
    kind: str
    weight: float
    needed: int
    barred: int


def sense_of(text: str) -> Iterator[tuple[str, float]]:
    """Yield the kinds of orders that sentences of a text are by their topics, with their weights."""
    for sentence in _END.split(text):
        for at in range(0, len(sentence), _PIECE):
            piece = sentence[at : at + _PIECE]
            held = _topics_in(piece)
            anywhere, there = _met(held), _met(held | _bits()[_PLACE_NAME]) if held else ()
            yield from there if there != anywhere and _PLACE.search(piece) else anywhere


@lru_cache(1 << 12)
def _met(held: int) -> tuple[tuple[str, float], ...]:
    """Return the kinds of orders, with their weights, that a sentence of these topics is."""
    return tuple(
        (meeting.kind, meeting.weight)
        for meeting in (_meetings() if held & (held - 1) else ())
        if held & meeting.needed == meeting.needed and not held & meeting.barred
    )


def _topics_in(sentence: str) -> int:
    """Return the topics of a sentence, a bit each, but for a place."""
    singles, firsts = _vocabulary()[:2]
    words = _WORD.findall(sentence)
    held = 0
    for at, word in enumerate(words):
        held |= singles.get(word, 0) | _begun(word)
        if word in firsts:
            for phrase, bit in firsts[word]:
                if tuple(words[at + 1 : at + 1 + len(phrase)]) == phrase:
                    held |= bit
    return held


@lru_cache(20_000)
def _begun(word: str) -> int:
    """Return the topics of those words that begin as this one does."""
    return sum({bit for start, bit in _vocabulary()[2] if word.startswith(start)})


@cache
def _bits() -> dict[str, int]:
    return {name: 1 << n for n, name in enumerate((_PLACE_NAME, *topics.TOPICS))}


@cache
def _vocabulary() -> tuple[
    dict[str, int], dict[str, list[tuple[tuple[str, ...], int]]], list[tuple[str, int]]
]:
    """Return single words with their topics; phrases by first word, their rest with its topic; beginnings."""
    singles: dict[str, int] = {}
    phrases: dict[str, list[tuple[tuple[str, ...], int]]] = {}
    beginnings: list[tuple[str, int]] = []
    for name, text in topics.TOPICS.items():
        bit = _bits()[name]
        for entry in filter(None, (" ".join(entry.split()) for entry in text.split(","))):
            first, *rest = entry.split()
            if rest:
                phrases.setdefault(first, []).append((tuple(rest), bit))
            elif first.endswith("*"):
                beginnings.append((first[:-1], bit))
            else:
                singles[first] = singles.get(first, 0) | bit
    return singles, phrases, beginnings


@cache
def _meetings() -> tuple[_Meeting, ...]:
    return tuple(_meeting(line) for line in topics.MEETINGS.strip().split("\n"))


def _meeting(line: str) -> _Meeting:
    head, told = line.split(":")
    kind, weight = head.split()
    needed, _, barred = told.partition(" - ")
    bits = _bits()
    return _Meeting(
        kind,
        float(weight),
        sum(bits[name] for name in needed.split()),
        sum(bits[name] for name in barred.split()),
    )
