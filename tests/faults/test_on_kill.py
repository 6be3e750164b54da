"""What becomes of the dream when a person acts on the task that waits for it. Only Airflow's answer is stood in for."""

from __future__ import annotations

import asyncio
from types import SimpleNamespace
from typing import Any

import pytest
from airflow.sdk.execution_time.task_runner import RuntimeTaskInstance
from structlog.testing import capture_logs

from tests.faults.stage import Stage
from tests.faults.watching import dream_in_flight, started, trigger_of, wait_for
from tests.support.faulty_proxy import Rule
from tests.support.injected_faults import cut_before, refusal, stalled

RUN = "tonight"
TASK = "wait_for_dream"
TI: Any = SimpleNamespace(dag_id="dream__support", task_id=TASK, run_id=RUN)


@pytest.fixture
def airflow_says(monkeypatch: pytest.MonkeyPatch) -> Any:
    """Let Airflow say in which state the task is now; an exception is a question that it does not answer."""

    def says(state: str | Exception | None) -> None:
        def get_task_states(dag_id: str, task_ids: list[str], run_ids: list[str], **_: Any) -> Any:
            assert (dag_id, task_ids, run_ids) == ("dream__support", [TASK], [RUN])
            if isinstance(state, Exception):
                raise state
            return {RUN: {TASK: state}} if state is not None else {}

        monkeypatch.setattr(RuntimeTaskInstance, "get_task_states", staticmethod(get_task_states))

    return says


def killing(dream: str, stage: Stage) -> asyncio.Task[None]:
    """Begin to kill the trigger, as Airflow does."""
    trigger = trigger_of(dream)
    trigger.task_instance = TI
    return asyncio.create_task(trigger.on_kill())


def killed(dream: str, stage: Stage) -> list[str]:
    """Wait for the dream, be cancelled by a person, and return what was said as an error."""

    async def main() -> None:
        trigger = trigger_of(dream)
        trigger.task_instance = TI
        (task,) = started([trigger])
        await wait_for(lambda: stage.proxy.requests, "a poll")
        task.cancel()
        await asyncio.gather(task, return_exceptions=True)
        await trigger.on_kill()
        await wait_for(lambda: asyncio.all_tasks() == {asyncio.current_task()}, "every task to end")

    with capture_logs() as logs:
        asyncio.run(main())
    return [log["event"] % log.get("positional_args", ()) for log in logs if log["log_level"] == "error"]


@pytest.mark.parametrize("state", ["failed", "success", "skipped", "upstream_failed", "removed"])
def test_a_task_that_is_given_up_cancels_its_dream(stage: Stage, airflow_says: Any, state: str) -> None:
    dream = dream_in_flight(stage)
    airflow_says(state)
    assert not killed(dream, stage)
    assert stage.client.beta.dreams.retrieve(dream).status == "canceled"


@pytest.mark.parametrize(
    "state", [None, "scheduled", "queued", "running", "deferred", "restarting", "up_for_retry"]
)
def test_a_task_that_is_cleared_leaves_its_dream_to_its_next_try(
    stage: Stage, airflow_says: Any, state: str | None
) -> None:
    dream = dream_in_flight(stage)
    airflow_says(state)
    assert not killed(dream, stage)
    assert stage.client.beta.dreams.retrieve(dream).status == "running"


def test_where_airflow_does_not_say_the_dream_goes_on_and_that_is_said_loudly(
    stage: Stage, airflow_says: Any
) -> None:
    dream = dream_in_flight(stage)
    airflow_says(RuntimeError("no answer"))
    (said,) = killed(dream, stage)
    assert dream in said
    assert "COULD NOT BE CANCELED" in said
    assert stage.client.beta.dreams.retrieve(dream).status == "running"


def test_a_dream_that_has_ended_by_itself_is_no_trouble(stage: Stage, airflow_says: Any) -> None:
    dream = dream_in_flight(stage)
    airflow_says("failed")

    async def main() -> None:
        await asyncio.to_thread(stage.finish)
        await killing(dream, stage)

    with capture_logs() as logs:
        asyncio.run(main())
    assert not [log for log in logs if log["log_level"] == "error"]
    assert stage.client.beta.dreams.retrieve(dream).status == "completed"


@pytest.mark.parametrize("fault", [refusal(403), cut_before], ids=["403", "cut"])
def test_a_cancel_that_fails_is_said_loudly(stage: Stage, airflow_says: Any, fault: Any) -> None:
    dream = dream_in_flight(stage)
    airflow_says("failed")
    stage.proxy.add(Rule(fault, lambda r: r.path.endswith("/cancel"), times=10**6))
    (said,) = killed(dream, stage)
    assert dream in said
    assert "COULD NOT BE CANCELED" in said


async def asked_to_cancel(stage: Stage) -> None:
    await wait_for(lambda: any(r.path.endswith("/cancel") for r in stage.proxy.requests), "the cancel")


def test_airflow_that_loses_patience_every_second_does_not_keep_a_dream_from_being_canceled(
    stage: Stage, airflow_says: Any
) -> None:
    dream = dream_in_flight(stage)
    airflow_says("failed")

    async def main() -> None:
        kill = killing(dream, stage)
        while not kill.done():
            await asyncio.sleep(0.001)
            kill.cancel()
        await wait_for(lambda: asyncio.all_tasks() == {asyncio.current_task()}, "every task to end")

    asyncio.run(main())
    assert stage.client.beta.dreams.retrieve(dream).status == "canceled"


def test_a_triggerer_that_stops_before_the_cancel_is_through_says_so_loudly(
    stage: Stage, airflow_says: Any
) -> None:
    dream = dream_in_flight(stage)
    airflow_says("failed")
    stage.proxy.add(Rule(stalled, lambda r: r.path.endswith("/cancel")))

    async def main() -> None:
        killing(dream, stage)
        await asked_to_cancel(stage)

    with capture_logs() as logs:
        asyncio.run(main())
    (said,) = [log["event"] % log.get("positional_args", ()) for log in logs if log["log_level"] == "error"]
    assert dream in said
    assert "COULD NOT BE CANCELED" in said
