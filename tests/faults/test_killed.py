"""kill -9 of the process between any two steps of collect, launch and wait: one dream all the same."""

from __future__ import annotations

import os
import signal
from collections.abc import Callable
from dataclasses import dataclass
from multiprocessing.process import BaseProcess
from pathlib import Path
from typing import Any

import pytest

from dreamflow.tasks import COLLECT_SESSIONS, LAUNCH_DREAM, WAIT_FOR_DREAM
from tests.faults.clean_run import EVERY_CALL, assert_one_dream
from tests.faults.conftest import SetStage
from tests.faults.stage import Past, Stage, connection_to, staged
from tests.support.faulty_proxy import Call, Request, Rule
from tests.support.injected_faults import calling
from tests.support.mortal_process import PATIENCE, Orders, start
from tests.support.night import NIGHT
from tests.support.run_record import RunRecord


def orders_of(stage: Stage, die_at: int = 0) -> Orders:
    stage.proxy.on_phase = stage.enter
    return Orders(
        stage.data,
        connection_to(stage.proxy.url),
        stage.proxy.url,
        str(record_file(stage)),
        str(stage.folder / "steps.txt"),
        die_at,
    )


def record_file(stage: Stage) -> Path:
    return stage.folder / "record.json"


def run_to_the_end(stage: Stage) -> RunRecord:
    """Go on in a new process, and find one dream."""
    process = start(orders_of(stage))
    process.join(PATIENCE)
    assert process.exitcode == 0
    record = RunRecord("tonight", record_file(stage))
    night = stage.night(record=record)
    assert [record.ended(task) for task in NIGHT] == ["success"] * len(NIGHT)
    assert_one_dream(stage, night)
    assert stage.unsettled_stores(night) == set()
    return record


def assert_killed(process: BaseProcess) -> None:
    process.join(PATIENCE)
    assert process.exitcode == -signal.SIGKILL


@dataclass(frozen=True)
class Undisturbed:
    """
    What a run does when nothing disturbs it.

    :ivar calls: its calls; how often a trigger polls depends on the moment: of each kind of its calls, the first.
    :ivar steps: what it writes to its files, a line before and a line after.
    :ivar collected: what collect_sessions leaves.
    """

    calls: list[Call]
    steps: list[str]
    collected: dict[str, Any]

    def calls_of(self, *tasks: str) -> list[Call]:
        return [call for call in self.calls if call.phase.split(".")[0] in tasks]

    def skip_collect(self, stage: Stage) -> None:
        """Let the run have collected already."""
        record = RunRecord("tonight", record_file(stage))
        record.leave(COLLECT_SESSIONS, "return_value", self.collected)
        record.end(COLLECT_SESSIONS, "success")


@pytest.fixture(scope="module")
def undisturbed(past: Past, tmp_path_factory: pytest.TempPathFactory) -> Undisturbed:
    with staged(past, tmp_path_factory.mktemp("undisturbed"), **EVERY_CALL) as stage:
        record = run_to_the_end(stage)
        steps = (stage.folder / "steps.txt").read_text().splitlines()
        calls = [call for call in stage.proxy.calls if call.phase != "settle"]
        firsts = [call for call in calls if not call.phase.endswith(".trigger") or call.nth == 1]
        return Undisturbed(firsts, steps, record.left(COLLECT_SESSIONS))


def killed_at(stage: Stage, matches: Callable[[Request], bool], *, first: int = 1, after: bool) -> None:
    """Run in a new process, which is killed at a request: before the service sees it, or after it has answered."""
    doomed: list[BaseProcess] = []

    def kill() -> None:
        (process,) = doomed
        assert process.pid is not None
        os.kill(process.pid, signal.SIGKILL)

    stage.proxy.rules = [Rule(calling(kill, after=after), matches, first)]
    doomed.append(start(orders_of(stage)))
    assert_killed(doomed[0])


def is_of_kind(call: Call) -> Callable[[Request], bool]:
    return lambda request: (request.call.phase, request.call.what) == (call.phase, call.what)


def asks_the_same(call: Call) -> Callable[[Request], bool]:
    """A task that died after it was resumed begins anew: it asks the same, in another phase."""
    task = call.phase.split(".")[0]
    return lambda r: r.call.phase.split(".")[0] == task and r.call.what == call.what


def test_killed_before_and_after_any_request_a_run_ends_with_one_dream(
    undisturbed: Undisturbed, set_stage: SetStage, subtests: pytest.Subtests
) -> None:
    """The run dies twice: before the service sees the request, and when it comes to it again, after the answer."""
    for call in undisturbed.calls_of(LAUNCH_DREAM, WAIT_FOR_DREAM):
        with subtests.test(str(call)), set_stage(**EVERY_CALL) as stage:
            undisturbed.skip_collect(stage)
            killed_at(stage, is_of_kind(call), first=call.nth, after=False)
            killed_at(stage, asks_the_same(call), after=True)
            run_to_the_end(stage)


def test_killed_while_it_collects_a_run_ends_with_one_dream(
    undisturbed: Undisturbed, set_stage: SetStage, subtests: pytest.Subtests
) -> None:
    """Collecting changes nothing anywhere, so it does not matter where it dies: the first call and the last."""
    calls = undisturbed.calls_of(COLLECT_SESSIONS)
    for call in (calls[0], calls[-1]):
        with subtests.test(str(call)), set_stage(**EVERY_CALL) as stage:
            killed_at(stage, is_of_kind(call), first=call.nth, after=True)
            run_to_the_end(stage)


def test_killed_between_any_two_writes_of_its_own_a_run_ends_with_one_dream(
    undisturbed: Undisturbed, set_stage: SetStage, subtests: pytest.Subtests
) -> None:
    """Before each write to the journal or another of the run's files, and after the last."""
    numbers = range(1, len(undisturbed.steps) + 1)
    for number in [*numbers[::2], numbers[-1]]:
        with subtests.test(undisturbed.steps[number - 1]), set_stage(**EVERY_CALL) as stage:
            undisturbed.skip_collect(stage)
            assert_killed(start(orders_of(stage, die_at=number)))
            run_to_the_end(stage)
