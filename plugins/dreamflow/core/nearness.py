"""
Whether what a line says stands in the sessions, or the memories, that the rest of the line comes from.

Over a hundred sessions nearly every amount was said by somebody. A changed one shows by its company: what says it
shares next to nothing else with the line, while others share much. A line that names its sessions says itself whose
company counts.
"""

from __future__ import annotations

import math
from collections.abc import Iterable, Sequence
from typing import NamedTuple

from dreamflow.core.checks.check import LookUp
from dreamflow.core.grounding import WORD_KEY, asked_keys, words_of
from dreamflow.core.specifics import Kind, Specific
from dreamflow.core.words import COMMON, singular

__all__ = ["Company"]

#: What is looked at of a line: its rarest anchors.
_ANCHORS = 24
#: The share of the best session's company, or of the line, below which a specific stands apart; and how much company
#: of sessions, and how many words of the line, it takes to say so.
_SHARE, _ENOUGH, _WORDS = 0.25, 2.0, 3
#: One word that hardly a session uses is enough of company in a memory.
_RARE = 0.75
#: How the service calls sessions.
_SESSION = "sesn_"


class _Anchor(NamedTuple):
    bits: int
    weight: float
    start: int


class Company:
    """What shares something with a line: the sessions, and what the input's memories say."""

    def __init__(self, said: LookUp, line: str, specifics: Sequence[Specific]) -> None:
        self._said, self._line, self._specifics = said, line, specifics
        words = list(words_of(line))
        self._words = {_plain(key): (key, start) for key, start in words if _plain(key) not in COMMON}
        anchors = {one.key: self._anchor(self._bits(one), one.start) for one in specifics}
        for key, start in words:
            anchors.setdefault(key, self._anchor(said.spread(key), start))
        telling = (anchor for anchor in anchors.values() if anchor is not None)
        self._anchors = sorted(telling, key=lambda anchor: -anchor.weight)[:_ANCHORS]
        self._shared: dict[int, float] = {}
        for anchor in self._anchors:
            for session in _ones(anchor.bits):
                self._shared[session] = self._shared.get(session, 0.0) + anchor.weight
        self._best = max(self._shared.values(), default=0.0)
        self._enough = _ENOUGH * math.log(max(2, said.session_count))
        self._named = self._sessions_named()

    def is_unnamed(self, one: Specific) -> bool:
        """Tell whether the line names sessions, and none of them says a specific that others say."""
        bits = self._bits(one)
        return bool(bits and self._named and not bits & self._named)

    def is_apart(self, one: Specific) -> bool:
        """Tell whether the sessions that say a specific share next to nothing else with its line."""
        bits, shared = self._bits(one), self._shared
        if not bits or self._best < self._enough:
            return False
        own = [anchor for anchor in self._anchors if one.start <= anchor.start < one.end]

        def company(session: int) -> float:
            return shared.get(session, 0.0) - sum(
                anchor.weight for anchor in own if anchor.bits >> session & 1
            )

        most = max(map(company, _ones(bits)))
        if most >= _SHARE * self._best:
            return False
        best = max(map(company, shared))
        return best >= self._enough and most < _SHARE * best

    def is_strange(self, one: Specific, texts: Iterable[str]) -> bool:
        """
        Tell whether each of the texts that say a specific shares next to nothing else with its line.

        It is not told of a line of few words.
        """
        words = {word: key for word, (key, at) in self._words.items() if not one.start <= at < one.end}
        if len(words) < _WORDS:
            return False
        weights = {word: self._weight(key) for word, key in words.items()}
        others = {self._line[other.start : other.end].casefold() for other in self._specifics if other != one}
        most = self._weight("")
        enough = min(_SHARE * sum(weights.values()), _RARE * most)
        for text in texts:
            folded = text.casefold()
            shared = sum(weights.get(word, 0.0) for word in {_plain(key) for key, _ in words_of(folded)})
            if shared + most * sum(other in folded for other in others) >= enough:
                return False
        return True

    def _sessions_named(self) -> int:
        """Return the sessions that the line names, one bit each; none where it names one that was not read."""
        named = 0
        for one in self._specifics:
            if one.kind is not Kind.IDENTIFIER:
                continue
            if any(place.session_id.casefold() == one.key for place in self._said.sessions(one.key)):
                named |= self._bits(one)
            elif one.key.startswith(_SESSION):
                return 0
        return named

    def _weight(self, key: str) -> float:
        """Return what a word of the line weighs: the fewer sessions use it the more, most where none does."""
        said = self._said
        return math.log((said.session_count + 2) / (said.spread(key).bit_count() + 1))

    def _bits(self, one: Specific) -> int:
        bits = 0
        for key in asked_keys(one)[:2]:
            bits |= self._said.spread(key)
        return bits

    def _anchor(self, bits: int, start: int) -> _Anchor | None:
        said_by, count = bits.bit_count(), self._said.session_count
        return _Anchor(bits, math.log(count / said_by), start) if 0 < said_by <= count / 2 else None


def _plain(key: str) -> str:
    """Return the word that a word's key is of, without the s of a plural."""
    return singular(key.removeprefix(WORD_KEY))


def _ones(bits: int) -> Iterable[int]:
    while bits:
        low = bits & -bits
        yield low.bit_length() - 1
        bits ^= low
