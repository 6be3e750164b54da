"""The history of one memory: its versions in a run's output, in the input, and in the stores that those came of."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import datetime
from itertools import chain, islice
from typing import TYPE_CHECKING

from dreamflow.core.ancestry import walk_content, walk_parents
from dreamflow.core.memory_paths import mistake_in
from dreamflow.steps.stores import stores_of

if TYPE_CHECKING:
    from dreamflow.core.objects import MemoryStore, MemoryVersion
    from dreamflow.records.files import RunRecords
    from dreamflow.steps.world import World

__all__ = ["HistoryRow", "ancestors_of", "came_of", "history", "read_version"]

#: Stores that are looked into, and rows that are told, at most.
_STORES, _ROWS = 10, 100
#: The newest deletes of a store among which one of the memory is looked for.
_DELETES = 500
#: Paths that a memory is looked for at: its own, and those that it had before.
_PATHS = 8


@dataclass(frozen=True)
class HistoryRow:
    """
    One version of the memory.

    :ivar operation: ``created``, ``modified`` or ``deleted``; the first version in a store is often its clone's copy.
    :ivar by: who wrote it, in words; empty where nobody noted it.
    :ivar sha256: None where it is a deletion, or was redacted: there is no content to restore.
    """

    store_id: str
    version_id: str
    operation: str
    path: str
    by: str
    at: datetime
    size: int
    sha256: str | None


def history(world: World, run: RunRecords, path: str) -> list[HistoryRow]:
    """Return the memory's versions, newest first: at most 100, of at most 10 stores. A rename is followed back."""
    if mistake_in(path):
        return []  # no memory can lie there, and the service refuses to look
    rows: list[HistoryRow] = []
    paths = dict.fromkeys((path, *_origins(run, path)))
    for store in ancestors_of(world, run):
        if len(rows) >= _ROWS:
            break
        for memory_id in _memories(world, store.id, list(paths)[:_PATHS]):
            versions = list(islice(world.hook.list_versions(store.id, memory_id=memory_id), _ROWS))
            rows += [_row(store.id, version, path) for version in versions]
            # As it was named when the store began, it was named in the store before.
            paths |= dict.fromkeys(version.path for version in versions[-1:] if version.path)
    return sorted(rows, key=lambda row: row.at, reverse=True)[:_ROWS]


def ancestors_of(world: World, run: RunRecords) -> Iterator[MemoryStore]:
    """Yield the run's output, its input, and the stores that those replaced or continue: at most 10, newest first."""
    input_id, output_id = stores_of(run)
    back = run.journal().restore
    read = world.hook.find_store
    lines = chain(
        filter(None, [read(output_id)]),
        walk_content(read, back.ancestor_id) if back is not None else (),
        walk_parents(read, input_id),
        walk_content(read, input_id),
    )
    known: set[str] = set()
    for store in lines:
        if store.id not in known:
            known.add(store.id)
            yield store
        if len(known) == _STORES:
            return


def came_of(world: World, run: RunRecords, store_id: str) -> bool:
    """Tell whether a store is the run's output, or one that it came of."""
    return store_id in (store.id for store in ancestors_of(world, run))


def read_version(world: World, store_id: str, path: str, version_id: str) -> str | None:
    """Return the content of a version; None where it is a deletion, was redacted, or is gone."""
    return world.hook.read_history(store_id, path, [version_id], 1).get(version_id)


def _origins(run: RunRecords, path: str) -> tuple[str, ...]:
    """Return the input's memories that the output's came of."""
    review = run.read_review()
    return next((change.origins for change in review.changes if change.path == path), ()) if review else ()


def _memories(world: World, store_id: str, paths: list[str]) -> list[str]:
    """Return the ids of the memories that lie at the paths, and of those that were deleted there."""
    held = (world.hook.find_memory(store_id, path) for path in paths)
    ids = dict.fromkeys(entry.memory_id for entry in held if entry is not None)
    deleted = islice(world.hook.list_versions(store_id, operation="deleted"), _DELETES)
    return list(ids | dict.fromkeys(version.memory_id for version in deleted if version.path in paths))


def _row(store_id: str, version: MemoryVersion, path: str) -> HistoryRow:
    return HistoryRow(
        store_id=store_id,
        version_id=version.id,
        operation=version.operation,
        path=version.path or path,
        by=version.by,
        at=version.at,
        size=version.size,
        sha256=version.sha256,
    )
