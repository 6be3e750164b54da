"""Clearing a fleet's tasks after members ended in different ways: nobody is dreamed for twice, nobody is stuck."""

from __future__ import annotations

from pathlib import Path

import pytest
import yaml

from dreamflow import tasks
from dreamflow.errors import StateError
from tests.dags.conftest import Parse
from tests.dags.fleet_nights import UP_TO_THE_REVIEW, Fleet, MakeFleet
from tests.support.workspace import Workspace, dreams_on

RUN = "tonight"


def test_clearing_for_one_that_failed_dreams_for_no_other_that_was_rejected(fleet: Fleet) -> None:
    (given_up,) = fleet.members("given-up")
    night = fleet.reviewed(RUN, (given_up,))
    assert night.approve() == "asked"
    assert night.answer_rest("Reject") == "decided"
    assert night.run_rest()[tasks.DISCARD_OUTPUT] == "success", night.errors
    for task_id in (tasks.LAUNCH_DREAM, tasks.WAIT_FOR_DREAM, tasks.REVIEW_CHANGES):
        night.record.clear(task_id)
        assert night.run_task(task_id) == "success", night.errors
    assert len(dreams_on(fleet.client, given_up.store)) == 1


def test_an_output_that_changed_after_a_clean_review_is_asked_about_once_approve_is_cleared(
    fleet: Fleet, monkeypatch: pytest.MonkeyPatch
) -> None:
    (ash,) = fleet.members("ash")
    night = fleet.reviewed(RUN)

    def meddled(*_: object) -> None:
        fleet.write(fleet.output(ash, RUN), "/behind.md", "The owner is Zebulon Quux, at 99 Nowhere Street.")
        raise StateError("it is not what was reviewed")

    with monkeypatch.context() as patch:
        patch.setattr("dreamflow.operators.fleet_question.adopt", meddled)
        assert night.approve() == "decided"
    assert night.run((tasks.CARRY_LATE_WRITES,)) == "failed"
    assert fleet.live(ash) == ash.store
    night.record.clear(tasks.APPROVE, tasks.CARRY_LATE_WRITES)
    assert night.approve() == "asked"
    assert f"{fleet.name}-ash" in night.told.asked[-1]["body"]
    assert night.answer_rest("Adopt") == "decided"
    assert fleet.live(ash) == fleet.output(ash, RUN)
    assert set(night.run_rest().values()) == {"success", "skipped"}, night.errors


def test_a_member_that_is_being_mended_is_adopted_by_no_mode(fleet: Fleet) -> None:
    (ash,) = fleet.members("ash")
    night = fleet.reviewed(RUN, (ash,))
    assert night.approve() == "asked"
    output = fleet.output(ash, RUN)
    memories = fleet.client.beta.memory_stores.memories
    (odd,) = (one.id for one in memories.list(output) if one.type == "memory" and one.path == "/odd.md")
    memories.delete(odd, memory_store_id=output)
    assert night.answer_rest("Adopt", digest="0" * 64) == "asked"
    assert fleet.live(ash) == ash.store


def test_a_dry_run_takes_a_member_from_nobody(fleet: Fleet) -> None:
    (ash,) = fleet.members("ash")
    night = fleet.reviewed(RUN)
    dry = fleet.night("dry", dry_run=True)
    assert dry.run(UP_TO_THE_REVIEW) == "skipped", dry.errors
    assert night.approve() == "decided"
    assert fleet.live(ash) == fleet.output(ash, RUN)


def test_runs_of_a_pipeline_that_was_no_fleet_are_not_forgotten(fleet: Fleet) -> None:
    fleet.members("ash")
    marker = fleet.folder / "reports" / fleet.name / "open" / "before.json"
    marker.parent.mkdir(parents=True)
    marker.write_text("{}")
    night = fleet.night(RUN)
    assert night.run(UP_TO_THE_REVIEW) == "failed"
    assert "open from when it was no fleet: before" in night.message


def test_runs_of_members_of_a_pipeline_that_is_no_fleet_any_more_are_not_forgotten(
    fleet: Fleet, folder: Path, parse: Parse
) -> None:
    (ash,) = fleet.members("ash")
    fleet.reviewed(RUN)
    file = folder / f"{fleet.name}.yaml"
    said = yaml.safe_load(file.read_text(encoding="utf-8"))
    del said["fleet"]
    said["targets"] = [{"type": "deployment", "deployment_id": ash.deployment}]
    file.write_text(yaml.safe_dump(said), encoding="utf-8")
    fleet.dag = parse().dags[fleet.dag.dag_id]
    night = fleet.night("later")
    assert night.run(UP_TO_THE_REVIEW) == "failed"
    assert f"open from when it was a fleet, by member: {ash.deployment}: {RUN}" in night.message
    assert len(dreams_on(fleet.client, ash.store)) == 1

    fleet.run(ash, RUN).close("settled")
    after = fleet.night("after")
    assert after.run(UP_TO_THE_REVIEW[:1]) == "success", after.errors


def test_who_was_refused_and_is_right_by_now_is_taken_in_once_settle_earlier_runs_is_cleared(
    fleet: Fleet,
) -> None:
    waiting, one, two, left, wrong = fleet.members("waiting", "one", "two", "left", "wrong")
    deployments = fleet.client.beta.deployments

    def mount(member: Workspace, *stores: str) -> None:
        deployments.update(
            member.deployment,
            resources=[
                {"type": "memory_store", "memory_store_id": store, "access": "read_write"} for store in stores
            ],
        )

    mount(two, one.store)
    mount(left)
    mount(wrong)
    night = fleet.reviewed(RUN, (waiting,))
    assert night.approve() == "asked"
    assert len(dreams_on(fleet.client, one.store)) == 0

    mount(two, two.store)
    deployments.update(left.deployment, name="of-no-fleet")
    night.record.clear(*UP_TO_THE_REVIEW, tasks.APPROVE)
    assert night.run(UP_TO_THE_REVIEW) == "success", night.errors
    assert night.approve() == "asked"
    assert night.answer_rest("Adopt") == "decided"
    assert night.run_rest()[tasks.CATCH_UP] == "failed"
    assert "1 of 4 members failed" in night.message
    assert wrong.deployment in night.message
    assert "mounts no memory store read_write" in night.message
    for member in (waiting, one, two):
        assert len(dreams_on(fleet.client, member.store)) == 1
        assert fleet.live(member) == fleet.output(member, RUN)


def test_an_output_is_not_given_up_for_a_new_dream_that_the_night_has_no_room_for(
    make_fleet: MakeFleet,
) -> None:
    fleet = make_fleet(night={"dreams": 1})
    (waiting,) = fleet.members("waiting")
    night = fleet.reviewed(RUN, (waiting,), new_dream=True)
    assert night.approve() == "asked"
    night.record.clear(*UP_TO_THE_REVIEW[2:], tasks.APPROVE)
    assert night.run(UP_TO_THE_REVIEW) == "failed"
    assert "as many as night.dreams allows" in night.message
    assert not fleet.is_archived(fleet.output(waiting, RUN))

    # A person marks the task, and clears what follows: the output is there to decide on.
    night.record.end(tasks.LAUNCH_DREAM, "success")
    night.record.clear(*UP_TO_THE_REVIEW[3:], tasks.APPROVE)
    assert night.run(UP_TO_THE_REVIEW[3:]) == "success", night.errors
    assert night.approve() == "asked"
    assert night.answer_rest("Adopt") == "decided"
    assert fleet.live(waiting) == fleet.output(waiting, RUN)
