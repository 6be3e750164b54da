"""What a clear works on again: who failed, from where it can go on; what is paid for or decided stays as it is."""

from __future__ import annotations

from typing import Any

import pytest

from dreamflow import tasks
from dreamflow.errors import StateError
from dreamflow.operators.base import PipelineOperator
from dreamflow.operators.dream import LaunchDream
from dreamflow.operators.review import ReviewChanges
from dreamflow.operators.session import CollectSessions
from dreamflow.operators.settle import SettleEarlierRuns
from dreamflow.sensors.dream import DreamSensor
from tests.dags.fleet_nights import AFTER_APPROVE, UP_TO_THE_REVIEW, Fleet, FleetNight, MakeFleet
from tests.support.workspace import Workspace, dreams_on, new_sessions

RUN = "tonight"
EVERY = (*UP_TO_THE_REVIEW, tasks.APPROVE, *AFTER_APPROVE)


def clear(night: FleetNight, task_id: str) -> None:
    """Clear a task and all that follow it, as a person does."""
    night.record.clear(*(one for one in EVERY[EVERY.index(task_id) :] if night.record.try_number(one)))


class Watched:
    """Who was worked on in a task; ``spoilt``: who fails there, until the cause is mended."""

    def __init__(
        self,
        patch: pytest.MonkeyPatch,
        kind: type[PipelineOperator],
        *spoilt: Workspace,
        method: str = "work",
    ) -> None:
        self.spoilt = {member.deployment for member in spoilt}
        self.worked: list[str] = []
        work = getattr(kind, method)

        def watched(operator: Any, *args: Any) -> Any:
            assert operator.pipeline.member
            self.worked.append(operator.pipeline.member.id)
            if operator.pipeline.member.id in self.spoilt:
                raise StateError("it is spoilt")
            return work(operator, *args)

        patch.setattr(kind, method, watched)

    def mend(self) -> None:
        self.spoilt, self.worked = set(), []


@pytest.mark.parametrize(
    ("task_id", "kind"),
    [
        (tasks.SETTLE_EARLIER_RUNS, SettleEarlierRuns),
        (tasks.COLLECT_SESSIONS, CollectSessions),
        (tasks.LAUNCH_DREAM, LaunchDream),
        (tasks.REVIEW_CHANGES, ReviewChanges),
    ],
)
def test_clearing_the_task_that_a_member_failed_in_works_on_it_alone_and_keeps_what_waits_for_an_answer(
    fleet: Fleet, monkeypatch: pytest.MonkeyPatch, task_id: str, kind: type[PipelineOperator]
) -> None:
    waiting, spoilt = fleet.members("waiting", "spoilt")
    seen = Watched(monkeypatch, kind, spoilt)
    night = fleet.reviewed(RUN, (waiting,))
    assert night.approve() == "asked"
    reviewed = fleet.output(waiting, RUN)
    fleet.write(reviewed, "/by-hand.md", "A reviewer wrote this.")
    new_sessions(fleet.client, waiting, "came-since")
    night.params["instructions"] = "Shorter lines."

    seen.mend()
    clear(night, task_id)
    assert night.run(UP_TO_THE_REVIEW) == "success", night.errors
    assert seen.worked == [spoilt.deployment]
    assert len(dreams_on(fleet.client, waiting.store)) == 1
    assert fleet.output(waiting, RUN) == reviewed
    assert not fleet.is_archived(reviewed)
    assert night.approve() == "asked"
    assert fleet.live(spoilt) == fleet.output(spoilt, RUN)
    assert night.answer_rest("Adopt") == "decided"
    assert fleet.live(waiting) == reviewed
    assert "/by-hand.md" in fleet.texts(reviewed)
    assert set(night.run_rest().values()) == {"success", "skipped"}, night.errors


def test_a_dream_that_is_over_is_not_paid_for_again_where_its_member_failed_and_an_earlier_task_is_cleared(
    fleet: Fleet, monkeypatch: pytest.MonkeyPatch
) -> None:
    unwatched, unreviewed, early, well = fleet.members("unwatched", "unreviewed", "early", "well")
    watched = [
        Watched(monkeypatch, CollectSessions, early),
        Watched(monkeypatch, DreamSensor, unwatched, method="look"),
        Watched(monkeypatch, ReviewChanges, unreviewed),
    ]
    night = fleet.reviewed(RUN)
    for member in (unwatched, unreviewed):
        new_sessions(fleet.client, member, f"came-since-{member.store}")
    for one in watched:
        one.mend()
    clear(night, tasks.COLLECT_SESSIONS)
    assert night.run(UP_TO_THE_REVIEW) == "success", night.errors
    assert watched[0].worked == [early.deployment]
    assert night.approve() == "decided"
    assert set(night.run_rest().values()) == {"success", "skipped"}, night.errors
    for member in (unwatched, unreviewed, early, well):
        assert len(dreams_on(fleet.client, member.store)) == 1
        assert fleet.live(member) == fleet.output(member, RUN)


def test_a_dream_that_failed_is_dreamed_anew_once_launch_dream_is_cleared(fleet: Fleet) -> None:
    (member,) = fleet.members("one")
    fleet.client.post(
        "/_control/dreams/fail_next", cast_to=object, body={"type": "input_memory_store_too_large"}
    )
    night = fleet.night(RUN)
    assert night.run(UP_TO_THE_REVIEW) == "failed"
    clear(night, tasks.LAUNCH_DREAM)
    assert night.run(UP_TO_THE_REVIEW) == "success", night.errors
    assert night.approve() == "decided"
    assert fleet.live(member) == fleet.output(member, RUN)


def test_an_output_that_was_archived_by_hand_is_dreamed_anew_once_launch_dream_is_cleared(
    fleet: Fleet,
) -> None:
    (member,) = fleet.members("one")
    night = fleet.night(RUN)
    assert night.run(UP_TO_THE_REVIEW[:-1]) == "success", night.errors
    gone = fleet.output(member, RUN)
    fleet.client.beta.memory_stores.delete(gone)
    assert night.run(UP_TO_THE_REVIEW[-1:]) == "failed"
    clear(night, tasks.LAUNCH_DREAM)
    assert night.run(UP_TO_THE_REVIEW) == "success", night.errors
    assert fleet.output(member, RUN) != gone


def test_a_run_with_new_dream_dreams_anew_for_who_waits_once_launch_dream_is_cleared(fleet: Fleet) -> None:
    waiting, clean = fleet.members("waiting", "clean")
    night = fleet.reviewed(RUN, (waiting,), new_dream=True)
    assert night.approve() == "asked"
    before = fleet.output(waiting, RUN)
    clear(night, tasks.LAUNCH_DREAM)
    assert night.run(UP_TO_THE_REVIEW) == "success", night.errors
    assert [len(dreams_on(fleet.client, one.store)) for one in (waiting, clean)] == [2, 1]
    assert fleet.output(waiting, RUN) != before
    assert fleet.is_archived(before)


def test_an_output_is_not_given_up_for_a_new_dream_that_the_night_has_no_room_for(
    make_fleet: MakeFleet,
) -> None:
    fleet = make_fleet(night={"dreams": 1})
    (waiting,) = fleet.members("waiting")
    night = fleet.reviewed(RUN, (waiting,), new_dream=True)
    assert night.approve() == "asked"
    clear(night, tasks.LAUNCH_DREAM)
    assert night.run(UP_TO_THE_REVIEW) == "failed"
    assert "as many as night.dreams allows" in night.message
    assert not fleet.is_archived(fleet.output(waiting, RUN))
