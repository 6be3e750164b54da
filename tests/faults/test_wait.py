"""How a wait ends: by the dream, by its budget, by its deadline, and what it leaves."""

from __future__ import annotations

import asyncio
from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any

import pytest

from dreamflow import storage
from dreamflow.errors import BudgetExceeded, DreamFailed, DreamTimedOut, DreamUnwatched
from include.managed_agents.settings import Price
from include.managed_agents.usage import Usage
from tests.faults.conftest import SetStage
from tests.faults.stage import Stage
from tests.support.faulty_proxy import Exchange, Request, Rule
from tests.support.injected_faults import refusal, reply_lost
from tests.support.night import Night

#: What reading one session uses. Tonight's three use 300,000 tokens, which cost USD 1.425 at the price below.
READING = Usage(input_tokens=40_000, output_tokens=10_000, cache_read_input_tokens=50_000)
PRICE = Price(input_usd=5.0, output_usd=25.0)
#: Each is just below what reading uses.
BUDGETS: dict[str, tuple[dict[str, Any], str]] = {
    "tokens": ({"tokens": 299_999}, "300,000 tokens, over dream.budget.tokens: 299,999"),
    "dollars": ({"usd": 1.41}, "USD 1.42 at list price, over dream.budget.usd: 1.41"),
}
FOREVER = 10**6


def is_cancel(request: Request) -> bool:
    return request.path.endswith("/cancel")


@contextmanager
def overspending(set_stage: SetStage, budget: dict[str, Any], *, watched: bool = True) -> Iterator[Stage]:
    """
    Set a stage on which the dream uses more than its budget, and does not end by itself.

    :param watched: whether a trigger sees it happen, or the task finds it so.
    """
    dream = {"budget": budget, "timeout": "PT30S"}
    with set_stage(reading=READING, settings={"price": PRICE}, dream=dream) as stage:
        stage.finishes = False
        if watched:
            stage.may_read.clear()
        yield stage


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


def fail_next(stage: Stage, error_type: str, times: int = 1) -> None:
    for _ in range(times):
        stage.client.post("/_control/dreams/fail_next", cast_to=object, body={"type": error_type})


def test_a_passing_failure_is_dreamed_again_and_what_it_left_is_archived(stage: Stage) -> None:
    fail_next(stage, "internal_error")
    night = stage.night()
    assert night.run() == "success", night.errors
    second, first = stage.dreams()
    assert (first.status, second.status) == ("failed", "completed")
    assert isinstance(night.errors[0], DreamFailed)
    assert night.left("wait_for_dream")["dream_id"] == second.id
    assert night.left("wait_for_dream")["output_store_id"] == second.outputs[0].memory_store_id
    assert stage.unsettled_stores(night) == set()


def test_a_passing_failure_that_stays_is_paid_for_three_times_at_most(stage: Stage) -> None:
    fail_next(stage, "internal_error", times=9)
    night = stage.night()
    assert night.run() == "failed"
    assert [dream.status for dream in stage.dreams()] == ["failed"] * 3
    assert "internal_error" in night.message
    assert stage.unsettled_stores(night) == set()


@pytest.mark.parametrize("error_type", ["input_memory_store_too_large", "brand_new"])
def test_a_failure_that_will_not_pass_fails_at_once_and_names_its_cause(
    stage: Stage, error_type: str
) -> None:
    fail_next(stage, error_type)
    night = stage.night()
    assert night.run() == "failed"
    assert len(stage.dreams()) == 1
    assert night.record.try_number("wait_for_dream") == 1
    assert error_type in night.message
    assert stage.unsettled_stores(night) == set()


def resumes_fail(stage: Stage, dreams: int, times: int = 3) -> Rule:
    """Let the task that is resumed after so many dreams find no answer: the SDK asks three times."""
    return stage.proxy.add(
        Rule(
            refusal(500),
            lambda r: r.call.phase == "wait_for_dream.resume" and len(stage.dreams()) == dreams,
            times=times,
        )
    )


def test_a_new_dream_that_failed_for_good_is_judged_before_another_is_paid_for(stage: Stage) -> None:
    fail_next(stage, "internal_error")
    fail_next(stage, "input_memory_store_too_large", times=9)
    resumes_fail(stage, dreams=2)
    night = stage.night()
    assert night.run() == "failed"
    assert "input_memory_store_too_large" in night.message
    assert len(stage.dreams()) == 2


