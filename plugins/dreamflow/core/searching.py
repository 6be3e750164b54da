"""What a search finds: lines ranked by BM25 for some words, as far as a reader of so many tokens gets."""

from __future__ import annotations

import heapq
import math
from array import array
from collections import Counter, defaultdict
from collections.abc import Iterable, Iterator, Mapping, Sequence

from dreamflow.core.specifics import words_of

__all__ = ["BYTES_PER_TOKEN", "LINES_OF_A_WORD", "Lines", "Ranking"]

BYTES_PER_TOKEN = 4
_K1, _B = 1.5, 0.75
#: A word that stands in more lines than this leads nowhere. A store may have millions of lines.
LINES_OF_A_WORD = 5_000


class Ranking:
    """
    The places of words in lines, without the lines' text; lines have numbers, from 0, as they are added.

    One search looks at twice as many lines as one word may lead to, by its rarest words: a few thousandths of a second.

    :param lines_of_a_word: lines that a word may lead to. :ivar common: words that stand in more, and lead nowhere.
    """

    def __init__(self, lines_of_a_word: int = LINES_OF_A_WORD) -> None:
        self._limit = lines_of_a_word
        self._lengths = array("I")
        self._total = self._lines = 0
        self._places: defaultdict[str, tuple[array[int], array[int]]] = defaultdict(
            lambda: (array("I"), array("B"))
        )
        self.common: set[str] = set()

    def __len__(self) -> int:
        return len(self._lengths)

    def add(self, counts: Mapping[str, int], length: int) -> None:
        """Add a line: how often each of its words stands in it, and how many words it has, those of no search too."""
        number = len(self._lengths)
        self._lengths.append(length)
        self.pass_over(1, length)
        for word, count in counts.items():
            if word in self.common:
                continue
            lines, often = self._places[word]
            if len(lines) == self._limit:
                self.forget([word])
                continue
            lines.append(number)
            often.append(min(count, 255))

    def forget(self, words: Iterable[str]) -> None:
        """Let words lead nowhere."""
        for word in words:
            self._places.pop(word, None)
            self.common.add(word)

    def pass_over(self, lines: int, length: int) -> None:
        """Count lines of so many words in all that no search is to find: what words weigh depends on them too."""
        self._lines += lines
        self._total += length

    def best(self, words: Iterable[str]) -> Iterator[int]:
        """Yield the numbers of lines that share a word with ``words``, the best first."""
        scores: defaultdict[int, float] = defaultdict(float)
        mean = self._total / max(1, self._lines) or 1
        left = 2 * self._limit
        for lines, often in sorted(
            map(self._places.__getitem__, self._known(words)), key=lambda p: len(p[0])
        ):
            if len(lines) > left:
                break
            left -= len(lines)
            weight = math.log(1 + (self._lines - len(lines) + 0.5) / (len(lines) + 0.5)) * (_K1 + 1)
            for number, count in zip(lines, often, strict=True):
                scores[number] += (
                    weight * count / (count + _K1 * (1 - _B + _B * self._lengths[number] / mean))
                )
        # Few of them are read: they are put in order as far as that.
        ranked = [(-score, number) for number, score in scores.items()]
        heapq.heapify(ranked)
        while ranked:
            yield heapq.heappop(ranked)[1]

    def _known(self, words: Iterable[str]) -> list[str]:
        return [word for word in dict.fromkeys(words) if word in self._places]


class Lines:
    """Lines of text, all held, ranked for a question."""

    def __init__(self, lines: Iterable[str]) -> None:
        self.lines = [line for line in lines if line.strip()]
        self._ranking = Ranking()
        self._words = [Counter(words_of(line)) for line in self.lines]
        for counts in self._words:
            self._ranking.add(counts, counts.total())

    def ranked(self, question: str) -> list[int]:
        """Return the numbers of the lines that share a word with ``question``, the best first."""
        return [*self._ranking.best(words_of(question))]

    def words_within(self, ranked: Sequence[int], tokens: int) -> set[str]:
        """Return the words that a reader of the first ``tokens`` of the ranked lines sees; the last line may be cut."""
        seen: set[str] = set()
        left = tokens * BYTES_PER_TOKEN
        for number in ranked:
            line = self.lines[number].encode()
            if len(line) >= left:
                return seen.union(words_of(line[:left].decode(errors="ignore")))
            seen.update(self._words[number])
            left -= len(line) + 1
        return seen
