"""Giving up a store that a run made: what agents wrote to it while it was live is carried back first."""

from __future__ import annotations

from typing import TYPE_CHECKING

from dreamflow.core.restoring import with_retired
from dreamflow.records.carries import RETIREMENT
from dreamflow.steps.carry import carry_since
from dreamflow.steps.stores import archive_output

if TYPE_CHECKING:
    from dreamflow.core.objects import MemoryStore
    from dreamflow.records.files import RunRecords
    from dreamflow.steps.world import World

__all__ = ["give_up", "was_live"]


def was_live(run: RunRecords, store_id: str) -> bool:
    """Tell whether agents may have written to the run's store as to a live one, though its swap was taken back."""
    swap = run.journal().swap
    return swap is not None and swap.after == store_id and swap.begun_at is not None


def give_up(world: World, run: RunRecords, output: MemoryStore) -> int:
    """
    Archive a store of the run that no target names and no run will use.

    Where its swap was begun and taken back, it is retired as any store that was live: what agents wrote to it is
    carried into the live one, before it is archived, and what beat that, after. What the run had carried there out of
    the live one is not.

    :return: how many late writes were carried.
    :raises StateError: something wrote to it that nothing is known of; or a deployment mounts it.
    """
    live_id, adopted = world.targets[0].read(), run.read_listing("adopted", output.id)
    swap = run.journal().swap
    # To a store of somebody's own, nothing is carried.
    if (
        not was_live(run, output.id)
        or adopted is None
        or not (swap and world.is_adopted(swap.before, live_id))
    ):
        archive_output(world, run, output)
        return 0

    if retired := run.read_plan(RETIREMENT).noted:
        adopted = with_retired(adopted, retired, world.hook.list_versions(output.id))

    def carry(store: MemoryStore) -> int:
        return len(carry_since(world, run, store, live_id, "return", base=adopted, ledger=False).notes)

    carried = carry(output)
    if output.archived_at is not None:
        return carried
    return max(carried, carry(archive_output(world, run, output, looked_after=True)))
