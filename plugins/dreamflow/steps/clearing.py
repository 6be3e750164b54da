"""What a person's clear of a fleet's task works on again, and what stands."""

from __future__ import annotations

from collections.abc import Callable
from typing import TYPE_CHECKING

from dreamflow.steps.fleet_course import tasks_before
from dreamflow.tasks import (
    APPROVE,
    DISCARD_OUTPUT,
    DREAM_AGAIN,
    FROM_THE_DECISION_ON,
    LAUNCH_DREAM,
    UP_TO_THE_DREAM,
    UP_TO_THE_SWAP,
)

if TYPE_CHECKING:
    from dreamflow.records.files import RunRecords
    from dreamflow.records.journal import Journal

__all__ = ["forget_what_followed", "stands"]


def stands(
    task_id: str, journal: Journal, *, new_dream: bool = False, has_dream: Callable[[], bool] = lambda: False
) -> bool:
    """
    Tell whether what the task did for a member of a fleet stands, though a person cleared it since.

    **A clear works again on those whom the task, or a later one, failed for or left out. What was done for everybody
    else stands.** And nobody is taken back behind what can't be had twice:

    - a swap, or an output that was given up: no task up to the swap is done again;
    - a dream that can still be used: its member goes on with it, so settling, collecting and launching stand, unless
      another run has taken the member over. Only ``launch_dream`` of a run with the Param ``new_dream`` asks for
      another, of all who have neither of the above.

    Where nothing is paid for yet, those three are done again. A decision of which nothing was done yet does not stand:
    ``approve`` asks again.

    :param new_dream: the run's Param. :param has_dream: asks the service whether the run has a dream that can be used.
    """
    if not _is_done(journal, task_id):
        return False
    if task_id in UP_TO_THE_SWAP and _is_settled(journal):
        return True
    if task_id in FROM_THE_DECISION_ON or (new_dream and task_id == LAUNCH_DREAM):
        return False
    later = [one for other, one in journal.tasks.items() if task_id in tasks_before(other)]
    is_well = all(one.state == "done" for one in later)
    if task_id not in UP_TO_THE_DREAM:
        return is_well
    return (is_well and _is_done(journal, LAUNCH_DREAM)) or has_dream()


def forget_what_followed(task_id: str, run: RunRecords, journal: Journal) -> None:
    """Drop what an earlier life of the task, and those that came after it, made of a member that is worked on again."""
    kept = {
        other: outcome
        for other, outcome in journal.tasks.items()
        if other != task_id and task_id not in tasks_before(other)
    }
    if len(kept) == len(journal.tasks):
        return
    if task_id in tasks_before(APPROVE):
        run.forget_answers()
    # A release before kept a member's own answer in the journal.
    run.note(tasks=kept, answer=None)


def _is_settled(journal: Journal) -> bool:
    """Tell whether the member's memory was swapped, or the dream's output given up."""
    is_swapped = journal.swap is not None and journal.swap.verified_at is not None
    return is_swapped or _is_done(journal, DISCARD_OUTPUT) or _is_done(journal, DREAM_AGAIN)


def _is_done(journal: Journal, task_id: str) -> bool:
    outcome = journal.tasks.get(task_id)
    return outcome is not None and outcome.state == "done"
