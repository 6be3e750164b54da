"""
The score of a change: what a search finds before and after it, measured without a model.

Of the specifics that the sessions state, and of those that the input held, a sample is asked for: by the words of the
sentence that states each, without the specific. It is found where it stands in the best lines that 500 tokens hold.
"""

from __future__ import annotations

import hashlib
import heapq
import re
from array import array
from bisect import bisect_left, bisect_right
from collections import defaultdict
from collections.abc import Iterable, Sequence
from functools import lru_cache
from itertools import accumulate
from typing import NamedTuple

from dreamflow.core.alike import AlikeCount
from dreamflow.core.objects import Listing
from dreamflow.core.quoting import Source
from dreamflow.core.review import Score
from dreamflow.core.searching import BYTES_PER_TOKEN, Ranking
from dreamflow.core.specifics import Kind, Specific, answers, date_words, specifics_of, words_of
from dreamflow.core.words import COMMON, search_words, singular

__all__ = ["ASKED_KINDS", "SAMPLE", "TOKENS", "Measures", "Probe", "Sample", "sampled_paths"]

#: Specifics that are asked for, at most: a share of so many is right within five points.
SAMPLE = 400
#: What an agent reads of what its search finds.
TOKENS = 500
_BYTES = TOKENS * BYTES_PER_TOKEN
#: Bytes of memories that a sample is drawn from, at most. Below them, all memories are.
_SAMPLED_BYTES = 16_000_000
#: The stores that hold a line, a bit each.
_BEFORE, _AFTER = 1, 2
#: Lines that a search returns: of a dozen bytes each, more than are read.
_RESULTS = 256
ASKED_KINDS = frozenset({Kind.IDENTIFIER, Kind.DATE, Kind.AMOUNT, Kind.EMAIL, Kind.LINK, Kind.PHONE})
#: The words of a date (``specifics.date_words``).
_DATE_WORD = re.compile(r"\d{4}(?:-\d\d){0,2}|--\d\d(?:-\d\d)?")
_SENTENCE_ENDS = re.compile(r"[.!?]\s|\n")
#: Characters of a sentence on each side of the specific.
_REACH = 300
#: Words that a question needs. Fewer lead anywhere.
_FEWEST_WORDS = 2


class Probe(NamedTuple):
    """A specific that is asked for, and the words that it is asked for with."""

    key: str
    words: tuple[str, ...]


class Sample:
    """
    A sample of the specifics of texts, the same whatever else there is: those with the least checksums.

    Give it what users and agents say in the sessions, not what tools return; or the input's memories.

    :param within: a sample that takes this one in the end: what it has no room for by now is not looked at.
    """

    def __init__(
        self, probes: Iterable[Probe] = (), size: int = SAMPLE, within: Sample | None = None
    ) -> None:
        self._size, self._within = size, within
        self._probes: dict[str, Probe] = {}
        self._worst_first: list[tuple[int, str]] = []
        self.take(probes)

    def add(
        self, text: str, specifics: Sequence[Specific] | None = None, source: Source | None = None
    ) -> None:
        """Take from the text what belongs to the sample. Whoever has its specifics, or quotes from it, gives them."""
        source = source or Source(text)
        for specific in specifics_of(text) if specifics is None else specifics:
            if specific.kind in ASKED_KINDS and self._wants(specific.key):
                sentence = _sentence_around(text, specific)
                words = _words_around(sentence)
                # A sample of sessions is kept: no secret is.
                start = specific.start - len(sentence[0])
                if len(words) >= _FEWEST_WORDS and not source.has_secret(
                    start, specific.end + len(sentence[2])
                ):
                    self._take(Probe(specific.key, words))

    def take(self, probes: Iterable[Probe]) -> None:
        """Take what belongs to the sample of that of other texts."""
        for probe in probes:
            self._take(probe)

    def probes(self) -> tuple[Probe, ...]:
        return tuple(sorted(self._probes.values()))

    def _wants(self, key: str) -> bool:
        if key in self._probes or not self._has_room(key):
            return False
        return self._within is None or self._within._has_room(key)

    def _has_room(self, key: str) -> bool:
        return len(self._probes) < self._size or -_checksum(key) > self._worst_first[0][0]

    def _take(self, probe: Probe) -> None:
        if not self._wants(probe.key):
            return
        self._probes[probe.key] = probe
        heapq.heappush(self._worst_first, (-_checksum(probe.key), probe.key))
        if len(self._probes) > self._size:
            del self._probes[heapq.heappop(self._worst_first)[1]]


