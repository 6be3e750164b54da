"""
What became of every line that a store has lost: moved, said again, replaced or gone.

Two stores may have 200 MB each, so of a line its hash is kept, and of one that went or came its first words too, as far
as there is room. Lines are the same whatever blanks end them.
"""

from __future__ import annotations

import re
from array import array
from collections import Counter, defaultdict
from collections.abc import Iterator
from dataclasses import dataclass, field
from itertools import repeat
from typing import NamedTuple

from rapidfuzz import fuzz, process

from dreamflow.core.alignment import pairs_of, runs_of
from dreamflow.core.changes import lines_of
from dreamflow.core.review import Fate, FateKind
from dreamflow.core.text_lines import BLANKS, LOOK_AT, compared, tells

__all__ = ["Outcome", "Whereabouts"]

#: Characters of lines that went, and of those that came, which are compared by likeness, at most.
_ROOM = 16_000_000
#: Comparisons by likeness of lines of 400 characters, at most: a few seconds. A longer line than this is compared with
#: none: by its beginning alone it could hide an end that is gone. The likeness, of 100, of a line in other words.
_LOOKS = 1_000_000
_LONG = 2_000
_ALIKE = 85
#: A line in other words shares one of its rarest with what it was; of the lines with that word, so many are compared.
_KEYS = 3
_SHARED = 20
#: Places of one line that are remembered, and lines that are compared each with each in one part of a diff.
_PLACES = 4
_BLOCK = 12


class _Place(NamedTuple):
    path: str
    line: int


class Outcome(NamedTuple):
    """What became of one line: as ``Fate``, with its bytes. ``is_new``: where it stands now, it did not before."""

    line: int
    kind: FateKind
    path: str
    to_line: int | None
    size: int
    tells: bool
    is_new: bool


@dataclass
class _Taken:
    """
    What is kept of one memory: of the lines that went number, form, bytes, and what took their place; of the output's
    lines the form, and which of them came.

    :ivar to: the number of the line that took its place, negative where it is not alike; 0 where none did.
    """

    numbers: array[int] = field(default_factory=lambda: array("L"))
    forms: array[int] = field(default_factory=lambda: array("q"))
    sizes: array[int] = field(default_factory=lambda: array("L"))
    to: array[int] = field(default_factory=lambda: array("l"))
    standing: array[int] = field(default_factory=lambda: array("q"))
    came: bytearray = field(default_factory=bytearray)
    bytes_before: int = 0
    bytes_after: int = 0


