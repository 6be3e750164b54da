"""A night of a fleet that waits for an answer holds back those that it asks about, and no others."""

from __future__ import annotations

import pytest

from dreamflow import tasks
from dreamflow.errors import MembersFailed
from tests.dags.fleet_nights import UP_TO_THE_REVIEW, Fleet
from tests.support.run_record import TaskInstance
from tests.support.workspace import dreams_on, new_sessions


def test_the_next_night_dreams_for_all_but_those_that_are_asked_about(
    fleet: Fleet, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(TaskInstance, "under_way", {(fleet.dag.dag_id, "first")})
    ash, birch = fleet.members("ash", "birch")
    first = fleet.reviewed("first", flagged=(birch,))
    assert first.approve() == "asked"
    swapped = fleet.live(ash)
    assert swapped != ash.store
    for member in (ash, birch):
        new_sessions(fleet.client, member, f"three-{member.deployment}", memory_store_id=fleet.live(member))
    second = fleet.night("second")
    assert second.run(UP_TO_THE_REVIEW) == "success", second.errors
    assert fleet.state(birch, "second", tasks.SETTLE_EARLIER_RUNS).startswith("skipped run first")
    assert len(dreams_on(fleet.client, birch.store)) == 1
    assert second.approve() == "decided"
    assert fleet.live(ash) not in (ash.store, swapped)

    # The answer comes after all, and finishes the first night as if there had been no second.
    again = fleet.live(ash)
    assert first.answer_rest("Adopt") == "decided"
    states = first.run_rest()
    assert "failed" not in states.values(), first.errors
    assert fleet.live(birch) != birch.store
    assert fleet.live(ash) == again
    assert fleet.is_archived(birch.store)


def test_an_old_run_does_nothing_for_a_member_that_a_later_one_has(fleet: Fleet) -> None:
    (ash,) = fleet.members("ash")
    first = fleet.reviewed("first", flagged=(ash,))
    second = fleet.night("second")
    assert second.run(UP_TO_THE_REVIEW) == "success", second.errors
    live = fleet.live(ash)
    with pytest.raises(MembersFailed, match="run second has taken it over"):
        first.approve()
    assert fleet.live(ash) == live
