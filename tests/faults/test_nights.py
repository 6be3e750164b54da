"""Night after night: which sessions a dream reads, told from what the dreams have read."""

from __future__ import annotations

from collections import Counter
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest

from dreamflow.hooks.managed_agents import ManagedAgentsHook
from tests.faults.conftest import SetStage
from tests.faults.stage import Stage
from tests.support.night import Night
from tests.support.workspace import new_sessions, say, sessions_of

COLLECT = ["collect_sessions"]


def dream_and_adopt(stage: Stage, run_id: str, **params: Any) -> Night:
    """Let a night pass that a person adopts."""
    stage.may_write.set()
    night = stage.night(run_id, **params)
    assert night.run() == "success", night.errors
    night.adopt()
    return night


def collected(stage: Stage, run_id: str = "the_next_night", **params: Any) -> list[str]:
    """Return what a night would dream now; nothing where it is skipped."""
    night = stage.night(run_id, **params)
    state = night.run(COLLECT)
    assert state in ("success", "skipped"), night.errors
    return night.left("collect_sessions")["session_ids"] if state == "success" else []


def read_by_dreams(stage: Stage) -> Counter[str]:
    """Return how often each session was read, by dreams that were not there before."""
    listed = stage.client.beta.dreams.list(limit=100, include_archived=True)
    newest = list(listed)[: -stage.past.dreams]
    return Counter(session_id for dream in newest for session_id in sessions_of(dream))


def test_once_dreamed_nothing_is_dreamed_again(stage: Stage) -> None:
    dream_and_adopt(stage, "tonight")
    night = stage.night("tomorrow")
    assert night.run() == "skipped"
    assert "0 sessions qualify, fewer than sessions.minimum: 1" in night.skip_reason
    assert set(read_by_dreams(stage).values()) == {1}


def test_a_session_that_is_archived_or_renamed_after_it_was_dreamed_is_not_dreamed_again(
    stage: Stage,
) -> None:
    dream_and_adopt(stage, "tonight")
    archived, renamed, _ = stage.past.to_dream
    stage.client.beta.sessions.archive(archived)
    stage.client.beta.sessions.update(renamed, title="A better title")
    assert collected(stage) == []


def test_new_turns_bring_a_session_back(stage: Stage) -> None:
    dream_and_adopt(stage, "tonight")
    say(stage.client, stage.past.to_dream[0], "One more thing: the door code is 4711 now.")
    assert collected(stage) == [stage.past.to_dream[0]]
    dream_and_adopt(stage, "tomorrow")
    assert collected(stage) == []


def test_a_turn_after_the_dream_is_read_later_though_the_run_is_cleared_and_collects_again(
    stage: Stage, monkeypatch: pytest.MonkeyPatch
) -> None:
    stage.may_write.set()
    night = stage.night("tonight")
    assert night.run() == "success", night.errors
    spoke = stage.past.to_dream[1]
    say(stage.client, spoke, "One more thing: the door code is 4711 now.")
    # As if a minute had passed: what was said is older than the listing.
    monkeypatch.setattr(
        ManagedAgentsHook, "service_time", lambda hook: datetime.now(UTC) + timedelta(minutes=1)
    )
    night.record.clear("collect_sessions", "launch_dream", "wait_for_dream")
    assert night.run() == "success", night.errors
    assert set(read_by_dreams(stage).values()) == {1}
    night.adopt()
    assert collected(stage) == [spoke]


def test_new_turns_bring_a_session_back_that_is_archived_then(stage: Stage) -> None:
    dream_and_adopt(stage, "tonight")
    again = stage.past.to_dream[0]
    say(stage.client, again, "One more thing: the door code is 4711 now.")
    stage.client.beta.sessions.archive(again)
    assert collected(stage) == [again]


def test_a_session_that_was_archived_before_anybody_dreamed_it_is_dreamed(stage: Stage) -> None:
    (archived,) = stage.new_sessions("archived")
    stage.client.beta.sessions.archive(archived)
    assert archived in collected(stage)


def test_what_is_beyond_the_limit_comes_first_next_time_and_each_session_once(stage: Stage) -> None:
    late = stage.new_sessions("a", "b", "c", "d")
    everything = {*stage.past.to_dream, *late}
    left: list[int] = []
    for run_id in ("first", "second", "third"):
        night = dream_and_adopt(stage, run_id, limit=3)
        left.append(night.left("collect_sessions")["left_for_next_run"])
    assert left == [4, 1, 0]
    assert collected(stage) == []
    assert read_by_dreams(stage) == Counter(everything)


