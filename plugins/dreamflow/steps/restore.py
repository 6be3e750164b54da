"""Going back to an earlier store: a clone of it, made once whatever dies meanwhile, that is to replace the live one."""

from __future__ import annotations

import logging
from collections.abc import Iterator
from contextlib import suppress
from dataclasses import dataclass
from datetime import timedelta
from itertools import islice
from typing import TYPE_CHECKING

from dreamflow.core.ancestry import walk_parents
from dreamflow.core.changes import compare, digest
from dreamflow.core.handoffs import LateWrites, Restored
from dreamflow.core.lineage import CLONE_OF, check_room, metadata_of_clone, read_lineage
from dreamflow.core.restoring import (
    Source,
    WayBack,
    find_way_back,
    matcher_of,
    wanted_of,
)
from dreamflow.errors import Conflict, DreamflowError, NotFound, NotYet, StateError
from dreamflow.records.journal import RestoreNote
from dreamflow.steps.giving_up import give_up
from dreamflow.steps.holding import at_work
from dreamflow.steps.since import as_archived, take_in_since
from dreamflow.steps.stores import archive_output

if TYPE_CHECKING:
    from dreamflow.core.objects import MemoryStore
    from dreamflow.records.files import RunRecords
    from dreamflow.records.journal import Journal
    from dreamflow.steps.world import World

__all__ = ["Wish", "archive_strays", "begin_restore", "clone_ancestor", "clones_of", "restores_under_way"]

log = logging.getLogger(__name__)

#: By how much our clock, which dates a note, may differ from the service's, which dates a store.
_CLOCKS_APART = timedelta(days=1)
#: Memories that are copied at a time: bodies of up to 100 kB each.
_CHUNK = 64


@dataclass(frozen=True)
class Wish:
    """
    What a restore was asked for.

    :ivar ancestor_id: the store to go back to; empty: the one that the live store replaced.
    :ivar paths: gitignore patterns of what is brought back; none: the whole store.
    """

    ancestor_id: str = ""
    paths: tuple[str, ...] = ()
    late_writes: LateWrites = "carry"


def begin_restore(world: World, run: RunRecords, dag_id: str, wish: Wish) -> None:
    """
    Open the restore's records, or refuse.

    It is noted first and looked for others then: whoever begins meanwhile sees this one, or is seen.

    :raises StateError: a dream's run of the pipeline, or another restore, is under way; or a pattern can't be read.
    """
    matcher_of(wish.paths)
    run.mark(dag_id=dag_id)
    name = world.pipeline.called
    try:
        others = [f"run {run_id} of {dag}" for dag, run_id in restores_under_way(world, but=run.run_id)]
        if world.pipeline.member is not None:
            # Its fleet's runs go on for other members: only one that has this one is in the way.
            if (holder := at_work(world, run)) is not None:
                others.append(f"run {holder} of {world.pipeline.dag_id}")
        elif world.is_under_way(world.pipeline.dag_id, None):
            others.append(f"a run of {world.pipeline.dag_id}")
        if others:
            raise StateError(
                f"{' and '.join(others)} is under way: it too may swap the memory of {name}. Nothing was changed. "
                "Answer its question in Airflow (Required Actions), or mark it failed; then clear this task."
            )
    except StateError:
        if run.journal().restore is None:
            run.close("refused")
        raise
    if world.pipeline.member is not None:
        run.records.note_holder(run.run_id)


def restores_under_way(world: World, *, but: str) -> Iterator[tuple[str, str]]:
    """Yield DAG id and run id of the pipeline's restores that are under way, but one's."""
    for run_id in world.records.open_runs():
        journal = _journal_of(world, run_id) if run_id != but else None
        if journal and journal.dag_id and world.is_under_way(*journal.dag_run):
            yield journal.dag_run


def _journal_of(world: World, run_id: str) -> Journal | None:
    """Return a run's journal; None where it can't be read, of which settling tells."""
    try:
        return world.records.run(run_id).journal()
    except DreamflowError:
        return None


