"""
Comparing two stores: which memories differ, and what happened to them.

By checksum first; bodies only where they differ, each fetched once. A memory that is gone is looked for by its bytes,
then by its lines, as they were or in other words, then by its words.
"""

from __future__ import annotations

import re
from collections import Counter, defaultdict
from collections.abc import Iterable, Iterator, Mapping, Sequence
from heapq import nsmallest
from itertools import pairwise
from typing import Protocol

from dreamflow.core.alignment import runs_of
from dreamflow.core.changes import Changes, compare, lines_of
from dreamflow.core.checks.check import Line, Memory
from dreamflow.core.fates import Outcome, Whereabouts
from dreamflow.core.objects import Listing, MemoryEntry
from dreamflow.core.review import Change, ChangeKind, Fate, Held

__all__ = ["Bodies", "Compared", "compare_stores", "fates_of", "joined", "memory_of"]

#: The share of a memory's bytes that must stand in another for it to have gone there; and to count as a part of it.
_MOST, _PART = 0.5, 0.2
#: The share of a new memory that must be an old one's, for it to be that one renamed.
_OWN = 1 / 3
#: Pairs of words that stand for a memory; and the share that two memories must have in common to be one in other words.
_SKETCH, _SKETCH_ALIKE = 128, 0.4
#: Share of a removed memory's lines that must stand in another for that to be named.
_NAMED = 0.1


class Bodies(Protocol):
    """The texts of one store's memories (``dreamflow.steps.texts`` has it)."""

    def each(self, paths: Sequence[str]) -> Iterator[tuple[str, str]]:
        """Yield (path, text) in the order of the paths, fetched as they are asked for."""


class Compared:
    """
    What differs between two stores.

    :ivar unchanged: how many memories are the same at the same path.
    :ivar unread: paths of the output's memories that were not read: the same as in the input, or renamed as they were.
    """

    def __init__(
        self,
        before: Listing,
        after: Listing,
        by_path: Changes,
        origins: Mapping[str, tuple[str, ...]],
        split: Mapping[str, tuple[str, ...]],
        whereabouts: Whereabouts,
    ) -> None:
        self.unchanged = by_path.unchanged
        self.whereabouts = whereabouts
        self._before, self._after, self._by_path = before, after, by_path
        self._origins, self._split = origins, split
        self._changes: tuple[Change, ...] | None = None
        differing = {*by_path.added, *by_path.changed}
        alike = {path for path, of in origins.items() if _is_renamed_only(path, of, before, after)}
        self.unread = tuple(sorted((after.keys() - differing) | alike))

    def look(self, path: str, text: str) -> None:
        """Look through one of ``unread`` for lines that went, so that they are told from those that are gone."""
        self.whereabouts.look(path, text)
        self._changes = None

    @property
    def changes(self) -> tuple[Change, ...]:
        """Every memory that differs: removed ones first, because they ask for the most care; then by path."""
        if self._changes is None:
            found = [*map(self._gone, self._gone_paths()), *map(self._here, self._here_paths())]
            self._changes = tuple(sorted(found, key=lambda one: (one.kind != "removed", one.path)))
        return self._changes

    def counts(self) -> dict[str, int]:
        """Return how many memories were added, changed, removed, by path; and how many renamed, and so on."""
        kinds = Counter(change.kind for change in self.changes)
        named: tuple[ChangeKind, ...] = ("renamed", "moved", "merged", "split")
        return {**self._by_path.counts(), **{kind: kinds[kind] for kind in named}}

    def _gone_paths(self) -> Iterator[str]:
        consumed = {origin for path, of in self._origins.items() for origin in of}
        return (path for path in self._by_path.removed if path not in consumed)

    def _here_paths(self) -> Iterator[str]:
        yield from (*self._by_path.changed, *self._by_path.added)

    def _gone(self, path: str) -> Change:
        kind: ChangeKind = "split" if path in self._split else "removed"
        return self._change(path, kind, (path,), self._before[path], None)

    def _here(self, path: str) -> Change:
        own = (path,) if path in self._before else ()
        origins = self._origins.get(path, own)
        kind: ChangeKind = "edited" if own else "added"
        if path in self._split:
            kind = "split"
        elif len(origins) > 1:
            kind = "merged"
        elif origins != own:
            kind = "renamed" if _folder(origins[0]) == _folder(path) else "moved"
        before = self._before[origins[0]] if len(origins) == 1 else self._before.get(path)
        return self._change(path, kind, origins, before, self._after[path])

    def _change(
        self,
        path: str,
        kind: ChangeKind,
        origins: tuple[str, ...],
        before: MemoryEntry | None,
        after: MemoryEntry | None,
    ) -> Change:
        outcomes = list(self.whereabouts.outcomes(path))
        added, removed = self.whereabouts.lines(path)
        return Change(
            path=path,
            kind=kind,
            origins=origins,
            into=self._split.get(path) or (_into(path, outcomes) if kind == "removed" else ()),
            before=_held(before),
            after=_held(after),
            lines_added=added,
            lines_removed=removed,
            fates=dict(Counter(one.kind for one in outcomes)),
            gone_bytes=sum(one.size for one in outcomes if one.kind in ("gone", "replaced")),
        )


