"""kill -9 after every write of a restore: what the retry, or the next night, makes of it."""

from __future__ import annotations

import pytest

from dreamflow.tasks import (
    APPROVE,
    CLONE_ANCESTOR,
    DISCARD_OUTPUT,
    REVIEW_CHANGES,
    SETTLE_EARLIER_RUNS,
)
from tests.faults.killing import Case, after, kill_everywhere
from tests.faults.swap_scene import ADOPTION, GOING_BACK, Scene, SetScene
from tests.faults.table import Table

ASKED = (SETTLE_EARLIER_RUNS, CLONE_ANCESTOR, REVIEW_CHANGES)


def rejected(scene: Scene) -> None:
    scene.go_on(ASKED, GOING_BACK)
    scene.answer("Reject", GOING_BACK)


CASES = {
    "clone_ancestor": Case(
        CLONE_ANCESTOR,
        after(SETTLE_EARLIER_RUNS, run_id=GOING_BACK),
        (REVIEW_CHANGES, APPROVE, *ADOPTION),
        GOING_BACK,
    ),
    **{
        task: Case(
            task,
            after(*ASKED, APPROVE, *ADOPTION[:number], run_id=GOING_BACK),
            ADOPTION[number + 1 :],
            GOING_BACK,
        )
        for number, task in enumerate(ADOPTION)
    },
    "discard_output": Case(DISCARD_OUTPUT, rejected, run_id=GOING_BACK),
    "settle, a restore's leftover": Case(
        SETTLE_EARLIER_RUNS, after(*ASKED, run_id=GOING_BACK), run_id="tomorrow"
    ),
}


@pytest.mark.parametrize("name", CASES)
def test_whatever_write_of_a_restore_was_the_last_nothing_is_lost_doubled_or_left(
    set_swap: SetScene, table: Table, name: str
) -> None:
    def adopted() -> Scene:
        scene = set_swap()
        assert scene.go_on(ADOPTION)
        scene.retired = scene.output_id
        return scene

    kill_everywhere(name, CASES[name], adopted, table)
