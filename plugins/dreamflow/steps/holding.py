"""
Which run works on a fleet's member: one at a time.

Runs of a fleet overlap: one that waits for an answer about a few members must not keep the others from their nights. So
each member notes which run has it, and only that one may dream for it or swap its store.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from dreamflow.errors import SkipRun
from dreamflow.tasks import DISCARD_OUTPUT, DREAM_AGAIN

if TYPE_CHECKING:
    from dreamflow.records.files import RunRecords
    from dreamflow.records.journal import Journal
    from dreamflow.steps.world import World

__all__ = ["at_work", "hold", "why_lost"]


def hold(world: World, run: RunRecords, *, only_say: bool = False) -> None:
    """
    Take the member for the run, from one that has ended, or that is through with it.

    :param only_say: only look: a dry run takes it from nobody.
    :raises SkipRun: another run is at work on it, or waits for an answer about it.
    """
    if (holder := at_work(world, run)) is not None:
        raise SkipRun(
            f"run {holder} is at work on it, or waits for an answer about it: nothing is dreamed for it until then"
        )
    if not only_say:
        run.records.note_holder(run.run_id)


def at_work(world: World, run: RunRecords) -> str | None:
    """Return another run that is under way, and may still change which store is the member's; None: there is none."""
    holder = run.records.holder()
    if holder in ("", run.run_id) or not world.is_under_way(world.pipeline.dag_id, holder):
        return None
    return holder if _is_at_work(run.records.run(holder).journal()) else None


def why_lost(run: RunRecords, journal: Journal) -> str | None:
    """Return why the run may do no more for the member; None where it may. What follows a swap is always the run's."""
    holder = run.records.holder()
    if holder in ("", run.run_id) or (journal.swap is not None and journal.swap.verified_at is not None):
        return None
    return f"run {holder} has taken it over since: nothing was changed. That run, or the next, dreams for it"


def _is_at_work(journal: Journal) -> bool:
    """Tell whether a run that is under way may still change what the member's store is."""
    if any(outcome.state != "done" for outcome in journal.tasks.values()):
        return False
    is_swapped = journal.swap is not None and journal.swap.verified_at is not None
    return not is_swapped and not {DISCARD_OUTPUT, DREAM_AGAIN} & journal.tasks.keys()
