"""
Which run works on a fleet's member: one at a time.

Runs of a fleet overlap: one that waits for an answer about a few members must not keep the others from their nights. So
each member notes which run has it, and only that one may dream for it or swap its store.

What is left to do after a swap, the old store's retirement above all, is the run's own, or a later one's settle:
whichever comes to it first.
"""

from __future__ import annotations

import logging
from typing import TYPE_CHECKING

from dreamflow.errors import SkipRun, StateError
from dreamflow.records.journal import RESTORE_KEY, Journal
from dreamflow.tasks import CATCH_UP, DISCARD_OUTPUT, DREAM_AGAIN, SETTLE_EARLIER_RUNS, VERIFY_TARGETS

if TYPE_CHECKING:
    from dreamflow.records.files import RunRecords
    from dreamflow.records.fleets import Claim
    from dreamflow.steps.world import World

__all__ = ["at_work", "hold", "see_to", "why_lost"]

log = logging.getLogger(__name__)


def hold(world: World, run: RunRecords, shard: int | None = 0, *, only_say: bool = False) -> None:
    """
    Take the member for the run, from one that has ended, or that is through with it.

    :param shard: of the run, which is to work on it.
    :param only_say: only look: a dry run takes it from nobody.
    :raises SkipRun: another run is at work on it, or waits for an answer about it.
    """
    if (holder := at_work(world, run)) is not None:
        raise SkipRun(
            f"run {holder} is at work on it, or waits for an answer about it: nothing is dreamed for it until then"
        )
    if not only_say:
        run.records.note_holder(run.run_id, shard)


def at_work(world: World, run: RunRecords) -> str | None:
    """Return another run that is under way, and may still change which store is the member's; None: there is none."""
    holder = run.records.holder()
    if holder in ("", run.run_id) or not world.is_under_way(world.pipeline.dag_id, holder):
        return None
    shard = run.records.holding_shard()
    if shard is not None and world.has_shard_ended(holder, shard):
        return None
    return holder if _is_at_work(run.records.run(holder).journal()) else None


def why_lost(run: RunRecords, journal: Journal) -> str | None:
    """Return why the run may do no more for the member; None where it may. What follows a swap is always the run's."""
    holder = run.records.holder()
    if holder in ("", run.run_id) or (journal.swap is not None and journal.swap.verified_at is not None):
        return None
    return f"run {holder} has taken it over since: nothing was changed. That run, or the next, dreams for it"


def see_to(run: RunRecords, by: str, world: World | None = None, shard: int | None = None) -> str | None:
    """
    Let one run alone write to what a run keeps of a member after its swap; return another one that does, if any.

    It is the first that comes, the run itself or a later one's settle, until it is through or has ended.

    :param by: the id of the run that wants to. :param world: asks whether a run has ended. None: that is not asked;
        what one has left that died is a later settle's.
    :param shard: of that run, which has the member; None: it has none.
    """
    while True:
        last = run.claimed_by()
        if last.run == by:
            return None
        if last.run and _sees_to(run, last, world):
            return last.run
        if run.claim(last.number, by, shard):
            return None


def _sees_to(run: RunRecords, claim: Claim, world: World | None) -> bool:
    """Tell whether the run that is to see to what another, or it itself, has left may still be at it."""
    by = claim.run
    try:
        journal = run.records.run(by).journal()
    except StateError as e:
        if by == run.run_id or world is None:
            raise
        log.warning("whether run %s is through is asked of Airflow alone: %s", by, e)
        journal = Journal(pipeline="", run_id=by)
    if by == run.run_id:
        is_through = CATCH_UP in journal.tasks or _has_stopped(journal)
    else:
        is_through = SETTLE_EARLIER_RUNS in journal.tasks
    if is_through or world is None:
        return not is_through
    if not world.is_under_way(journal.dag_id or world.pipeline.dag_id, by.removeprefix(RESTORE_KEY)):
        return False
    return claim.shard is None or not world.has_shard_ended(by, claim.shard)


def _is_at_work(journal: Journal) -> bool:
    """Tell whether a run that is under way may still change what the member's store is."""
    if _has_stopped(journal):
        return False
    is_swapped = journal.swap is not None and journal.swap.verified_at is not None
    if is_swapped and VERIFY_TARGETS in journal.tasks:
        return False
    return not {DISCARD_OUTPUT, DREAM_AGAIN} & journal.tasks.keys()


def _has_stopped(journal: Journal) -> bool:
    return any(outcome.state != "done" for outcome in journal.tasks.values())
