"""Sessions that are deleted between being collected and being read: the dream goes ahead with the others."""

from __future__ import annotations

from dreamflow.errors import DreamFailed
from tests.faults.stage import Stage
from tests.support.night import Night
from tests.support.workspace import sessions_of

COLLECT, LAUNCH = "collect_sessions", "launch_dream"


def delete(stage: Stage, *session_ids: str) -> None:
    for session_id in session_ids:
        stage.client.beta.sessions.delete(session_id)


def assert_dreamed_without(stage: Stage, night: Night, *gone: str) -> None:
    newest = stage.dreams()[0]
    assert night.left("wait_for_dream")["dream_id"] == newest.id
    assert set(sessions_of(newest)) == {*stage.past.to_dream} - {*gone}
    assert set(night.run_records.journal().missing) == {*gone}
    assert stage.unsettled_stores(night) == set()


def test_a_session_that_is_deleted_before_the_launch_is_left_out_and_noted(stage: Stage) -> None:
    night = stage.night()
    assert night.run([COLLECT]) == "success"
    gone = stage.past.to_dream[1]
    delete(stage, gone)
    assert night.run() == "success", night.errors
    assert not night.errors
    assert len(stage.dreams()) == 1
    assert_dreamed_without(stage, night, gone)


def test_a_cleared_launch_takes_over_the_dream_that_does_without_it(stage: Stage) -> None:
    night = stage.night()
    assert night.run([COLLECT]) == "success"
    gone = stage.past.to_dream[1]
    delete(stage, gone)
    assert night.run([COLLECT, LAUNCH]) == "success", night.errors
    night.record.clear(LAUNCH)
    assert night.run() == "success", night.errors
    assert len(stage.dreams()) == 1
    assert_dreamed_without(stage, night, gone)


def test_where_every_session_is_gone_the_run_is_skipped(stage: Stage) -> None:
    night = stage.night()
    assert night.run([COLLECT]) == "success"
    delete(stage, *stage.past.to_dream)
    assert night.run() == "skipped", night.errors
    assert "every session that was collected is gone" in night.skip_reason
    assert not stage.dreams()
    assert night.run_records.records.open_runs() == []


def test_a_session_that_is_deleted_while_the_dream_runs_is_left_out_of_the_next(stage: Stage) -> None:
    """The same sessions once more would fail once more, and be paid for."""
    night = stage.night()
    assert night.run([COLLECT, LAUNCH]) == "success"
    gone = stage.past.to_dream[1]
    delete(stage, gone)
    assert night.run() == "success", night.errors
    (error,) = night.errors
    assert isinstance(error, DreamFailed)
    assert error.error_type == "input_session_unavailable"
    assert [dream.status for dream in stage.dreams()] == ["completed", "failed"]
    assert_dreamed_without(stage, night, gone)


def test_where_every_session_is_deleted_while_the_dream_runs_no_second_is_paid_for(stage: Stage) -> None:
    night = stage.night()
    assert night.run([COLLECT, LAUNCH]) == "success"
    delete(stage, *stage.past.to_dream)
    assert night.run() == "skipped", night.errors
    assert "every session that was collected is gone" in night.skip_reason
    assert len(stage.dreams()) == 1
    assert stage.unsettled_stores(night) == set()


def test_a_session_that_is_archived_while_the_dream_runs_is_there_and_read_by_the_next(stage: Stage) -> None:
    night = stage.night()
    assert night.run([COLLECT, LAUNCH]) == "success"
    stage.client.beta.sessions.archive(stage.past.to_dream[1])
    assert night.run() == "success", night.errors
    assert len(stage.dreams()) == 2
    assert_dreamed_without(stage, night)
