"""Going back to an earlier store: which stores came after it, and what a clone of it is to hold."""

from __future__ import annotations

from collections.abc import Callable, Collection, Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from itertools import takewhile
from typing import NamedTuple

import pathspec

from dreamflow.core.draft import MEMORIES_LIMIT
from dreamflow.core.late_writes import Carried
from dreamflow.core.lineage import read_lineage
from dreamflow.core.objects import Listing, MemoryEntry, MemoryStore, MemoryVersion
from dreamflow.errors import StateError

__all__ = [
    "Source",
    "WayBack",
    "find_way_back",
    "listing_at",
    "matcher_of",
    "since_only",
    "wanted_of",
    "with_retired",
]


@dataclass(frozen=True)
class WayBack:
    """
    :ivar since: the stores that came after the ancestor, as far as is known, oldest first; the live one is the last.
    :ivar warnings: what a person has to know of it, a sentence each.
    """

    since: tuple[MemoryStore, ...]
    warnings: tuple[str, ...] = ()


class Source(NamedTuple):
    """A memory, and the store that has it."""

    store_id: str
    entry: MemoryEntry


def find_way_back(ancestor: MemoryStore, history: Sequence[MemoryStore]) -> WayBack:
    """
    Return how the live store came of the ancestor.

    :param history: the live store, the store that it replaced, and so on, as far as is known.
    """
    live = history[0]
    if ancestor.id in (ids := [store.id for store in history]):
        return WayBack(tuple(reversed(history[: ids.index(ancestor.id)])))
    adopted = [
        (store, lineage) for store in reversed(history) if (lineage := read_lineage(store)) is not None
    ]
    if any(ancestor.id in (lineage.origin, lineage.parent) for _, lineage in adopted):
        return WayBack(
            tuple(store for store, _ in adopted),
            (
                f"A store between {ancestor.id} and the live store {live.id} is gone. What agents wrote to stores "
                f"before {adopted[0][0].id} is not known: it is neither carried nor listed.",
            ),
        )
    later = [
        store
        for store, lineage in adopted
        if store is live or (ancestor.archived_at is not None and lineage.adopted_at >= ancestor.archived_at)
    ]
    return WayBack(
        tuple(later),
        (
            f"NOTHING TELLS THAT THE LIVE STORE {live.id} CAME OF {ancestor.id}: it is not in its history. Make sure "
            "that it is this pipeline's memory. What agents wrote since is looked for in "
            f"{' and '.join(store.id for store in later) or 'no store'}; of other stores nothing is known.",
        ),
    )


def matcher_of(paths: Collection[str]) -> Callable[[str], bool]:
    """
    Return what tells whether a memory's path is among those to bring back; all are where there are no patterns.

    :param paths: patterns as in a gitignore file.
    :raises StateError: one is no pattern.
    """
    if not paths:
        return lambda path: True
    try:
        spec = pathspec.PathSpec.from_lines("gitignore", paths)
    except ValueError as e:
        raise StateError(
            f"the Param paths has a line that is no gitignore pattern ({e}). Nothing was changed. Trigger a run with "
            "one pattern a line, such as /customers/** or *.md."
        ) from e
    return lambda path: spec.match_file(path.lstrip("/"))


def wanted_of(
    ancestor: tuple[str, Listing], live: tuple[str, Listing], paths: Collection[str]
) -> dict[str, Source]:
    """
    Return what the clone is to hold, by path: the ancestor's memories; or the live store's, but for those that match.

    What matches and is in the live store only stays there, as in ``git checkout <ancestor> -- <paths>``.

    :param ancestor: id and memories. :param live: the same.
    :raises StateError: nothing matches, or it is more than a store can hold.
    """
    matches = matcher_of(paths)
    brought = _of(*ancestor, matches)
    if paths and not brought:
        raise StateError(
            f"none of the {len(ancestor[1])} memories of {ancestor[0]} matches the Param paths. Nothing was changed. "
            "Trigger a run with patterns that do, as in a gitignore file: / begins at the root, ** is any folder."
        )
    wanted = {**_of(*live, lambda path: bool(paths)), **brought}
    if len(wanted) > MEMORIES_LIMIT:
        raise StateError(
            f"with the memories that match, a store would hold {len(wanted)}, over the {MEMORIES_LIMIT} that one can. "
            "Nothing was changed. Trigger a run with fewer paths."
        )
    return wanted


def listing_at(
    versions: Iterable[MemoryVersion], moment: datetime, current: Listing
) -> dict[str, MemoryEntry] | None:
    """
    Return what a store held at a moment; None where its versions do not reach back that far.

    :param versions: all that are kept, newest first. The service keeps those of 30 days for certain.
    :param current: what the store holds, listed before the versions. It may name a version that is not kept: when its
        memory came is not known then.
    """
    then: dict[str, MemoryVersion] = {}
    unknown: set[str] = set()
    untold = {entry.version_id for entry in current.values()}
    for version in versions:
        untold.discard(version.id)
        if version.at <= moment:
            then.setdefault(version.memory_id, version)
        elif version.operation == "created":
            unknown.discard(version.memory_id)
        else:
            unknown.add(version.memory_id)
    if untold or unknown - then.keys():
        return None
    places = (version.place for version in then.values() if version.operation != "deleted")
    return {place.path: place.entry for place in places if place is not None}


def since_only(base: Listing, current: Listing, matches: Callable[[str], bool]) -> dict[str, MemoryEntry]:
    """Return the base moved on to what a store holds now, but for the memories that match: the rest counts as known."""
    kept = {path: entry for path, entry in base.items() if matches(path)}
    ids = {entry.memory_id for entry in kept.values()}
    rest = {
        path: entry for path, entry in current.items() if not matches(path) and entry.memory_id not in ids
    }
    return {**rest, **kept}


def with_retired(
    base: Listing, written: Iterable[Carried], versions: Iterable[MemoryVersion]
) -> dict[str, MemoryEntry]:
    """
    Return the base moved on by what was carried to the store out of ones whose memory the clone has already.

    What agents had made of a memory before that stays to be looked at, the carried lines in it too.

    :param written: what was carried, in order; maybe not all of it to this store. :param versions: the store's, newest
        first.
    """
    history: dict[str, list[MemoryVersion]] = {}
    made: dict[tuple[str, str], MemoryEntry] = {}
    for version in versions:
        history.setdefault(version.memory_id, []).append(version)
        if (place := version.place) is not None:
            made[place.holds] = place.entry
    moved = dict(base)
    for row in written:
        held = moved.get(row.path)
        if (held.sha256 if held else None) != row.before_sha256:
            continue
        if row.after_sha256 is not None and (entry := made.get((row.path, row.after_sha256))):
            moved[row.path] = entry
        elif row.after_sha256 is None and held and _has_left(row.path, held, history.get(held.memory_id, ())):
            del moved[row.path]
    return moved


def _has_left(path: str, entry: MemoryEntry, history: Iterable[MemoryVersion]) -> bool:
    """Tell whether the memory was deleted, or renamed, after this version of it."""
    since = takewhile(lambda version: version.id != entry.version_id, history)
    return any(version.operation == "deleted" or version.path not in (None, path) for version in since)


def _of(store_id: str, listing: Listing, matches: Callable[[str], bool]) -> Mapping[str, Source]:
    return {path: Source(store_id, entry) for path, entry in listing.items() if matches(path)}
