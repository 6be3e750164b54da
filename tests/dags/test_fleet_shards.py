"""A fleet in shards: each works for its own members, and is asked and answered by itself."""

from __future__ import annotations

import pytest

from dreamflow import tasks
from dreamflow.steps.roster import shard_of
from tests.dags.fleet_nights import UP_TO_THE_REVIEW, FleetNight, MakeFleet
from tests.support.run_record import TaskInstance
from tests.support.workspace import Workspace, dreams_on

RUN = "tonight"


def test_an_answer_to_one_shards_question_is_no_others(
    make_fleet: MakeFleet, monkeypatch: pytest.MonkeyPatch
) -> None:
    fleet = make_fleet(fleet={"shards": 2}, approval={"mode": "required"})
    members: dict[int, Workspace] = {}
    for number in range(12):
        if len(members) < 2:
            member = fleet.member(f"m{number}")
            members.setdefault(shard_of(member.deployment, 2), member)
    nights: list[FleetNight] = [fleet.night(RUN), fleet.night(RUN)]

    def turn(shard: int) -> FleetNight:
        monkeypatch.setattr(TaskInstance, "map_index", shard)
        return nights[shard]

    for shard in (0, 1):
        assert turn(shard).run(UP_TO_THE_REVIEW) == "success", nights[shard].errors
        assert turn(shard).approve() == "asked"
    assert turn(0).answer_rest("Reject") == "decided"
    # The other's worker dies, or its task is tried again: nobody has answered it.
    assert turn(1).approve() == "asked"
    assert fleet.journal(members[1], RUN).decision is None
    assert turn(1).answer_rest("Adopt") == "decided"
    for shard in (0, 1):
        assert set(turn(shard).run_rest().values()) == {"success", "skipped"}, nights[shard].errors
    assert fleet.live(members[0]) == members[0].store
    assert fleet.live(members[1]) == fleet.output(members[1], RUN)
    assert [len(dreams_on(fleet.client, member.store)) for member in members.values()] == [1, 1]
    assert fleet.is_archived(members[1].store)
    assert nights[1].record.ended(tasks.CATCH_UP) == "success"
