"""Whether a shard of a fleet's run has ended, by what Airflow says of its tasks."""

from __future__ import annotations

import pytest

from dreamflow.core.fleets import has_ended

ENDED = {"settle_0": "success", "wait_0": "failed", "approve_0": "upstream_failed", "catch_up_0": "skipped"}


@pytest.mark.parametrize(
    ("more", "ended"),
    [
        ({}, True),
        ({"wait_1": "deferred", "wait_10": None}, True),
        ({"retire_0": None}, False),
        ({"retire_0": "up_for_retry"}, False),
        ({"approve_0": "awaiting_input"}, False),
        ({"retire": None}, False),
        ({"retire": "removed"}, True),
        ({"retire_0": "a state that is new"}, False),
    ],
)
def test_it_has_once_none_of_its_tasks_can_begin(more: dict[str, str | None], ended: bool) -> None:
    assert has_ended({**ENDED, **more}, 0) is ended


def test_one_of_which_nothing_is_told_has_not() -> None:
    assert not has_ended({}, 0)
    assert not has_ended(ENDED, 1)
    assert not has_ended({"settle": "success"}, 0)
