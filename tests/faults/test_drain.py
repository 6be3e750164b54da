"""Waiting until the sessions have gone that could write to the old store."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import pytest

from dreamflow.tasks import COLLECT_SESSIONS, DRAIN_SESSIONS
from tests.faults.conftest import SetStage
from tests.faults.stage import Stage
from tests.support.faulty_proxy import Rule
from tests.support.injected_faults import cut_before, malformed, refusal
from tests.support.night import Night

WAITS = f"{DRAIN_SESSIONS}.trigger"


def put(stage: Stage, session_id: str, status: str) -> None:
    stage.client.post(f"/_control/sessions/{session_id}/status", cast_to=object, body={"status": status})


def busy_session(stage: Stage, status: str = "running") -> str:
    """Let a session be at work on the live store."""
    (session_id,) = stage.new_sessions("busy")
    put(stage, session_id, status)
    return session_id


def polls(stage: Stage) -> int:
    return sum(1 for request in stage.proxy.requests if request.call.phase == WAITS)


def after_polls(stage: Stage, number: int, act: Callable[[], None]) -> None:
    """Act once, when the trigger has been answered so often."""

    def note(request: Any, reply: Any) -> None:
        if polls(stage) >= number:
            stage.proxy.on_answered = lambda request, reply: None
            act()

    stage.proxy.on_answered = note


def drained(stage: Stage) -> Night:
    """Run the wait to its end, and the task before it that names the store."""
    night = stage.night()
    assert night.run([COLLECT_SESSIONS, DRAIN_SESSIONS]) == "success", night.errors
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
    retire = {"idle_for": "PT2S", "drain_timeout": "PT1M"}
    with set_stage(retire=retire) as stage:
        night = stage.night()
        assert night.run([COLLECT_SESSIONS]) == "success", night.errors
        stage.new_sessions("resting")
        assert night.run([DRAIN_SESSIONS]) == "success", night.errors
        assert night.left(DRAIN_SESSIONS)["still_mounted"] == []
        assert polls(stage) > 1


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


def test_a_wait_that_is_tried_again_goes_on_counting_from_its_first_try(set_stage: SetStage) -> None:
    with set_stage(retire={"idle_for": "PT0S", "drain_timeout": "PT1S"}) as stage:
        busy = busy_session(stage)
        night = drained(stage)
        waited, polled = night.left(DRAIN_SESSIONS)["waited_seconds"], polls(stage)
        night.record.clear(DRAIN_SESSIONS)
        assert night.run([DRAIN_SESSIONS]) == "success"
        again = night.left(DRAIN_SESSIONS)
        assert polls(stage) == polled
    assert again["still_mounted"] == [busy]
    assert again["waited_seconds"] >= waited
