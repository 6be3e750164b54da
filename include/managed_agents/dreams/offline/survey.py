"""Look a store through without holding it: what a dream has to know of it before it decides."""

from __future__ import annotations

import re
from collections import Counter, defaultdict
from collections.abc import Callable, Collection, Iterable, Iterator, Sequence
from dataclasses import dataclass, field
from datetime import date
from typing import TypeVar

from include.managed_agents.dreams.engine import StoreFiles
from include.managed_agents.dreams.offline.dates import without_computed, written
from include.managed_agents.dreams.offline.existing import (
    fingerprint,
    is_dated,
    loose_lines,
    statements_of,
    subject_words,
)
from include.managed_agents.dreams.offline.fold import turns
from include.managed_agents.dreams.offline.late import LATE
from include.managed_agents.dreams.offline.lines import Line
from include.managed_agents.dreams.offline.render import INDEX, split, split_index
from include.managed_agents.dreams.offline.select import Frequencies
from include.managed_agents.dreams.offline.words import words_of

__all__ = ["Survey", "checked", "look_through", "standing"]

#: Characters of a memory from which the words of its entry in the index are taken, and how many are kept and told.
_READ_FOR_INDEX, _CANDIDATES, _TOLD = 20_000, 60, 12
#: Words that fit everything: nobody looks for them.
_SAY_LITTLE = frozenset(
    """
    agent customer user record monday tuesday wednesday thursday friday saturday sunday yesterday today tomorrow tonight
    morning afternoon evening night week weekend month year day days weeks months years time times date last next new old
    first second third back still since until ago soon later early late january february march april may june july august
    september october november december go going went gone get give given make made take took put say said tell told ask
    asked know think need needed needs want wanted wants see seen look find found use used using work working try keep kept
    let help come came comes send sent thing things way lot bit number one two three four five six good great nice best
    better left always never every something following available below not none instead moved https http
    """.split()
)
_T = TypeVar("_T")


def checked(items: Iterable[_T], check: Callable[[], None], every: int = 50) -> Iterator[_T]:
    """Yield the items, and call ``check`` before every so many."""
    for number, item in enumerate(items):
        if number % every == 0:
            check()
        yield item


@dataclass
class Survey:
    """
    What is known of a store.

    ``index`` are its pages, with what people wrote in each; ``entries`` what it says of each memory; ``lines`` those of
    the sessions asked for, by session; ``written`` the memories in which people wrote, ``copies`` those to drop, ``late``
    those below /late/, ``nameless`` those whose names tell nothing, ``loose`` the numbers of what could go of these.
    """

    paths: set[str]
    index: dict[str, str] = field(default_factory=dict)
    entries: dict[str, str] = field(default_factory=dict)
    lines: defaultdict[str, list[Line]] = field(default_factory=lambda: defaultdict(list))
    written: set[str] = field(default_factory=set)
    copies: set[str] = field(default_factory=set)
    late: list[str] = field(default_factory=list)
    nameless: list[str] = field(default_factory=list)
    loose: set[int] = field(default_factory=set)
    _frequencies: Frequencies = field(default_factory=Frequencies)
    _words: dict[str, tuple[list[tuple[str, int]], str]] = field(default_factory=dict)

    def describe(self, path: str, own: str, lines: Sequence[Line]) -> None:
        """Take in the words of a memory, for its entry in the index."""
        text = "\n".join([own, *(line.text for line in lines)])[:_READ_FOR_INDEX]
        self._frequencies.add([{"text": text}])
        known = _SAY_LITTLE.union(words_of(path), subject_words(path))
        words = Counter(w for w in words_of(text) if len(w) > 2 and not w[0].isdigit() and w not in known)
        self._words[path] = words.most_common(_CANDIDATES), max((line.day for line in lines), default="")
        self.entries.pop(path, None)

    def about(self, path: str) -> str:
        """Return what the index says of a memory: the words that it has more often than others, and its latest day."""
        if path in self.entries:
            return self.entries[path]
        words, day = self._words[path]
        telling = sorted(words, key=lambda item: -item[1] * (0.1 + self._frequencies.rarity(item[0])))[:_TOLD]
        latest = f"latest {written(date.fromisoformat(day))}" if day else ""
        return "; ".join(filter(None, [", ".join(word for word, _ in telling), latest]))


def look_through(files: StoreFiles, sessions: Collection[str], check: Callable[[], None]) -> Survey:
    """Return what is to be known of the store, for a dream over ``sessions``."""
    survey = Survey(set(files.sizes()))
    for path in sorted(p for p in survey.paths if p == INDEX or re.fullmatch(r"/index-\d+\.md", p)):
        own, entries = split_index(path, files.read(path) or "")
        if path == INDEX or entries:
            survey.index[path] = own
            survey.entries.update(entries)
    alike: defaultdict[int, list[str]] = defaultdict(list)
    for path, content in checked(files.read_all(), check, 1):
        if path in survey.index:
            continue
        own, lines = split(path, content)
        for line in lines:
            for session in sessions & set(line.sources):
                survey.lines[session].append(line)
        if path not in survey.entries:
            survey.describe(path, own, lines)
        if path.startswith(LATE):
            survey.late.append(path)
        elif own.strip():
            survey.written.add(path)
            alike[fingerprint(content)].append(path)
            if not subject_words(path):
                survey.nameless.append(path)
                survey.loose.update(number for _, numbers in loose_lines(path, own) for number in numbers)
    survey.loose.discard(0)
    for group in alike.values():
        kept = min(group, key=lambda path: (not subject_words(path), not is_dated(path), len(path), path))
        said = subject_words(kept) | set(words_of(files.read(kept) or "") if len(group) > 1 else ())
        survey.copies |= {p for p in group if p != kept and subject_words(p) <= said and not is_dated(p)}
    return survey


def standing(
    files: StoreFiles, survey: Survey, new: Iterable[Line], check: Callable[[], None]
) -> set[int]:
    """Return which of the loose statements of nameless memories stand in other memories, or in the new lines."""
    found: set[int] = set()
    silent = {*survey.nameless, *survey.copies, *survey.late, *survey.index}
    for path, content in checked(files.read_all() if survey.loose else (), check, 1):
        own, lines = split(path, content)
        for text in (*_said_in(lines), *(own.split("\n") if path not in silent else ())):
            found |= survey.loose.intersection(statements_of(text))
    for text in checked(_said_in(new if survey.loose else ()), check):
        found |= survey.loose.intersection(statements_of(text))
    return found


def _said_in(lines: Iterable[Line]) -> Iterator[str]:
    return (said for line in lines for _, said in turns(without_computed(line.text)))
