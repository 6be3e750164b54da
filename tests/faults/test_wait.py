"""How a wait ends: by the dream, by its budget, by its deadline, and what it leaves."""

from __future__ import annotations

import threading
from typing import Any

import pytest

from dreamflow.errors import BudgetExceeded, DreamFailed, DreamTimedOut
from include.managed_agents.dreams.engine import Usage
from include.managed_agents.settings import Price
from tests.faults.conftest import SetStage
from tests.faults.stage import Stage
from tests.faults.test_taking_over import launched
from tests.support.faulty_proxy import Exchange, Request, Rule
from tests.support.injected_faults import refusal
from tests.support.workspace import until

#: What reading one session uses: 300,000 tokens for three.
READING = Usage(input_tokens=40_000, output_tokens=10_000, cache_read_input_tokens=50_000)


def is_cancel(request: Request) -> bool:
    return request.path.endswith("/cancel")


def is_poll(request: Request) -> bool:
    return request.call.phase == "wait_for_dream.trigger" and request.path == "/v1/dreams"


def assert_canceled(stage: Stage, night: Any) -> None:
    (dream,) = stage.dreams()
    assert dream.status == "canceled"
    assert stage.client.beta.memory_stores.retrieve(dream.outputs[0].memory_store_id).archived_at
    assert not night.files.read_marker()
    used = night.left("wait_for_dream", "usage")
    assert used["input_tokens"] == dream.usage.input_tokens


def never_open(stage: Stage) -> None:
    stage.proxy.on_answered = lambda request, reply: None


def test_past_its_token_budget_a_dream_is_canceled_and_the_task_fails_with_the_figure(set_stage: SetStage) -> None:
    with set_stage(reading=READING, dream={"budget": {"tokens": 299_999}}) as stage:
        never_open(stage)
        night = stage.night()
        assert night.run() == "failed"
        assert isinstance(night.errors[-1], BudgetExceeded), night.errors
        assert "300,000" in night.message
        assert "299,999" in night.message
        assert night.record.try_number("wait_for_dream") == 1
        assert_canceled(stage, night)


def test_past_its_budget_in_dollars_a_dream_is_canceled_and_the_task_fails_with_the_figure(set_stage: SetStage) -> None:
    settings = {"price": Price(5.0, 25.0)}
    with set_stage(reading=READING, settings=settings, dream={"budget": {"usd": 1.2}}) as stage:
        never_open(stage)
        night = stage.night()
        assert night.run() == "failed"
        assert isinstance(night.errors[-1], BudgetExceeded), night.errors
        assert "1.20" in night.message
        assert night.left("wait_for_dream", "usage")["list_cost"] > 1.2
        assert_canceled(stage, night)


def test_at_its_budget_a_dream_goes_on(set_stage: SetStage) -> None:
    with set_stage(reading=READING, dream={"budget": {"tokens": 10**6}}) as stage:
        assert stage.night().run() == "success"


def test_past_its_deadline_a_dream_is_canceled_and_the_task_fails_with_the_deadline(set_stage: SetStage) -> None:
    with set_stage(dream={"timeout": "PT1S"}) as stage:
        never_open(stage)
        night = stage.night()
        assert night.run() == "failed"
        assert isinstance(night.errors[-1], DreamTimedOut), night.errors
        assert "dream.timeout" in night.message
        assert_canceled(stage, night)


def test_a_dream_that_completes_while_it_is_being_canceled_is_used(set_stage: SetStage) -> None:
    with set_stage(reading=READING, dream={"budget": {"tokens": 299_999}}) as stage:
        never_open(stage)

        async def complete_first(exchange: Exchange) -> None:
            import asyncio

            stage.gate.set()
            await asyncio.to_thread(until, lambda: stage.dreams()[0].status == "completed", "the dream to complete")
            await exchange.answer(await exchange.forward())

        stage.proxy.add(Rule(complete_first, is_cancel))
        night = stage.night()
        assert night.run() == "success", night.errors


@pytest.mark.parametrize("status", [403, 500])
def test_a_cancel_that_fails_is_said_loudly(set_stage: SetStage, status: int, capsys: pytest.CaptureFixture[str], caplog) -> None:
    with set_stage(reading=READING, dream={"budget": {"tokens": 299_999}}) as stage:
        never_open(stage)
        stage.proxy.add(Rule(refusal(status), is_cancel, times=10**6))
        night = stage.night()
        assert night.run() == "failed"
        (dream,) = stage.dreams()
        assert dream.status == "running"
        assert "COULD NOT BE CANCELED" in night.message
        assert dream.id in night.message
        assert night.files.read_marker()["dream_id"] == dream.id
        stage.proxy.rules.clear()
        stage.client.beta.dreams.cancel(dream.id)
        assert stage.unsettled_stores(night) == set()


def fail_next(stage: Stage, error_type: str) -> None:
    stage.client.post("/_control/dreams/fail_next", cast_to=object, body={"type": error_type})


def test_a_passing_failure_is_dreamed_again_and_what_it_left_is_archived(stage: Stage) -> None:
    fail_next(stage, "internal_error")
    night = stage.night()
    assert night.run() == "success", night.errors
    second, first = stage.dreams()
    assert (first.status, second.status) == ("failed", "completed")
    assert night.left("wait_for_dream")["dream_id"] == second.id
    assert isinstance(night.errors[0], DreamFailed)
    assert stage.unsettled_stores(night) == set()


def test_a_passing_failure_that_stays_is_paid_for_three_times_at_most(stage: Stage) -> None:
    for _ in range(5):
        fail_next(stage, "internal_error")
    night = stage.night()
    assert night.run() == "failed"
    assert len(stage.dreams()) == 3
    assert "internal_error" in night.message
    assert stage.unsettled_stores(night) == set()


@pytest.mark.parametrize("error_type", ["input_memory_store_too_large", "brand_new"])
def test_a_failure_that_will_not_pass_fails_at_once_with_advice(stage: Stage, error_type: str) -> None:
    fail_next(stage, error_type)
    night = stage.night()
    assert night.run() == "failed"
    assert len(stage.dreams()) == 1
    assert night.record.try_number("wait_for_dream") == 1
    assert error_type in night.message
    assert stage.unsettled_stores(night) == set()


def test_a_new_dream_of_the_wait_is_the_runs_own_when_launch_is_cleared(stage: Stage) -> None:
    fail_next(stage, "internal_error")
    night = stage.night()
    assert night.run() == "success"
    second, _ = stage.dreams()
    night.record.clear("launch_dream", "wait_for_dream")
    assert night.run() == "success", night.errors
    assert [d.id for d in stage.dreams()][0] == second.id
    assert night.left("launch_dream") == {"dream_id": second.id}
    assert night.left("wait_for_dream")["dream_id"] == second.id


def test_a_cleared_launch_that_dreams_anew_is_what_the_wait_waits_for(stage: Stage) -> None:
    fail_next(stage, "internal_error")
    night = stage.night(new_dream=True)
    assert night.run() == "success"
    night.record.clear("launch_dream", "wait_for_dream")
    assert night.run() == "success", night.errors
    newest = stage.dreams()[0]
    assert len(stage.dreams()) == 3
    assert night.left("launch_dream") == {"dream_id": newest.id}
    assert night.left("wait_for_dream")["dream_id"] == newest.id
    assert stage.unsettled_stores(night) == set()