def test_what_is_collected_anew_while_the_dream_runs_is_not_covered_by_it(stage: Stage) -> None:
    """Only what the dream was given is; somebody raised the limit, and cleared the first task alone."""
    night = stage.night("tonight", limit=2)
    assert night.run(["collect_sessions", "launch_dream"]) == "success", night.errors
    read = night.left("collect_sessions")["session_ids"]
    night.params["limit"] = 50
    night.record.clear("collect_sessions")
    assert night.run() == "success", night.errors
    assert set(night.left("collect_sessions")["session_ids"]) == set(stage.past.to_dream)
    night.adopt()
    assert collected(stage) == [session for session in stage.past.to_dream if session not in read]


def test_what_was_rejected_is_dreamed_again(stage: Stage) -> None:
    stage.may_write.set()
    assert stage.night().run() == "success"
    assert set(collected(stage)) == set(stage.past.to_dream)


def test_a_session_at_work_comes_when_it_has_finished(stage: Stage) -> None:
    (busy,) = stage.new_sessions("busy")

    def put(status: str) -> None:
        stage.client.post(f"/_control/sessions/{busy}/status", cast_to=object, body={"status": status})

    put("running")
    night = dream_and_adopt(stage, "tonight")
    assert busy not in night.left("collect_sessions")["session_ids"]
    put("idle")
    assert collected(stage) == [busy]


@pytest.mark.parametrize("sessions", [{"agent_id": None}, {"agent_id": None, "mounted": True}])
def test_the_sessions_that_dreams_ran_are_never_dreamed(
    set_stage: SetStage, sessions: dict[str, Any]
) -> None:
    with set_stage(sessions=sessions) as stage:
        assert set(collected(stage)) == set(stage.past.to_dream)
        dream_and_adopt(stage, "tonight")
        assert collected(stage) == []


def test_only_sessions_that_mounted_a_store_of_the_history_are_dreamed_where_that_is_asked(
    set_stage: SetStage,
) -> None:
    with set_stage(sessions={"agent_id": None, "mounted": True}) as stage:
        other = stage.client.beta.memory_stores.create(name="Other")
        new_sessions(stage.client, stage.past.workspace, "elsewhere", memory_store_id=other.id)
        (here,) = stage.new_sessions("here")
        assert set(collected(stage)) == {*stage.past.to_dream, here}


def test_too_few_sessions_skip_the_night_and_say_so(set_stage: SetStage) -> None:
    with set_stage(sessions={"minimum": 4}) as stage:
        night = stage.night()
        assert night.run() == "skipped"
        assert "3 sessions qualify, fewer than sessions.minimum: 4" in night.skip_reason
        assert not stage.dreams()


def fail_next(stage: Stage, message: str, times: int) -> None:
    for _ in range(times):
        body = {"type": "internal_error", "message": message}
        stage.client.post("/_control/dreams/fail_next", cast_to=object, body=body)


def test_a_session_that_made_dreams_fail_is_set_aside_and_named(stage: Stage) -> None:
    poison = stage.past.to_dream[1]
    fail_next(stage, f"session {poison} could not be read", times=3)
    assert stage.night("tonight").run() == "failed"
    night = stage.night("tomorrow")
    assert night.run() == "success", night.errors
    assert night.left("collect_sessions")["set_aside"] == [poison]
    assert set(night.left("collect_sessions")["session_ids"]) == {*stage.past.to_dream} - {poison}


def test_a_failure_that_names_no_session_sets_none_aside(stage: Stage) -> None:
    fail_next(stage, "out of order", times=3)
    assert stage.night("tonight").run() == "failed"
    night = stage.night("tomorrow")
    assert night.run(COLLECT) == "success"
    assert night.left("collect_sessions")["set_aside"] == []
    assert set(night.left("collect_sessions")["session_ids"]) == set(stage.past.to_dream)


def test_a_session_that_was_set_aside_is_no_gap_for_others(stage: Stage) -> None:
    """The dream goes on without it, and what comes later is dreamed all the same."""
    poison = stage.past.to_dream[1]
    fail_next(stage, f"session {poison} could not be read", times=3)
    assert stage.night("tonight").run() == "failed"
    dream_and_adopt(stage, "tomorrow")
    new = stage.new_sessions("after")
    assert collected(stage) == new
