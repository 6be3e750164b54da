"""A text as lines and runs, cut as they are asked for: what is done with every text of a store must be quick."""

from __future__ import annotations

import re
from bisect import bisect_right
from collections.abc import Container, Iterable, Iterator, Mapping, Sequence
from functools import cached_property
from itertools import accumulate

from dreamflow.core.specifics import Specific, specifics_of
from dreamflow.core.strings import Finder

__all__ = ["LONG_TOKEN", "TELLING_RUNS", "Skimmed", "finder_of_runs", "runs_at", "runs_in"]


def _kept(kept: str, *, others: bool) -> bytes:
    """Return the table that makes a blank of every byte but some; ``others``: of none beyond ASCII."""
    return bytes(n if chr(n) in kept or (others and n > 127) else 32 for n in range(256))


_LETTERS, _DIGITS = "abcdefghijklmnopqrstuvwxyz", "0123456789"
_WORDS = _kept(_LETTERS + _DIGITS, others=True)
_NUMBERS = _kept(f"{_DIGITS}.,:/-", others=False)
#: A text in which every digit is a 0, and every blank one.
_SHAPE = bytes(48 if chr(n) in _DIGITS else 32 if n == 9 else n for n in range(256))
_OTHER_DIGIT = re.compile(r"[^\x00-\x7f](?<=\d)")
_NO_WORD = re.compile(r"[^\w\x00-\x7f]")

#: What shows a number in thousands or more, or an hour: a word by itself, or close behind a digit.
_SCALES = ("k", "m", "b", "bn", "thousand", "million", "billion")
_CLOSE = {"scaled": _SCALES, "morning": ("am", "a"), "evening": ("pm", "p")}
_BEHIND_DIGITS = Finder(f"0{word} ".encode() for words in _CLOSE.values() for word in words)
#: A sum with a word close behind it, with which it makes one run: "$5abc123".
_SUM_SIGNS = ("$", "€", "£", "¥", "₹", "usd", "eur", "gbp", "chf", "inr", "jpy")
_SIGN_WORDS = tuple(sign for sign in _SUM_SIGNS if sign.isalpha())
_GLUED = re.compile(r"[ \t]?[0-9][0-9.,]*[^\W\d_]\S{0,400}[0-9_/]")
#: Runs that tell what lines may say beside what is looked for (``Skimmed.shaped``, ``Skimmed.untold``).
TELLING_RUNS = tuple(word.encode() for word in dict.fromkeys((*_SCALES, "am", "pm", *_SIGN_WORDS)))
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

    def runs_with(self, parts: Finder) -> set[bytes]:
        """Return the runs of letters and digits, casefolded, that hold one of some parts."""
        text = self.padded_words
        places = {at for each in parts.places(text).values() for at in each}
        return {text[text.rfind(b" ", 0, at + 1) + 1 : text.find(b" ", at)] for at in places}

    @cached_property
    def numbers(self) -> tuple[set[bytes], set[bytes]]:
        """The runs of digits, and those with signs between them or around."""
        runs = set(self.padded_numbers.split())
        plain = {run for run in runs if run.isdigit()}
        return plain, runs - plain

    @cached_property
    def padded_words(self) -> bytes:
        """The runs of letters and digits, casefolded, each where it stands, with a blank before and behind the text."""
        return b" %b " % self._raw.translate(_WORDS)

    @cached_property
    def padded_numbers(self) -> bytes:
        """The runs of digits and signs, in the same way."""
        return b" %b " % self._raw.translate(_NUMBERS)

    @cached_property
    def _raw(self) -> bytes:
        return _raw(self.text)

    @cached_property
    def _starts(self) -> list[int]:
        """Where each line begins in the bytes."""
        if self.text.isascii():
            return self.starts
        return [0, *accumulate(map((1).__add__, map(len, self._raw.split(b"\n"))))]

    def line_at(self, at: int) -> int:
        """Return the line of a place in the bytes."""
        return bisect_right(self._starts, at) - 1

    @cached_property
    def _shape(self) -> bytes:
        return self._raw.translate(_SHAPE)

    def shaped(self, shape: str, words: Mapping[bytes, Sequence[int]]) -> set[int]:
        """
        Return the lines that may have a number in thousands or more (``scaled``), an hour without minutes (``morning``,
        ``evening``), or a telephone number of another land (``abroad``).

        :param words: where those of ``TELLING_RUNS`` stand in the padded words.
        """
        if shape == "abroad":
            return set(self._shaped(b"+0"))
        close = _CLOSE[shape]
        alone = [word for word in close if len(word) > 1 or shape == "scaled"]
        places = [at for word in alone for at in words.get(word.encode(), ())]
        places += [at for word in close for at in self._behind_digits.get(f"0{word} ".encode(), ())]
        lines = {self.line_at(at) for at in places}
        return lines if shape == "scaled" else lines.union(self._shaped(b"0 %b.m" % close[1].encode()))

    @cached_property
    def _behind_digits(self) -> Mapping[bytes, Sequence[int]]:
        """Where a digit with a word close behind stands."""
        blank_at_ends = self.padded_words.translate(_SHAPE)
        return {
            word: [at - 1 for at in places] for word, places in _BEHIND_DIGITS.places(blank_at_ends).items()
        }

    def _shaped(self, sign: bytes) -> Iterator[int]:
        at = -1
        while (at := self._shape.find(sign, at + 1)) >= 0:
            yield self.line_at(at)

    def untold(self, words: Container[bytes]) -> set[int]:
        """
        Return the lines in which something may begin or end within a run, so that no trace tells of it.

        :param words: those of ``TELLING_RUNS`` that the text has.
        """
        signs = [sign for sign in _SUM_SIGNS if not sign.isalpha() or sign.encode() in words]
        return self._torn.union(*map(self._glued, signs))

    @cached_property
    def _torn(self) -> set[int]:
        """The lines with a token so long, or with digits of such a script, that its runs tell nothing."""
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
        return lines

    def _glued(self, sign: str) -> Iterator[int]:
        """Yield the lines in which a sum has a word close behind it."""
        folded, at = self.text if len(sign) == 1 else self.text.lower(), -1
        while (at := folded.find(sign, at + 1)) >= 0:
            if _GLUED.match(folded, at + len(sign)):
                yield folded.count("\n", 0, at)


def runs_at(runs: Finder, padded: bytes) -> dict[bytes, list[int]]:
    """Return where each run stands of which some are to be found, in the text as it is without the padding."""
    return {run[1:-1]: places for run, places in runs.places(padded).items()}


def finder_of_runs(runs: Iterable[bytes]) -> Finder:
    """Return what finds runs that stand by themselves in a padded text (``runs_at``)."""
    return Finder(b" %b " % run for run in runs)


def runs_in(text: str) -> list[bytes]:
    """Return the runs of letters and digits, casefolded, as they stand in ``Skimmed.padded_words``."""
    return _raw(text).translate(_WORDS).split()


def _raw(text: str) -> bytes:
    """Return a text casefolded, with a blank for what is part of no word in any script."""
    folded = text.lower() if text.isascii() else _NO_WORD.sub(" ", text.casefold())
    return folded.encode("utf-8", "surrogatepass")
