"""How far a fleet's member comes in a run: which task takes from which, and where it failed."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from typing import TYPE_CHECKING

from dreamflow.core.handoffs import ADOPT, AGAIN, REJECT
from dreamflow.errors import DreamflowError
from dreamflow.tasks import BEFORE, CATCH_UP, DISCARD_OUTPUT, DREAM_AGAIN

if TYPE_CHECKING:
    from dreamflow.core.fleets import Member
    from dreamflow.records.files import Records

__all__ = ["LAST_TASKS", "branch_of", "failures_of", "tasks_before"]

#: The last task of each branch after the decision, and the decision.
LAST_TASKS = {CATCH_UP: ADOPT, DREAM_AGAIN: AGAIN, DISCARD_OUTPUT: REJECT}


def tasks_before(task_id: str) -> Iterator[str]:
    """Yield the tasks that come before one, the nearest first."""
    before = BEFORE.get(task_id)
    while before is not None:
        yield before
        before = BEFORE.get(before)


def branch_of(task_id: str) -> str | None:
    """Return after which decision a task comes; None where it comes before that."""
    return next(
        (decision for last, decision in LAST_TASKS.items() if task_id in (last, *tasks_before(last))), None
    )


def failures_of(records: Records, run_id: str, members: Iterable[Member]) -> dict[str, str]:
    """Return why members failed in a run, by id: with the task that it was in."""
    failed: dict[str, str] = {}
    for member in members:
        try:
            tasks = records.member(member.id).run(run_id).journal().tasks
        except DreamflowError as e:
            failed[member.id] = str(e)
            continue
        for task_id, outcome in tasks.items():
            if outcome.state == "failed":
                failed[member.id] = f"{task_id}: {outcome.why}"
    return failed