def compare_stores(before: Listing, after: Listing, texts_before: Bodies, texts_after: Bodies) -> Compared:
    """Compare two stores; fetch the bodies that differ, some at a time."""
    by_path = compare(before, after)
    renamed = dict(_renamed_as_they_were(by_path, before, after))
    gone = [path for path in by_path.removed if path not in set(renamed.values())]
    new = [path for path in by_path.added if path not in renamed]
    lines = Whereabouts()
    pairs = zip(texts_before.each(by_path.changed), texts_after.each(by_path.changed), strict=True)
    for (path, old), (_, text) in pairs:
        lines.take(path, old, text)
    sketches: dict[str, frozenset[int]] = {}
    for is_new, paths, texts in ((False, gone, texts_before), (True, new, texts_after)):
        for path, text in texts.each(paths):
            lines.take(path, "" if is_new else text, text if is_new else "")
            if gone and new:
                sketches[path] = _sketch(text)
    split, flows = _split(lines, by_path, gone)
    came_of = _came_of(lines, by_path, [path for path in gone if path not in split], flows)
    taken = {origin for of in came_of.values() for origin in of}
    left = [path for path in gone if path not in taken and path not in split]
    if sketches:
        came_of |= _in_other_words(left, [path for path in new if path not in came_of], sketches)
    for path, origins in came_of.items():
        texts = dict(texts_before.each(origins))
        ((_, text),) = texts_after.each([path])
        lines.take(path, joined([texts[origin] for origin in origins]), text)
    for origin in {origin for of in came_of.values() for origin in of} & set(gone):
        lines.drop(origin)
    origins_of = {**{path: (origin,) for path, origin in renamed.items()}, **came_of}
    return Compared(before, after, by_path, origins_of, split, lines)


def memory_of(change: Change, before_texts: Sequence[str], after_text: str) -> Memory:
    """Return a changed memory for the checks. ``before_texts`` are those of ``change.origins``, in their order."""
    before = joined(before_texts)
    olds, news = lines_of(before), lines_of(after_text)
    runs = runs_of(olds, news)
    return Memory(
        change,
        before,
        after_text,
        added=tuple(_lines(news, ((run.after_start, run.after_end) for run in runs))),
        removed=tuple(_lines(olds, ((run.before_start, run.before_end) for run in runs))),
    )


def fates_of(memory: Memory, whereabouts: Whereabouts) -> list[Fate]:
    """Return what became of each line of ``memory.removed``, in their order."""
    return whereabouts.fates_of(memory.path)


def joined(texts: Sequence[str]) -> str:
    """Return texts one after the other, each on lines of its own."""
    *others, last = texts or [""]
    return "".join(text if text.endswith("\n") or not text else f"{text}\n" for text in others) + last


def _lines(lines: Sequence[str], spans: Iterable[tuple[int, int]]) -> Iterator[Line]:
    return (Line(n + 1, lines[n].removesuffix("\n")) for start, end in spans for n in range(start, end))


def _renamed_as_they_were(by_path: Changes, before: Listing, after: Listing) -> Iterator[tuple[str, str]]:
    """Yield (new path, old path) of memories that have the same bytes elsewhere; of several, the likest names."""
    went: dict[str, list[str]] = defaultdict(list)
    for path in by_path.removed:
        if before[path].size:
            went[before[path].sha256].append(path)
    came = [path for path in by_path.added if after[path].sha256 in went]
    for is_close in (lambda old, new: _name(old) == _name(new), lambda old, new: True):
        for path in came[:]:
            olds = went[after[path].sha256]
            origin = next((old for old in olds if is_close(old, path)), None)
            if origin is not None:
                olds.remove(origin)
                came.remove(path)
                yield path, origin


Flows = dict[str, dict[str, list[Outcome]]]


