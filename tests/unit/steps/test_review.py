"""The review of what a dream changed, from the real stores."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest

from dreamflow.core.changes import digest
from dreamflow.errors import StateError
from dreamflow.operators.review import ReviewChanges
from tests.unit.running import Night, night_of, pipeline_of, write_late
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


def review(night: Night, **checks: Any) -> dict[str, Any]:
    pipeline = pipeline_of(
        night.location, {"type": "agent", "agent_id": night.agent_id}, checks={"max_removed": 0.5, **checks}
    )
    night.left["wait_for_dream"] |= {
        "usage": {
            "input_tokens": 10,
            "output_tokens": 5,
            "cache_read_input_tokens": 0,
            "cache_creation_input_tokens": 0,
        },
        "list_cost": None,
        "seconds": 5.0,
    }
    operator = ReviewChanges(task_id="review_changes", pipeline=pipeline)
    operator.__dict__["hook"] = night.hook
    left: dict[str, Any] = operator.execute(night.context)
    return left


def test_it_counts_what_became_of_every_memory_and_binds_the_answer_to_the_output(night: Night) -> None:
    left = review(night)
    assert left["counts"] == {"added": 1, "changed": 1, "removed": 1, "unchanged": 2}
    assert left["digest"] == digest(night.hook.list_memories(night.output_id))
    assert left["verdict"] == "clean"
    assert left["report_uri"] == night.files.report_uri


def test_the_report_shows_the_lines_and_nothing_of_them_as_markup(night: Night) -> None:
    review(night)
    report = night.files.read_report() or ""
    for line in ("` -two `", "` +2 `", "` -drop `", "` +[x](http://evil) index `"):
        assert line in report
    assert night.files.read_json("report")["verdict"] == "clean"


def test_it_compares_with_the_input_as_it_was_when_the_dream_began(night: Night) -> None:
    write_late(night, {"/edit.md": "late", "/new.md": "late", "/drop.md": None})
    left = review(night)
    assert left["counts"] == {"added": 1, "changed": 1, "removed": 1, "unchanged": 2}
    assert "late" not in (night.files.read_report() or "")


def test_a_check_that_finds_something_flags_the_review(service: Service, night: Night) -> None:
    write_late(night, {"/policies/a.md": "changed"}, night.output_id)
    left = review(night, protect=["/policies/**"])
    assert left["verdict"] == "flagged"
    assert "/policies/a.md" in str(night.files.read_json("report")["findings"])


def test_reviewing_again_gives_the_same(night: Night) -> None:
    first = review(night)
    report = night.files.read_report()
    assert review(night) == first
    assert night.files.read_report() == report


def test_a_lost_base_listing_is_said_so(night: Night, tmp_path: Path) -> None:
    (tmp_path / "reports" / "support" / "manual__1" / "base.json").unlink()
    with pytest.raises(StateError, match=r"base\.json is not there.*every worker reaches reports\.location"):
        review(night)
