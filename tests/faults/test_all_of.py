"""One trigger for all members of a fleet: what it asks for, says, ends, survives, and what it costs."""

from __future__ import annotations

import asyncio
import gc
import tracemalloc
from datetime import UTC, datetime
from typing import Any, cast

from airflow.jobs.triggerer_job_runner import TriggerEventEntry, messages
from airflow.models.trigger import Trigger
from airflow.sdk.serde import deserialize, serialize
from structlog.testing import capture_logs

from dreamflow.hooks import managed_agents  # noqa: F401 - it is no part of what a trigger takes
from dreamflow.triggers.all_of import AllOf
from tests.faults.fleet_watching import all_dreams, canceled, in_flight, in_seconds, lost_sight_of, said
from tests.faults.stage import Stage
from tests.faults.watching import POLL, is_list, started, wait_for
from tests.support.faulty_proxy import Rule
from tests.support.injected_faults import cut_before
from tests.support.night import first_event, revive

DRAIN = "dreamflow.triggers.session.DrainTrigger"
FOREVER = 10**6


def run(trigger: AllOf) -> dict[str, Any]:
    return cast("dict[str, Any]", asyncio.run(first_event(trigger))["events"])


# The one event


def test_one_event_comes_when_the_last_dream_is_over_with_what_each_ones_trigger_says(stage: Stage) -> None:
    dreams = in_flight(stage, 3)

    async def watch() -> Any:
        (task,) = started([all_dreams(dreams)])
        await wait_for(lambda: stage.proxy.requests, "a poll")
        await asyncio.to_thread(stage.client.beta.dreams.cancel, dreams["depl_1"])
        seen = len(stage.proxy.requests)
        await wait_for(lambda: len(stage.proxy.requests) > seen + 4, "further polls")
        assert not task.done()
        await asyncio.to_thread(stage.finish)
        return await task

    event = asyncio.run(watch())
    assert event == {
        "events": {key: {"status": "over", "dream_id": dream, "message": ""} for key, dream in dreams.items()}
    }


def test_nobody_to_wait_for_is_an_event_at_once() -> None:
    assert run(all_dreams({})) == {}


def test_each_has_its_own_deadline_and_budget_and_is_canceled_for_it(stage: Stage) -> None:
    dreams = in_flight(stage, 3)
    trigger = all_dreams(dreams, seconds=0.3)
    trigger.each["depl_2"]["deadline"] = in_seconds(0.6)
    events = run(trigger)
    assert {key: event["status"] for key, event in events.items()} == dict.fromkeys(dreams, "timed_out")
    assert canceled(stage, dreams) == set(dreams)


def test_one_that_is_gone_and_one_that_breaks_disturb_no_other(stage: Stage) -> None:
    dreams = in_flight(stage, 2)
    trigger = all_dreams({**dreams, "gone": "drm_011111111111111111111111"})
    trigger.each["broken"] = {"dream_id": "drm_1", "deadline": "yesterday"}
    trigger.each["of another release"] = {"dream_id": "drm_2", "patience": 3}

    async def watch() -> Any:
        (task,) = started([trigger])
        await wait_for(lambda: len(stage.proxy.requests) > 4, "polls")
        await asyncio.to_thread(stage.finish)
        return (await task)["events"]

    events = asyncio.run(watch())
    assert {key: event["status"] for key, event in events.items()} == {
        **dict.fromkeys(dreams, "over"),
        "gone": "refused",
        "broken": "error",
        "of another release": "error",
    }
    assert events["broken"]["dream_id"] == "drm_1"
    assert "yesterday" in events["broken"]["message"]
    assert "patience" in events["of another release"]["message"]


def test_one_that_was_lost_sight_of_is_held_to_its_deadline_while_others_are_waited_for(stage: Stage) -> None:
    dreams = in_flight(stage, 2)
    trigger = lost_sight_of(stage, dreams["depl_1"], all_dreams(dreams))

    async def watch() -> Any:
        (task,) = started([trigger])
        await wait_for(lambda: trigger._events, "the event of the one")
        assert trigger._events["depl_1"]["status"] == "error"
        trigger.each["depl_1"]["deadline"] = in_seconds(0)
        await wait_for(lambda: trigger._events["depl_1"]["status"] != "error", "a better one")
        assert await asyncio.to_thread(canceled, stage, dreams) == {"depl_1"}
        await asyncio.to_thread(stage.finish)
        return (await task)["events"]

    events = asyncio.run(watch())
    assert {key: event["status"] for key, event in events.items()} == {
        "depl_0": "over",
        "depl_1": "timed_out",
    }


def test_drains_are_waited_for_as_well(stage: Stage) -> None:
    now = datetime.now(UTC).isoformat()
    common = {
        "conn_id": "proxied",
        "idle_for": 0.0,
        "poll_interval": POLL,
        "not_before": now,
        "deadline": in_seconds(60),
    }
    stores = {"depl_1": stage.past.live, "depl_2": stage.past.workspace.store}
    events = run(AllOf(DRAIN, common, {key: {"memory_store_id": store} for key, store in stores.items()}))
    assert events == {key: {"status": "drained", "still_mounted": []} for key in stores}


