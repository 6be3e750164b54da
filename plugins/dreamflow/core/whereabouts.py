"""Where the lines of a base stand that are not at their path any more: a dream moves, merges and splits memories."""

from __future__ import annotations

import re
from collections import Counter, defaultdict
from collections.abc import Iterable, Iterator, Sequence

from rapidfuzz import fuzz

from dreamflow.core.changes import lines_of
from dreamflow.core.text_hunks import Hunk
from dreamflow.core.text_lines import LOOK_AT, compared, tells

__all__ = ["Whereabouts"]

#: A line that stands in more memories than this tells nothing about where another one went.
_COMMON = 3
#: Lines of the base on each side of a hunk that are asked for its home, at most.
_NEAR = 100
#: Comparisons by likeness over all looks, at most: a few seconds. The likeness, of 100, of a reworded line.
_LOOKS = 1_000_000
_ALIKE = 85
#: A reworded line shares one of its rarest words with what it was; of the lines with that word, so many are compared.
_KEYS = 3
_SHARED = 20


class Whereabouts:
    """
    Remembers in which memories of an output wanted lines stand, as they are or reworded.

    Only a line that went at one place and came at one place tells where it went. What several memories say, or said, is
    each one's own: a late write must never reach a memory that it is not about. So after the output's memories, those
    of the base are looked at that the output does not hold as they were.

    :param wanted: lines of bases whose home is asked for later: those that hunks remove, and those around them.
    """

    def __init__(self, wanted: Iterable[str]) -> None:
        self._wanted = {form for form in map(compared, wanted) if tells(form)}
        self._places: dict[str, set[str]] = defaultdict(set)
        self._likest: dict[str, tuple[float, str, str]] = {}
        self._repeated: set[str] = set()
        self._had: Counter[str] = Counter()
        self._old: set[str] = set()
        self._looks = _LOOKS
        self._by_word: dict[str, list[str]] = defaultdict(list)
        often = Counter(word for form in self._wanted for word in _words(form))
        for form in sorted(self._wanted):
            for word in sorted(_words(form), key=lambda word: (often[word], -len(word), word))[:_KEYS]:
                if len(self._by_word[word]) < _SHARED:
                    self._by_word[word].append(form)

    def look(self, path: str, text: str) -> None:
        """Take note of the wanted lines that one memory of the output holds."""
        for form, times in Counter(map(compared, lines_of(text))).items():
            if form in self._wanted:
                if len(self._places[form]) <= _COMMON:
                    self._places[form].add(path)
                if times > 1:
                    self._repeated.add(form)
            elif self._looks > 0:
                self._compare(path, form)

    def look_back(self, text: str) -> None:
        """Take note of what one memory of the base held that the output does not hold as it was."""
        held = Counter(map(compared, lines_of(text)))
        self._had.update({form: held[form] for form in held.keys() & self._wanted})
        self._old.update(held.keys() & {alike for _, _, alike in self._likest.values()})

    def home_of(self, hunk: Hunk, base: Sequence[str]) -> str | None:
        """
        Return the memory that a hunk belongs to, or None where nothing tells.

        It is the one that holds most of the lines that the hunk removes, else a line like one of them, else the line
        nearest to it in the base, else a line like that.

        :param base: the raw lines of the whole base.
        """
        removed = [compared(line) for line in hunk.removed]
        near = list(_around(hunk, base))
        return (
            self._most(removed, near)
            or self._likest_of(removed)
            or self._nearest(near)
            or self._likest_of(near)
        )

    def holding(self, hunk: Hunk) -> str | None:
        """Return the memory that holds lines that a hunk removes, as they are; None where nothing tells."""
        return self._most([compared(line) for line in hunk.removed], ())

    def _compare(self, path: str, form: str) -> None:
        rivals = {rival for word in _words(form) for rival in self._by_word.get(word, ())}
        self._looks -= len(rivals)
        for rival in sorted(rivals):
            known, *_ = self._likest.get(rival, (0.0,))
            score = fuzz.ratio(rival[:LOOK_AT], form[:LOOK_AT], score_cutoff=max(known, _ALIKE))
            if score > known:
                self._likest[rival] = (score, path, form)

    def _found(self, form: str) -> set[str]:
        places = self._places.get(form, set())
        is_of_one = self._had[form] <= 1 and form not in self._repeated
        return places if is_of_one and len(places) <= _COMMON else set()

    def _most(self, removed: Sequence[str], near: Sequence[str]) -> str | None:
        """Return the memory that holds most of these lines, and of several the one with most of those near."""
        held = Counter(path for form in removed for path in self._found(form))
        if not held:
            return None
        around = Counter(path for form in near for path in self._found(form))
        return min(held, key=lambda path: (-held[path], -around[path], path))

    def _nearest(self, near: Iterable[str]) -> str | None:
        """Return the memory of the nearest line that stands in one alone, else of the nearest in several."""
        found = [places for form in near if (places := self._found(form))]
        alone = (min(places) for places in found if len(places) == 1)
        return next(alone, min(found[0]) if found else None)

    def _likest_of(self, forms: Sequence[str]) -> str | None:
        found = [self._likest[form] for form in forms if form in self._likest and self._had[form] <= 1]
        new = [like for like in found if like[2] not in self._old]
        return max(new, key=lambda like: like[0])[1] if new else None


def _words(form: str) -> set[str]:
    return set(re.findall(r"\w{3,}", form[:LOOK_AT].casefold()))


def _around(hunk: Hunk, base: Sequence[str]) -> Iterator[str]:
    """Yield the lines around a hunk as they are compared, nearest first: the one before, the one after, and so on."""
    end = hunk.start + len(hunk.removed)
    for n in range(_NEAR):
        if hunk.start - 1 - n >= 0:
            yield compared(base[hunk.start - 1 - n])
        if end + n < len(base):
            yield compared(base[end + n])
