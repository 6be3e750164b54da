"""Which of many short strings a text holds: looked for in its words, each of which is looked at once."""

from __future__ import annotations

import re
from collections.abc import Iterable

__all__ = ["Hints"]

_WORD = re.compile(r"[^\W\d_]{2,}")
#: Words that are kept with what they hold, and how long they are at most.
_KEPT, _LONGEST = 50_000, 80
#: Words that hold such strings, are frequent, and mean nothing of the kind.
_COMMON = frozenset(
    """
    credit credits credited passenger passengers passed passes passing passport past paste pasted card cards care
    careful carry carried cart cartons scared path paths pattern patterns patient patch spatial author authors compat
    compatible pinned opinion opinions spin spine shopping keep clear clearly close closed cloud clock include includes
    decoded encoded encode decode encoding keyword keywords monkey turkey keyboard
    petition competition compete carpet schools cars teachers across tested compass passive
    """.split()  # noqa: SIM905
)


class Hints:
    """
    Strings in lower case of which a text may hold some, as bits of a number. Ones of letters only are cheap.

    Most lines of notes hold none. To know it must cost less than looking for each: there are four hundred.
    """

    def __init__(self, hints: Iterable[str]) -> None:
        self._hints = tuple(dict.fromkeys(hints))
        bits = {hint: 1 << number for number, hint in enumerate(self._hints)}
        self._letters = {hint: bits[hint] for hint in bits if hint.isalpha() and len(hint) > 1}
        self._others = [(hint, bits[hint]) for hint in bits if hint not in self._letters]
        self._known: dict[str, int] = {}

    def present(self, lowered: str) -> int:
        """Return those that a text in lower case holds, but for what only frequent words hold that mean nothing."""
        found = sum([bit for hint, bit in self._others if hint in lowered])
        for word in set(_WORD.findall(lowered)):
            if (bits := self._of(word)) and word not in _COMMON:
                found |= bits
        return found

    def within(self, lowered: str, present: int) -> int:
        """Return those that a part of a text holds, frequent words or not. :param present: those of the text."""
        found = sum([bit for hint, bit in self._others if bit & present and hint in lowered])
        known = self._known
        for word in _WORD.findall(lowered):
            found |= known[word] if word in known else self._of(word)
        return found

    def named(self, present: int) -> frozenset[str]:
        """Return the strings whose bits these are."""
        return frozenset(hint for number, hint in enumerate(self._hints) if present >> number & 1)

    def _of(self, word: str) -> int:
        bits = self._known.get(word)
        if bits is None:
            bits = sum([bit for hint, bit in self._letters.items() if hint in word])
            if len(self._known) < _KEPT and len(word) < _LONGEST:
                self._known[word] = bits
        return bits
