"""A fleet on a real Airflow: one run for all members, a question for the one that is flagged, and shards."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

import pytest

from tests.e2e.cases import case
from tests.e2e.loop import Scene
from tests.e2e.runs import Run
from tests.e2e.world import Member, fleet_world

pytestmark = pytest.mark.e2e

CLEAN = ("ash", "birch", "cedar")


def a_fleet(name: str, **fleet: Any) -> dict[str, Any]:
    """Return what the file of a fleet says."""
    return {
        "targets": None,
        "sessions": {"agent_id": None},
        "fleet": {"deployments": {"name": f"{name}-*"}, **fleet},
        "approval": {"mode": "when_flagged"},
        "checks": {"personal_data": "flag"},
    }


@dataclass(frozen=True)
class Asked:
    """A fleet's run that asked about one member, and how things stood meanwhile."""

    run: Run
    members: dict[str, Member]
    question: dict[str, Any]
    swapped: dict[str, bool]


@case(make_world=fleet_world, settings=a_fleet("care"))
def care(scene: Scene) -> Asked:
    members = dict(scene.world.members)
    question = scene.run.wait_until_asked()
    swapped = {name: member.live_store() != member.store for name, member in members.items()}
    scene.run.answer("Adopt")
    scene.run.end()
    return Asked(scene.run, members, question, swapped)


def test_clean_members_are_adopted_before_anybody_answers(care: Asked) -> None:
    assert care.swapped == {**dict.fromkeys(CLEAN, True), "dogwood": False}


def test_the_question_names_who_is_flagged_and_nobody_else(care: Asked) -> None:
    assert "care-dogwood" in care.question["body"]
    assert "personal_data" in care.question["body"]
    assert not any(f"care-{name}" in care.question["body"] for name in CLEAN)
    assert "rosa.lindqvist@example.org" not in care.question["body"]


def test_the_answer_adopts_the_flagged_member_and_every_old_store_is_retired(care: Asked) -> None:
    assert care.run.state() == "success"
    for member in care.members.values():
        assert member.live_store() != member.store
        assert member.is_archived()


def test_what_the_tasks_leave_does_not_grow_with_the_members(care: Asked) -> None:
    left = care.run.left("review_changes")
    assert (left["members"], left["done"], left["failed"]) == (4, 4, 0)
    assert care.run.tasks().keys() >= {"settle_earlier_runs", "collect_sessions", "approve", "retire_input"}


@case(make_world=fleet_world, settings={**a_fleet("shard", shards=2), "approval": {"mode": "never"}})
def shard(scene: Scene) -> Asked:
    scene.run.end()
    return Asked(scene.run, dict(scene.world.members), {}, {})


def test_shards_part_the_members_among_them(shard: Asked) -> None:
    states = shard.run.tasks()
    assert {states["collect_sessions[0]"], states["collect_sessions[1]"]} == {"success"}
    assert shard.run.state() == "success"
    assert all(member.live_store() != member.store for member in shard.members.values())