def sampled_paths(listing: Listing) -> list[str]:
    """Return the memories to draw a sample from before all are measured: all of a small store, some of a large one."""
    left = _SAMPLED_BYTES
    paths: list[str] = []
    for path in sorted(listing, key=_checksum):
        left -= listing[path].size
        if left < 0 and paths:
            break
        paths.append(path)
    return sorted(paths)


class Measures:
    """
    Both stores as they are measured: each text is added once, with the stores that hold it, and is not held.

    What is kept of a line is where the probes' words and keys stand, and how many bytes it has. A word weighs the same
    in both stores, so that lines that stay are found before and after alike.

    :param said: the sample of what the sessions state. :param held: that of what the input held.
    """

    def __init__(self, said: Sequence[Probe], held: Sequence[Probe]) -> None:
        self._said, self._held = said, held
        probes = [*said, *held]
        self._wanted = {probe.key for probe in probes}
        self._codes = {key for key in self._wanted if key.isalpha()}
        self._words = {word for probe in probes for word in probe.words}
        self._forms = _forms(self._words)
        self._asked = frozenset(self._forms)
        self._asked_dates = {word for word in self._words if _DATE_WORD.fullmatch(word)}
        self._common = 0
        self._ranking = Ranking()
        self._stores = bytearray()
        self._sizes = array("I")
        self._hits: defaultdict[str, tuple[array[int], array[int]]] = defaultdict(
            lambda: (array("I"), array("H"))
        )
        self._alike = AlikeCount()
        self._bytes = {_BEFORE: 0, _AFTER: 0}

    def add(
        self, text: str, *, before: bool, after: bool, specifics: Sequence[Specific] | None = None
    ) -> None:
        """
        Measure a memory's text, the same in the stores that hold it.

        :param specifics: those of the text, where they are known.
        """
        stores = _BEFORE * before | _AFTER * after
        size = _size(text)
        for store in self._bytes:
            self._bytes[store] += size if stores & store else 0
        found = specifics_of(text) if specifics is None else specifics
        dated = self._lines_asked_by_date(text, found) if self._asked_dates else ()
        at = passed_over = length = 0
        for number, line in enumerate(text.split("\n")):
            words = search_words(line)
            if number in dated or not self._asked.isdisjoint(words):
                end = at + len(line)
                first = bisect_left(found, at, key=_start_of)
                self._add_line(
                    stores, line, words, at, found[first : bisect_left(found, end, first, key=_start_of)]
                )
            elif words or line.strip():  # what no search finds is counted only
                passed_over += 1
                length += len(words)
            if words and line[0] != "#":  # Headings are the same everywhere.
                self._alike.add(words, stores)
            at += len(line) + 1
        self._ranking.pass_over(passed_over, length)
        self._forget_common()

    def _lines_asked_by_date(self, text: str, specifics: Sequence[Specific]) -> set[int]:
        """Return the lines that have a date which may lead to them."""
        asked = self._asked_dates
        starts = [
            one.start
            for one in specifics
            if one.kind is Kind.DATE and not asked.isdisjoint(date_words(one.key))
        ]
        ends = [0, *accumulate(len(line) + 1 for line in text.split("\n"))] if starts else []
        return {bisect_right(ends, start) - 1 for start in starts}

    def _forget_common(self) -> None:
        """Look no more for words that lead nowhere."""
        common = self._ranking.common
        if len(common) != self._common:
            self._common = len(common)
            self._forms = {form: word for form, word in self._forms.items() if word not in common}
            self._asked = frozenset(self._forms)
            self._asked_dates -= common

    def _add_line(
        self, stores: int, line: str, words: Sequence[str], at: int, specifics: Sequence[Specific]
    ) -> None:
        """Add a line that a search may find."""
        unique = set(words)
        counts = dict.fromkeys(map(self._forms.__getitem__, unique & self._asked), 1)
        # A code of letters only may stand without the words that it is known by.
        hits = {code: min(_BYTES, line.lower().find(code)) for code in unique & self._codes}
        for specific in specifics:
            for key in answers(specific):
                if key in self._wanted and key not in hits:
                    hits[key] = min(_BYTES, _size(line[: min(_BYTES, specific.end - at)]))
            if specific.kind is Kind.DATE:
                counts.update((word, 1) for word in date_words(specific.key) if word in self._asked_dates)
        number = len(self._ranking)
        self._ranking.add(counts, len(words))
        self._stores.append(stores)
        self._sizes.append(_size(line))
        for key, end in hits.items():
            lines, ends = self._hits[key]
            lines.append(number)
            ends.append(end)

    def score(self, ungrounded: int = 0, lost: int = 0) -> Score:
        """Return the score. The two counts are the checks'."""
        return Score(
            sessions_found=(self._found(self._said, _BEFORE), self._found(self._said, _AFTER)),
            input_found=(self._found(self._held, _BEFORE), self._found(self._held, _AFTER)),
            sessions_asked=len(self._said),
            input_asked=len(self._held),
            ungrounded=ungrounded,
            lost=lost,
            alike=(self._alike.pairs(_BEFORE), self._alike.pairs(_AFTER)),
            bytes=(self._bytes[_BEFORE], self._bytes[_AFTER]),
        )

    def _found(self, probes: Sequence[Probe], store: int) -> float | None:
        """Return the share of the probes that a search over the store finds."""
        return sum(self._finds(probe, store) for probe in probes) / len(probes) if probes else None

    def _finds(self, probe: Probe, store: int) -> bool:
        if probe.key not in self._hits:
            return False
        lines, ends = self._hits[probe.key]
        left = _BYTES
        for number in self._ranking.best(probe.words, _RESULTS, lambda line: self._stores[line] & store):
            place = bisect_left(lines, number)
            if place < len(lines) and lines[place] == number and ends[place] < left:
                return True
            left -= self._sizes[number] + 1
            if left <= 0:
                break
        return False


