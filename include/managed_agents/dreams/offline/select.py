"""Select the statements of a session that are worth a line: first what its specifics need, then what says most."""

from __future__ import annotations

import math
import zlib
from array import array
from collections import Counter
from collections.abc import Callable, Collection, Iterable, Mapping, Sequence
from typing import Any

from include.managed_agents.dreams.offline.cues import continues
from include.managed_agents.dreams.offline.fold import checked
from include.managed_agents.dreams.offline.words import COMMON_WORDS, words_of

__all__ = ["Frequencies", "select"]

_CELLS = 1 << 18
#: A word in more than one of so many statements tells little.
_COMMON = 40
#: By which power of its length a statement has to earn its place: at 0 long ones win, at 1 short ones.
_LENGTH = 0.85
#: What weighs less stays out, however much room there is.
_LEAST_WEIGHT = 0.3
#: Bytes that a statement takes of what stands around the statements of a line.
_FRAME = 9


class Frequencies:
    """In how many statements of a batch a word stands. Of a fixed size: words that share a cell share a count."""

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
        """Return how telling a word is: 0 if people say it of everything, little if many statements have it."""
        if word in COMMON_WORDS:
            return 0.0
        return math.log(1 + (1 + self._statements) / (_COMMON * (1 + self._counts[_cell(word)])))


def select(
    statements: Sequence[Mapping[str, Any]],
    frequencies: Frequencies,
    room: int,
    covered: Collection[str] = (),
    check: Callable[[], None] = lambda: None,
) -> list[Mapping[str, Any]]:
    """
    Return the statements to keep, in their order.

    Those that hold a specific that none behind them holds, whatever their size, each with the one before it where it
    opens with a word that only that one explains; then, as far as the room goes, those that say most for their length.

    :param room: bytes that the lines of the statements should fill.
    :param covered: keys of specifics that need no statement.
    :param check: called every so many statements; what it raises ends the work.
    """
    kept = _covering(statements, covered, check)
    room -= sum(_size(statements[n]) for n in kept)
    scores = {
        n: _score(statement, frequencies)
        for n, statement in enumerate(checked(statements, check))
        if n not in kept and statement["weight"] >= _LEAST_WEIGHT and room > 0
    }
    for n in sorted(scores, key=lambda n: (-scores[n], n)):
        size = _size(statements[n])
        if size <= room:
            kept.add(n)
            room -= size
    return [statements[n] for n in sorted(kept)]


def _covering(
    statements: Sequence[Mapping[str, Any]], covered: Collection[str], check: Callable[[], None]
) -> set[int]:
    """Return the numbers of statements that hold all specifics together, none of which the others make needless."""
    # Whoever said it first hand comes before an agent that says it again; of an agent, the last summary holds the most.
    kept: list[int] = []
    holders: Counter[str] = Counter()
    ranked = sorted(range(len(statements)), key=lambda n: (_is_second_hand(statements[n]), -n))
    for n in checked(ranked, check):
        own = set(statements[n]["specifics"]).difference(covered)
        if any(not holders[key] for key in own):
            kept.append(n)
            holders.update(own)
    needed: set[int] = set()
    for n in checked(reversed(kept), check):
        own = set(statements[n]["specifics"]).difference(covered)
        if all(holders[key] > 1 for key in own):
            holders.subtract(own)
        else:
            needed.add(n)
    return needed | {n - 1 for n in needed if n and continues(statements[n]["text"])}


def _is_second_hand(statement: Mapping[str, Any]) -> bool:
    who: str = statement["who"]
    return who == "Record" or who.startswith("Agent")


def _score(statement: Mapping[str, Any], frequencies: Frequencies) -> float:
    text: str = statement["text"]
    told = sum(map(frequencies.rarity, sorted(set(words_of(text)))))
    return float(statement["weight"]) * told / math.pow(20 + len(text), _LENGTH)


def _size(statement: Mapping[str, Any]) -> int:
    return len(statement["text"].encode()) + _FRAME


def _cell(word: str) -> int:
    return zlib.crc32(word.encode()) % _CELLS
