"""Pairs of lines that say nearly the same, found without comparing each with each."""

from __future__ import annotations

import re
import zlib
from collections import Counter, defaultdict
from collections.abc import Hashable, Iterable, Sequence
from collections.abc import Set as AbstractSet
from functools import lru_cache
from typing import Any

from dreamflow.core.words import search_words

__all__ = ["AlikeCount", "alike_pairs"]

#: The share of the words of both lines that they have in common.
ALIKE = 0.9
#: Lines that share one of a line's rarest words and are compared with it, at most.
_COMPARED = 200
#: Lines that are counted; of more, a share by their words.
_COUNTED = 20_000
#: Words of a line that says something.
_FEWEST = 4
_HASHES = 1 << 32
_SIGNS = ".,;:!?'\"()[]*_`"
_DIGIT = re.compile(r"\d")


def alike_pairs(
    lines: Sequence[tuple[AbstractSet[Any], Hashable]], threshold: float = ALIKE
) -> list[tuple[float, int, int]]:
    """
    Return the likeness and the numbers of lines that share ``threshold`` of the words of both.

    :param lines: the words of each, and what tells it from others that are never alike to it.

    Only lines that share one of their rarest words are compared; lines that are alike enough always do.
    """
    frequency = Counter(word for words, _ in lines for word in words)
    places: defaultdict[tuple[Hashable, Any], list[int]] = defaultdict(list)
    found = []
    for number, (words, apart) in enumerate(lines):
        rarest = sorted(words, key=lambda w: (frequency[w], str(w)))
        rarest = rarest[: len(words) - int(threshold * len(words) - 1e-9)]
        near = dict.fromkeys(other for word in rarest for other in places[apart, word][-_COMPARED:])
        for other in list(near)[:_COMPARED]:
            theirs = lines[other][0]
            shared = len(words & theirs)
            likeness = shared / (len(words) + len(theirs) - shared)
            if likeness >= threshold:
                found.append((likeness, other, number))
        for word in rarest:
            places[apart, word].append(number)
    return found


class AlikeCount:
    """
    How many pairs of lines of each store are alike: they share nine of ten words, and all that have a digit.

    Of a large store only lines are counted whose longest word has a checksum below a bound: lines that are alike mostly
    share that word, so they are in or out together, and the count is scaled up.
    """

    def __init__(self) -> None:
        self._bound = _HASHES
        self._lines: list[tuple[int, int, frozenset[int], int]] = []

    def add_lines(self, lines: Iterable[str], stores: int) -> None:
        """Add a memory's lines, with the stores that hold them: a bit each. Headings are the same everywhere."""
        for line in lines:
            parts = line.split()
            if len(parts) >= _FEWEST - 2 and line[0] != "#":
                mark = _checksum(max(parts, key=len).strip(_SIGNS).lower())
                if mark < self._bound:
                    self._add(mark, set(search_words(line)), stores)

    def _add(self, mark: int, words: AbstractSet[str], stores: int) -> None:
        if len(words) < _FEWEST:
            return
        exact = _checksum(" ".join(sorted(filter(_DIGIT.search, words))))
        self._lines.append((mark, stores, frozenset(map(_checksum, words)), exact))
        while len(self._lines) > _COUNTED and self._bound > 1:
            self._bound //= 2
            self._lines = [line for line in self._lines if line[0] < self._bound]

    def pairs(self, store: int) -> int:
        """Return how many pairs of lines of a store, named by its bit, are alike."""
        lines = [line[2:] for line in self._lines if line[1] & store]
        return len(alike_pairs(lines)) * (_HASHES // self._bound)


@lru_cache(maxsize=200_000)
def _checksum(word: str) -> int:
    return zlib.crc32(word.encode("utf-8", "surrogatepass"))
