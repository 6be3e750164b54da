"""A fleet's night, from the DAG file on: every task works through all members, and few are asked about."""

from __future__ import annotations

from dreamflow import tasks
from tests.dags.fleet_nights import AFTER_ADOPT, UP_TO_THE_REVIEW, Fleet
from tests.support.workspace import dreams_on


def test_a_night_dreams_for_every_member_and_swaps_each_store(fleet: Fleet) -> None:
    members = fleet.members("ash", "birch", "cedar")
    night = fleet.night("first")
    assert night.run(UP_TO_THE_REVIEW) == "success", night.errors
    for member in members:
        assert len(dreams_on(fleet.client, member.store)) == 1
    assert night.approve() == "decided"
    assert night.branches == {tasks.CARRY_LATE_WRITES}
    assert night.run(AFTER_ADOPT) == "success", night.errors
    for member in members:
        assert fleet.live(member) != member.store
        assert fleet.is_archived(member.store)
        assert fleet.journal(member, "first").closed