def clone_ancestor(world: World, run: RunRecords, wish: Wish) -> Restored:
    """
    Make the store that is to replace the live one: a clone of the ancestor, or the live store with memories of it.

    What agents wrote since is carried into it, or listed. Every part is noted before it is done, and done once: a
    second try goes on where the first one died.

    :raises StateError: there is no such store, or it is live; or the clone was adopted already.
    """
    live = world.live_store()
    ancestor, way = _choose(world, live, wish)
    note = _noted(world, run, live, ancestor, way, wish)
    for warning in note.warnings:
        log.warning("%s", warning)
    if not note.cloned:
        wanted = _wanted(world, run, ancestor, live, note)
        note = _with_store(world, run, live, note)
        _fill(world, note, wanted)
        note = run.note_restore(cloned=True)
    assert note.store_id is not None
    archive_strays(world, run)
    if not note.since_done:
        note = take_in_since(world, run, way, note)
    return Restored(
        ancestor_id=note.ancestor_id,
        input_store_id=note.input_store_id,
        output_store_id=note.store_id,
        paths=note.paths,
        late_writes=note.late_writes,
        since={
            "carried": len(note.carried),
            "beside": sum(row.late_path is not None for row in note.carried),
            "left": len(note.listed),
        },
        warnings=note.warnings,
    )


def _choose(world: World, live: MemoryStore, wish: Wish) -> tuple[MemoryStore, WayBack]:
    """Return the store to go back to, and what came after it."""
    lineage = read_lineage(live)
    ancestor_id = wish.ancestor_id or (lineage.parent if lineage else "")
    if not ancestor_id:
        raise StateError(
            f"the live memory store {live.id} replaced no other, as far as its lineage tells: there is nothing to go "
            "back to. Nothing was changed. Trigger a run whose Param memory_store_id names the store."
        )
    if ancestor_id == live.id:
        raise StateError(
            f"memory store {live.id} is live already. Nothing was changed. Trigger a run whose Param memory_store_id "
            "names another, or is empty: then it is the store that the live one replaced."
        )
    try:
        ancestor = world.hook.retrieve_store(ancestor_id)
    except NotFound as e:
        raise StateError(
            f"there is no memory store {ancestor_id} in this workspace: it was deleted, or the id is wrong. Nothing "
            "was changed. Trigger a run whose Param memory_store_id names one that is there, archived or not."
        ) from e
    history = []
    for store in walk_parents(world.hook.find_store, live.id):
        history.append(store)
        if store.id == ancestor_id:
            break
    return ancestor, find_way_back(ancestor, history)


def _noted(
    world: World, run: RunRecords, live: MemoryStore, ancestor: MemoryStore, way: WayBack, wish: Wish
) -> RestoreNote:
    """
    Return the run's note, written now where an earlier try has left none that still holds.

    A clone of other stores, or one that was archived since, is given up: it would be compared with what is not live.
    """
    check_room(live)
    earlier = run.journal().restore
    if earlier is not None and earlier.store_id:
        if world.is_adopted(earlier.store_id, live.id):
            raise StateError(
                f"memory store {earlier.store_id}, which this run made, was adopted: there is nothing left to do. "
                "Nothing was changed. Trigger a run to go back again."
            )
        store = world.hook.find_store(earlier.store_id)
        if store and store.archived_at is None and _still_holds(earlier, live, ancestor):
            return earlier
        if store:
            give_up(world, run, store)
    elif earlier is not None and _still_holds(earlier, live, ancestor):
        return earlier
    known = read_lineage(live if wish.paths else ancestor)
    scope = world.pipeline.sessions
    note = RestoreNote(
        ancestor_id=ancestor.id,
        input_store_id=live.id,
        noted_at=earlier.noted_at if earlier else world.now(),
        through=known.through if known else None,
        # Under another scope than the pipeline's of now, what counts as read is not known: at worst a repeat.
        scope_mark=scope.scope_mark if known and known.scope == scope.scope else "",
        content="" if wish.paths else ancestor.id,
        paths=wish.paths,
        late_writes=wish.late_writes,
        warnings=way.warnings,
    )
    run.forget_carries()
    run.mark(restore=note, decision=None, swap=None)
    return note


