"""kill -9 after every write of a swap: what the retry, or the next night, makes of it."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import dataclass
from itertools import count

import pytest

from dreamflow.tasks import DISCARD_OUTPUT, SETTLE_EARLIER_RUNS
from tests.faults.conftest import PrintTable
from tests.faults.swap_scene import ADOPTION, Scene, SetScene, Table


@dataclass(frozen=True)
class Case:
    """
    A task that dies, and what is before and after it.

    :ivar prepare: brings the swap to where the task begins.
    :ivar after: what follows in the same run.
    """

    task: str
    prepare: Callable[[Scene], object]
    after: tuple[str, ...] = ()

    @property
    def run_id(self) -> str:
        return "tomorrow" if self.task == SETTLE_EARLIER_RUNS else "tonight"


def after(*tasks: str) -> Callable[[Scene], object]:
    return lambda scene: scene.go_on(tasks)


def half_swapped(position: int) -> Callable[[Scene], object]:
    """Return what leaves one of the targets swapped, and the other not."""
    return lambda scene: (scene.go_on(ADOPTION[:1]), scene.prepared.repoint(position))


CASES = {
    **{
        task: Case(task, after(*ADOPTION[:number]), ADOPTION[number + 1 :])
        for number, task in enumerate(ADOPTION)
    },
    "verify_targets, a half-done swap": Case("verify_targets", half_swapped(0), ADOPTION[3:]),
    "discard_output": Case(DISCARD_OUTPUT, lambda scene: scene.answer("Reject")),
    "settle, a leftover": Case(SETTLE_EARLIER_RUNS, after(*ADOPTION[:1])),
    "settle, a swap half done": Case(SETTLE_EARLIER_RUNS, half_swapped(0)),
    "settle, a swap not begun": Case(SETTLE_EARLIER_RUNS, half_swapped(1)),
    "settle, a swap not told": Case(SETTLE_EARLIER_RUNS, after(*ADOPTION[:2])),
    "settle, a superseded store": Case(SETTLE_EARLIER_RUNS, after(*ADOPTION[:3])),
}


@pytest.fixture(scope="module")
def table(print_table: PrintTable) -> Iterator[Table]:
    with print_table("task", "n", "killed after", "then", "what it did", "verdict") as table:
        yield table


def retry(scene: Scene, case: Case) -> None:
    if not scene.go_on((case.task, *case.after), case.run_id):
        scene.settle("the_next_night")


def next_night(scene: Scene, case: Case) -> None:
    scene.settle("the_next_night")


@pytest.mark.parametrize("name", CASES)
def test_whatever_write_was_the_last_nothing_is_lost_doubled_or_left(
    set_swap: SetScene, table: Table, name: str
) -> None:
    case, first = CASES[name], len(table.rows)
    for number in count(1):
        for then in (retry, next_night):
            scene = set_swap()
            case.prepare(scene)
            write = scene.killed_after(number, case.task, case.run_id)
            if write is None:
                if number == 1:
                    scene.go_on(case.after)
                    table.add(name, "-", "it writes nothing", "-", said=scene.said, problems=scene.problems())
                return table.assert_good(first)
            then(scene, case)
            table.add(
                name,
                str(number),
                write.replace("/v1", ""),
                then.__name__,
                said=scene.said,
                problems=scene.problems(),
            )
    return None
