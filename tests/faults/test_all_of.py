"""One trigger for all members of a fleet: what it asks for, says, ends, survives, and what it costs."""

from __future__ import annotations

import asyncio
import gc
import tracemalloc
from datetime import UTC, datetime, timedelta
from types import SimpleNamespace
from typing import Any, cast

import pytest
from airflow.jobs.triggerer_job_runner import TriggerEventEntry, TriggerRunner, messages
from airflow.models.trigger import Trigger
from airflow.sdk.execution_time.task_runner import RuntimeTaskInstance
from airflow.sdk.serde import deserialize, serialize
from structlog.testing import capture_logs

from dreamflow.hooks import managed_agents  # noqa: F401 - it is no part of what a trigger takes
from dreamflow.triggers.all_of import AllOf
from tests.faults.stage import Stage
from tests.faults.watching import POLL, dream_in_flight, is_list, started, wait_for
from tests.support.faulty_proxy import Rule
from tests.support.injected_faults import cut_before, refusal, rewriting, stalled
from tests.support.night import first_event, revive
from tests.support.workspace import new_sessions

DREAM = "dreamflow.triggers.dream.DreamTrigger"
DRAIN = "dreamflow.triggers.session.DrainTrigger"
RUN, TASK = "tonight", "wait_for_dream"
FOREVER = 10**6


def in_seconds(seconds: float) -> str:
    return (datetime.now(UTC) + timedelta(seconds=seconds)).isoformat()


def all_dreams(dreams: dict[str, str], *, seconds: float = 60.0, **more: Any) -> AllOf:
    common = {"conn_id": "proxied", "poll_interval": POLL, "deadline": in_seconds(seconds), **more}
    return AllOf(DREAM, common, {key: {"dream_id": dream} for key, dream in dreams.items()})


def in_flight(stage: Stage, count: int) -> dict[str, str]:
    return {f"depl_{n}": dream_in_flight(stage) for n in range(count)}


def run(trigger: AllOf) -> dict[str, Any]:
    return cast("dict[str, Any]", asyncio.run(first_event(trigger))["events"])


def said(logs: Any, *levels: str) -> list[str]:
    return [log["event"] % log.get("positional_args", ()) for log in logs if log["log_level"] in levels]


def canceled(stage: Stage, dreams: dict[str, str]) -> set[str]:
    read = {key: stage.client.beta.dreams.retrieve(dream) for key, dream in dreams.items()}
    return {key for key, dream in read.items() if dream.status == "canceled"}


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


def lost_sight_of(stage: Stage, dream: str, trigger: AllOf) -> AllOf:
    """Let the service show the dream neither in a list nor by itself for its first five polls."""

    def without(page: Any) -> Any:
        page["data"] = [item for item in page["data"] if item["id"] != dream]
        return page

    stage.proxy.add(Rule(rewriting(without), is_list, times=5))
    stage.proxy.add(Rule(refusal(500), lambda r: r.path == f"/v1/dreams/{dream}", times=5))
    return trigger


def test_one_that_was_lost_sight_of_is_held_to_its_deadline_while_others_are_waited_for(stage: Stage) -> None:
    dreams = in_flight(stage, 2)
    trigger = lost_sight_of(stage, dreams["depl_1"], all_dreams(dreams))
    trigger.each["depl_1"]["deadline"] = in_seconds(2)

    async def watch() -> Any:
        (task,) = started([trigger])
        await wait_for(lambda: trigger._events, "the event of the one")
        assert trigger._events["depl_1"]["status"] == "error"
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


# A person who acts on the task


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
    monkeypatch.setattr("dreamflow.triggers.all_of.KILL_PATIENCE", 1.0)
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
