"""How a wait ends: by the dream, by its budget, by its deadline, and what it leaves."""

from __future__ import annotations

import asyncio
from typing import Any

import pytest

from dreamflow.errors import BudgetExceeded, DreamTimedOut, DreamUnwatched
from tests.faults.conftest import SetStage
from tests.faults.stage import Stage
from tests.faults.waiting import PRICE, READING, Died, overspending
from tests.support.faulty_proxy import Exchange, Request, Rule
from tests.support.injected_faults import refusal, reply_lost
from tests.support.night import Night

#: Each is just below what reading uses.
BUDGETS: dict[str, tuple[dict[str, Any], str]] = {
    "tokens": ({"tokens": 299_999}, "300,000 tokens, over dream.budget.tokens: 299,999"),
    "dollars": ({"usd": 1.41}, "USD 1.42 at list price, over dream.budget.usd: 1.41"),
}
FOREVER = 10**6


def is_cancel(request: Request) -> bool:
    return request.path.endswith("/cancel")


def assert_canceled_and_recorded(stage: Stage, night: Night) -> None:
    (dream,) = stage.dreams()
    assert dream.status == "canceled"
    assert stage.client.beta.memory_stores.retrieve(dream.outputs[0].memory_store_id).archived_at
    assert night.run_records.records.open_runs() == []
    used = night.left("wait_for_dream", "usage")
    assert used["dream_id"] == dream.id
    assert used["input_tokens"] == dream.usage.input_tokens
    assert dream.id in night.message
    assert (
        f"canceled, at {sum(used[kind] for kind in used if kind.endswith('tokens')):,} tokens"
        in night.message
    )


@pytest.mark.parametrize("watched", [True, False], ids=["in the trigger", "in the task"])
@pytest.mark.parametrize("budget", BUDGETS)
def test_past_its_budget_a_dream_is_canceled_and_the_task_fails_with_the_figure(
    set_stage: SetStage, budget: str, watched: bool
) -> None:
    limits, figure = BUDGETS[budget]
    with overspending(set_stage, limits, watched=watched) as stage:
        night = stage.night()
        assert night.run() == "failed"
        assert isinstance(night.errors[-1], BudgetExceeded), night.errors
        assert figure in night.message
        assert night.record.try_number("wait_for_dream") == 1
        assert_canceled_and_recorded(stage, night)


def test_within_its_budget_a_dream_goes_on(set_stage: SetStage) -> None:
    budget = {"tokens": 10**6, "usd": 10}
    with set_stage(reading=READING, settings={"price": PRICE}, dream={"budget": budget}) as stage:
        night = stage.night()
        assert night.run() == "success", night.errors
        assert night.left("wait_for_dream")["list_cost"] == pytest.approx(1.43, abs=0.02)


def test_past_its_deadline_a_dream_is_canceled_and_the_task_fails_with_the_deadline(
    set_stage: SetStage,
) -> None:
    with set_stage(dream={"timeout": "PT1S"}) as stage:
        stage.finishes = False
        night = stage.night()
        assert night.run() == "failed"
        assert isinstance(night.errors[-1], DreamTimedOut), night.errors
        assert "dream.timeout" in night.message
        assert_canceled_and_recorded(stage, night)


@pytest.mark.parametrize("watched", [True, False], ids=["in the trigger", "in the task"])
def test_a_dream_that_completes_while_it_is_being_canceled_is_used(
    set_stage: SetStage, watched: bool
) -> None:
    with overspending(set_stage, {"tokens": 299_999}, watched=watched) as stage:

        async def complete_first(exchange: Exchange) -> None:
            await asyncio.to_thread(stage.finish)
            await exchange.answer(await exchange.forward())

        rule = stage.proxy.add(Rule(complete_first, is_cancel))
        night = stage.night()
        assert night.run() == "success", night.errors
        assert rule.struck
        (dream,) = stage.dreams()
        assert night.left("wait_for_dream")["dream_id"] == dream.id


@pytest.mark.parametrize("watched", [True, False], ids=["in the trigger", "in the task"])
def test_a_cancel_whose_reply_is_lost_is_told_as_what_it_was(set_stage: SetStage, watched: bool) -> None:
    with overspending(set_stage, {"tokens": 299_999}, watched=watched) as stage:
        rule = stage.proxy.add(Rule(reply_lost, is_cancel, times=3))
        night = stage.night()
        assert night.run() == "failed"
        assert rule.struck
        assert isinstance(night.errors[-1], BudgetExceeded), night.errors
        assert_canceled_and_recorded(stage, night)


@pytest.mark.parametrize("status", [403, 500])
def test_a_cancel_that_fails_is_said_loudly_and_the_dream_is_left_to_the_next_settle(
    set_stage: SetStage, status: int
) -> None:
    with overspending(set_stage, {"tokens": 299_999}, watched=False) as stage:
        stage.proxy.add(Rule(refusal(status), is_cancel, times=FOREVER))
        night = stage.night()
        assert night.run() == "failed"
        (dream,) = stage.dreams()
        assert dream.status == "running"
        assert "COULD NOT BE CANCELED" in night.message
        assert "cancel it by hand" in night.message
        assert dream.id in night.message
        # What may pass is tried again, by every retry that there is.
        assert night.record.try_number("wait_for_dream") == (6 if status == 500 else 1)
        note = night.run_records.journal().dream
        assert note is not None
        assert note.dream_id == dream.id
        stage.proxy.rules.clear()
        stage.client.beta.dreams.cancel(dream.id)
        assert stage.unsettled_stores(night) == set()


