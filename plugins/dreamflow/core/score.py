"""
The score of a change: what a search finds before and after it, measured without a model.

Of the specifics that the sessions state, and of those that the input held, a sample is asked for: by the words of the
sentence that states each, without the specific. It is found where it stands in the best lines that 500 tokens hold.
"""

from __future__ import annotations

import re
from array import array
from bisect import bisect_left
from collections import Counter, defaultdict
from collections.abc import Iterable, Sequence

from dreamflow.core.alike import AlikeCount
from dreamflow.core.review import Score
from dreamflow.core.sampling import (
    ASKED_KINDS,
    SAMPLE,
    SAMPLED_BYTES,
    Probe,
    Sample,
    sampled_paths,
)
from dreamflow.core.searching import BYTES_PER_TOKEN, LINES_OF_A_WORD, Ranking
from dreamflow.core.skimming import Skimmed
from dreamflow.core.specifics import Kind, answers, date_words
from dreamflow.core.traces import Traces
from dreamflow.core.words import COMMON, search_words, singular

__all__ = [
    "ASKED_KINDS",
    "SAMPLE",
    "TOKENS",
    "Measures",
    "Probe",
    "Sample",
    "sampled_paths",
]

#: What an agent reads of what its search finds.
TOKENS = 500
_BYTES = TOKENS * BYTES_PER_TOKEN
#: The stores that hold a text, a bit each.
_BEFORE, _AFTER = 1, 2
#: Lines that a search returns: of a dozen bytes each, more than are read.
_RESULTS = 256
#: The words of a date (``specifics.date_words``).
_DATE_WORD = re.compile(r"\d{4}(?:-\d\d){0,2}|--\d\d(?:-\d\d)?")
#: A word stands in too many lines of a store where those that are looked at first say so this much, and several do.
_SURELY, _SEVERAL = 2, 3