def _split(
    lines: Whereabouts, by_path: Changes, gone: Sequence[str]
) -> tuple[dict[str, tuple[str, ...]], Flows]:
    """Return the memories whose lines are in several now, with those; and which lines went where, of all."""
    added = set(by_path.added)
    split: dict[str, tuple[str, ...]] = {}
    flows: Flows = {}
    for path in (*gone, *by_path.changed):
        flows[path] = defaultdict(list)
        for one in lines.outcomes(path):
            if one.tells and one.is_new and one.path != path:
                flows[path][one.path].append(one)
        total, _ = lines.told(path)
        is_gone = path not in by_path.changed
        went = sum(one.size for one in lines.outcomes(path) if one.tells)
        parts = (
            {into: sum(one.size for one in flow) / total for into, flow in flows[path].items()}
            if total
            else {}
        )
        others = tuple(
            sorted(into for into, share in parts.items() if share >= _PART and (is_gone or into in added))
        )
        stays = 0.0 if is_gone or not total else 1 - went / total
        homes = len(others) + (stays >= _PART)
        if others and homes > 1 and stays + sum(parts[into] for into in others) >= _MOST:
            split[path] = others
    return split, flows


def _came_of(
    lines: Whereabouts, by_path: Changes, gone: Iterable[str], flows: Flows
) -> dict[str, tuple[str, ...]]:
    """Return memories that came of one or several that are gone: their paths, with the origins in their order."""
    groups: dict[str, list[tuple[float, str, int]]] = defaultdict(list)
    for path in gone:
        total, _ = lines.told(path)
        sizes = {into: sum(one.size for one in flow) for into, flow in flows[path].items()}
        into = max(sizes, key=lambda home: (sizes[home], home), default=None)
        if into is not None and sizes[into] >= _MOST * total:
            at = [one.to_line or 0 for one in flows[path][into]]
            groups[into].append((sum(at) / len(at), path, sizes[into]))
    came_of: dict[str, tuple[str, ...]] = {}
    changed = set(by_path.changed)
    for path, group in groups.items():
        _, own = lines.told(path)
        if path in changed:
            group.append((lines.middle(path), path, 0))
        elif len(group) == 1 and group[0][2] < _OWN * own:
            continue
        came_of[path] = tuple(origin for _, origin, _ in sorted(group))
    return came_of


def _in_other_words(
    gone: Sequence[str], new: Sequence[str], sketches: Mapping[str, frozenset[int]]
) -> dict[str, tuple[str, ...]]:
    """Return new memories that are old ones by their words, though hardly a line is the same."""
    by_word: dict[int, list[str]] = defaultdict(list)
    for path in new:
        for word in sketches[path]:
            by_word[word].append(path)
    likes: list[tuple[float, str, str]] = []
    for origin in gone:
        shared = Counter(path for word in sketches[origin] for path in by_word.get(word, ()))
        for path, count in shared.items():
            likeness = count / (len(sketches[origin] | sketches[path]) or 1)
            # A sketch holds the smallest hashes: those beyond the other's largest can't be shared.
            if (
                likeness >= _SKETCH_ALIKE / 2
                and _resemblance(sketches[origin], sketches[path]) >= _SKETCH_ALIKE
            ):
                likes.append((likeness, path, origin))
    came_of: dict[str, tuple[str, ...]] = {}
    used: set[str] = set()
    for _, path, origin in sorted(likes, reverse=True):
        if path not in came_of and origin not in used:
            came_of[path] = (origin,)
            used.add(origin)
    return came_of


def _resemblance(one: frozenset[int], other: frozenset[int]) -> float:
    """Return the share of pairs of words that two texts have in common, told from their sketches."""
    smallest = nsmallest(_SKETCH, one | other)
    return sum(word in one and word in other for word in smallest) / len(smallest) if smallest else 0.0


def _sketch(text: str) -> frozenset[int]:
    words = re.findall(r"\w+", text.casefold())
    return frozenset(nsmallest(_SKETCH, {hash(pair) for pair in pairwise(words)}))


def _into(path: str, outcomes: Sequence[Outcome]) -> tuple[str, ...]:
    homes = Counter(one.path for one in outcomes if one.tells and one.path not in ("", path))
    told = sum(one.tells for one in outcomes)
    return tuple(sorted(home for home, count in homes.items() if count >= _NAMED * told))


def _is_renamed_only(path: str, origins: Sequence[str], before: Listing, after: Listing) -> bool:
    return len(origins) == 1 and before[origins[0]].sha256 == after[path].sha256


def _held(entry: MemoryEntry | None) -> Held | None:
    return (
        Held(memory_id=entry.memory_id, version_id=entry.version_id, sha256=entry.sha256, size=entry.size)
        if entry
        else None
    )


def _folder(path: str) -> str:
    return path.rpartition("/")[0]


def _name(path: str) -> str:
    return path.rpartition("/")[2]
