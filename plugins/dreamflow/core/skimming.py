"""A text as lines and runs, cut as they are asked for: what is done with every text of a store must be quick."""

from __future__ import annotations

import re
from bisect import bisect_right
from collections import defaultdict
from collections.abc import Iterator, Sequence
from collections.abc import Set as AbstractSet
from functools import cached_property
from itertools import accumulate, pairwise

from dreamflow.core.specifics import Specific, specifics_of

__all__ = ["LONG_TOKEN", "Skimmed", "runs_in"]


def _kept(kept: str, *, others: bool) -> bytes:
    """Return the table that makes a blank of every byte but some; ``others``: of none beyond ASCII."""
    return bytes(n if chr(n) in kept or (others and n > 127) else 32 for n in range(256))


_BLANK = 32
#: Bytes of a run that many a longer one ends with.
_SHORT = 4
_LETTERS, _DIGITS = "abcdefghijklmnopqrstuvwxyz", "0123456789"
_WORDS = _kept(_LETTERS + _DIGITS, others=True)
_NUMBERS = _kept(f"{_DIGITS}.,:/-", others=False)
#: A text in which every digit is a 0, and every blank one.
_SHAPE = bytes(48 if chr(n) in _DIGITS else 32 if n == 9 else n for n in range(256))
_OTHER_DIGIT = re.compile(r"[^\x00-\x7f](?<=\d)")
_NO_WORD = re.compile(r"[^\w\x00-\x7f]")

#: What shows a number in thousands or more: a word by itself, or close behind a digit.
_SCALES = frozenset({b"k", b"m", b"b", b"bn", b"thousand", b"million", b"billion"})
_BEGINS = frozenset(b"0123456789nrt")
#: A sum with a word close behind it, with which it makes one run: "$5abc123".
_SUM_SIGNS = ("$", "€", "£", "¥", "₹", "usd", "eur", "gbp", "chf", "inr", "jpy")
_GLUED = re.compile(r"[ \t]?[0-9][0-9.,]*[^\W\d_]\S{0,400}[0-9_/]")
#: Characters of a token, above which what it says may begin or end within one of its runs.
LONG_TOKEN = 400


