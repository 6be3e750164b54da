"""kill -9 after every write of a task, and what comes after it."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from itertools import count

from tests.faults.swap_scene import Scene
from tests.faults.table import Table

__all__ = ["HEAD", "Case", "after", "kill_everywhere"]

#: The head of the table.
HEAD = ("task", "n", "killed after", "then", "what it did", "live", "verdict")


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
    run_id: str = "tonight"


def after(*tasks: str, run_id: str = "tonight") -> Callable[[Scene], object]:
    """Return what runs these tasks to their end."""
    return lambda scene: scene.go_on(tasks, run_id)


def kill_everywhere(name: str, case: Case, set_scene: Callable[[], Scene], table: Table) -> None:
    """Let the task die after its first write, after its second, and so on; assert that all ends well each time."""
    first = len(table.rows)
    for number in count(1):
        for then in (retry, next_night):
            scene = set_scene()
            case.prepare(scene)
            write = scene.killed_after(number, case.task, case.run_id)
            if write is None:
                if number == 1:
                    scene.go_on(case.after, case.run_id)
                    table.add(scene, name, "-", "it writes nothing", "-")
                table.assert_good(first)
                return
            then(scene, case)
            table.add(scene, name, str(number), write.replace("/v1", ""), then.__name__)


def retry(scene: Scene, case: Case) -> None:
    """Let Airflow try the task again, and go on. Where the run fails, the next night settles it."""
    if not scene.go_on((case.task, *case.after), case.run_id):
        scene.settle("the_next_night")


def next_night(scene: Scene, case: Case) -> None:
    """Let nobody try again: the next night begins."""
    scene.settle("the_next_night")
