"""Swapping the live store in the targets, and seeing that all of them name it."""

from __future__ import annotations

import logging
from typing import TYPE_CHECKING, Any

from dreamflow.core.changes import digest
from dreamflow.core.handoffs import Swap
from dreamflow.core.lineage import Lineage, adopted_metadata, origin_of_heir
from dreamflow.errors import StalePlan, StateError, SwapNotBegun
from dreamflow.steps.stores import usable_output
from dreamflow.targets import named_by, repoint

if TYPE_CHECKING:
    from dreamflow.core.objects import MemoryStore
    from dreamflow.records.files import RunRecords
    from dreamflow.steps.world import World

__all__ = ["adoption_of", "make_heir", "repoint_targets", "verify_targets"]

log = logging.getLogger(__name__)


def make_heir(world: World, run: RunRecords, parent: MemoryStore, swap: Swap) -> None:
    """Give the output the input's name, description and metadata, and the lineage: before any target names it."""
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


def repoint_targets(world: World, run: RunRecords, swap: Swap) -> list[dict[str, str]]:
    """
    Write the new store into every target, one after the other, the first first.

    Each is written if and only if it still names the old store, and is read back. Nothing is begun unless the new store
    is what was reviewed and carried, and every target can be written and names one of the two: once the first names the
    new store, agents write to it.

    :raises StalePlan: somebody wrote to the new store since, or the carry did not end.
    :raises StateError: it is archived, or a target names a third store or can't be written.
    """
    usable_output(world, swap.after)
    if world.targets[0].read() != swap.after and (
        digest(world.hook.list_memories(swap.after)) != swap.adopted
    ):
        raise StalePlan(
            f"memory store {swap.after} is not what was reviewed and carried: it was written to since, or "
            "carry_late_writes did not end. No target was changed. Clear approve: it asks again, about what the store "
            "holds now."
        )
    rows = []
    for target in world.targets:
        target.check()
        named_by(target, swap.before, swap.after)
    if swap.begun_at is None:
        run.note(swap=swap.model_copy(update={"begun_at": world.now()}))
    for target in world.targets:
        repoint(target, swap.before, swap.after)
        log.info("%s: %s → %s", target.name, swap.before, swap.after)
        rows.append({"target": target.name, "before": swap.before, "after": swap.after})
    return rows


def adoption_of(world: World, swap: Swap) -> dict[str, Any]:
    """Return what an event of the pipeline's asset says of a swap."""
    return {
        "memory_store_id": swap.after,
        "parent": swap.before,
        "dream_id": swap.dream_id,
        "ancestor_id": swap.ancestor_id,
        "adopted_by": swap.by,
        "digest": swap.adopted,
        "counts": swap.counts,
        "targets": [target.name for target in world.targets],
    }


def verify_targets(world: World, run: RunRecords) -> tuple[dict[str, Any], Swap]:
    """
    Read every target back. A swap that is only half done is taken back.

    The swap is the journal's: this runs after a failed repoint too, which leaves nothing.

    :return: what the asset's event says, and the swap.
    :raises SwapNotBegun: no target names the new store. Where an earlier task failed, it has told people.
    :raises StateError: the swap was taken back, or can't be.
    """
    named = world.named()
    swap = run.journal().swap
    if swap is None or not any(store_id == swap.after for store_id in named.values()):
        now = "; ".join(f"{name} names {store_id}" for name, store_id in named.items())
        raise SwapNotBegun(
            f"no target names {swap.after if swap else 'a store of this run'}. Now {now}. Where an earlier task of "
            "this run failed, its log says why."
        )
    if set(named.values()) != {swap.after}:
        raise StateError(_take_back(world, run, named, swap))
    verified = swap.model_copy(update={"verified_at": world.now()})
    run.note(swap=verified)
    log.info("every target names %s: %s", swap.after, ", ".join(named))
    return adoption_of(world, verified), verified


def _take_back(world: World, run: RunRecords, named: dict[str, str], swap: Swap) -> str:
    before, after = swap.before, swap.after
    if world.hook.retrieve_store(before).archived_at is not None:
        raise StateError(
            f"not every target names {after}, and {before}, which they named before, is archived: nothing was "
            f"taken back. Now {', '.join(f'{name} names {store_id}' for name, store_id in named.items())}. Point "
            "all of them at the store that you trust; then trigger a run."
        )
    # A repoint that is still to come, or is cleared, must not swap what was told to be taken back.
    begun_at = swap.begun_at or world.now()
    run.note(decision=None, swap=swap.model_copy(update={"begun_at": begun_at, "verified_at": None}))
    taken_back = []
    for target in world.targets:
        if named[target.name] == after:
            repoint(target, after, before)
            taken_back.append(target.name)
    odd = [f"{name} names {store_id}" for name, store_id in named.items() if store_id not in (before, after)]
    return (
        f"not every target could be repointed to {after}: {', '.join(taken_back)} was set back to {before}"
        + (f"; {'; '.join(odd)}, and was left alone" if odd else "")
        + ". See the log of the failed repoint; then trigger a run."
    )
