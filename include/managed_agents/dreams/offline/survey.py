"""Look a store through, once, without holding it: what a dream has to know of it before it decides."""

from __future__ import annotations

import re
from collections import Counter, defaultdict
from collections.abc import Callable, Collection, Iterable, Iterator, Sequence
from dataclasses import dataclass, field
from datetime import date

from include.managed_agents.dreams.engine import StoreFiles
from include.managed_agents.dreams.offline.dates import without_computed, written
from include.managed_agents.dreams.offline.existing import (
    fingerprint,
    loose_lines,
    statements_of,
    subject_words,
    tells_nothing,
)
from include.managed_agents.dreams.offline.fold import turns
from include.managed_agents.dreams.offline.late import LATE
from include.managed_agents.dreams.offline.lines import Line
from include.managed_agents.dreams.offline.render import INDEX, split, split_index
from include.managed_agents.dreams.offline.select import Frequencies
from include.managed_agents.dreams.offline.words import words_of

__all__ = ["Survey", "Words", "look_through", "standing"]

#: Characters of a memory from which the words of its entry in the index are taken.
_READ_FOR_INDEX = 20_000
_CANDIDATES = 60
_TELLING = 12
#: Words that fit everything: nobody looks for them.
_SAY_LITTLE = frozenset(
    """
    agent customer user record monday tuesday wednesday thursday friday saturday sunday yesterday today tomorrow tonight
    morning afternoon evening night week weekend month year day days weeks months years time times date last next new old
    first second third back still since until ago soon later early earlier late january february march april may june july
    august september october november december go going went gone get getting got give given make made take taken put say
    said tell told ask asked know known think thought need needed needs want wanted wants see seen look looking find found
    use used using work working try trying keep kept let help come came comes send sent thing things way lot bit kind sort
    case part side end start number one two three four five six seven eight nine ten good great nice best better right
    left sure always never every everything anything something currently available following available please per below not none https http
    now instead move moved away away goes each already whether either else many much way off yet run runs far
    """.split()
)


class Words:
    """The words of memories, to tell in an index what each is about. Of a fixed size a memory."""

    def __init__(self) -> None:
        self._frequencies = Frequencies()
        self._of: dict[str, tuple[list[tuple[str, int]], str]] = {}

    def add(self, path: str, own: str, lines: Sequence[Line]) -> None:
        """Take in the words of a memory. The latest lines count most: they stand first."""
        text = "\n".join([own, *(line.text for line in lines)])[:_READ_FOR_INDEX]
        self._frequencies.add([{"text": text}])
        known = set(words_of(path)) | subject_words(path) | _SAY_LITTLE
        words = Counter(w for w in words_of(text) if len(w) > 2 and not w[0].isdigit() and w not in known)
        ranked = words.most_common(_CANDIDATES)
        self._of[path] = ranked, max((line.day for line in lines), default="")

    def about(self, path: str) -> str:
        """Return what a memory is about: the words that it has more often than others, and its latest day."""
        ranked, day = self._of[path]
        rarity = self._frequencies.rarity
        telling = sorted(ranked, key=lambda item: -item[1] * (0.1 + rarity(item[0])))[:_TELLING]
        latest = f"latest {written(date.fromisoformat(day))}" if day else ""
        parts = [", ".join(word for word, _ in telling), latest]
        return "; ".join(part for part in parts if part)


@dataclass
class Survey:
    """
    What is known of a store.

    ``lines`` are those of the sessions asked for, by session; ``written`` the memories in which people wrote; ``entries``
    what the index says of each; ``index`` its pages, with what people wrote in each.
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
    words: Words = field(default_factory=Words)


def look_through(files: StoreFiles, sessions: Collection[str], check: Callable[[], None]) -> Survey:
    """Return what is to be known of the store, for a dream over ``sessions``."""
    survey = Survey(set(files.sizes()))
    _read_index(files, survey)
    alike: defaultdict[int, list[str]] = defaultdict(list)
    for path, content in files.read_all():
        check()
        if path in survey.index:
            continue
        own, lines = split(path, content)
        for line in lines:
            for session in line.sources:
                if session in sessions:
                    survey.lines[session].append(line)
        if path not in survey.entries:
            survey.words.add(path, own, lines)
        if path.startswith(LATE):
            survey.late.append(path)
            continue
        if own.strip():
            survey.written.add(path)
            alike[fingerprint(content)].append(path)
        if tells_nothing(path) and own.strip():
            survey.nameless.append(path)
            survey.loose.update(number for _, numbers in loose_lines(path, own) for number in numbers)
    survey.loose.discard(0)
    survey.copies = _copies([group for group in alike.values() if len(group) > 1], files)
    survey.nameless = [path for path in survey.nameless if path not in survey.copies]
    return survey


def _read_index(files: StoreFiles, survey: Survey) -> None:
    for path in sorted(p for p in survey.paths if p == INDEX or re.fullmatch(r"/index-(?:more-)*\d+\.md", p)):
        own, entries = split_index(path, files.read(path) or "")
        if path == INDEX or entries:
            survey.index[path] = own
            survey.entries.update(entries)
    survey.entries = {p: about for p, about in survey.entries.items() if p in survey.paths}


def _copies(groups: Sequence[list[str]], files: StoreFiles) -> set[str]:
    """Return the memories that are copies of others; the one whose name tells most stays."""
    gone: set[str] = set()
    for group in groups:
        kept = min(group, key=lambda path: (tells_nothing(path), len(path), path))
        said = subject_words(kept) | set(words_of(files.read(kept) or ""))
        gone |= {path for path in group if path != kept and subject_words(path) <= said}
    return gone


def standing(
    files: StoreFiles, survey: Survey, new: Iterable[Line], check: Callable[[], None]
) -> set[int]:
    """Return which of the loose statements of nameless memories stand in other memories, or in the new lines."""
    found: set[int] = set()
    if survey.loose:
        for text in _all_lines(files, survey, new, check):
            found.update(survey.loose.intersection(statements_of(text)))
    return found


def _all_lines(
    files: StoreFiles, survey: Survey, new: Iterable[Line], check: Callable[[], None]
) -> Iterator[str]:
    silent = {*survey.nameless, *survey.copies, *survey.late, *survey.index}
    for path, content in files.read_all():
        check()
        own, lines = split(path, content)
        yield from (said for line in lines for _, said in turns(without_computed(line.text)))
        if path not in silent:
            yield from own.split("\n")
    for line in new:
        check()
        yield from (said for _, said in turns(without_computed(line.text)))
