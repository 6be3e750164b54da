"""What a person's clear of a fleet's task works on again, by what became of the member so far."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import UTC, datetime
from typing import Any

import pytest

from dreamflow import tasks
from dreamflow.core.fleets import Outcome
from dreamflow.core.handoffs import Swap
from dreamflow.records.journal import Journal
from dreamflow.steps.clearing import stands

CHAIN = (*tasks.UP_TO_THE_SWAP, *tasks.AFTER_THE_SWAP)
SETTLE, COLLECT, LAUNCH, WAIT, REVIEW, APPROVE, CARRY = CHAIN[:7]
DISCARD = tasks.DISCARD_OUTPUT


def done_up_to(last: str, **more: str) -> dict[str, str]:
    """Return outcomes of a member by task: ``done`` up to one, and more."""
    return {**dict.fromkeys(CHAIN[: CHAIN.index(last) + 1], "done"), **more}


def again(states: Mapping[str, str], *, swapped: bool = False, **more: Any) -> list[str]:
    """Return the tasks with an outcome that a clear works on again."""
    swap = Swap(before="a", after="b", dream_id="d", reviewed="", by="Ada", at=datetime.now(UTC))
    verified = swap.model_copy(update={"verified_at": datetime.now(UTC)})
    journal = Journal(
        pipeline="depl_1",
        run_id="tonight",
        tasks={task_id: Outcome(state=state) for task_id, state in states.items()},
        swap=verified if swapped else None,
    )
    has_dream = more.pop("has_dream", None)

    def ask() -> bool:
        assert has_dream is not None, "the service need not be asked"
        return bool(has_dream)

    return [task_id for task_id in states if not stands(task_id, journal, has_dream=ask, **more)]


WAITING = done_up_to(REVIEW)
ADOPTED = done_up_to(tasks.CATCH_UP)


@pytest.mark.parametrize(
    ("states", "more", "worked_on"),
    [
        pytest.param(WAITING, {}, [], id="it waits for an answer"),
        pytest.param(WAITING, {"new_dream": True}, [LAUNCH], id="it waits, and the run wants new dreams"),
        pytest.param(done_up_to(LAUNCH), {}, [], id="its dream is under way"),
        pytest.param(done_up_to(COLLECT), {"has_dream": False}, [SETTLE, COLLECT], id="it has no dream yet"),
        pytest.param(
            done_up_to(COLLECT, launch_dream="failed"),
            {"has_dream": True},
            [LAUNCH],
            id="its launch failed after its dream was created",
        ),
        pytest.param(
            done_up_to(LAUNCH, wait_for_dream="failed"),
            {"has_dream": False},
            [SETTLE, COLLECT, LAUNCH, WAIT],
            id="its dream failed",
        ),
        pytest.param(
            done_up_to(LAUNCH, wait_for_dream="failed"),
            {"has_dream": True},
            [WAIT],
            id="its dream goes on, and was not watched",
        ),
        pytest.param(
            done_up_to(WAIT, review_changes="failed"),
            {"has_dream": True},
            [WAIT, REVIEW],
            id="its review failed",
        ),
        pytest.param(
            done_up_to(COLLECT, launch_dream="skipped"),
            {"has_dream": False},
            [SETTLE, COLLECT, LAUNCH],
            id="the night had no room for it",
        ),
        pytest.param(done_up_to(APPROVE), {}, [APPROVE], id="it was decided on, and nothing is done of it"),
        pytest.param(
            done_up_to(APPROVE, carry_late_writes="failed"),
            {"has_dream": True},
            [WAIT, REVIEW, APPROVE, CARRY],
            id="its late writes could not be carried",
        ),
        pytest.param(
            done_up_to(APPROVE, discard_output="done"), {"new_dream": True}, [], id="it is rejected"
        ),
        pytest.param(
            done_up_to(APPROVE, dream_again="done"), {"new_dream": True}, [], id="it is dreamed again"
        ),
        pytest.param(
            done_up_to(APPROVE, discard_output="failed"),
            {"has_dream": True},
            [WAIT, REVIEW, APPROVE, DISCARD],
            id="its output could not be given up",
        ),
        pytest.param(ADOPTED, {"swapped": True, "new_dream": True}, [], id="it is adopted"),
        pytest.param(
            done_up_to(tasks.DRAIN_SESSIONS, retire_input="failed"),
            {"swapped": True},
            [tasks.DRAIN_SESSIONS, tasks.RETIRE_INPUT],
            id="its old store could not be retired",
        ),
    ],
)
def test_only_what_went_wrong_is_done_again_and_nothing_that_can_not_be_had_twice(
    states: dict[str, str], more: dict[str, Any], worked_on: list[str]
) -> None:
    assert again(states, **more) == worked_on
