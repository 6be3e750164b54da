"""A dry run: collect, estimate, and stop before anything is spent."""

from __future__ import annotations

from typing import Any

import pytest

from tests.faults.stage import Stage
from tests.faults.test_nights import dream_and_adopt
from tests.support.night import Night


def dry_run(stage: Stage, run_id: str = "rehearsal") -> Night:
    night = stage.night(run_id, dry_run=True)
    assert night.run() == "skipped", night.errors
    return night


def text_bytes(stage: Stage, session_ids: Any) -> int:
    """Return the bytes of what was said in the sessions."""
    return sum(
        len(block.text.encode())
        for session_id in session_ids
        for event in stage.client.beta.sessions.events.list(session_id, limit=100)
        if event.type in ("user.message", "agent.message")
        for block in event.content
        if block.type == "text"
    )


def test_a_dry_run_creates_no_dream_and_leaves_nothing_to_settle(stage: Stage) -> None:
    night = dry_run(stage)
    assert not stage.dreams()
    assert night.run_records.records.open_runs() == []
    assert night.record.ended("wait_for_dream") is None
    assert all(request.method == "GET" for request in stage.proxy.requests)
    assert "dry run, nothing was spent" in night.skip_reason


def test_a_dry_run_tells_what_the_dream_would_read(stage: Stage) -> None:
    night = dry_run(stage)
    estimate = night.left("launch_dream", "estimate")
    said = text_bytes(stage, stage.past.to_dream)
    listed = stage.client.beta.memory_stores.memories.list(stage.past.live, view="full")
    held = sum(len((memory.content or "").encode()) for memory in listed if memory.type == "memory")
    assert estimate["sessions"] == 3
    assert estimate["transcript_bytes"] == said
    assert estimate["store_bytes"] == held
    assert estimate["tokens_read_once"] == -(-(said + held) // 4)
    assert f"{said:,} bytes of transcript" in night.skip_reason


def test_without_a_past_a_dry_run_names_no_cost(stage: Stage) -> None:
    night = dry_run(stage)
    assert night.left("launch_dream", "estimate")["usd"] is None
    assert "No finished dream of this pipeline" in night.skip_reason


def test_with_a_past_a_dry_run_estimates_from_it(stage: Stage) -> None:
    past = dream_and_adopt(stage, "tonight")
    used = sum(past.left("wait_for_dream")["usage"].values())
    stage.new_sessions("a", "b")
    night = dry_run(stage)
    estimate = night.left("launch_dream", "estimate")
    assert estimate["past_runs"] == 1
    assert estimate["tokens"] == round(used / 3 * 2)
    assert estimate["usd"] == 0
    assert f"about {estimate['tokens']:,} tokens and USD 0.00" in night.skip_reason


@pytest.mark.parametrize("retried", [True, False])
def test_a_dry_run_in_the_middle_of_nights_changes_nothing(stage: Stage, retried: bool) -> None:
    night = dry_run(stage)
    if retried:
        night.record.clear("launch_dream")
        assert night.run_task("launch_dream") == "skipped"
    stage.may_write.set()
    real = stage.night("tonight")
    assert real.run() == "success"
    assert set(real.left("collect_sessions")["session_ids"]) == set(stage.past.to_dream)
