"""Archiving a store: never one that is in use, or that holds what only it has."""

from __future__ import annotations

from typing import TYPE_CHECKING

from dreamflow.core.changes import digest
from dreamflow.core.late_writes import without_carried
from dreamflow.core.writers import WRITER_STATUSES, could_still_write
from dreamflow.errors import EditRefused, StateError
from dreamflow.records.carries import PLAN

if TYPE_CHECKING:
    from dreamflow.core.objects import MemoryStore
    from dreamflow.records.files import RunRecords
    from dreamflow.steps.world import World

__all__ = ["archive_output", "check_undecided", "has_output", "stores_of", "usable_output", "writers_of"]


def stores_of(run: RunRecords) -> tuple[str, str]:
    """
    Return the ids of the run's input, as it was compared, and of its output.

    :raises StateError: it has no output.
    """
    input_id, output_id = _noted_stores(run)
    if not output_id:
        raise StateError(
            f"run {run.run_id} has made no memory store: there is nothing to look at, or to edit."
        )
    return input_id, output_id


def has_output(run: RunRecords) -> bool:
    """Tell whether the run has made a store."""
    return bool(_noted_stores(run)[1])


def _noted_stores(run: RunRecords) -> tuple[str, str | None]:
    journal = run.journal()
    if (back := journal.restore) is not None:
        return back.input_store_id, back.store_id
    dream = journal.dream
    return (dream.input_store_id, dream.output_store_id) if dream else ("", None)


def writers_of(world: World, store_id: str) -> list[str]:
    """Return the ids of the sessions that could still write to the store."""
    now, idle_for = world.now(), world.pipeline.retire.idle_for
    sessions = world.hook.list_sessions(memory_store_id=store_id, statuses=list(WRITER_STATUSES))
    return [s.id for s in sessions if could_still_write(s, store_id, idle_for=idle_for, now=now)]


def archive_output(
    world: World, run: RunRecords, output: MemoryStore, *, looked_after: bool = False
) -> MemoryStore:
    """
    Archive a store that no target names and no run will use, and return it as it is then.

    :param looked_after: whether somebody cares for what was written to it after its swap was begun.
    :raises StateError: something was, and nobody does; or a deployment mounts it, which archiving would pause.
    """
    if output.archived_at is not None:
        return output
    if not looked_after and _holds_more(world, run, output.id):
        raise StateError(
            f"memory store {output.id} of run {run.run_id} was written to after its swap was begun; it is left "
            "for a person: compare it with the live store, then archive it"
        )
    if mounting := world.mounting_deployments(output.id, anew=True):
        raise StateError(
            f"memory store {output.id} of run {run.run_id} is mounted by {', '.join(mounting.values())}: archiving it "
            "would pause that deployment. Point it at the live store; the next run archives this one."
        )
    return world.hook.archive_store(output.id)


def _holds_more(world: World, run: RunRecords, output_id: str) -> bool:
    """Tell whether a store whose swap was begun holds more than what was reviewed and carried."""
    swap = run.journal().swap
    if swap is None or swap.after != output_id:
        return False
    begun = swap.adopted or (swap.reviewed if swap.begun_at else None)
    if begun is None or begun == digest(held := world.hook.list_memories(output_id)):
        return False
    # A carry that was tried again may have died after it had written more than the swap tells of.
    return digest(without_carried(held, run.read_plan(PLAN).noted)) != swap.reviewed


def usable_output(world: World, output_id: str) -> str:
    """
    Return the id of a run's output store.

    :raises StateError: it is archived: it was discarded, or a later run has settled this one.
    """
    if world.hook.retrieve_store(output_id).archived_at is not None:
        raise StateError(
            f"memory store {output_id}, which this run made, is archived: it was discarded, or a later run "
            "settled what this one left. No target was changed. Trigger a new run."
        )
    return output_id


def check_undecided(run: RunRecords) -> None:
    """
    See that a run's output is still a reviewer's to edit.

    :raises EditRefused: it was decided on; or its swap was begun, whatever became of that: agents may have written to
        it since.
    """
    journal = run.journal()
    if (decision := journal.decision) is not None:
        raise EditRefused(
            f"run {run.run_id} was decided on: {decision.decision}, by {decision.by}. Its output can't be edited any "
            "more. Nothing was changed."
        )
    if journal.swap is not None and journal.swap.begun_at is not None:
        raise EditRefused(
            f"{journal.swap.after}, which run {run.run_id} made, was about to become live once: agents may have "
            "written to it. It can't be edited here any more. Nothing was changed."
        )
