"""Waiting until the sessions have gone that could write to the old store."""

from __future__ import annotations

import asyncio
from collections.abc import Callable
from datetime import UTC, datetime
from typing import Any

import pytest

from dreamflow.core.handoffs import ADOPT, Decided, Swap
from dreamflow.hooks import managed_agents
from dreamflow.tasks import DRAIN_SESSIONS
from tests.faults.conftest import SetStage
from tests.faults.stage import Stage
from tests.faults.watching import drain_of, started, wait_for
from tests.managed_agents.support import store_of
from tests.support.faulty_proxy import Reply, Request, Rule
from tests.support.injected_faults import cut_before, malformed, refusal
from tests.support.night import Night, first_event
from tests.support.workspace import new_sessions

WAITS = f"{DRAIN_SESSIONS}.trigger"


def put(stage: Stage, session_id: str, status: str) -> None:
    stage.client.post(f"/_control/sessions/{session_id}/status", cast_to=object, body={"status": status})


def status_of(stage: Stage, session_id: str) -> str:
    return stage.client.beta.sessions.retrieve(session_id).status


def busy_session(stage: Stage, status: str = "running") -> str:
    """Let a session be at work on the live store."""
    (session_id,) = stage.new_sessions("busy")
    put(stage, session_id, status)
    return session_id


def polls(stage: Stage) -> int:
    return sum(1 for request in stage.proxy.requests if request.call.phase == WAITS)


def after_polls(stage: Stage, number: int, act: Callable[[], None]) -> None:
    """Act once, when the trigger has been answered so often."""

    def note(request: Request, reply: Reply) -> None:
        if polls(stage) >= number:
            stage.proxy.on_answered = lambda request, reply: None
            act()

    stage.proxy.on_answered = note


def swapped(stage: Stage) -> Night:
    """Return a run that has swapped the live store for another."""
    night, now = stage.night(), datetime.now(UTC)
    swap = Swap(before=stage.past.live, after="memstore_new", reviewed="", by="Ada", at=now)
    night.run_records.note(swap=swap, decision=Decided(decision=ADOPT, by="Ada", at=now))
    return night


def drained(stage: Stage) -> Night:
    """Run the wait to its end."""
    night = swapped(stage)
    assert night.run([DRAIN_SESSIONS]) == "success", night.errors
    return night


def test_where_nobody_could_write_nothing_is_waited_for(stage: Stage) -> None:
    assert drained(stage).left(DRAIN_SESSIONS)["still_mounted"] == []
    assert polls(stage) == 0


@pytest.mark.parametrize("status", ["running", "rescheduling"])
def test_a_session_at_work_is_waited_for_until_it_rests(stage: Stage, status: str) -> None:
    busy = busy_session(stage, status)
    after_polls(stage, 3, lambda: put(stage, busy, "idle"))
    assert drained(stage).left(DRAIN_SESSIONS)["still_mounted"] == []
    assert polls(stage) > 3


def test_a_session_that_has_just_spoken_is_waited_for_too(set_stage: SetStage) -> None:
    # On a busy machine, all that comes before the drain takes seconds.
    retire = {"idle_for": "PT6S", "drain_timeout": "PT1M"}
    with set_stage(retire=retire) as stage:
        stage.new_sessions("resting")
        assert drained(stage).left(DRAIN_SESSIONS)["still_mounted"] == []
        assert polls(stage) > 1


def test_while_all_rest_nothing_is_asked(set_stage: SetStage) -> None:
    with set_stage(retire={"idle_for": "PT2S", "drain_timeout": "PT1M"}) as stage:
        stage.new_sessions("resting", "sleeping")
        assert drained(stage).left(DRAIN_SESSIONS)["still_mounted"] == []
        # Who is at work, in the workspace and on the store, and all who mount it: at the start and at the end.
        assert polls(stage) <= 6


def test_a_session_that_is_resumed_while_all_rest_is_waited_for(set_stage: SetStage) -> None:
    with set_stage(retire={"idle_for": "PT1S", "drain_timeout": "PT1M"}) as stage:
        (resumed,) = stage.new_sessions("resumed")

        def resume() -> None:
            put(stage, resumed, "running")
            after_polls(stage, polls(stage) + 3, lambda: put(stage, resumed, "idle"))

        after_polls(stage, 3, resume)
        assert drained(stage).left(DRAIN_SESSIONS)["still_mounted"] == []
        assert status_of(stage, resumed) == "idle"


def test_a_session_that_is_resumed_as_its_store_is_looked_at_is_waited_for(stage: Stage) -> None:
    """It was idle when those at work were listed."""
    busy = busy_session(stage)
    resumed: list[Request] = []

    def note(request: Request, reply: Reply) -> None:
        if request.call.phase == WAITS and not reply.json["data"]:
            resumed.append(request)
            put(stage, busy, "running")
            after_polls(stage, polls(stage) + 3, lambda: put(stage, busy, "idle"))

    def rest() -> None:
        put(stage, busy, "idle")
        stage.proxy.on_answered = note

    after_polls(stage, 2, rest)
    assert drained(stage).left(DRAIN_SESSIONS)["still_mounted"] == []
    assert resumed
    assert status_of(stage, busy) == "idle"


