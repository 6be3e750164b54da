"""kill -9 of the process between any two steps of collect, launch and wait: one dream all the same."""

from __future__ import annotations

import os
import signal
from dataclasses import dataclass
from multiprocessing.process import BaseProcess

import pytest

from tests.faults.clean_run import EVERY_CALL, assert_one_dream
from tests.faults.conftest import SetStage
from tests.faults.stage import Past, Stage, connection_to, staged
from tests.support.faulty_proxy import Call, Rule
from tests.support.injected_faults import calling
from tests.support.mortal_process import Orders, start
from tests.support.run_record import RunRecord


def orders_of(stage: Stage, die_at: int = 0) -> Orders:
    stage.proxy.on_phase = stage.enter
    return Orders(
        stage.data,
        connection_to(stage.proxy.url),
        stage.proxy.url,
        str(stage.folder / "record.json"),
        str(stage.folder / "steps.txt"),
        die_at,
    )


def run_to_the_end(stage: Stage) -> None:
    """Go on in a new process, and find one dream."""
    process = start(orders_of(stage))
    process.join(60)
    assert process.exitcode == 0
    night = stage.night(record=RunRecord("tonight", stage.folder / "record.json"))
    assert [night.record.ended(task) for task in ("collect_sessions", "launch_dream", "wait_for_dream")] == [
        "success"
    ] * 3
    assert_one_dream(stage, night)
    assert stage.unsettled_stores(night) == set()


@dataclass(frozen=True)
class Undisturbed:
    """
    What a run does when nothing disturbs it.

    :ivar calls: its calls; how often a trigger polls depends on the moment: of each kind of its calls, the first.
    :ivar steps: what it writes to its tasks' state and its files, each before and after.
    """

    calls: list[Call]
    steps: list[str]


@pytest.fixture(scope="module")
def undisturbed(past: Past, tmp_path_factory: pytest.TempPathFactory) -> Undisturbed:
    with staged(past, tmp_path_factory.mktemp("undisturbed"), **EVERY_CALL) as stage:
        run_to_the_end(stage)
        steps = (stage.folder / "steps.txt").read_text().splitlines()
        calls = [c for c in stage.proxy.calls if c.phase != "settle"]
        return Undisturbed([c for c in calls if not c.phase.endswith(".trigger") or c.nth == 1], steps)


@pytest.mark.parametrize("after", [False, True], ids=["before", "after"])
def test_killed_at_any_request_a_run_ends_with_one_dream(
    undisturbed: Undisturbed, set_stage: SetStage, subtests: pytest.Subtests, after: bool
) -> None:
    for call in undisturbed.calls:
        with subtests.test(str(call)), set_stage(**EVERY_CALL) as stage:
            process: BaseProcess

            def kill() -> None:
                assert process.pid is not None  # noqa: B023
                os.kill(process.pid, signal.SIGKILL)  # noqa: B023

            stage.proxy.add(Rule.at(call, calling(kill, after=after)))
            process = start(orders_of(stage))
            process.join(60)
            assert process.exitcode == -signal.SIGKILL
            run_to_the_end(stage)


def test_killed_at_any_write_of_its_own_a_run_ends_with_one_dream(
    undisturbed: Undisturbed, set_stage: SetStage, subtests: pytest.Subtests
) -> None:
    for number, step in enumerate(undisturbed.steps, 1):
        with subtests.test(step), set_stage(**EVERY_CALL) as stage:
            process = start(orders_of(stage, die_at=number))
            process.join(60)
            assert process.exitcode == -signal.SIGKILL
            run_to_the_end(stage)
