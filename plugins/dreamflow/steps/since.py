"""What agents wrote since the store that a restore goes back to: carried into the clone, or listed and left behind."""

from __future__ import annotations

import logging
from collections.abc import Iterator, Sequence
from contextlib import suppress
from typing import TYPE_CHECKING

from dreamflow.core.changes import compare
from dreamflow.core.lineage import read_lineage
from dreamflow.core.restoring import listing_at, matcher_of, since_only, with_retired
from dreamflow.core.secrets.masking import mask
from dreamflow.errors import StateError
from dreamflow.records.carries import RETIREMENT
from dreamflow.records.journal import Written
from dreamflow.steps.carry import carry_since

if TYPE_CHECKING:
    from dreamflow.core.late_writes import Carried, LateNote
    from dreamflow.core.lineage import Lineage
    from dreamflow.core.objects import Listing, MemoryEntry, MemoryStore
    from dreamflow.core.restoring import WayBack
    from dreamflow.records.files import RunRecords
    from dreamflow.records.journal import RestoreNote
    from dreamflow.steps.world import World

__all__ = ["as_archived", "take_in_since"]

log = logging.getLogger(__name__)

#: Paths that a log names.
_NAMED = 50


def as_archived(world: World, store: MemoryStore) -> dict[str, MemoryEntry]:
    """
    Return what the store holds; of an archived one, what it held when it was archived.

    An archived store still takes deletes: of sessions, for instance, that moved what they could not write any more.
    What was redacted is gone.
    """
    listing = world.hook.list_memories(store.id)
    if store.archived_at is None:
        return listing
    filters = {"operation": "deleted", "created_at_gte": store.archived_at}
    deleted = {
        row.memory_id for row in world.hook.list_versions(store.id, **filters) if row.at > store.archived_at
    }
    for memory_id in sorted(deleted):
        rows = world.hook.list_versions(store.id, memory_id=memory_id)
        last = next((row for row in rows if row.operation != "deleted"), None)
        if last and last.place:
            listing.setdefault(last.place.path, last.place.entry)
    return listing


def take_in_since(world: World, run: RunRecords, way: WayBack, note: RestoreNote) -> RestoreNote:
    """
    Carry what agents wrote to the stores after the ancestor, each since its adoption; or list it.

    What was carried to one of them out of the ancestor, or out of one that was looked at before, is none of it.

    :return: the note, with what was done. It is done once: the clone is a reviewer's to edit then.
    """
    unknown: list[str] = []
    carried: list[LateNote] = []
    written: dict[str, Written] = {}
    retired: list[Carried] = []
    known = {note.ancestor_id}
    for number, store in enumerate(way.since, 1):
        lineage = read_lineage(store)
        if lineage and lineage.parent in known:
            retired += _retired(world, lineage)
        base = _adopted(world, store, lineage, retired)
        if base is None:
            unknown.append(store.id)
            continue
        known.add(store.id)
        if note.late_writes == "carry":
            carried += _carry(world, run, store, base, note, f"since-{number}")
        else:
            written |= {row.path: row for row in _left_behind(world, run, store, base, note)}
    warnings = note.warnings
    if unknown:
        warnings += (_why_unknown(unknown),)
        log.warning("%s", warnings[-1])
    rows = tuple(written[path] for path in sorted(written))
    for row in rows[:_NAMED]:
        log.info("left behind: %r, %s in %s", mask(row.path), row.how, row.store_id)
    return run.note_restore(since_done=True, carried=tuple(carried), listed=rows, warnings=warnings)


def _carry(
    world: World, run: RunRecords, store: MemoryStore, base: Listing, note: RestoreNote, plan_name: str
) -> tuple[LateNote, ...]:
    is_live = store.id == note.input_store_id
    if note.paths:
        # Elsewhere the clone is the live store's, as it was listed then: it has taken in what it was to.
        cloned = run.read_listing("base", store.id) if is_live else None
        base = since_only(base, cloned or as_archived(world, store), matcher_of(note.paths))
    into_id, otherwise = note.store_id or "", "trigger a run whose Param late_writes is list"
    notes = carry_since(
        world, run, store, into_id, plan_name, base=base, ledger=False, otherwise=otherwise
    ).notes
    if is_live and (carried := run.read_plan(plan_name).ledger) is not None:
        # The adoption goes on from there: what came in while the clone was made is in it by now.
        run.write_ledger(store.id, carried)
    return notes


def _left_behind(
    world: World, run: RunRecords, store: MemoryStore, base: Listing, note: RestoreNote
) -> Iterator[Written]:
    """Yield what was written since the base, and is not in the clone in the same bytes."""
    is_live = store.id == note.input_store_id
    current = (run.read_listing("base") if is_live else None) or as_archived(world, store)
    clone, matches = world.hook.list_memories(note.store_id or ""), matcher_of(note.paths)
    for how, path in compare(base, current):
        stands = (path in clone) == (path in current) and (
            path not in clone or clone[path].sha256 == current[path].sha256
        )
        if matches(path) and not stands:
            yield Written(store_id=store.id, path=path, how=how)


def _adopted(
    world: World, store: MemoryStore, lineage: Lineage | None, retired: Sequence[Carried]
) -> Listing | None:
    """Return what the store held when it was adopted, with what was carried there since; None where nothing tells."""
    if lineage is None:
        return None
    kept = None
    with suppress(StateError):
        # A copy that somebody made by hand has the pairs of the store that it was copied from.
        kept = world.records.run(lineage.run).read_listing("adopted", store.id) if lineage.run else None
    if kept is not None and not retired:
        return kept
    # Listed first: what is written in between has a version that no listing names.
    current = world.hook.list_memories(store.id)
    versions = list(world.hook.list_versions(store.id))
    adopted = listing_at(versions, lineage.adopted_at, current) if kept is None else kept
    return None if adopted is None else with_retired(adopted, retired, versions)


def _retired(world: World, lineage: Lineage) -> tuple[Carried, ...]:
    """Return what the run that made the store live has carried, as it retired the one before, or was about to."""
    with suppress(StateError):
        return world.records.run(lineage.run).read_plan(RETIREMENT).noted if lineage.run else ()
    return ()


def _why_unknown(store_ids: list[str]) -> str:
    return (
        f"What agents wrote to {', '.join(store_ids)} since it was adopted is not known: neither the files of the run "
        "that adopted it nor its memories' versions tell. It is neither carried nor listed: compare the stores."
    )