def test_a_new_dream_that_went_over_budget_is_not_followed_by_another(set_stage: SetStage) -> None:
    with overspending(set_stage, {"tokens": 299_999}) as stage:
        fail_next(stage, "internal_error")
        resumes_fail(stage, dreams=2)
        night = stage.night()
        assert night.run() == "failed"
        assert isinstance(night.errors[-1], BudgetExceeded), night.errors
        assert [dream.status for dream in stage.dreams()] == ["canceled", "failed"]


def test_however_often_resumes_die_no_more_than_three_dreams_are_paid_for(stage: Stage) -> None:
    fail_next(stage, "internal_error", times=9)
    for dreams in (1, 2, 3):
        resumes_fail(stage, dreams)
    night = stage.night()
    assert night.run() == "failed"
    night.record.clear("wait_for_dream")
    assert night.run() == "failed"
    assert len(stage.dreams()) == 3
    assert stage.unsettled_stores(night) == set()


class Died(BaseException):
    """The worker is gone."""


def test_a_new_dream_whose_id_was_never_noted_is_known_to_a_cleared_launch(
    stage: Stage, monkeypatch: pytest.MonkeyPatch
) -> None:
    fail_next(stage, "internal_error")
    night = stage.night()

    def write_text(uri: str, text: str) -> None:
        if len(stage.dreams()) == 2:
            raise Died
        at_first(uri, text)

    at_first = storage.write_text
    with monkeypatch.context() as patch:
        patch.setattr(storage, "write_text", write_text)
        with pytest.raises(Died):
            night.run()
    stage.finish()
    night.record.clear("launch_dream", "wait_for_dream")
    assert night.run() == "success", night.errors
    second, _ = stage.dreams()
    assert night.left("launch_dream") == {"dream_id": second.id}
    assert stage.unsettled_stores(night) == set()


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


def test_a_dream_that_somebody_canceled_is_not_dreamed_again_by_itself(stage: Stage) -> None:
    night = stage.night()
    assert night.run(["collect_sessions", "launch_dream"]) == "success"
    stage.client.beta.dreams.cancel(stage.dreams()[0].id)
    assert night.run() == "failed"
    assert len(stage.dreams()) == 1
    assert "was canceled" in night.message
    assert stage.unsettled_stores(night) == set()


def test_a_new_dream_of_the_wait_is_the_runs_own_when_the_launch_is_cleared(stage: Stage) -> None:
    fail_next(stage, "internal_error")
    night = stage.night()
    assert night.run() == "success"
    second = stage.dreams()[0]
    night.record.clear("launch_dream", "wait_for_dream")
    assert night.run() == "success", night.errors
    assert len(stage.dreams()) == 2
    assert night.left("launch_dream") == {"dream_id": second.id}
    assert night.left("wait_for_dream")["dream_id"] == second.id


def test_what_a_cleared_launch_dreams_anew_is_what_the_wait_waits_for(stage: Stage) -> None:
    fail_next(stage, "internal_error")
    night = stage.night(new_dream=True)
    assert night.run() == "success"
    night.record.clear("launch_dream", "wait_for_dream")
    assert night.run() == "success", night.errors
    third = stage.dreams()[0]
    assert len(stage.dreams()) == 3
    assert night.left("launch_dream") == {"dream_id": third.id}
    assert night.left("wait_for_dream")["dream_id"] == third.id
    assert stage.unsettled_stores(night) == set()


def test_a_failure_after_a_clear_has_its_own_new_dreams(set_stage: SetStage) -> None:
    with set_stage(night={"dreams": 5}) as stage:
        fail_next(stage, "internal_error", times=3)
        night = stage.night(new_dream=True)
        assert night.run() == "failed"
        fail_next(stage, "internal_error")
        night.record.clear("launch_dream", "wait_for_dream")
        assert night.run() == "success", night.errors
        assert len(stage.dreams()) == 5
        assert night.left("wait_for_dream")["dream_id"] == stage.dreams()[0].id
        assert stage.unsettled_stores(night) == set()


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