# What it asks, says and costs


def test_201_dreams_take_3_requests_a_poll_and_one_line_where_their_number_changes(stage: Stage) -> None:
    dreams = in_flight(stage, 201)

    def polls() -> int:
        return sum(is_list(request) and "page=" not in request.target for request in stage.proxy.requests)

    async def watch() -> None:
        (task,) = started([all_dreams(dreams)])
        await wait_for(lambda: polls() > 3, "three polls")
        whole, lists = polls() - 1, [request for request in stage.proxy.requests if is_list(request)]
        assert len(stage.proxy.requests) == len(lists)
        assert 3 * whole <= len(lists) <= 3 * (whole + 1)
        for number in range(4):
            await asyncio.to_thread(stage.client.beta.dreams.cancel, dreams[f"depl_{number}"])
        seen = polls()
        await wait_for(lambda: polls() > seen + 3, "three more polls")
        task.cancel()
        await asyncio.gather(task, return_exceptions=True)

    with capture_logs() as logs:
        asyncio.run(watch())
    lines = said(logs, "info", "warning", "error")
    assert lines[-1] == "4 of 201 dreams are waited for no more: 4 over"
    assert 1 <= len(lines) <= 4


def test_a_service_that_is_away_is_one_line_a_poll(stage: Stage) -> None:
    dreams = in_flight(stage, 20)
    stage.proxy.add(Rule(cut_before, times=FOREVER))
    with capture_logs() as logs:
        events = run(all_dreams(dreams))
    assert {event["status"] for event in events.values()} == {"error"}
    warnings = said(logs, "warning")
    assert 1 <= len(warnings) <= 5
    assert all("poll failed, " in line for line in warnings)
    assert said(logs, "info")[-1] == "20 of 20 dreams are waited for no more: 20 error"


def test_a_dream_more_takes_less_than_40_kb(stage: Stage) -> None:
    dreams = in_flight(stage, 2)
    many = {f"depl_{n}": dreams[f"depl_{n % 2}"] for n in range(300)}

    async def grown_by(trigger: AllOf) -> int:
        gc.collect()
        before, _ = tracemalloc.get_traced_memory()
        seen = len(stage.proxy.requests)
        (task,) = started([trigger])
        await wait_for(lambda: len(stage.proxy.requests) > seen + 3, "three polls")
        after, _ = tracemalloc.get_traced_memory()
        task.cancel()
        await asyncio.gather(task, return_exceptions=True)
        return after - before

    async def watch() -> tuple[int, int]:
        await grown_by(all_dreams(dreams))
        return await grown_by(all_dreams(dreams)), await grown_by(all_dreams(many))

    tracemalloc.start()
    try:
        few, lots = asyncio.run(watch())
    finally:
        tracemalloc.stop()
    assert lots - few < 298 * 40_000


def test_a_thousand_members_are_170_kb_to_airflow_and_come_back() -> None:
    dreams = {f"depl_01{n:022d}": f"drm_01{n:022d}" for n in range(1000)}
    trigger = all_dreams(dreams, budget_tokens=20_000_000, budget_usd=None)
    for own in trigger.each.values():
        own["deadline"] = in_seconds(60)
    kept = Trigger.from_object(trigger)
    assert len(kept.encrypted_kwargs) * 4 / 3 < 180_000, "an encrypted byte takes 4/3"
    revived = revive(kept.classpath, kept.kwargs)
    assert revived.serialize() == trigger.serialize()


def test_the_event_is_whole_to_the_task_and_a_few_words_in_its_log(stage: Stage) -> None:
    dreams = {f"depl_{n}": "drm_011111111111111111111111" for n in range(50)}

    async def fired() -> Any:
        async for event in all_dreams(dreams).run():
            return event

    event = asyncio.run(fired())
    told = messages.TriggerStateChanges(events=[TriggerEventEntry(1, event, None)])
    received = messages.TriggerStateChanges.model_validate(told.model_dump())
    assert received.events is not None
    payload: Any = deserialize(serialize(received.events[0].event.payload))
    assert payload == event.payload
    assert payload["events"].keys() == dreams.keys()
    assert repr(event) == "AllOf<50 events>"


def test_it_goes_on_in_another_process_with_those_that_have_ended_too(stage: Stage) -> None:
    dreams = in_flight(stage, 3)

    async def watch(trigger: AllOf, finish: bool) -> Any:
        (task,) = started([trigger])
        seen = len(stage.proxy.requests)
        await wait_for(lambda: len(stage.proxy.requests) > seen + 2, "polls")
        if finish:
            await asyncio.to_thread(stage.finish)
            return (await task)["events"]
        task.cancel()
        return await asyncio.gather(task, return_exceptions=True)

    first = all_dreams(dreams)
    asyncio.run(watch(first, finish=False))
    stage.client.beta.dreams.cancel(dreams["depl_0"])
    again = cast("AllOf", revive(*first.serialize()))
    events = asyncio.run(watch(again, finish=True))
    assert {event["status"] for event in events.values()} == {"over"}