class Measures:
    """
    Both stores as they are measured: each text is added once, with the stores that hold it, and is not held.

    What is kept of a line is where the probes' words and keys stand, and how many bytes it has. A word weighs the same
    in both stores, so that lines that stay are found before and after alike.

    Of a store that is larger than what a sample is drawn from, only lines are looked at that have a trace of what is
    asked for: how many words the others have is reckoned from the texts that are looked at first (``foresee``).

    :param said: the sample of what the sessions state. :param held: that of what the input held.
    :param size: bytes of the input.
    """

    def __init__(self, said: Sequence[Probe], held: Sequence[Probe], size: int = 0) -> None:
        self._said, self._held, self._size = said, held, size
        self._is_large = size > SAMPLED_BYTES
        probes = [*said, *held]
        self._wanted = {probe.key for probe in probes}
        self._hit_traces = Traces(() if self._is_large else self._wanted)
        self._codes = {key for key in self._wanted if key.isalpha()}
        words = {word for probe in probes for word in probe.words}
        self._forms = _forms(words)
        self._asked = frozenset(self._forms)
        self._asked_dates = {word for word in words if _DATE_WORD.fullmatch(word)}
        self._traces = Traces(self._asked_dates, self._forms if self._is_large else ())
        self._common = 0
        self._words_of_a_line = 0.0
        # The larger the store, the fewer lines a word may lead to: no more are looked at in all.
        self._lines_of_a_word = (
            LINES_OF_A_WORD * min(size, SAMPLED_BYTES) // size if size else LINES_OF_A_WORD
        )
        self._ranking = Ranking(self._lines_of_a_word)
        self._texts: list[int] = []  # the stores of each
        self._text_of = array("I")
        self._sizes = array("I")
        self._hits: defaultdict[str, tuple[array[int], array[int]]] = defaultdict(
            lambda: (array("I"), array("H"))
        )
        self._alike = AlikeCount(size if self._is_large else None)
        self._bytes = {_BEFORE: 0, _AFTER: 0}

    def foresee(self, texts: Iterable[str]) -> None:
        """Learn from some of a large store's texts which words stand in too many lines to lead anywhere, before all."""
        if not self._is_large:
            return
        lines_of, texts_of = Counter[str](), Counter[str]()
        size = lines = length = 0
        for text in texts:
            found = Counter[str]()
            skimmed = Skimmed(text)
            for number, line in enumerate(skimmed.lines):
                words = search_words(line)
                found.update(self._asked_of(skimmed, number, words, has_dates=True))
                lines += bool(line)
                length += len(words)
            lines_of += found
            texts_of.update(found.keys())
            size += _size(text)
        most = _SURELY * self._lines_of_a_word * size / self._size
        self._ranking.forget(
            word for word, count in lines_of.items() if count > most and texts_of[word] >= _SEVERAL
        )
        self._words_of_a_line = length / max(1, lines)
        self._forget_common()

    def add(self, text: str | Skimmed, *, before: bool, after: bool) -> None:
        """Measure a memory's text, the same in the stores that hold it."""
        skimmed = Skimmed(text) if isinstance(text, str) else text
        stores = _BEFORE * before | _AFTER * after
        size = _size(skimmed.text)
        for store in self._bytes:
            self._bytes[store] += size if stores & store else 0
        self._texts.append(stores)
        (self._skim if self._is_large else self._read)(skimmed)
        self._forget_common()

    def _read(self, text: Skimmed) -> None:
        """Add all lines of a text."""
        dated, hit = {*self._traces.lines(text)}, {*self._hit_traces.lines(text)}
        of = len(self._texts) - 1
        passed_over = length = 0
        for number, line in enumerate(text.lines):
            words = search_words(line)
            asked = self._asked_of(text, number, words, has_dates=number in dated)
            if asked:
                self._add_line(text, number, words, asked, has_hits=number in hit)
            elif words or line.strip():  # what no search finds is counted only
                passed_over += 1
                length += len(words)
            if words and line[0] != "#":  # Headings are the same everywhere.
                self._alike.add(words, of)
        self._ranking.pass_over(passed_over, length)

    def _skim(self, text: Skimmed) -> None:
        """Add those lines of a text that have a trace of what is asked for."""
        passed_over = len(text.lines) - text.lines.count("")
        for number, _ in text.read(self._traces.lines(text)):
            words = search_words(text.lines[number])
            asked = self._asked_of(text, number, words, has_dates=True)
            if asked:
                self._add_line(text, number, words, asked, has_hits=True)
                passed_over -= 1
        self._ranking.pass_over(passed_over, round(passed_over * self._words_of_a_line))
        self._alike.skim(text.lines, len(self._texts) - 1)

    def _asked_of(
        self, text: Skimmed, number: int, words: Sequence[str], *, has_dates: bool
    ) -> dict[str, int]:
        """Return the words that are asked for of those of a line, and of its dates."""
        asked = dict.fromkeys(map(self._forms.__getitem__, self._asked.intersection(words)), 1)
        if has_dates and self._asked_dates:
            for specific in text.specifics(number):
                if specific.kind is Kind.DATE:
                    asked.update((word, 1) for word in date_words(specific.key) if word in self._asked_dates)
        return asked

    def _forget_common(self) -> None:
        """Look no more for words that lead nowhere."""
        common = self._ranking.common
        if len(common) != self._common:
            self._common = len(common)
            gone = {form for form, word in self._forms.items() if word in common}
            self._traces.drop(gone | (self._asked_dates & common))
            for form in gone:
                del self._forms[form]
            self._asked = frozenset(self._forms)
            self._asked_dates -= common

    def _add_line(
        self, text: Skimmed, number: int, words: Sequence[str], asked: dict[str, int], *, has_hits: bool
    ) -> None:
        """Add a line that a search may find."""
        line = text.lines[number]
        # A code of letters only may stand without the words that it is known by.
        hits = {code: min(_BYTES, line.lower().find(code)) for code in self._codes.intersection(words)}
        for specific in text.specifics(number) if has_hits else ():
            for key in answers(specific):
                if key in self._wanted and key not in hits:
                    hits[key] = min(_BYTES, _size(line[: min(_BYTES, specific.end)]))
        at = len(self._ranking)
        self._ranking.add(asked, len(words))
        self._text_of.append(len(self._texts) - 1)
        self._sizes.append(_size(line))
        for key, end in hits.items():
            lines, ends = self._hits[key]
            lines.append(at)
            ends.append(end)

    def score(self, ungrounded: int = 0, lost: int = 0) -> Score:
        """Return the score. The two counts are the checks'."""
        return Score(
            sessions_found=self._found(self._said),
            input_found=self._found(self._held),
            sessions_asked=len(self._said),
            input_asked=len(self._held),
            ungrounded=ungrounded,
            lost=lost,
            alike=(self._pairs(_BEFORE), self._pairs(_AFTER)),
            bytes=(self._bytes[_BEFORE], self._bytes[_AFTER]),
        )

    def _pairs(self, store: int) -> int:
        return self._alike.pairs({n for n, stores in enumerate(self._texts) if stores & store})

    def _found(self, probes: Sequence[Probe]) -> tuple[float | None, float | None]:
        """Return the shares of the probes that a search over each store finds."""
        if not probes:
            return None, None
        found = [self._stores_that_tell(probe) for probe in probes]
        before, after = (sum(bool(stores & store) for stores in found) / len(probes) for store in self._bytes)
        return before, after

    def _stores_that_tell(self, probe: Probe) -> int:
        """Return the stores in which a search finds what is asked for."""
        if probe.key not in self._hits:
            return 0
        lines, ends = self._hits[probe.key]
        found, left, results = 0, {_BEFORE: _BYTES, _AFTER: _BYTES}, dict.fromkeys(self._bytes, _RESULTS)
        for number in self._ranking.best(probe.words):
            place = bisect_left(lines, number)
            end = ends[place] if place < len(lines) and lines[place] == number else _BYTES
            for store in [store for store in left if self._texts[self._text_of[number]] & store]:
                if end < left[store]:
                    found |= store
                left[store] -= self._sizes[number] + 1
                results[store] -= 1
                if found & store or left[store] <= 0 or not results[store]:
                    del left[store]
            if not left:
                break
        return found


def _forms(words: Iterable[str]) -> dict[str, str]:
    """Return the words as they may stand in a line, with what each is asked for as."""
    return {
        form: word
        for word in words
        for form in (f"{word}s", word)
        if singular(form) == word and form not in COMMON
    }


def _size(text: str) -> int:
    return len(text) if text.isascii() else len(text.encode("utf-8", "surrogatepass"))
