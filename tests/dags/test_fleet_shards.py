"""A fleet in shards: each works for its own members, and is asked and answered by itself."""

from __future__ import annotations

from dataclasses import dataclass, field
from itertools import count
from pathlib import Path

import pytest

from dreamflow import tasks
from dreamflow.steps.roster import shard_of
from tests.dags.fleet_nights import AFTER_ADOPT, UP_TO_THE_REVIEW, Fleet, FleetNight, MakeFleet
from tests.support.run_record import TaskInstance
from tests.support.workspace import Workspace, dreams_on

RUN = "tonight"


@dataclass
class Shards:
    """A fleet in two shards, with a member in each; of a run, one shard at a time has its turn."""

    fleet: Fleet
    members: dict[int, Workspace]
    monkeypatch: pytest.MonkeyPatch
    nights: dict[tuple[str, int], FleetNight] = field(default_factory=dict)

    def turn(self, shard: int, run_id: str = RUN) -> FleetNight:
        self.monkeypatch.setattr(TaskInstance, "map_index", shard)
        return self.nights.setdefault((run_id, shard), self.fleet.night(run_id))


@pytest.fixture
def shards(make_fleet: MakeFleet, monkeypatch: pytest.MonkeyPatch) -> Shards:
    fleet = make_fleet(fleet={"shards": 2}, approval={"mode": "required"})
    members: dict[int, Workspace] = {}
    for number in count():  # an id falls into either
        member = fleet.member(f"m{number}")
        members.setdefault(shard_of(member.deployment, 2), member)
        if len(members) == 2:
            break
    return Shards(fleet, members, monkeypatch)


def test_an_answer_to_one_shards_question_is_no_others(shards: Shards) -> None:
    fleet, members, turn = shards.fleet, shards.members, shards.turn
    for shard in (0, 1):
        assert turn(shard).run(UP_TO_THE_REVIEW) == "success", turn(shard).errors
        assert turn(shard).approve() == "asked"
    assert turn(0).answer_rest("Reject") == "decided"
    # The other's worker dies, or its task is tried again: nobody has answered it.
    assert turn(1).approve() == "asked"
    assert fleet.journal(members[1], RUN).decision is None
    assert turn(1).answer_rest("Adopt") == "decided"
    for shard in (0, 1):
        assert set(turn(shard).run_rest().values()) == {"success", "skipped"}, turn(shard).errors
    assert fleet.live(members[0]) == members[0].store
    assert fleet.live(members[1]) == fleet.output(members[1], RUN)
    assert [len(dreams_on(fleet.client, member.store)) for member in members.values()] == [1, 1]
    assert fleet.is_archived(members[1].store)
    assert turn(1).record.ended(tasks.CATCH_UP) == "success"


@pytest.mark.parametrize("rest", [None, "up_for_retry", "upstream_failed"])
def test_a_shard_that_has_ended_holds_its_members_back_from_no_night(
    shards: Shards, rest: str | None, monkeypatch: pytest.MonkeyPatch
) -> None:
    """One whose task failed as a whole does nothing for them any more, though the run waits for another's answer."""
    fleet, members, turn = shards.fleet, shards.members, shards.turn
    for shard in (0, 1):
        assert turn(shard).run(UP_TO_THE_REVIEW[:3]) == "success", turn(shard).errors
    assert turn(0).run(UP_TO_THE_REVIEW[3:]) == "success", turn(0).errors
    assert turn(0).approve() == "asked"
    roster = Path(fleet.records.run(RUN).folder.removeprefix("file://"), "roster-1.json")
    roster.rename(beside := roster.with_name("beside"))
    assert turn(1).run_task(tasks.WAIT_FOR_DREAM) == "failed"
    beside.rename(roster)
    states: dict[str, str | None] = {
        f"{task_id}_1": rest for task_id in (tasks.REVIEW_CHANGES, tasks.APPROVE)
    }
    for task_id in UP_TO_THE_REVIEW[:3]:
        states |= {f"{task_id}_0": "success", f"{task_id}_1": "success"}
    states |= {f"{tasks.WAIT_FOR_DREAM}_1": "failed", f"{tasks.APPROVE}_0": "awaiting_input"}
    monkeypatch.setattr(TaskInstance, "under_way", {(fleet.dag.dag_id, RUN)})
    monkeypatch.setattr(TaskInstance, "states", {RUN: states})

    for shard in (0, 1):
        turn(shard, "next").run(UP_TO_THE_REVIEW)
    assert fleet.state(members[0], "next", tasks.SETTLE_EARLIER_RUNS).startswith(
        f"skipped run {RUN} is at work"
    )
    if rest != "upstream_failed":
        assert fleet.state(members[1], "next", tasks.SETTLE_EARLIER_RUNS).startswith("skipped run")
        return
    assert turn(1, "next").record.ended(tasks.REVIEW_CHANGES) == "success", turn(1, "next").errors

    # A person clears what failed after all: one run works on the member.
    turn(1).record.clear(tasks.WAIT_FOR_DREAM)
    turn(1).run(UP_TO_THE_REVIEW[3:])
    assert "run next has taken it over" in fleet.state(members[1], RUN, tasks.WAIT_FOR_DREAM)
    assert turn(0).answer_rest("Adopt") == "decided"
    assert turn(1, "next").approve() == "asked"
    assert turn(1, "next").answer_rest("Adopt") == "decided"
    assert fleet.live(members[0]) == fleet.output(members[0], RUN)
    assert fleet.live(members[1]) == fleet.output(members[1], "next")
    used = [dream for dream in dreams_on(fleet.client, members[1].store) if dream.status != "canceled"]
    outputs = {output.memory_store_id for dream in used for output in dream.outputs}
    assert {one for one in outputs if not fleet.is_archived(one)} == {fleet.live(members[1])}


def test_what_a_shard_was_to_retire_that_has_ended_is_a_later_runs(
    shards: Shards, monkeypatch: pytest.MonkeyPatch
) -> None:
    """The other shard waits for an answer meanwhile, so that the run has not ended."""
    fleet, member, turn = shards.fleet, shards.members[1], shards.turn
    assert turn(1).run(UP_TO_THE_REVIEW) == "success", turn(1).errors
    assert turn(1).approve() == "asked"
    assert turn(1).answer_rest("Adopt") == "decided"
    for task_id in AFTER_ADOPT[:3]:
        assert turn(1).run_task(task_id) == "success", turn(1).errors

    def die(*_: object) -> None:
        raise KeyboardInterrupt

    with monkeypatch.context() as patch:
        patch.setattr("dreamflow.sensors.session.DrainSensor.look", die)
        with pytest.raises(KeyboardInterrupt):
            turn(1).run_task(tasks.DRAIN_SESSIONS)
    assert not fleet.is_archived(member.store)
    monkeypatch.setattr(TaskInstance, "under_way", {(fleet.dag.dag_id, RUN)})
    states: dict[str, str | None] = {
        f"{tasks.APPROVE}_0": "awaiting_input",
        f"{tasks.DRAIN_SESSIONS}_1": None,
    }
    monkeypatch.setattr(TaskInstance, "states", {RUN: states})
    for is_over in (False, True):
        if is_over:
            states[f"{tasks.DRAIN_SESSIONS}_1"] = "failed"
        run_id = "after" if is_over else "next"
        assert turn(1, run_id).run(UP_TO_THE_REVIEW[:1]) == "success", turn(1, run_id).errors
        assert fleet.is_archived(member.store) == is_over