def _sentence_around(text: str, specific: Specific) -> tuple[str, str, str]:
    """Return the sentence that states a specific: what comes before it, the specific, and what comes after it."""
    start = max(0, specific.start - _REACH)
    for end_of_other in _SENTENCE_ENDS.finditer(text, start, specific.start):
        start = end_of_other.end()
    stop = _SENTENCE_ENDS.search(text, specific.end, specific.end + _REACH)
    end = stop.start() if stop else specific.end + _REACH
    return text[start : specific.start], text[specific.start : specific.end], text[specific.end : end]


def _words_around(sentence: tuple[str, str, str]) -> tuple[str, ...]:
    """Return the words of a sentence without the specific."""
    return tuple(dict.fromkeys([*words_of(sentence[0]), *words_of(sentence[2])]))


def _forms(words: Iterable[str]) -> dict[str, str]:
    """Return the words as they may stand in a line, with what each is asked for as."""
    return {
        form: word
        for word in words
        for form in (f"{word}s", word)
        if singular(form) == word and form not in COMMON
    }


def _start_of(specific: Specific) -> int:
    return specific.start


def _size(text: str) -> int:
    return len(text) if text.isascii() else len(text.encode("utf-8", "surrogatepass"))


@lru_cache(maxsize=1 << 16)
def _checksum(key: str) -> int:
    return int.from_bytes(hashlib.sha256(key.encode("utf-8", "surrogatepass")).digest()[:8], "big")
