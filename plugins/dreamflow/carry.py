"""Carrying late writes from one store to another: plan first, then writes, each of them repeatable."""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING

from dreamflow.core.changes import digest
from dreamflow.core.late_writes import MEMORIES_LIMIT, Carry, plan_carry
from dreamflow.errors import Conflict, LateWriteConflict, NotYet, StateError

if TYPE_CHECKING:
    from dreamflow.core.late_writes import CarryPlan
    from dreamflow.core.objects import Listing, MemoryEntry, MemoryStore
    from dreamflow.hooks.managed_agents import ManagedAgentsHook
    from dreamflow.run_files import RunFiles

__all__ = ["apply_writes", "check_unwritten", "list_input", "plan_or_stop"]


def plan_or_stop(
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


def apply_writes(
    hook: ManagedAgentsHook, input_id: str, output_id: str, output: Listing, writes: Sequence[Carry]
) -> None:
    """
    Write to the output. A write that stands already does no harm.

    :param output: the listing of the output that the writes were planned from.
    :raises NotYet: a session wrote to the same place since it was listed. Planning anew tells what that means.
    """
    sources: dict[str, MemoryEntry] = {w.path: w.source for w in writes if w.source is not None}
    bodies = hook.read_bodies(input_id, sources)
    for write in writes:
        try:
            if write.source is None:
                hook.delete_memory(output_id, write.path, output[write.path])
            else:
                hook.write_memory(output_id, write.path, bodies[write.path], output.get(write.path))
        except Conflict as e:
            raise NotYet(
                f"{write.path!r} in {output_id} was written to while the late writes of {input_id} were carried there. "
                "It was left as it is; the next try starts from what both stores hold then."
            ) from e


def list_input(hook: ManagedAgentsHook, store: MemoryStore) -> dict[str, MemoryEntry]:
    """
    Return what the input holds, as far as its agents had a say.

    An archived store still takes deletes; they are no longer the agents' word on what is true, and what they took
    is listed as it was.
    """
    current = hook.list_memories(store.id)
    if store.archived_at is None:
        return current
    return {**hook.deleted_after(store.id, store.archived_at), **current}


def check_unwritten(hook: ManagedAgentsHook, files: RunFiles, output: MemoryStore) -> None:
    """
    Stop before an output is archived that holds what only it has.

    :raises StateError: sessions wrote to it, while a swap was begun that was taken back.
    """
    adopted = (files.read_json("plan") or {}).get("digest_after")
    if output.archived_at is None and adopted not in (None, digest(hook.list_memories(output.id))):
        raise StateError(
            f"memory store {output.id} of run {files.run_id} was written to after its swap was begun; it is left "
            "for a person: compare it with the live store, then archive it"
        )
