"""Two dreams of one request, where a create is processed late: one is kept, and the other spends no further."""

from __future__ import annotations

import asyncio
import json
from typing import Any

import pytest
from anthropic.types.beta import BetaDream

from tests.faults.stage import Stage
from tests.faults.test_taking_over import LAUNCH, is_create, launch_again
from tests.support.faulty_proxy import Exchange, Request, Rule
from tests.support.injected_faults import refusal
from tests.support.night import Night
from tests.support.workspace import open_stores, until


class LateCreate:
    """A create that the network keeps back, while its sender hears of a broken connection."""

    def __init__(self, stage: Stage, first: int = 1) -> None:
        self._stage = stage
        self._kept_back: dict[str, Any] = {}
        self.rule = stage.proxy.add(Rule(self._keep, is_create, first))

    async def _keep(self, exchange: Exchange) -> None:
        self._kept_back = json.loads(exchange.request.body)
        exchange.cut()

    def arrive(self) -> None:
        """Let the service process it, and the dream clone its input."""
        client = self._stage.client
        dream = client.beta.dreams.create(**self._kept_back)
        until(
            lambda: bool(client.beta.dreams.retrieve(dream.id).outputs), "the late dream to clone its input"
        )


@pytest.fixture
def late(stage: Stage) -> LateCreate:
    return LateCreate(stage)


def others(stage: Stage, kept: str) -> list[BetaDream]:
    return [dream for dream in stage.dreams() if dream.id != kept]


def assert_given_up(stage: Stage, dream: BetaDream) -> None:
    """The dream is over, by cancel where it had not ended, and nothing of it is left open."""
    assert dream.status in ("canceled", "completed")
    assert {output.memory_store_id for output in dream.outputs}.isdisjoint(open_stores(stage.client))


def test_a_create_that_comes_after_the_next_one_is_canceled_by_the_launch(stage: Stage) -> None:
    late = LateCreate(stage)

    async def both(exchange: Exchange) -> None:
        reply = await exchange.forward()
        await asyncio.to_thread(late.arrive)
        await exchange.answer(reply)

    stage.proxy.add(Rule(both, is_create))
    night = stage.night()
    assert night.run(LAUNCH) == "success", night.errors
    kept = night.left("launch_dream")["dream_id"]
    (other,) = others(stage, kept)
    assert other.status == "canceled"
    assert stage.client.beta.dreams.retrieve(kept).status in ("pending", "running")
    assert night.run() == "success", night.errors
    assert night.left("wait_for_dream")["dream_id"] == kept
    assert_given_up(stage, *others(stage, kept))
    assert stage.unsettled_stores(night) == set()


def completed_beside(stage: Stage, late: LateCreate) -> Night:
    """Return a run whose dream completed while a late one of the same request was there."""
    night = stage.night()

    def enter(phase: str) -> None:
        stage.enter(phase)
        if phase == "wait_for_dream.trigger" and len(stage.dreams()) == 1:
            late.arrive()

    night.enter = enter
    assert night.run() == "success", night.errors
    return night


def test_one_that_comes_while_the_run_waits_is_given_up_when_the_dream_is_over(
    stage: Stage, late: LateCreate
) -> None:
    night = completed_beside(stage, late)
    kept = night.left("wait_for_dream")["dream_id"]
    assert night.left("launch_dream") == {"dream_id": kept}
    assert_given_up(stage, *others(stage, kept))
    assert night.left("wait_for_dream")["output_store_id"] in open_stores(stage.client)


@pytest.mark.parametrize("adopted", [True, False])
def test_one_that_cannot_be_given_up_is_said_loudly_and_left_to_the_next_settle(
    stage: Stage, late: LateCreate, caplog: pytest.LogCaptureFixture, adopted: bool
) -> None:
    def is_giving_up(request: Request) -> bool:
        return request.path.endswith(("/cancel", "/archive"))

    stage.proxy.add(Rule(refusal(403), is_giving_up, times=10**6))
    night = completed_beside(stage, late)
    (said,) = [record.getMessage() for record in caplog.records if record.levelname == "ERROR"]
    assert "go on spending" in said
    if adopted:
        night.adopt()
    stage.proxy.rules.clear()
    night.settle()
    assert_given_up(stage, *others(stage, night.left("wait_for_dream")["dream_id"]))


