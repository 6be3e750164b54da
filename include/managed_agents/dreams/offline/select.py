"""Select the statements of a session that are worth a line: first what its specifics need, then what says most."""

from __future__ import annotations

import math
import zlib
from array import array
from collections.abc import Collection, Iterable, Mapping, Sequence
from typing import Any

from include.managed_agents.dreams.offline.words import words_of

__all__ = ["Frequencies", "select"]

_CELLS = 1 << 18


class Frequencies:
    """In how many statements of a batch a word stands, in a table of a fixed size: words that share a cell share a count."""

    def __init__(self) -> None:
        self._counts = array("L", bytes(array("L").itemsize * _CELLS))
        self._statements = 0

    def add(self, statements: Iterable[Mapping[str, Any]]) -> None:
        """Count the words of a session's statements."""
        for statement in statements:
            self._statements += 1
            for word in set(words_of(statement["text"])):
                self._counts[_cell(word)] += 1

    def rarity(self, word: str) -> float:
        """Return the inverse document frequency of a word: 0 where every statement has it."""
        return math.log((1 + self._statements) / (1 + self._counts[_cell(word)]))


def select(
    statements: Sequence[Mapping[str, Any]],
    frequencies: Frequencies,
    room: int,
    covered: Collection[str] = (),
) -> list[Mapping[str, Any]]:
    """Return the statements to keep, in their order. See the package's docstring."""
    kept: set[int] = set()
    known = set(covered)
    for number in reversed(range(len(statements))):
        if not known.issuperset(statements[number]["specifics"]):
            known.update(statements[number]["specifics"])
            kept.add(number)
            room -= len(statements[number]["text"].encode())
    scores = {
        number: statement["weight"] * sum(map(frequencies.rarity, set(words_of(statement["text"]))))
        for number, statement in enumerate(statements)
        if number not in kept
    }
    for number in sorted(scores, key=lambda n: (-scores[n], n)):
        room -= len(statements[number]["text"].encode())
        if room < 0:
            break
        kept.add(number)
    return [statements[number] for number in sorted(kept)]


def _cell(word: str) -> int:
    return zlib.crc32(word.encode()) % _CELLS