def test_a_canceled_dream_is_told_as_over_budget_though_its_last_reading_fails(set_stage: SetStage) -> None:
    """The task is tried again, and finds a canceled dream: it still knows who canceled it, and why."""
    with overspending(set_stage, {"tokens": 299_999}, watched=False) as stage:

        def is_last_reading(request: Request) -> bool:
            canceled = any(is_cancel(earlier) for earlier in stage.proxy.requests)
            return canceled and request.method == "GET" and request.path.startswith("/v1/dreams/")

        rule = stage.proxy.add(Rule(refusal(500), is_last_reading, times=3))
        night = stage.night()
        assert night.run() == "failed"
        assert rule.struck == 3
        assert night.record.try_number("wait_for_dream") == 2
        assert isinstance(night.errors[-1], BudgetExceeded), night.errors
        assert_canceled_and_recorded(stage, night)


def is_poll(request: Request) -> bool:
    return request.call.phase == "wait_for_dream.trigger" and request.path == "/v1/dreams"


def test_polls_that_are_refused_end_no_wait_where_the_worker_can_read_the_dream(set_stage: SetStage) -> None:
    """The dream stays watched: what it uses is held to its budget, by whoever can read it."""
    with overspending(set_stage, {"tokens": 299_999}, watched=False) as stage:
        stage.may_read.clear()
        refused = stage.proxy.add(Rule(refusal(403), is_poll, times=25))
        night = stage.night()
        assert night.run() == "failed"
        assert refused.struck == 25
        assert sum(r.call.phase == "wait_for_dream.resume" for r in stage.proxy.requests) > 2
        assert night.record.try_number("wait_for_dream") == 1
        assert isinstance(night.errors[-1], BudgetExceeded), night.errors
        assert_canceled_and_recorded(stage, night)


def test_a_dream_that_nobody_can_read_is_said_to_be_watched_by_nobody_and_tried_again(stage: Stage) -> None:
    def is_refused(request: Request) -> bool:
        return request.call.phase.startswith("wait_for_dream")

    stage.finishes = False
    refused = stage.proxy.add(Rule(refusal(403), is_refused, times=3))
    night = stage.night()
    night.pause = lambda seconds: stage.finish() if refused.struck == 3 else None
    assert night.run() == "success", night.errors
    assert len(night.errors) == 3
    assert all(isinstance(error, DreamUnwatched) for error in night.errors)
    assert "is watched by nobody now, and may go on spending" in night.message
    assert "403" in night.message
    assert "Check the API key" in night.message


def test_a_service_that_is_away_for_long_costs_no_try_and_its_dream_stays_watched(
    set_stage: SetStage,
) -> None:
    """Neither the trigger's polls nor the worker's reads are answered, many times over."""
    with overspending(set_stage, {"tokens": 299_999}) as stage:
        away = stage.proxy.add(
            Rule(refusal(500), lambda r: r.call.phase.startswith("wait_for_dream."), times=80)
        )
        night = stage.night()
        assert night.run() == "failed"
        assert away.struck == 80
        assert night.record.try_number("wait_for_dream") == 1
        assert_canceled_and_recorded(stage, night)


@pytest.mark.parametrize("status", [401, 500])
def test_a_wait_that_fails_says_that_its_dream_may_go_on_spending(set_stage: SetStage, status: int) -> None:
    with overspending(set_stage, {"tokens": 10**9}) as stage:
        stage.data["dream"]["timeout"] = "PT1S"
        stage.proxy.add(
            Rule(refusal(status), lambda r: r.call.phase.startswith("wait_for_dream"), times=FOREVER)
        )
        night = stage.night()
        assert night.run() == "failed"
        (dream,) = stage.dreams()
        assert isinstance(night.errors[-1], DreamUnwatched)
        assert f"dream {dream.id} is watched by nobody now, and may go on spending" in night.message
        # With every retry that there is: a key may be mended meanwhile.
        assert night.record.try_number("wait_for_dream") == 6


def test_the_deadline_is_counted_anew_from_a_clear_and_not_from_a_retry(stage: Stage) -> None:
    stage.finishes = False
    night = stage.night()
    deadlines: list[str] = []
    stage.proxy.add(Rule(refusal(403), lambda r: is_poll(r) and len(deadlines) == 1, times=FOREVER))
    stage.proxy.add(Rule(refusal(403), lambda r: r.call.phase == "wait_for_dream.resume"))

    def enter(phase: str) -> None:
        stage.enter(phase)
        if phase == "wait_for_dream.trigger":
            deferred = night.record.deferred("wait_for_dream")
            assert deferred is not None
            deadlines.append(deferred["kwargs"]["deadline"])
            if len(deadlines) == 2:
                raise Died

    night.enter = enter
    with pytest.raises(Died):
        night.run()
    assert night.record.try_number("wait_for_dream") == 2
    night.record.clear("wait_for_dream")
    stage.finishes = True
    assert night.run() == "success", night.errors
    first, retried, cleared = deadlines
    assert first == retried < cleared
