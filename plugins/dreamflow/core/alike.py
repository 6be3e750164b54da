"""Pairs of lines that say nearly the same, found without comparing each with each."""

from __future__ import annotations

import re
import zlib
from collections import Counter, defaultdict
from collections.abc import Hashable, Sequence
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
#: Bytes of a line, about, and characters of its beginning.
_BYTES_OF_A_LINE, _BEGINNING = 80, 24
#: Words of a line that says something.
_FEWEST = 4
_HASHES = 1 << 32
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
    share that word, so they are in or out together, and the count is scaled up. Of one whose lines are not all read, it
    is those that begin with something of such a checksum.

    :param size: bytes of a store of which not all lines are read.
    """

    def __init__(self, size: int | None = None) -> None:
        self._bound = _HASHES
        while size and size // _BYTES_OF_A_LINE * self._bound > _COUNTED * _HASHES:
            self._bound //= 2
        self._lines: list[tuple[int, int, frozenset[int], int]] = []

    def add(self, words: Sequence[str], text: int) -> None:
        """Add a line, as its words in lower case, with the number of its text."""
        if len(words) < _FEWEST:
            return
        mark = _checksum(max(words, key=len))
        if mark < self._bound and len(unique := set(words)) >= _FEWEST:
            self._add(mark, unique, text)

    def skim(self, lines: Sequence[str], text: int) -> None:
        """Add those of a text's lines that begin with what is counted."""
        for line in lines:
            # Headings are the same everywhere.
            mark = zlib.crc32(line[:_BEGINNING].encode("utf-8", "surrogatepass"))
            if mark < self._bound and line[:1] != "#":
                words = set(search_words(line))
                if len(words) >= _FEWEST:
                    self._add(mark, words, text)

    def _add(self, mark: int, words: AbstractSet[str], text: int) -> None:
        exact = _checksum(" ".join(sorted(filter(_DIGIT.search, words))))
        self._lines.append((mark, text, frozenset(map(_checksum, words)), exact))
        while len(self._lines) > _COUNTED and self._bound > 1:
            self._bound //= 2
            self._lines = [line for line in self._lines if line[0] < self._bound]

    def pairs(self, texts: AbstractSet[int]) -> int:
        """Return how many pairs of lines of some texts are alike."""
        lines = [line[2:] for line in self._lines if line[1] in texts]
        return len(alike_pairs(lines)) * (_HASHES // self._bound)


@lru_cache(maxsize=200_000)
def _checksum(word: str) -> int:
    return zlib.crc32(word.encode("utf-8", "surrogatepass"))
