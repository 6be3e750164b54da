"""kill -9 after every write of a swap: what the retry, or the next night, makes of it."""

from __future__ import annotations

from collections.abc import Callable

import pytest

from dreamflow.tasks import DISCARD_OUTPUT, SETTLE_EARLIER_RUNS
from tests.faults.killing import Case, after, kill_everywhere
from tests.faults.swap_scene import ADOPTION, Scene, SetScene
from tests.faults.table import Table


def half_swapped(position: int) -> Callable[[Scene], object]:
    """Return what leaves one of the targets swapped, and the other not."""
    return lambda scene: (scene.go_on(ADOPTION[:1]), scene.prepared.repoint(position))


def settling(prepare: Callable[[Scene], object]) -> Case:
    return Case(SETTLE_EARLIER_RUNS, prepare, run_id="tomorrow")


CASES = {
    **{
        task: Case(task, after(*ADOPTION[:number]), ADOPTION[number + 1 :])
        for number, task in enumerate(ADOPTION)
    },
    "verify_targets, a half-done swap": Case("verify_targets", half_swapped(0), ADOPTION[3:]),
    "discard_output": Case(DISCARD_OUTPUT, lambda scene: scene.answer("Reject")),
    "settle, a leftover": settling(after(*ADOPTION[:1])),
    "settle, a swap half done": settling(half_swapped(0)),
    "settle, a swap not begun": settling(half_swapped(1)),
    "settle, a swap not told": settling(after(*ADOPTION[:2])),
    "settle, a superseded store": settling(after(*ADOPTION[:3])),
}


@pytest.mark.parametrize("name", CASES)
def test_whatever_write_was_the_last_nothing_is_lost_doubled_or_left(
    set_swap: SetScene, table: Table, name: str
) -> None:
    kill_everywhere(name, CASES[name], set_swap, table)