@pytest.mark.parametrize("adopted", [True, False])
def test_one_that_comes_after_the_run_is_given_up_by_the_next_settle(
    stage: Stage, late: LateCreate, adopted: bool
) -> None:
    night = stage.night()
    assert night.run() == "success", night.errors
    if adopted:
        night.adopt()
    stage.may_write.clear()
    late.arrive()
    did = night.settle()
    kept = night.left("wait_for_dream")
    (other,) = others(stage, kept["dream_id"])
    assert other.status == "canceled", did
    assert_given_up(stage, other)
    store = stage.client.beta.memory_stores.retrieve(kept["output_store_id"])
    assert (store.archived_at is None) == adopted


@pytest.mark.parametrize("can_be_canceled", [True, False])
def test_one_beside_a_dream_that_failed_does_not_spend_on_when_the_run_is_given_up(
    stage: Stage, late: LateCreate, can_be_canceled: bool
) -> None:
    stage.client.post(
        "/_control/dreams/fail_next", cast_to=object, body={"type": "input_memory_store_too_large"}
    )
    stage.may_write.clear()
    stage.finishes = False
    night = stage.night()

    def enter(phase: str) -> None:
        if phase == "wait_for_dream" and len(stage.dreams()) == 1:
            late.arrive()
        stage.enter(phase)

    night.enter = enter
    if not can_be_canceled:
        stage.proxy.add(Rule(refusal(403), lambda r: r.path.endswith("/cancel"), times=1000))
    assert night.run() == "failed"
    assert "input_memory_store_too_large" in night.message
    if not can_be_canceled:
        stage.proxy.rules.clear()
        night.settle()
    assert {dream.status for dream in stage.dreams()} == {"failed", "canceled"}
    assert stage.unsettled_stores(night) == set()


def test_of_two_that_come_after_a_launch_that_gave_up_one_is_canceled_by_the_next_settle(
    stage: Stage,
) -> None:
    first, second = LateCreate(stage), LateCreate(stage)
    stage.proxy.add(Rule(refusal(400), is_create))
    night = stage.night()
    assert night.run(LAUNCH) == "failed"
    assert night.record.try_number("launch_dream") == 3
    first.arrive()
    second.arrive()
    night.settle()
    assert sorted(dream.status for dream in stage.dreams()) == ["canceled", "running"]
    assert stage.unsettled_stores(night) == set()


def test_one_that_comes_as_the_wait_dreams_anew_is_the_runs_own(stage: Stage) -> None:
    """It is created while the next try reads the store that another dream was to start from."""
    stage.client.post("/_control/dreams/fail_next", cast_to=object, body={"type": "internal_error"})
    late = LateCreate(stage, first=2)

    async def process_late(exchange: Exchange) -> None:
        reply = await exchange.forward()
        await asyncio.to_thread(late.arrive)
        await exchange.answer(reply)

    stage.proxy.add(Rule(process_late, lambda r: bool(late.rule.struck) and r.path.endswith("/memories")))
    night = stage.night()
    assert night.run() == "success", night.errors
    second, _ = stage.dreams()
    assert night.left("wait_for_dream")["dream_id"] == second.id
    assert stage.unsettled_stores(night) == set()


def test_a_dream_whose_store_was_archived_since_is_not_taken_over(stage: Stage) -> None:
    stage.may_write.set()
    night = stage.night()
    assert night.run() == "success", night.errors
    (first,) = stage.dreams()
    night.settle()
    assert launch_again(night) == "success", night.errors
    assert night.left("launch_dream") == {"dream_id": stage.dreams()[0].id}
    assert len(stage.dreams()) == 2
    assert_given_up(stage, first)
    assert stage.unsettled_stores(night) == set()
