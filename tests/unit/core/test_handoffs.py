"""What one task hands to the next keeps its shape as JSON: people and other DAGs read it."""

from __future__ import annotations

import json
from datetime import UTC, datetime, timedelta, timezone
from typing import Any

import pytest

from dreamflow.core.handoffs import (
    Collected,
    Decided,
    Dreamed,
    HandOff,
    Launched,
    Reviewed,
    Settled,
    Swap,
)
from dreamflow.errors import StateError

MORNING = datetime(2026, 11, 21, 8, tzinfo=UTC)
SWAP = Swap(before="memstore_1", after="memstore_2", reviewed="aa", by="Ada", at=MORNING, dream_id="drm_1")

#: What docs/architecture.md promises of each, as it stands in XCom.
PROMISED: list[tuple[HandOff, dict[str, Any]]] = [
    (
        Settled(live_store_id="memstore_1", did=("archived",)),
        {"live_store_id": "memstore_1", "did": ["archived"]},
    ),
    (
        Collected(
            input_store_id="memstore_1",
            session_ids=("sesn_1",),
            through=MORNING,
            scope="workspace",
            left_for_next_run=2,
            set_aside=("sesn_2",),
        ),
        {
            "input_store_id": "memstore_1",
            "session_ids": ["sesn_1"],
            "since": None,
            "through": "2026-11-21T08:00:00+00:00",
            "scope": "workspace",
            "left_for_next_run": 2,
            "set_aside": ["sesn_2"],
        },
    ),
    (Launched(dream_id="drm_1"), {"dream_id": "drm_1"}),
    (
        Dreamed(
            dream_id="drm_1",
            output_store_id="memstore_2",
            created_at=MORNING,
            usage={"input_tokens": 7},
            seconds=1.5,
        ),
        {
            "dream_id": "drm_1",
            "output_store_id": "memstore_2",
            "created_at": "2026-11-21T08:00:00+00:00",
            "usage": {"input_tokens": 7},
            "list_cost": None,
            "seconds": 1.5,
        },
    ),
    (
        Reviewed(report_uri="file:///r.md", digest="aa", counts={"added": 1}, verdict="clean"),
        {"report_uri": "file:///r.md", "digest": "aa", "counts": {"added": 1}, "verdict": "clean"},
    ),
    (
        Decided(decision="Adopt", by="Ada", at=MORNING, comment="", digest="aa", swap=SWAP),
        {
            "decision": "Adopt",
            "by": "Ada",
            "at": "2026-11-21T08:00:00+00:00",
            "comment": "",
            "digest": "aa",
        },
    ),
]


@pytest.mark.parametrize(("left", "promised"), PROMISED, ids=lambda value: type(value).__name__)
def test_it_stands_in_xcom_as_it_is_promised_and_comes_back_as_it_was(
    left: HandOff, promised: dict[str, Any]
) -> None:
    stored = json.loads(json.dumps(left.to_json()))
    assert {key: stored[key] for key in promised} == promised
    assert type(left).of(stored, "the task before") == left


def test_a_moment_of_any_zone_comes_back_as_the_same_moment() -> None:
    local = MORNING.astimezone(timezone(timedelta(hours=2)))
    swap = SWAP.model_copy(update={"at": local})
    assert Swap.of(swap.to_json(), "approve").at == MORNING


@pytest.mark.parametrize("left", [None, {}, [], "text", {"dream_id": None}])
def test_a_task_that_left_nothing_to_go_on_is_named_with_what_to_do(left: Any) -> None:
    with pytest.raises(StateError, match=r"launch_dream left nothing to go on.*Clear it and what follows"):
        Launched.of(left, "launch_dream")


def test_what_an_older_release_left_will_do() -> None:
    reviewed = Reviewed.of({"report_uri": "file:///r.md", "digest": "aa"}, "review_changes")
    assert (reviewed.dream_id, reviewed.output_store_id) == ("", "")
    # Nobody knows that it is clean: a person looks.
    assert reviewed.verdict == "flagged"


def test_what_a_newer_release_adds_is_passed_over() -> None:
    assert Launched.of({"dream_id": "drm_1", "more": 1}, "launch_dream") == Launched(dream_id="drm_1")
