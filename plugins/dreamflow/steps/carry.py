"""Carrying late writes from one store to another: plan first, then writes, each of them repeatable."""

from __future__ import annotations

import logging
from collections.abc import Callable, Sequence
from typing import TYPE_CHECKING

from dreamflow.core.changes import digest
from dreamflow.core.handoffs import Swap
from dreamflow.core.late_writes import (
    MEMORIES_LIMIT,
    Carried,
    applied_to,
    plan_carry,
    rebased,
    without_carried,
)
from dreamflow.core.lineage import Lineage, adopted_metadata, origin_of_heir
from dreamflow.errors import Conflict, LateWriteConflict, NotYet, StalePlan, StateError
from dreamflow.steps.review import usable_output

if TYPE_CHECKING:
    from dreamflow.core.late_writes import Carry, CarryPlan
    from dreamflow.core.objects import Listing, MemoryEntry, MemoryStore
    from dreamflow.hooks.managed_agents import ManagedAgentsHook
    from dreamflow.records.files import RunRecords
    from dreamflow.steps.world import World

__all__ = ["carry_late_writes", "carry_since"]

log = logging.getLogger(__name__)


def carry_late_writes(world: World, run: RunRecords, swap: Swap) -> tuple[list[Carried], Swap]:
    """
    Bring the output up to what the input received since the dream was launched, and make it the input's heir.

    The input's name, description and metadata, and the lineage, are put on the output before any target names it.

    :raises StalePlan: the output is not what was reviewed.
    :raises LateWriteConflict: a session and the dream changed the same memory. Nothing was written.
    :raises NotYet: something wrote to the output just now, where a late write goes.
    """

    def check_reviewed(output: Listing, earlier: Sequence[Carried]) -> None:
        if digest(without_carried(output, earlier)) != swap.reviewed:
            raise StalePlan(
                f"memory store {swap.after} is no longer what was reviewed (digest {swap.reviewed[:16]}): something "
                "wrote to it since. Nothing was changed. Trigger a new run; it archives this one's output."
            )

    usable_output(world, swap.after)
    parent = world.hook.retrieve_store(swap.before)
    writes, expected = carry_since(world, run, parent, swap.after, "plan", check_reviewed)
    _make_heir(world, run, parent, swap)
    adopted = digest(expected)
    if digest(world.hook.list_memories(swap.after)) != adopted:
        raise StalePlan(
            f"memory store {swap.after} holds more than what was reviewed and carried: something else wrote to it "
            "just now. No target was changed. Trigger a new run; it archives this one's output."
        )
    carried = swap.model_copy(update={"adopted": adopted})
    run.write_listing("adopted", swap.after, world.hook.list_memories(swap.after))
    run.note(swap=carried)
    log.info("%d late writes were carried from %s to %s", len(writes), swap.before, swap.after)
    return writes, carried


def carry_since(
    world: World,
    run: RunRecords,
    store: MemoryStore,
    into_id: str,
    plan_name: str,
    check: Callable[[Listing, Sequence[Carried]], None] = lambda output, earlier: None,
) -> tuple[list[Carried], dict[str, MemoryEntry]]:
    """
    Carry what a store received since the run's last carry into another, and note how far it came.

    The plan is written down before the first write, so that a second try knows which writes are its own.

    :param plan_name: the run's file that notes the writes.
    :param check: is given what the other store holds, and the writes that earlier tries noted, before anything is done.
    :return: the writes, those of earlier tries included, and what the other store is to hold after them.
    :raises LateWriteConflict: the other store holds something else where this one was written.
    :raises NotYet: a session wrote to the other store in the same place, at the same moment.
    """
    hook = world.hook
    earlier = run.read_plan(plan_name)
    output = hook.list_memories(into_id)
    check(output, earlier)
    base = rebased(run.carry_base(), earlier, output)
    current = _list_input(hook, store)
    plan = _plan_or_stop(store.id, into_id, base, current, output)
    writes = [*earlier, *(write.carried() for write in plan.writes)]
    run.write_plan(plan_name, writes)
    _apply(hook, store.id, into_id, plan.writes, output)
    run.write_listing("carried", store.id, current)
    return writes, applied_to(output, plan.writes)


def _make_heir(world: World, run: RunRecords, parent: MemoryStore, swap: Swap) -> None:
    output = world.hook.retrieve_store(swap.after)
    scope = world.pipeline.sessions.scope
    lineage = Lineage(
        pipeline=world.pipeline.name,
        parent=swap.before,
        dream=swap.dream_id,
        run=run.run_id,
        through=swap.through,
        adopted_at=world.now(),
        adopted_by=swap.by,
        # Under another scope than the pipeline's of now, what the dream covered is not known: at worst a repeat.
        scope=scope if swap.scope_mark == world.pipeline.sessions.scope_mark else "",
        origin=origin_of_heir(parent),
        content=swap.content or None,
    )
    world.hook.update_store(
        swap.after,
        name=parent.name,
        description=parent.description,
        metadata=adopted_metadata(parent, output.metadata, lineage),
    )


def _plan_or_stop(
    input_id: str, output_id: str, base: Listing, current: Listing, output: Listing
) -> CarryPlan:
    """
    Return what to carry.

    :raises LateWriteConflict: both stores changed the same memory since the base.
    :raises StateError: the output has no room.
    """
    plan = plan_carry(base, current, output)
    if plan.conflicts:
        named = ", ".join(repr(path) for path in plan.conflicts[:10])
        more = f" and {len(plan.conflicts) - 10} more" if len(plan.conflicts) > 10 else ""
        raise LateWriteConflict(
            f"{input_id} received writes to {len(plan.conflicts)} memories that {output_id} holds differently: "
            f"{named}{more}. Nothing was written. Merge them by hand, or trigger a new run, "
            "which dreams over the input as it is now."
        )
    if over := plan.overflow(output):
        raise StateError(
            f"{output_id} would hold {over} memories more than the {MEMORIES_LIMIT} that a store can. "
            "Nothing was written. Delete memories from it, or ask the next dream to merge files."
        )
    return plan


def _apply(
    hook: ManagedAgentsHook, input_id: str, output_id: str, writes: Sequence[Carry], output: Listing
) -> None:
    """
    Write to the output. A write that stands already is skipped.

    :raises NotYet: a session wrote to the same place since it was listed. Planning anew tells what that means.
    """
    sources: dict[str, MemoryEntry] = {w.path: w.source for w in writes if w.source is not None}
    bodies = hook.read_bodies(input_id, sources)
    for write in writes:
        held = output.get(write.path)
        try:
            if write.source is not None:
                hook.write_memory(output_id, write.path, bodies[write.path], held)
            elif held is not None:
                hook.delete_memory(output_id, write.path, held)
        except Conflict as e:
            raise NotYet(
                f"{write.path!r} in {output_id} was written to while the late writes of {input_id} were carried there. "
                "It was left as it is; the next try starts from what both stores hold then."
            ) from e


def _list_input(hook: ManagedAgentsHook, store: MemoryStore) -> dict[str, MemoryEntry]:
    """
    Return what the input holds, as far as its agents had a say.

    An archived store still takes deletes; they are no longer the agents' word on what is true, and what they took
    is listed as it was.
    """
    current = hook.list_memories(store.id)
    if store.archived_at is None:
        return current
    return {**hook.deleted_after(store.id, store.archived_at), **current}
