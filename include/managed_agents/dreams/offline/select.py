"""Select the statements of a session that are worth a line: first what its specifics need, then what says most."""

from __future__ import annotations

import math
from array import array
from collections import Counter
from collections.abc import Callable, Collection, Mapping, Sequence
from functools import cached_property
from typing import Any
from zlib import crc32

from include.managed_agents.dreams.offline.cues import continues
from include.managed_agents.dreams.offline.words import words_of

__all__ = ["Bar", "Frequencies"]

_CELLS = 1 << 18
#: A word in more than one of so many statements tells little.
_COMMON = 40
#: By which power of its length a statement has to earn its place: at 0 long ones win, at 1 short ones.
_LENGTH = 0.8
#: What weighs less stays out, however much room there is.
_LEAST_WEIGHT = 0.3
#: Bytes that the lines of a session may fill however short it is: what somebody says in passing is worth a line.
_LEAST_ROOM = 300
#: Bytes that a statement takes of what stands around the statements of a line.
_FRAME = 9


class Frequencies:
    """In how many statements of a batch a word stands. Of a fixed size: words that share a cell share a count."""

    def __init__(self) -> None:
        self._counts = array("L", bytes(array("L").itemsize * _CELLS))
        self._statements = 0

    def add(self, text: str) -> None:
        """Count the words of a statement."""
        self._statements += 1
        for word in set(words_of(text)):
            self._counts[crc32(word.encode()) % _CELLS] += 1

    def rarity(self, word: str) -> float:
        """Return how telling a word is: next to 0 where more than one statement in forty has it."""
        others = self._counts[crc32(word.encode()) % _CELLS]
        return math.log(1 + (1 + self._statements) / (_COMMON * (1 + others)))


class Bar:
    """
    How much a statement has to say for its length to be kept.

    The rooms of all sessions are one room, which those fill that say most, whichever session they are of.
    """

    def __init__(self, frequencies: Frequencies, check: Callable[[], None] = lambda: None) -> None:
        self._frequencies, self._check = frequencies, check
        self._room = 0
        self._sizes: Counter[int] = Counter()

    def add(self, statements: Sequence[Mapping[str, Any]], room: int) -> None:
        """Take in what a session says. ``room``: bytes that its lines should fill."""
        kept = self._covering(statements, ())
        self._room += max(0, room - sum(_size(statements[n]) for n in kept))
        for n, height in self._heights(statements).items():
            self._sizes[height] += _size(statements[n]) if n not in kept else 0

    def select(
        self, statements: Sequence[Mapping[str, Any]], covered: Collection[str] = (), *, only: bool = False
    ) -> set[int]:
        """
        Return the numbers of the statements of a session to keep: those that specifics need, save the ``covered``;
        unless ``only`` these, those that say enough, or in a short session most; and where one with a specific opens
        with a word that only the one before it explains, that one.
        """
        kept = self._covering(statements, covered)
        heights, size = {} if only else self._heights(statements), 0
        for n in sorted(heights, key=lambda n: (-heights[n], n)):
            size += _size(statements[n])
            if heights[n] < self._least and size > _LEAST_ROOM:
                break
            kept.add(n)
        return kept | {
            n - 1 for n in kept if n and statements[n]["specifics"] and continues(statements[n]["text"])
        }

    @cached_property
    def _least(self) -> float:
        """The height of the lowest statements that have room."""
        room = self._room
        for height in sorted(self._sizes, reverse=True):
            room -= self._sizes[height]
            if room < 0:
                return height + 1
        return -math.inf

    def _heights(self, statements: Sequence[Mapping[str, Any]]) -> dict[int, int]:
        """Return what each statement says for its length, in steps of a hundredth, each as large as what is below."""
        heights: dict[int, int] = {}
        for n, statement in enumerate(statements):
            self._check()
            words = set(words_of(statement["text"])) if statement["weight"] >= _LEAST_WEIGHT else ()
            if said := statement["weight"] * math.fsum(map(self._frequencies.rarity, words)):
                heights[n] = round(100 * math.log(said / (20 + len(statement["text"])) ** _LENGTH))
        return heights

    def _covering(self, statements: Sequence[Mapping[str, Any]], covered: Collection[str]) -> set[int]:
        """Return the numbers of statements that hold all specifics together, none of which the others make needless."""
        # Who said it first hand comes before an agent that says it again; of an agent, the last summary holds the most.
        second_hand = [s["who"] == "Record" or s["who"].startswith("Agent") for s in statements]
        kept: dict[int, set[str]] = {}
        holders: Counter[str] = Counter()
        for n in sorted(range(len(statements)), key=lambda n: (second_hand[n], -n)):
            self._check()
            own = set(statements[n]["specifics"]).difference(covered)
            if any(not holders[key] for key in own):
                kept[n] = own
                holders.update(own)
        for n, own in reversed(list(kept.items())):
            if all(holders[key] > 1 for key in own):
                holders.subtract(kept.pop(n))
        return set(kept)


def _size(statement: Mapping[str, Any]) -> int:
    return len(statement["text"].encode()) + _FRAME
