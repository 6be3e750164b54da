"""Which of many short strings a text holds: looked for in its words, each of which is looked at once."""

from __future__ import annotations

import re
from collections.abc import Iterable, Sequence
from collections.abc import Set as AbstractSet
from functools import reduce
from operator import or_
from typing import NamedTuple

__all__ = ["FIGURE", "Held", "Hints"]

#: The hint that stands for any figure.
FIGURE = "0-9"
_FIGURE = re.compile(r"\d")
_WORD = re.compile(r"[^\W\d_]{2,}")
#: Words that are kept with what they hold, and how long they are at most.
_KEPT, _LONGEST = 50_000, 80
#: Words that are known to hold none of what is asked for of a whole text.
_DULL = 1 << 17
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


class Held(NamedTuple):
    """
    What lines hold: of hints a bit each.

    :ivar together: what any line holds, but for what only frequent words hold that mean nothing. :ivar each: what each
        line holds, in whatever words. :ivar longest: of each line, the most of the lengths given that a word has.
    """

    together: int
    each: list[int]
    longest: list[int]


class Hints:
    """
    Strings in lower case of which a text may hold some, as bits of a number.

    Most lines of notes hold none. To know it must cost less than looking for each: there are five hundred.
    ``=with`` is the word by itself; ``0-9`` is any figure.

    :param lengths: of words, which are told too.
    """

    def __init__(self, hints: Iterable[str], lengths: Sequence[int] = ()) -> None:
        self._bits = {hint: 1 << number for number, hint in enumerate(dict.fromkeys(hints))}
        self._spaced = [(hint, bit) for hint, bit in self._bits.items() if " " in hint]
        self._words = _Words(self._bits, lengths)
        self._lengths = lengths
        self._signed = [
            one for one in self._bits.items() if one[0] != FIGURE and not one[0].strip("=").isalnum()
        ]
        self._dull: dict[int, set[str | bytes]] = {}
        self._width = len(self._bits)
        self._mask = (1 << self._width) - 1
        # Figures that no hint has are all the same: there are fewer words then.
        used = "".join(hint for hint in self._bits if hint != FIGURE)
        self._figures = str.maketrans({figure: "0" for figure in "123456789" if figure not in used})

    def bits(self, hints: Iterable[str]) -> int:
        """Return the bits of these hints."""
        return sum({self._bits[hint] for hint in hints})

    def letters(self, asked: int) -> list[str]:
        """Return those of some hints that are letters only, or a whole word."""
        return [
            hint.strip("=") for hint, bit in self._bits.items() if bit & asked and hint.strip("=").isalnum()
        ]

    def held(self, lines: Sequence[str]) -> Held:
        """Return what lines in lower case hold."""
        text = "\n".join(lines)
        spaced = [one for one in self._spaced if one[0] in text]
        every = [self._of(line, spaced) for line in lines]
        width, mask = self._width, self._mask
        together = reduce(or_, every, 0) >> width & mask
        above = 2 * width
        return Held(
            together,
            [bits & mask for bits in every],
            [self._lengths[long.bit_length() - 1] if (long := bits >> above) else 0 for bits in every],
        )

    def told(self, lowered: str, asked: int, runs: AbstractSet[bytes] | None = None) -> int:
        """
        Return those of some hints that a text in lower case holds, but for what ``Held.together`` leaves out.

        :param runs: if it is ASCII, its runs of letters and digits that hold one of those hints (``letters``).
        """
        dull, known = self._dull.setdefault(asked, set()), self._words
        words: AbstractSet[str | bytes] = {*lowered.split()} if runs is None else runs
        told = 0
        for word in words - dull:
            text = word if isinstance(word, str) else word.decode()
            if bits := known[text.translate(self._figures)] >> self._width & asked:
                told |= bits
            elif len(dull) < _DULL and len(word) < _LONGEST:
                dull.add(word)
        within = self._spaced if runs is None else self._signed
        return told | sum([bit for hint, bit in within if bit & asked and hint in lowered])

    def within(self, lowered: str) -> int:
        """Return the hints that a text in lower case holds, in whatever words."""
        return self._of(lowered, self._spaced) & self._mask

    def within_folded(self, lowered: str, within: int) -> int:
        """Return them as a pattern finds them where case does not matter. :param within: what ``within`` returns."""
        if lowered.isascii():
            return within
        folded = lowered.translate(_FOLDED)
        return within if folded == lowered else self.within(folded)

    def _of(self, lowered: str, spaced: Sequence[tuple[str, int]]) -> int:
        words = lowered.translate(self._figures).split()
        bits = reduce(or_, map(self._words.__getitem__, words), 0)
        for hint, bit in spaced:
            if hint in lowered:
                bits |= bit | bit << self._width
        return bits


class _Words(dict[str, int]):
    """
    What stands between blanks, with what it holds, once it was asked for: hints; the same again, but for those that
    only frequent words hold; and which lengths it has.
    """

    def __init__(self, bits: dict[str, int], lengths: Sequence[int]) -> None:
        whole = {hint: hint[0] == "=" and hint[1:].isalpha() for hint in bits}
        self._figure = bits.get(FIGURE, 0)
        self._whole = {hint[1:]: bits[hint] for hint in bits if whole[hint]}
        self._letters = [(hint, bits[hint]) for hint in bits if hint.isalpha() and len(hint) > 1]
        self._signs = [
            (hint, bits[hint])
            for hint in bits
            if not (whole[hint] or hint == FIGURE or " " in hint or (hint.isalpha() and len(hint) > 1))
        ]
        self._width, self._lengths = len(bits), lengths
        self._same: dict[int, int] = {}

    def __missing__(self, word: str) -> int:
        signs = sum([bit for hint, bit in self._signs if hint in word])
        if _FIGURE.search(word):
            signs |= self._figure
        every = telling = signs
        for letters in _WORD.findall(word):
            bits = sum([bit for hint, bit in self._letters if hint in letters]) | self._whole.get(letters, 0)
            every |= bits
            telling |= 0 if letters in _COMMON else bits
        long = sum(1 << number for number, length in enumerate(self._lengths) if len(word) >= length)
        held = every | telling << self._width | long << 2 * self._width
        if len(self) < _KEPT and len(word) < _LONGEST:
            self[word] = self._same.setdefault(held, held)
        return held