def _still_holds(note: RestoreNote, live: MemoryStore, ancestor: MemoryStore) -> bool:
    return (note.input_store_id, note.ancestor_id) == (live.id, ancestor.id)


def _with_store(world: World, run: RunRecords, live: MemoryStore, note: RestoreNote) -> RestoreNote:
    """Return the note with the clone's id: one whose create got no answer is found by what was written on it."""
    if note.store_id is not None:
        return note
    mark = _mark(world, run, note)
    found = [store for store in clones_of(world, run, note) if mark.items() <= store.metadata.items()]
    clone = min(found, key=lambda store: store.created_at, default=None)
    if clone is None:
        clone = world.hook.create_store(name=live.name, description=live.description, metadata=mark)
    return run.note_restore(store_id=clone.id)


def _mark(world: World, run: RunRecords, note: RestoreNote) -> dict[str, str]:
    return metadata_of_clone(world.pipeline.name, run.run_id, note.noted_at, note.ancestor_id)


def clones_of(world: World, run: RunRecords, note: RestoreNote) -> list[MemoryStore]:
    """Return the stores that the run has created and that are not archived. One that was adopted is none of them."""
    mark = _mark(world, run, note)
    listed = world.hook.list_stores(since=note.noted_at - _CLOCKS_APART)
    known = {key: value for key, value in mark.items() if key != CLONE_OF}.items()
    return [store for store in listed if CLONE_OF in store.metadata and known <= store.metadata.items()]


def archive_strays(world: World, run: RunRecords) -> None:
    """Archive what the request for a clone has made beside the clone: a create that was processed late."""
    note = run.journal().restore
    if note is None:
        return
    for stray in clones_of(world, run, note):
        if stray.id != note.store_id:
            log.warning(
                "memory store %s was made by the same request as %s: archived", stray.id, note.store_id
            )
            archive_output(world, run, stray)


def _wanted(
    world: World, run: RunRecords, ancestor: MemoryStore, live: MemoryStore, note: RestoreNote
) -> dict[str, Source]:
    """
    Return what the clone is to hold.

    What the live store holds is kept first. Whatever reaches it later is carried once the clone is adopted.
    """
    base = world.hook.list_memories(live.id)
    run.write_listing("base", live.id, base)
    return wanted_of((ancestor.id, as_archived(world, ancestor)), (live.id, base), note.paths)


def _fill(world: World, note: RestoreNote, wanted: dict[str, Source]) -> None:
    """Bring the clone to what it is to hold: only what is missing or different is written, so a second try goes on."""
    listing = {path: source.entry for path, source in wanted.items()}
    clone_id = note.store_id or ""
    held = world.hook.list_memories(clone_id)
    for path in held.keys() - wanted.keys():
        world.hook.delete_memory(clone_id, path, held[path])
    differing = compare(held, listing)
    paths = (*differing.changed, *differing.added)
    for store_id in {source.store_id for source in wanted.values()}:
        entries = {path: wanted[path].entry for path in paths if wanted[path].store_id == store_id}
        bodies = world.hook.each_body(store_id, entries, among=len(wanted))
        while chunk := list(islice(bodies, _CHUNK)):
            # A path that something wrote to meanwhile shows in the listing that follows.
            with suppress(Conflict):
                world.hook.in_parallel(
                    lambda write: world.hook.write_memory(clone_id, *write, held.get(write[0])), chunk
                )
    if digest(world.hook.list_memories(clone_id)) != digest(listing):
        raise NotYet(
            f"memory store {clone_id} is not yet the copy that it is to be: something wrote to it, or to a store that "
            "it is copied from. The next try goes on from there."
        )
    log.info(
        "%s holds what is brought back from %s: %d memories, %d of them copied now",
        clone_id, note.ancestor_id, len(listing), len(paths),
    )  # fmt: skip