class Skimmed:
    """A text, cut into lines and runs, each as it is first asked for."""

    def __init__(self, text: str) -> None:
        self.text = text
        self._specifics: dict[int, list[Specific]] = {}

    @cached_property
    def lines(self) -> list[str]:
        return self.text.split("\n")

    @cached_property
    def starts(self) -> list[int]:
        """Where each line begins."""
        return [0, *accumulate(map((1).__add__, map(len, self.lines)))]

    def specifics(self, line: int) -> list[Specific]:
        """Return the specifics of a line, as they stand in it: no specific goes on into the next."""
        if line not in self._specifics:
            self._specifics[line] = specifics_of(self.lines[line])
        return self._specifics[line]

    def read(self, lines: Sequence[int]) -> Iterator[tuple[int, list[Specific]]]:
        """Yield lines with their specifics; most of a text is read more quickly at once."""
        if 2 * len(lines) > len(self.lines) > len(self._specifics):
            self._specifics = {line: [] for line in range(len(self.lines))}
            for one in specifics_of(self.text):
                line = bisect_right(self.starts, one.start) - 1
                at = self.starts[line]
                self._specifics[line].append(one._replace(start=one.start - at, end=one.end - at))
        for line in lines:
            yield line, self.specifics(line)

    @cached_property
    def words(self) -> set[bytes]:
        """The runs of letters and digits, casefolded."""
        return set(self.word_bytes.split())

    @cached_property
    def numbers(self) -> tuple[set[bytes], set[bytes]]:
        """The runs of digits, and those with signs between them or around."""
        runs = set(self.number_bytes.split())
        plain = {run for run in runs if run.isdigit()}
        return plain, runs - plain

    @cached_property
    def word_bytes(self) -> bytes:
        return self._raw.translate(_WORDS)

    @cached_property
    def number_bytes(self) -> bytes:
        return self._raw.translate(_NUMBERS)

    @cached_property
    def _raw(self) -> bytes:
        return _raw(self.text)

    @cached_property
    def _starts(self) -> list[int]:
        """Where each line begins in the bytes."""
        if self.text.isascii():
            return self.starts
        return [0, *accumulate(map((1).__add__, map(len, self._raw.split(b"\n"))))]

    def _line_at(self, at: int) -> int:
        return bisect_right(self._starts, at) - 1

    def lines_with(self, run: bytes, within: bytes) -> Iterator[int]:
        """Yield the lines in which a run stands by itself."""
        if within.startswith(run + b" ") or within == run:
            yield 0
        if within.endswith(b" " + run):
            yield len(self.lines) - 1
        if len(run) < _SHORT:  # it ends many a longer run
            padded, at = b" %b " % run, 0
            while (at := within.find(padded, at)) >= 0:
                yield self._line_at(at + 1)
                at += len(run) + 1
            return
        ended, at = run + b" ", len(within)
        while (at := within.rfind(ended, 0, at)) > 0:  # which takes half the time: a blank is everywhere
            if within[at - 1] == _BLANK:
                yield self._line_at(at)

    def lines_with_any(self, runs: AbstractSet[bytes], within: bytes) -> Iterator[int]:
        """Yield the lines in which one of many runs stands."""
        for line, (start, end) in enumerate(pairwise(self._starts)):
            if not runs.isdisjoint(within[start:end].split()):
                yield line

    @cached_property
    def _shape(self) -> bytes:
        return self._raw.translate(_SHAPE)

    @cached_property
    def morning(self) -> frozenset[int]:
        """The lines that may have an hour of the morning without minutes."""
        return self._hours(b"a")

    @cached_property
    def evening(self) -> frozenset[int]:
        return self._hours(b"p")

    @cached_property
    def scaled(self) -> frozenset[int]:
        """The lines that may have a number in thousands or more."""
        return frozenset(self._behind_numbers(_SCALES, _SCALES))

    @cached_property
    def abroad(self) -> frozenset[int]:
        """The lines that may have a telephone number of another land."""
        return frozenset(self._shaped(b"+0"))

    def _hours(self, half: bytes) -> frozenset[int]:
        lines = frozenset(self._behind_numbers({half + b"m"}, {half + b"m", half}))
        return lines.union(self._shaped(b"0 %b.m" % half)) if {half, b"m"} <= self.words else lines

    def _behind_numbers(self, words: AbstractSet[bytes], close: AbstractSet[bytes]) -> Iterator[int]:
        """Yield the lines with one of some words, or with one close behind digits."""
        measured = {run for word in close for run in self._measured.get(word, ())}
        escaped = {letter + run for run in measured for letter in (b"n", b"r", b"t")} & self.words
        for run in (*measured & self.words, *escaped, *(self.words & words)):
            yield from self.lines_with(run, self.word_bytes)

    @cached_property
    def _measured(self) -> dict[bytes, set[bytes]]:
        """The runs that are digits and something behind them, by that."""
        measured = defaultdict[bytes, set[bytes]](set)
        for run in [run for run in self.words if run[0] in _BEGINS]:
            bare = run.lstrip(b"nrt")  # behind a line end as JSON has it
            if bare[:1].isdigit():
                measured[bare.lstrip(b"0123456789")].add(bare)
        return measured

    def _shaped(self, sign: bytes) -> Iterator[int]:
        at = -1
        while (at := self._shape.find(sign, at + 1)) >= 0:
            yield self._line_at(at)

    @cached_property
    def untold(self) -> frozenset[int]:
        """The lines in which something may begin or end within a run, so that no trace tells of it."""
        has_long = max(map(len, self.lines)) >= LONG_TOKEN
        lines = {
            n
            for n, line in enumerate(self.lines if has_long else ())
            if len(line) >= LONG_TOKEN and len(max(line.split(), key=len, default="")) >= LONG_TOKEN
        }
        if not self.text.isascii():
            lines |= {
                bisect_right(self.starts, digit.start()) - 1 for digit in _OTHER_DIGIT.finditer(self.text)
            }
        glued = (self._glued(sign) for sign in _SUM_SIGNS if len(sign) == 1 or sign.encode() in self.words)
        return frozenset(lines.union(*glued))

    def _glued(self, sign: str) -> Iterator[int]:
        """Yield the lines in which a sum has a word close behind it."""
        folded, at = self.text if len(sign) == 1 else self.text.lower(), -1
        while (at := folded.find(sign, at + 1)) >= 0:
            if _GLUED.match(folded, at + len(sign)):
                yield folded.count("\n", 0, at)


def runs_in(text: str) -> list[bytes]:
    """Return the runs of letters and digits, casefolded, as ``Skimmed.words`` has them."""
    return _raw(text).translate(_WORDS).split()


def _raw(text: str) -> bytes:
    """Return a text casefolded, with a blank for what is part of no word in any script."""
    folded = text.lower() if text.isascii() else _NO_WORD.sub(" ", text.casefold())
    return folded.encode("utf-8", "surrogatepass")
