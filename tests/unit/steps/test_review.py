"""The review of what a dream changed, from the real stores."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pytest

from dreamflow import storage
from dreamflow.core.changes import digest
from dreamflow.core.handoffs import Dreamed, Reviewed
from dreamflow.errors import StateError
from dreamflow.steps import review as reviewing
from tests.unit.running import Night, night_of, pipeline_of, world_of, write_late
from tests.unit.service import Service

BEFORE = {"/keep.md": "keep", "/edit.md": "one\ntwo\n", "/drop.md": "drop", "/policies/a.md": "rule"}
AFTER = {
    "/keep.md": "keep",
    "/edit.md": "one\n2\n",
    "/index.md": "[x](http://evil) index",
    "/policies/a.md": "rule",
}


@pytest.fixture
def night(service: Service, tmp_path: Path) -> Night:
    return night_of(service, f"file://{tmp_path}/reports", BEFORE, AFTER)


def review(night: Night, instructions: str | None = None, **checks: Any) -> Reviewed:
    pipeline = pipeline_of(
        night.location, {"type": "agent", "agent_id": night.agent_id}, checks={"max_removed": 0.5, **checks}
    )
    usage = {
        "input_tokens": 10,
        "output_tokens": 5,
        "cache_read_input_tokens": 0,
        "cache_creation_input_tokens": 0,
    }
    dreamed = Dreamed(
        dream_id="drm_1",
        output_store_id=night.output_id,
        input_store_id=night.input_id,
        usage=usage,
        seconds=5.0,
    )
    return reviewing.review(world_of(pipeline, night.wire), night.run, dreamed, instructions)


def figures(night: Night) -> Any:
    return json.loads(storage.read_text(night.run.report_uri.replace(".md", ".json")))


def test_it_counts_what_became_of_every_memory_and_binds_the_answer_to_the_output(night: Night) -> None:
    reviewed = review(night)
    assert reviewed.counts == {"added": 1, "changed": 1, "removed": 1, "unchanged": 2}
    assert reviewed.digest == digest(night.hook.list_memories(night.output_id))
    assert reviewed.verdict == "clean"
    assert reviewed.report_uri == night.run.report_uri


def test_the_report_shows_the_lines_and_nothing_of_them_as_markup(night: Night) -> None:
    review(night)
    report = night.run.read_report() or ""
    for line in ("` -two `", "` +2 `", "` -drop `", "` +[x](http://evil) index `"):
        assert line in report
    assert figures(night)["verdict"] == "clean"


def test_it_compares_with_the_input_as_it_was_when_the_dream_began(night: Night) -> None:
    write_late(night, {"/edit.md": "late", "/new.md": "late", "/drop.md": None})
    reviewed = review(night)
    assert reviewed.counts == {"added": 1, "changed": 1, "removed": 1, "unchanged": 2}
    report = night.run.read_report() or ""
    assert "` -two `" in report
    assert "late\n" not in report.partition("### What changes, line by line")[2]


def test_a_check_that_finds_something_flags_the_review(service: Service, night: Night) -> None:
    write_late(night, {"/policies/a.md": "changed"}, night.output_id)
    reviewed = review(night, protect=["/policies/**"])
    assert reviewed.verdict == "flagged"
    assert "/policies/a.md" in str(figures(night)["findings"])


def test_reviewing_again_gives_the_same(night: Night) -> None:
    first = review(night)
    report = night.run.read_report()
    assert review(night) == first
    assert night.run.read_report() == report


def test_a_lost_base_listing_is_said_so(night: Night, tmp_path: Path) -> None:
    (tmp_path / "reports" / "support" / "manual__1" / "base.json").unlink()
    with pytest.raises(StateError, match=r"base\.json is not there.*every worker reaches reports\.location"):
        review(night)


def test_an_output_that_was_archived_meanwhile_is_not_put_before_a_person(night: Night) -> None:
    night.hook.archive_store(night.output_id)
    with pytest.raises(StateError, match=rf"{night.output_id}.*is archived.*Trigger a new run"):
        review(night)


def test_what_the_dream_was_asked_to_do_is_shown(night: Night) -> None:
    review(night, "Fold the invoices.")
    assert "Fold the invoices." in (night.run.read_report() or "")


def test_that_the_output_has_no_room_for_what_is_late_is_said_before_the_decision(
    night: Night, monkeypatch: pytest.MonkeyPatch
) -> None:
    write_late(night, {"/late.md": "late"})
    monkeypatch.setattr("dreamflow.steps.carry.MEMORIES_LIMIT", len(AFTER))
    review(night)
    said = f"with them, {night.output_id} would hold 1 memories more than the {len(AFTER)} that a store can"
    _, _, section = (night.run.read_report() or "").partition("### Late writes so far (1)")
    assert said in section
    assert "/late.md: created" in section
    assert figures(night)["late_warning"].startswith(said)


def test_where_it_cannot_be_told_what_is_late_the_review_says_so_and_why(night: Night) -> None:
    """The reader must not take it for nothing."""
    write_late(night, {"/late.md": "late"})
    night.files.write_text(f"{night.run.folder}/carried.json", "{")
    review(night)
    report = night.run.read_report() or ""
    _, _, section = report.partition("### Late writes: not known")
    assert f"what reached {night.input_id} since the dream was launched can't be told now" in section
    assert "carried.json can't be read" in section
    assert "can't be read" in figures(night)["late_warning"]


def test_what_was_foretold_and_undone_before_the_carry_does_not_stand_in_the_review(night: Night) -> None:
    write_late(night, {"/late.md": "late"})
    review(night)
    assert "### Late writes so far (1)" in (night.run.read_report() or "")
    write_late(night, {"/late.md": None})
    night.carry()
    assert "Late writes" not in (night.run.read_report() or "")
    assert figures(night)["late"] == []
