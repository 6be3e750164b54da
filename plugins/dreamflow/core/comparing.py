"""
Comparing two stores: which memories differ, and what happened to them.

By checksum first; bodies only where they differ, each fetched once. A memory that is gone is looked for by its bytes,
then by its lines, as they were or in other words, then by its words.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Iterator, Mapping, Sequence
from typing import Protocol

from dreamflow.core.alignment import runs_of
from dreamflow.core.changes import Changes, compare, lines_of
from dreamflow.core.checks.check import Line, Memory
from dreamflow.core.fates import Outcome, Whereabouts
from dreamflow.core.objects import Listing, MemoryEntry
from dreamflow.core.origins import came_of, in_other_words, renamed_as_they_were, sketch_of, split_of
from dreamflow.core.review import Change, ChangeKind, Fate, Held

__all__ = ["Bodies", "Compared", "compare_stores", "fates_of", "joined", "memory_of"]

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
            into=self._split.get(path) or _into(path, outcomes, _NAMED if kind == "removed" else 0.0),
            before=_held(before),
            after=_held(after),
            lines_added=added,
            lines_removed=removed,
            fates=dict(Counter(one.kind for one in outcomes)),
            gone_bytes=sum(one.size for one in outcomes if one.kind in ("gone", "replaced")),
        )


def compare_stores(before: Listing, after: Listing, texts_before: Bodies, texts_after: Bodies) -> Compared:
    """Compare two stores; fetch the bodies that differ, some at a time. What was merged or edited on its way, twice."""
    by_path = compare(before, after)
    renamed = dict(renamed_as_they_were(by_path, before, after))
    known = set(renamed.values())
    gone = {path: before[path].size for path in by_path.removed if path not in known}
    new = [path for path in by_path.added if path not in renamed]
    lines = Whereabouts()
    pairs = zip(texts_before.each(by_path.changed), texts_after.each(by_path.changed), strict=True)
    for (path, old), (_, text) in pairs:
        lines.take(path, old, text)
    sketches: dict[str, frozenset[int]] = {}
    for is_new, paths, texts in ((False, [*gone], texts_before), (True, new, texts_after)):
        for path, text in texts.each(paths):
            lines.take(path, "" if is_new else text, text if is_new else "")
            if gone and new:
                sketches[path] = sketch_of(text)
    split, flows = split_of(lines, by_path, gone)
    left = {path: size for path, size in gone.items() if path not in split}
    origins = came_of(lines, by_path, left, flows)
    used = {origin for of in origins.values() for origin in of}
    if sketches:
        origins |= in_other_words(
            [path for path in left if path not in used],
            [path for path in new if path not in origins],
            sketches,
        )
    for path, of in origins.items():
        olds = dict(texts_before.each(of))
        ((_, text),) = texts_after.each([path])
        lines.take(path, joined([olds[origin] for origin in of]), text)
    for origin in {origin for of in origins.values() for origin in of} & gone.keys():
        lines.drop(origin)
    origins |= {path: (origin,) for path, origin in renamed.items()}
    return Compared(before, after, by_path, origins, split, lines)


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


def _into(path: str, outcomes: Sequence[Outcome], share: float) -> tuple[str, ...]:
    """Return the memories in which at least that share of the lines that went stand now."""
    homes = Counter(one.path for one in outcomes if one.tells and one.path not in ("", path))
    told = sum(one.tells for one in outcomes)
    return tuple(sorted(home for home, count in homes.items() if count >= share * told))


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
