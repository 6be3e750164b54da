"""What becomes of a fleet's dreams when a person acts on the task that waits for them all."""

from __future__ import annotations

import asyncio
from datetime import UTC, datetime
from types import SimpleNamespace
from typing import Any

import pytest
from airflow.jobs.triggerer_job_runner import TriggerRunner
from airflow.sdk.execution_time.task_runner import RuntimeTaskInstance
from structlog.testing import capture_logs

from dreamflow.triggers.all_of import AllOf
from tests.faults.fleet_watching import all_dreams, canceled, in_flight, in_seconds, lost_sight_of, said
from tests.faults.stage import Stage
from tests.faults.watching import POLL, wait_for
from tests.support.faulty_proxy import Rule
from tests.support.injected_faults import cut_before, refusal, stalled
from tests.support.workspace import new_sessions

RUN, TASK = "tonight", "wait_for_dream"
DRAIN = "dreamflow.triggers.session.DrainTrigger"
FOREVER = 10**6


class Asked:
    """Airflow, asked in which state the task is; an exception is a question that it does not answer."""

    def __init__(self, state: str | Exception | None, name: str = TASK) -> None:
        self.state = state
        self.name = name
        self.times = 0

    def get_task_states(self, dag_id: str, task_ids: list[str], run_ids: list[str], **_: Any) -> Any:
        assert (dag_id, task_ids, run_ids) == ("dream__support", [TASK], [RUN])
        self.times += 1
        if isinstance(self.state, Exception):
            raise self.state
        return {RUN: {self.name: self.state}}


@pytest.fixture
def asked(monkeypatch: pytest.MonkeyPatch) -> Any:
    def answers(state: str | Exception | None, name: str = TASK) -> Asked:
        asked = Asked(state, name)
        monkeypatch.setattr(RuntimeTaskInstance, "get_task_states", asked.get_task_states)
        return asked

    return answers


def killed(trigger: AllOf, stage: Stage, map_index: int = -1, ended: int = 0) -> list[str]:
    """Let Airflow run the trigger, and cancel it as when a person acts on its task; return what is said loudly."""
    known = {"dag_id": "dream__support", "task_id": TASK, "run_id": RUN, "map_index": map_index}
    ti: Any = SimpleNamespace(**known, id="1", try_number=1, context_carrier=None)
    trigger.task_instance = ti

    async def main() -> None:
        runner = TriggerRunner()
        task = asyncio.create_task(runner.run_trigger(1, trigger))
        runner.triggers[1] = {"task": task, "is_watcher": False, "name": "all", "events": 0}
        await wait_for(lambda: stage.proxy.requests and len(trigger._events) == ended, "a poll")
        runner.to_cancel.append(1)
        await runner.cancel_triggers()
        await asyncio.wait([task])
        assert task.cancelled()
        await wait_for(lambda: asyncio.all_tasks() == {asyncio.current_task()}, "every task to end")

    with capture_logs() as logs:
        asyncio.run(main())
    return said(logs, "error")


def test_a_task_that_is_given_up_cancels_all_dreams_and_asks_airflow_once(stage: Stage, asked: Any) -> None:
    dreams = in_flight(stage, 40)
    airflow = asked("failed")
    assert not killed(all_dreams(dreams), stage)
    assert airflow.times == 1
    assert canceled(stage, dreams) == set(dreams)


def test_a_shard_of_a_task_is_asked_for_as_airflow_names_it(stage: Stage, asked: Any) -> None:
    dreams = in_flight(stage, 2)
    asked("failed", name=f"{TASK}_3")
    assert not killed(all_dreams(dreams), stage, map_index=3)
    assert canceled(stage, dreams) == set(dreams)


def test_a_task_that_is_cleared_leaves_all_dreams_to_its_next_try(stage: Stage, asked: Any) -> None:
    dreams = in_flight(stage, 3)
    airflow = asked("scheduled")
    assert not killed(all_dreams(dreams), stage)
    assert airflow.times == 1
    assert canceled(stage, dreams) == set()


def test_who_is_over_is_not_canceled_and_who_is_gone_is_no_trouble(stage: Stage, asked: Any) -> None:
    dreams = in_flight(stage, 3)
    stage.client.beta.dreams.cancel(dreams["depl_0"])
    asked("failed")
    assert not killed(all_dreams({**dreams, "gone": "drm_011111111111111111111111"}), stage, ended=2)
    cancels = {request.path for request in stage.proxy.requests if request.path.endswith("/cancel")}
    assert f"/v1/dreams/{dreams['depl_0']}/cancel" not in cancels
    assert canceled(stage, dreams) == set(dreams)


def test_one_that_was_lost_sight_of_is_canceled_too(stage: Stage, asked: Any) -> None:
    dreams = in_flight(stage, 3)
    trigger = lost_sight_of(stage, dreams["depl_1"], all_dreams(dreams))
    asked("failed")
    assert not killed(trigger, stage, ended=1)
    assert canceled(stage, dreams) == set(dreams)


@pytest.mark.parametrize("fault", [refusal(403), cut_before], ids=["403", "cut"])
def test_each_that_can_not_be_canceled_is_named_loudly_and_the_others_are_canceled(
    stage: Stage, asked: Any, fault: Any
) -> None:
    dreams = in_flight(stage, 3)
    asked("failed")
    stage.proxy.add(Rule(fault, lambda r: r.path == f"/v1/dreams/{dreams['depl_1']}/cancel", times=FOREVER))
    (loud,) = killed(all_dreams(dreams), stage)
    assert dreams["depl_1"] in loud
    assert "COULD NOT BE CANCELED" in loud
    assert canceled(stage, dreams) == {"depl_0", "depl_2"}


def test_where_airflow_does_not_say_each_dream_is_named_loudly(stage: Stage, asked: Any) -> None:
    dreams = in_flight(stage, 3)
    airflow = asked(RuntimeError("no answer"))
    loud = killed(all_dreams(dreams), stage)
    assert airflow.times == 1
    assert all("COULD NOT BE CANCELED" in line for line in loud)
    assert [any(dream in line for line in loud) for dream in dreams.values()] == [True] * 3


def test_what_is_not_canceled_in_time_is_named_loudly(
    stage: Stage, asked: Any, monkeypatch: pytest.MonkeyPatch
) -> None:
    dreams = in_flight(stage, 3)
    asked("failed")
    monkeypatch.setattr("dreamflow.triggers.all_of.KILL_PATIENCE", 4.0)
    stage.proxy.add(Rule(stalled, lambda r: r.path == f"/v1/dreams/{dreams['depl_1']}/cancel", times=FOREVER))
    (loud,) = killed(all_dreams(dreams), stage)
    assert dreams["depl_1"] in loud
    assert canceled(stage, dreams) >= {"depl_0", "depl_2"}


def test_a_drain_has_nothing_to_cancel_and_asks_nobody(stage: Stage, asked: Any) -> None:
    new_sessions(stage.client, stage.past.workspace, "late", memory_store_id=stage.past.live)
    airflow = asked("failed")
    now = datetime.now(UTC).isoformat()
    common = {"conn_id": "proxied", "idle_for": 600.0, "poll_interval": POLL, "not_before": now}
    each = {"depl_1": {"memory_store_id": stage.past.live, "deadline": in_seconds(60)}}
    assert not killed(AllOf(DRAIN, common, each), stage)
    assert airflow.times == 0