class Whereabouts:
    """
    Remembers the lines that memories lost and gained, and tells where those that went stand now.

    Take in every memory that differs, then look through others as far as there is time, then ask.
    """

    def __init__(self) -> None:
        self._taken: dict[str, _Taken] = {}
        self._went: dict[int, str] = {}
        self._new: dict[int, tuple[str, _Place]] = {}
        self._room = {"went": _ROOM, "came": _ROOM}
        self._came_at: dict[int, list[_Place]] = {}
        self._kept_at: dict[int, list[_Place]] = {}
        self._reworded: dict[int, tuple[float, _Place, bool]] = {}
        self._by_word: dict[str, list[int]] = {}
        self._wanted: set[int] = set()
        self._looks = _LOOKS
        self._is_settled = False

    def take(self, path: str, before: str, after: str) -> None:
        """Take in a memory that differs: both its texts, or one of them and an empty one."""
        olds, news = lines_of(before), lines_of(after)
        forms = list(map(str.rstrip, news, repeat(BLANKS)))  # as compared() does, of 2,000 lines
        taken = _Taken()
        taken.standing.extend(map(hash, forms))  # of all lines: only those that say something are asked for
        taken.came = bytearray(len(news))
        taken.bytes_before, taken.bytes_after = (
            len(text.encode("utf-8", "surrogatepass")) for text in (before, after)
        )
        for run in runs_of(olds, news):
            removed = olds[run.before_start : run.before_end]
            added = news[run.after_start : run.after_end]
            taken.came[run.after_start : run.after_end] = b"\1" * len(added)
            to = {
                pair.before: (run.after_start + pair.after + 1) * (1 if pair.is_alike else -1)
                for pair in pairs_of(removed, added, block=_BLOCK)
            }
            for n, line in enumerate(removed):
                form = compared(line)
                taken.numbers.append(run.before_start + n + 1)
                taken.forms.append(_hash(form))
                taken.sizes.append(len(line.encode("utf-8", "surrogatepass")))
                taken.to.append(to.get(n, 0))
                if to.get(n, 0) <= 0:
                    self._remember(form)
            for n in range(run.after_start, run.after_end):
                self._remember_new(forms[n], _Place(path, n + 1))
        self._taken[path] = taken
        self._is_settled = False

    def drop(self, path: str) -> None:
        """Forget a memory: another one's text has it."""
        del self._taken[path]
        self._is_settled = False

    def look(self, path: str, text: str) -> None:
        """Take note of what a memory that does not differ says of the lines that went."""
        self._settle()
        if not self._wanted:
            return
        forms = list(map(str.rstrip, text.split("\n"), repeat(BLANKS)))
        keys = list(map(hash, forms))
        if self._by_word and self._looks > 0:
            for n, (form, key) in enumerate(zip(forms, keys, strict=True), 1):
                if key not in self._wanted:
                    self._compare(form, _Place(path, n), is_new=False)
        for n in [n for n, key in enumerate(keys) if key in self._wanted]:
            if tells(forms[n]):
                _note(self._kept_at, keys[n], _Place(path, n + 1))

    def outcomes(self, path: str) -> Iterator[Outcome]:
        """Yield what became of each line that a memory lost, in order; a line that says nothing went with its like."""
        self._settle()
        taken = self._taken.get(path)
        if taken is None:
            return
        homes = self._homes(taken)
        last: Outcome | None = None
        silent: list[int] = []
        for n, form in enumerate(taken.forms):
            if not form:
                silent.append(n)
                continue
            last = self._outcome(path, taken, n, homes)
            yield from (_with(last, taken, at) for at in silent)
            silent.clear()
            yield last
        yield from (_with(last, taken, at) for at in silent)

    def fates_of(self, path: str) -> list[Fate]:
        """Return what became of each line that a memory lost, in order."""
        return [
            Fate(line=one.line, kind=one.kind, path=one.path, to_line=one.to_line)
            for one in self.outcomes(path)
        ]

    def went(self, line: str) -> bool:
        """Tell whether a line went from its place in one of the memories: where it came, it is not new."""
        self._settle()
        form = compared(line)
        return tells(form) and hash(form) in self._wanted

    def sizes(self, path: str) -> tuple[int, int]:
        """Return how many bytes a memory had, and has."""
        taken = self._taken[path]
        return taken.bytes_before, taken.bytes_after

    def lines(self, path: str) -> tuple[int, int]:
        """Return how many lines came and went."""
        taken = self._taken.get(path, _Taken())
        return sum(taken.came), len(taken.numbers)

    def middle(self, path: str) -> float:
        """Return where in the output's memory the lines that it kept stand, on the whole."""
        kept = [n for n, came in enumerate(self._taken[path].came) if not came]
        return sum(kept) / len(kept) if kept else 0.0

    def _remember(self, form: str) -> None:
        if tells(form) and len(form) <= _LONG and self._room["went"] > 0:
            self._room["went"] -= len(form)
            self._went[_hash(form)] = form

    def _remember_new(self, form: str, place: _Place) -> None:
        if tells(form) and len(form) <= _LONG and self._room["came"] > 0:
            self._room["came"] -= len(form)
            self._new[_hash(form)] = form, place

    def _settle(self) -> None:
        """Find where the lines that went stand in the memories that differ."""
        if self._is_settled:
            return
        self._is_settled = True
        self._came_at, self._kept_at, self._reworded = {}, {}, {}
        self._looks = _LOOKS
        self._wanted = {form for taken in self._taken.values() for form in taken.forms if form}
        if not self._wanted:
            self._by_word = {}
            return
        for path, taken in self._taken.items():
            for n, form in enumerate(taken.standing):
                if form in self._wanted:
                    _note(self._came_at if taken.came[n] else self._kept_at, form, _Place(path, n + 1))
        self._index()
        for key, (text, place) in self._new.items():
            if place.path in self._taken and key not in self._wanted:
                self._compare(text, place, is_new=True)

    def _index(self) -> None:
        """File the lines that stand nowhere as they were below their rarest words."""
        found = self._came_at.keys() | self._kept_at.keys()
        lost = {key: form for key, form in self._went.items() if key in self._wanted and key not in found}
        words = {key: _words(form) for key, form in lost.items()}
        often = Counter(word for own in words.values() for word in own)
        by_word: dict[str, list[int]] = defaultdict(list)
        for key, own in words.items():
            for word in sorted(own, key=lambda word: (often[word], -len(word), word))[:_KEYS]:
                if len(by_word[word]) < _SHARED:
                    by_word[word].append(key)
        self._by_word = dict(by_word)

    def _compare(self, form: str, place: _Place, *, is_new: bool) -> None:
        if not self._by_word or self._looks <= 0 or len(form) > _LONG:
            return
        rivals = {key: self._went[key] for word in _words(form) for key in self._by_word.get(word, ())}
        self._looks -= 1 + len(rivals) * (1 + len(form) // LOOK_AT) ** 2
        for _, score, key in process.extract_iter(form, rivals, scorer=fuzz.ratio, score_cutoff=_ALIKE):
            if key not in self._reworded or score > self._reworded[key][0]:
                self._reworded[key] = score, place, is_new

    def _homes(self, taken: _Taken) -> Counter[str]:
        """Count the memories in which a memory's lines came: a line that came in several went with most others."""
        homes: Counter[str] = Counter()
        for form in taken.forms:
            if places := self._came_at.get(form):
                homes.update({place.path for place in places})
        return homes

    def _outcome(self, path: str, taken: _Taken, n: int, homes: Counter[str]) -> Outcome:
        form, to = taken.forms[n], taken.to[n]
        kind: FateKind = "gone"
        at: _Place | None = None
        is_new = False
        if came := self._came_at.get(form):
            at = min(came, key=lambda place: (place.path != path, -homes[place.path], place))
            # A line that came in many memories tells of none that what was there went to it.
            kind, is_new = "moved", len({place.path for place in came}) < _PLACES
        elif to > 0:
            kind, at = "replaced", _Place(path, to)
        elif kept := self._kept_at.get(form):
            kind, at = "said_again", min(kept, key=lambda place: (place.path != path, place))
        elif form in self._reworded:
            _, at, is_new = self._reworded[form]
            kind = "said_again"
        elif to < 0:
            kind, at = "replaced", _Place(path, -to)
        where, line = at or ("", None)
        return Outcome(taken.numbers[n], kind, where, line, taken.sizes[n], True, is_new)


def _with(last: Outcome | None, taken: _Taken, n: int) -> Outcome:
    """Return what became of a line that says nothing: what became of the one beside it."""
    kind, path = (last.kind, last.path) if last else ("gone", "")
    return Outcome(taken.numbers[n], kind, path, None, taken.sizes[n], False, False)


def _note(places: dict[int, list[_Place]], form: int, place: _Place) -> None:
    known = places.setdefault(form, [])
    if len(known) < _PLACES:
        known.append(place)


def _hash(form: str) -> int:
    """Return what stands for a line: 0 where it says nothing."""
    return hash(form) if tells(form) else 0


def _words(form: str) -> set[str]:
    return set(re.findall(r"\w{3,}", form[:LOOK_AT].casefold()))