def test_past_its_time_the_wait_ends_and_names_who_could_still_write(set_stage: SetStage) -> None:
    with set_stage(retire={"idle_for": "PT0S", "drain_timeout": "PT1S"}) as stage:
        busy = busy_session(stage)
        left = drained(stage).left(DRAIN_SESSIONS)
    assert left["still_mounted"] == [busy]
    assert left["waited_seconds"] >= 1


def test_the_grace_is_waited_for_although_nobody_could_write(set_stage: SetStage) -> None:
    with set_stage(retire={"idle_for": "PT0S", "grace": "PT1S"}) as stage:
        left = drained(stage).left(DRAIN_SESSIONS)
    assert left["still_mounted"] == []
    assert left["waited_seconds"] >= 1


@pytest.mark.parametrize(
    "fault",
    [refusal(500), refusal(529), refusal(401), cut_before, malformed],
    ids=["500", "529", "401", "cut", "JSON"],
)
def test_a_service_that_fails_for_a_while_ends_no_wait(stage: Stage, fault: Any) -> None:
    busy = busy_session(stage)
    stage.proxy.add(Rule(fault, lambda request: request.call.phase == WAITS, first=2, times=6))
    after_polls(stage, 10, lambda: put(stage, busy, "idle"))
    assert drained(stage).left(DRAIN_SESSIONS)["still_mounted"] == []
    assert polls(stage) >= 10


class Died(BaseException):
    """The triggerer is gone."""


def test_a_wait_is_counted_anew_from_a_clear_and_not_from_a_retry(stage: Stage) -> None:
    busy_session(stage)
    night = swapped(stage)
    deadlines = []

    def enter(phase: str) -> None:
        if phase == WAITS:
            deferred = night.record.deferred(DRAIN_SESSIONS)
            assert deferred is not None
            deadlines.append(deferred["kwargs"]["deadline"])
            raise Died

    night.enter = enter
    steps: list[Callable[[], object]] = [
        lambda: None,
        lambda: night.record.resume(DRAIN_SESSIONS),
        lambda: night.record.clear(DRAIN_SESSIONS),
    ]
    for begin in steps:
        begin()
        with pytest.raises(Died):
            night.run([DRAIN_SESSIONS])
    first, retried, cleared = deadlines
    assert first == retried < cleared


def busy_store(stage: Stage, name: str) -> tuple[str, str]:
    """Make a store with a session at work on it, and return the ids of both."""
    store = store_of(stage.client, name).id
    (session,) = new_sessions(stage.client, stage.past.workspace, name, memory_store_id=store)
    put(stage, session, "running")
    return store, session


def test_all_drains_of_a_connection_ask_once_with_one_client(
    stage: Stage, monkeypatch: pytest.MonkeyPatch
) -> None:
    opened = []
    at_first = managed_agents.ManagedAgentsHook.open_async

    async def noted(hook: Any) -> Any:
        opened.append(await at_first(hook))
        return opened[-1]

    monkeypatch.setattr(managed_agents.ManagedAgentsHook, "open_async", noted)
    stores, sessions = zip(*(busy_store(stage, f"store-{n}") for n in range(5)), strict=True)

    async def watch() -> None:
        tasks = started([drain_of(store) for store in stores])
        await wait_for(lambda: len(stage.proxy.requests) > 3, "polls")
        assert {request.call.what for request in stage.proxy.requests} == {"GET /v1/sessions?limit&statuses"}
        for session in sessions:
            await asyncio.to_thread(put, stage, session, "idle")
        events = await asyncio.gather(*tasks)
        assert events == [{"status": "drained", "still_mounted": []}] * 5
        await wait_for(lambda: asyncio.all_tasks() == {asyncio.current_task()}, "every task to end")

    asyncio.run(watch())
    (api,) = opened
    assert api.client.is_closed()


def test_others_sessions_are_not_paged_through_for_the_sake_of_one_store(stage: Stage) -> None:
    store, session = busy_store(stage, "mine")
    others = stage.new_sessions(*(f"other-{n}" for n in range(100)))
    for other in others:
        put(stage, other, "running")

    async def watch() -> None:
        (task,) = started([drain_of(store)])
        await wait_for(lambda: len(stage.proxy.requests) > 4, "two polls")
        assert not task.done()
        mine = "GET /v1/sessions?limit&memory_store_id&statuses"
        whats = [request.call.what for request in stage.proxy.requests]
        assert whats[:4] == ["GET /v1/sessions?limit&statuses", mine] * 2
        await asyncio.to_thread(put, stage, session, "idle")
        assert (await task)["status"] == "drained"

    asyncio.run(watch())


def test_a_connection_that_is_not_there_is_waited_for_too() -> None:
    drain = drain_of("memstore_011111111111111111111111", conn_id="nowhere", seconds=0.3)
    assert asyncio.run(first_event(drain)) == {"status": "timeout", "still_mounted": []}
