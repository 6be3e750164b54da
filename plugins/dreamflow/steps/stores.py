"""Archiving a store: never one that is in use, or that holds what only it has."""

from __future__ import annotations

from typing import TYPE_CHECKING

from dreamflow.core.changes import digest
from dreamflow.core.writers import WRITER_STATUSES, could_still_write
from dreamflow.errors import StateError
from dreamflow.steps.carry import carry_since

if TYPE_CHECKING:
    from dreamflow.core.objects import MemoryStore
    from dreamflow.records.files import RunRecords
    from dreamflow.steps.world import World

__all__ = ["archive_output", "was_live", "writers_of"]


def writers_of(world: World, store_id: str) -> list[str]:
    """Return the ids of the sessions that could still write to the store."""
    now, idle_for = world.now(), world.pipeline.retire.idle_for
    sessions = world.hook.list_sessions(memory_store_id=store_id, statuses=list(WRITER_STATUSES))
    return [s.id for s in sessions if could_still_write(s, store_id, idle_for=idle_for, now=now)]


def was_live(run: RunRecords, store_id: str) -> bool:
    """Tell whether agents may have written to the run's store as to a live one, though its swap was taken back."""
    swap = run.journal().swap
    return swap is not None and swap.after == store_id and swap.begun_at is not None


def archive_output(world: World, run: RunRecords, output: MemoryStore) -> int:
    """
    Archive a store that no target names and no run will use.

    Where its swap was begun and taken back, it is retired as any store that was live: what agents wrote to it is
    carried into the live one, before it is archived, and what beat that, after.

    :return: how many late writes were carried.
    :raises StateError: something wrote to it, and it was not live; or a deployment mounts it, which archiving would
        pause.
    """
    carried = _carry_back(world, run, output)
    if output.archived_at is not None:
        return carried
    if mounting := world.mounting_deployments(output.id):
        raise StateError(
            f"memory store {output.id} of run {run.run_id} is mounted by {', '.join(mounting.values())}: archiving it "
            "would pause that deployment. Point it at the live store; the next run archives this one."
        )
    return max(carried, _carry_back(world, run, world.hook.archive_store(output.id)))


def _carry_back(world: World, run: RunRecords, output: MemoryStore) -> int:
    swap = run.journal().swap
    if swap is None or swap.after != output.id:
        return 0
    live_id, adopted = world.targets[0].read(), run.read_listing("adopted")
    # To a store of somebody's own, nothing is carried.
    if swap.begun_at and adopted is not None and world.is_adopted(swap.before, live_id):
        return len(carry_since(world, run, output, live_id, "return", base=adopted, ledger=False).notes)
    begun = swap.adopted or (swap.reviewed if swap.begun_at else None)
    if begun and output.archived_at is None and begun != digest(world.hook.list_memories(output.id)):
        raise StateError(
            f"memory store {output.id} of run {run.run_id} was written to after its swap was begun; it is left "
            "for a person: compare it with the live store, then archive it"
        )
    return 0
