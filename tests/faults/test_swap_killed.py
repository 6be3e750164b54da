"""kill -9 after every write of a swap: what the retry, or the next night, makes of it."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from itertools import count
from pathlib import Path

import pytest

from dreamflow.tasks import DISCARD_OUTPUT, SETTLE_EARLIER_RUNS
from tests.faults.stage import connection_to
from tests.faults.swap_scene import ADOPTION, CONNECTION, Scene, set_scene
from tests.support.server import LocalServer
from tests.unit.service import OPEN_WIRES, Service

SetScene = Callable[[], Scene]


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


@dataclass
class Table:
    rows: list[tuple[str, ...]] = field(default_factory=list)

    HEAD = ("task", "n", "killed after", "then", "what it did", "verdict")

    def text(self, first: int = 0) -> str:
        rows = [self.HEAD, *self.rows[first:]]
        widths = [max(len(row[column]) for row in rows) for column in range(len(self.HEAD))]
        return "\n".join("  ".join(map(str.ljust, row, widths)).rstrip() for row in rows)


@pytest.fixture(scope="module")
def table(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Table]:
    table = Table()
    yield table
    file = tmp_path_factory.mktemp("killed") / "table.txt"
    file.write_text(f"{table.text()}\n")
    print(f"\n{table.text()}\n{file}")


@pytest.fixture(scope="module")
def set_a_scene(tmp_path_factory: pytest.TempPathFactory) -> Iterator[SetScene]:
    folder, numbers = tmp_path_factory.mktemp("scenes"), count()
    with LocalServer(folder / "server.db") as server, pytest.MonkeyPatch.context() as patch:
        connection = connection_to(server.url)
        patch.setenv(CONNECTION, connection)

        def set_one() -> Scene:
            close_wires()
            own = folder / str(next(numbers))
            own.mkdir()
            return set_scene(Service(server.client), own, connection)

        yield set_one
        close_wires()


def close_wires() -> None:
    while OPEN_WIRES:
        OPEN_WIRES.pop().close()


def retry(scene: Scene, case: Case) -> None:
    if not scene.go_on((case.task, *case.after), case.run_id):
        scene.settle("the_next_night")


def next_night(scene: Scene, case: Case) -> None:
    scene.settle("the_next_night")


@pytest.mark.parametrize("name", CASES)
def test_whatever_write_was_the_last_nothing_is_lost_doubled_or_left(
    set_a_scene: SetScene, table: Table, name: str
) -> None:
    case, first = CASES[name], len(table.rows)
    for then in (retry, next_night):
        for number in count(1):
            scene = set_a_scene()
            case.prepare(scene)
            write = scene.killed_after(number, case.task, case.run_id)
            if write is None:
                break
            then(scene, case)
            problems = scene.problems()
            table.rows.append((name, str(number), write, then.__name__, "; ".join(scene.said), "; ".join(problems) or "ok"))
    assert all(row[-1] == "ok" for row in table.rows[first:]), table.text(first)
