"""
Whether what a line says stands in the sessions that the rest of the line comes from.

Over a hundred sessions nearly every amount was said by somebody. A changed one shows by its company: the sessions
that say it share next to nothing else with the line, while others share much.
"""

from __future__ import annotations

import math
from collections.abc import Iterable, Sequence
from typing import NamedTuple

from dreamflow.core.checks.check import LookUp
from dreamflow.core.grounding import asked_keys, words_of
from dreamflow.core.specifics import Specific

__all__ = ["Company"]

#: What is looked at of a line: its rarest anchors.
_ANCHORS = 24
#: The share of the best session's company below which a specific stands apart, and how much company it takes to say so.
_SHARE, _ENOUGH = 0.25, 2.0


class _Anchor(NamedTuple):
    bits: int
    weight: float
    start: int


class Company:
    """The sessions that share something with a line."""

    def __init__(self, said: LookUp, line: str, specifics: Sequence[Specific]) -> None:
        self._said = said
        anchors = {one.key: self._anchor(self._bits(one), one.start) for one in specifics}
        for key, start in words_of(line):
            anchors.setdefault(key, self._anchor(said.spread(key), start))
        telling = (anchor for anchor in anchors.values() if anchor is not None)
        self._anchors = sorted(telling, key=lambda anchor: -anchor.weight)[:_ANCHORS]
        self._shared: dict[int, float] = {}
        for anchor in self._anchors:
            for session in _ones(anchor.bits):
                self._shared[session] = self._shared.get(session, 0.0) + anchor.weight
        self._best = max(self._shared.values(), default=0.0)
        self._enough = _ENOUGH * math.log(max(2, said.session_count))

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

    def _bits(self, one: Specific) -> int:
        bits = 0
        for key in asked_keys(one)[:2]:
            bits |= self._said.spread(key)
        return bits

    def _anchor(self, bits: int, start: int) -> _Anchor | None:
        said_by, count = bits.bit_count(), self._said.session_count
        return _Anchor(bits, math.log(count / said_by), start) if 0 < said_by <= count / 2 else None


def _ones(bits: int) -> Iterable[int]:
    while bits:
        low = bits & -bits
        yield low.bit_length() - 1
        bits ^= low
