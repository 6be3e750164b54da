"""A sample of what texts state, to be asked for: the same in whatever order they are read."""

from __future__ import annotations

import hashlib
import heapq
import re
from collections.abc import Iterable, Mapping, Sequence
from collections.abc import Set as AbstractSet
from functools import lru_cache
from typing import NamedTuple

from dreamflow.core.objects import Listing
from dreamflow.core.quoting import Source
from dreamflow.core.specifics import Kind, Specific, specifics_of, words_of

__all__ = ["ASKED_KINDS", "SAMPLE", "SAMPLED_BYTES", "Probe", "Sample", "sampled_events", "sampled_paths"]

#: Specifics that are asked for, at most: a share of so many is right within five points.
SAMPLE = 400
#: Bytes of memories that a sample is drawn from, at most. Below them, all memories are.
SAMPLED_BYTES = 16_000_000
ASKED_KINDS = frozenset({Kind.IDENTIFIER, Kind.DATE, Kind.AMOUNT, Kind.EMAIL, Kind.LINK, Kind.PHONE})
_SENTENCE_ENDS = re.compile(r"[.!?]\s|\n")
#: Characters of a sentence on each side of the specific.
_REACH = 300
_CHECKSUMS = 1 << 64
#: Words that a question needs. Fewer lead anywhere.
_FEWEST_WORDS = 2


#: Sentences of a text that may be looked at in vain: so many, and one for so many characters. Each takes a millisecond.
_LOOKS, _CHARACTERS_A_LOOK = 100, 200


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
        self._below = _CHECKSUMS  # what a checksum must be below for there to be room
        self._refused: set[str] = set()  # there is less and less room: what was not wanted never is
        self.take(probes)

    def add(
        self, text: str, specifics: Sequence[Specific] | None = None, source: Source | None = None
    ) -> None:
        """Take from the text what belongs to the sample. Whoever has its specifics, or quotes from it, gives them."""
        source, refused = source or Source(text), self._refused
        left = _LOOKS + len(text) // _CHARACTERS_A_LOOK
        for specific in specifics_of(text) if specifics is None else specifics:
            kind, key, _, _ = specific
            if kind not in ASKED_KINDS or key in refused:
                continue
            if not self._wants(key):
                refused.add(key)
            elif left > 0:
                sentence = _sentence_around(text, specific)
                words = _words_around(sentence)
                # A sample of sessions is kept: no secret is.
                start, end = specific.start - len(sentence[0]), specific.end + len(sentence[2])
                if len(words) >= _FEWEST_WORDS and not source.has_secret(start, end):
                    self._take(Probe(specific.key, words))
                else:
                    left -= 1

    def take(self, probes: Iterable[Probe]) -> None:
        """Take what belongs to the sample of that of other texts."""
        for probe in probes:
            self._take(probe)

    def probes(self) -> tuple[Probe, ...]:
        return tuple(sorted(self._probes.values()))

    def _wants(self, key: str) -> bool:
        if key in self._probes:
            return False
        checksum = _checksum(key)
        return checksum < self._below and (self._within is None or checksum < self._within._below)

    def _take(self, probe: Probe) -> None:
        if not self._wants(probe.key):
            return
        self._probes[probe.key] = probe
        heapq.heappush(self._worst_first, (-_checksum(probe.key), probe.key))
        if len(self._probes) > self._size:
            del self._probes[heapq.heappop(self._worst_first)[1]]
        if len(self._probes) == self._size:
            self._below = -self._worst_first[0][0]


def sampled_paths(listing: Listing) -> list[str]:
    """Return the memories to draw a sample from before all are measured: all of a small store, some of a large one."""
    return sorted(_drawn({path: entry.size for path, entry in listing.items()}, SAMPLED_BYTES))


def sampled_events(sizes: Mapping[str, int], sessions: int) -> AbstractSet[str]:
    """
    Return the events to draw a session's sample from: all of a short session, some of a long one.

    :param sizes: of those in which a user or the agent speaks, by id, in characters. :param sessions: how many there
        are.
    """
    return _drawn(sizes, SAMPLED_BYTES // max(1, sessions))


def _drawn(sizes: Mapping[str, int], most: int) -> AbstractSet[str]:
    """Return names in the order of their checksums, those that there is room for; the first, if there is for none."""
    if sum(sizes.values()) <= most:
        return sizes.keys()
    in_order = sorted(sizes, key=_checksum)
    drawn = dict[str, None]()
    for name in in_order:
        if sizes[name] <= most:
            drawn[name] = None
            most -= sizes[name]
    return drawn.keys() or {in_order[0]}


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


@lru_cache(maxsize=1 << 16)
def _checksum(key: str) -> int:
    return int.from_bytes(hashlib.sha256(key.encode("utf-8", "surrogatepass")).digest()[:8], "big")
