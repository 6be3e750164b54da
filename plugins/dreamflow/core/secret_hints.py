"""Which of many short strings a text holds: looked for in its words, each of which is looked at once."""

from __future__ import annotations

import re
from collections.abc import Iterable
from typing import NamedTuple

__all__ = ["FIGURE", "Hints", "Present"]

#: The hint that stands for any figure.
FIGURE = "0-9"
_FIGURE = re.compile(r"\d")
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


#: Letters that a pattern takes for another one where case does not matter, and ``str.lower`` does not.
_FOLDED = str.maketrans({"ſ": "s", "ı": "i", "\u0307": None})


class Present(NamedTuple):
    """
    The hints that a text holds.

    :ivar bits: a bit each, but for what only frequent words hold that mean nothing.
    :ivar others: those that are no letters, with their bits.
    """

    bits: int
    others: tuple[tuple[str, int], ...]


class Hints:
    """
    Strings in lower case of which a text may hold some, as bits of a number. Ones of letters only are cheap.

    Most lines of notes hold none. To know it must cost less than looking for each: there are five hundred.
    ``=with`` is the word by itself; ``0-9`` is any figure.
    """

    def __init__(self, hints: Iterable[str]) -> None:
        self._bits = {hint: 1 << number for number, hint in enumerate(dict.fromkeys(hints))}
        is_whole = {hint: hint[0] == "=" and hint[1:].isalpha() for hint in self._bits}
        self._whole = {hint[1:]: self._bits[hint] for hint in self._bits if is_whole[hint]}
        self._letters = [(h, bit) for h, bit in self._bits.items() if h.isalpha() and len(h) > 1]
        self._figure = self._bits.get(FIGURE, 0)
        #: By a character that is rare in notes.
        self._others: dict[str, list[tuple[str, int]]] = {}
        for hint, bit in self._bits.items():
            if not is_whole[hint] and hint != FIGURE and not (hint.isalpha() and len(hint) > 1):
                rare = next((char for char in hint if not char.isalnum() and char != " "), hint[0])
                self._others.setdefault(rare, []).append((hint, bit))
        self._known: dict[str, int] = {}

    def bits(self, hints: Iterable[str]) -> int:
        """Return the bits of these hints."""
        return sum({self._bits[hint] for hint in hints})

    def present(self, lines: Iterable[str]) -> tuple[Present, list[int]]:
        """Return those that lines in lower case hold together, and those of each, in frequent words or not."""
        lines = list(lines)
        text = "\n".join(lines)
        others = tuple(
            [one for rare, ones in self._others.items() if rare in text for one in ones if one[0] in text]
        )
        found, each = sum([bit for _, bit in others]), []
        known = self._known
        for line in lines:
            within = self._signs_of(line, others)
            for word in _WORD.findall(line):
                if bits := known[word] if word in known else self._of(word):
                    within |= bits
                    if word not in _COMMON:
                        found |= bits
            each.append(within)
        return Present(found, others), each

    def within(self, lowered: str, present: Present) -> int:
        """Return those that a part of a line holds, in frequent words or not. :param present: those of the line."""
        found = self._signs_of(lowered, present.others)
        for word in _WORD.findall(lowered):
            found |= self._of(word)
        return found

    def _signs_of(self, lowered: str, others: tuple[tuple[str, int], ...]) -> int:
        found = sum([bit for hint, bit in others if hint in lowered])
        return found | self._figure if _FIGURE.search(lowered) else found

    def within_folded(self, lowered: str, present: Present, within: int) -> int:
        """Return them as a pattern finds them where case does not matter. :param within: what ``within`` returned."""
        if lowered.isascii():
            return within
        folded = lowered.translate(_FOLDED)
        return within if folded == lowered else self.within(folded, present)

    def _of(self, word: str) -> int:
        bits = self._known.get(word)
        if bits is None:
            bits = sum([bit for hint, bit in self._letters if hint in word]) | self._whole.get(word, 0)
            if len(self._known) < _KEPT and len(word) < _LONGEST:
                self._known[word] = bits
        return bits
