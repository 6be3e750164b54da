"""Several nights of a fleet: who leaves it, what is kept of it, what is dreamed when, and what a dry run says."""

from __future__ import annotations

import os
from pathlib import Path
from typing import Any

import httpx2
import pytest

from dreamflow import tasks
from dreamflow.steps import adopting
from tests.dags.fleet_nights import AFTER_ADOPT, UP_TO_THE_REVIEW, Fleet, FleetNight, MakeFleet
from tests.support.server import KEY
from tests.support.workspace import Workspace, dreams_on, new_sessions

RUN = "tonight"


def adopted(fleet: Fleet, run_id: str = RUN) -> FleetNight:
    night = fleet.reviewed(run_id)
    assert night.approve() == "decided"
    assert set(night.run_rest().values()) == {"success", "skipped"}, night.errors
    return night


def rename(fleet: Fleet, member: Workspace, name: str) -> None:
    fleet.client.beta.deployments.update(member.deployment, name=name)


def test_whoever_left_with_an_open_run_is_named_each_night_until_its_files_are_gone(fleet: Fleet) -> None:
    leaver, other = fleet.members("leaver", "other")
    fleet.reviewed("first")
    rename(fleet, leaver, "elsewhere")
    said = []
    for number in range(3):
        new_sessions(fleet.client, other, f"more-{number}")
        fleet.told.logs.clear()
        night = fleet.night(f"night_{number}")
        assert night.run((tasks.SETTLE_EARLIER_RUNS,)) == "success", night.errors
        said.append([line for line in fleet.told.logs if leaver.deployment in line and "by hand" in line])
        if number == 1:
            fleet.run(leaver, "first").close("looked after by hand")
    assert said[0]
    assert fleet.records.member(leaver.deployment).folder in said[0][0]
    assert said[1]
    assert not said[2]


def test_the_runs_of_a_fleet_and_of_its_members_are_deleted_once_they_are_old(make_fleet: MakeFleet) -> None:
    fleet = make_fleet(keep="P30D")
    (member,) = fleet.members("one")
    adopted(fleet)
    folders = [fleet.records.run(RUN).folder, fleet.run(member, RUN).folder]
    paths = [Path(folder.removeprefix("file://")) for folder in folders]
    for path in paths:
        assert path.is_dir()
        for file in path.iterdir():
            os.utime(file, (1, 1))
    night = fleet.night("later")
    assert night.run((tasks.SETTLE_EARLIER_RUNS,)) == "success", night.errors
    assert [path.exists() for path in paths] == [False, False]


def test_the_runs_of_who_left_or_is_refused_are_deleted_once_they_are_old(make_fleet: MakeFleet) -> None:
    fleet = make_fleet(keep="P30D")
    leaver, refused, left_open, other = fleet.members("leaver", "refused", "left-open", "other")
    adopted(fleet, "first")
    fleet.run(left_open, "first").mark()
    members = (leaver, refused, left_open)
    paths = [Path(fleet.run(member, "first").folder.removeprefix("file://")) for member in members]
    for path in paths:
        assert (path / "review.json").exists()
        for file in path.iterdir():
            os.utime(file, (1, 1))
    fleet.client.beta.deployments.archive(leaver.deployment)
    fleet.client.beta.deployments.archive(left_open.deployment)
    resource: Any = {"type": "memory_store", "memory_store_id": fleet.live(other), "access": "read_write"}
    fleet.client.beta.deployments.update(refused.deployment, resources=[resource])
    fleet.night("part", members=[other.deployment]).run((tasks.SETTLE_EARLIER_RUNS,))
    assert all(path.exists() for path in paths)
    fleet.night("later").run((tasks.SETTLE_EARLIER_RUNS,))
    assert [path.exists() for path in paths] == [False, False, True], (
        "what one left open is to be looked after"
    )


def test_a_dry_run_says_what_each_member_and_all_would_take_and_spends_nothing(fleet: Fleet) -> None:
    members = fleet.members("one", "two")
    night = fleet.night(RUN, dry_run=True)
    assert night.run(UP_TO_THE_REVIEW) == "skipped", night.errors
    assert not any(dreams_on(fleet.client, member.store) for member in members)
    estimate = night.left(tasks.LAUNCH_DREAM, "estimate")
    assert estimate["sessions"] == 4
    log = "\n".join(fleet.told.logs)
    for member in members:
        assert f"({member.deployment}) was left out: dry run, nothing was spent. 2 sessions" in log
    assert night.skip_reason.startswith("2 members: dry run, nothing was spent. 4 sessions")
    # Another night is none the worse for it.
    adopted(fleet, "later")
    assert [len(dreams_on(fleet.client, member.store)) for member in members] == [1, 1]


def test_a_swap_of_one_member_that_was_interrupted_is_finished_the_next_night(fleet: Fleet) -> None:
    half, whole = fleet.members("torn", "whole")
    night = fleet.reviewed(RUN)
    verified = adopting.verified

    def dying(world: object, run: object) -> object:
        if getattr(run, "records").pipeline == half.deployment:  # noqa: B009
            raise KeyboardInterrupt
        return verified(world, run)  # type: ignore[arg-type]

    with pytest.MonkeyPatch.context() as patch, pytest.raises(KeyboardInterrupt):
        patch.setattr(adopting, "verified", dying)
        night.approve()
    new_sessions(fleet.client, whole, "more")
    later = fleet.night("later")
    assert later.run(UP_TO_THE_REVIEW) == "success", later.errors
    assert fleet.live(half) == fleet.output(half, RUN)
    assert fleet.journal(half, RUN).closed
    assert fleet.is_archived(half.store)
    assert fleet.state(half, "later", tasks.COLLECT_SESSIONS).startswith("skipped")


def test_a_dream_that_failed_for_a_passing_cause_is_dreamed_anew_for_its_member_alone(fleet: Fleet) -> None:
    members = fleet.members("one", "two", "three")
    httpx2.post(
        f"{fleet.server.url}/_control/dreams/fail_next",
        json={"type": "internal_error"},
        headers={"x-api-key": KEY},
    ).raise_for_status()
    adopted(fleet)
    counts = sorted(len(dreams_on(fleet.client, member.store)) for member in members)
    assert counts == [1, 1, 2]


def test_who_was_left_out_of_a_night_is_first_the_next(make_fleet: MakeFleet) -> None:
    fleet = make_fleet(night={"dreams": 2})
    members = fleet.members("one", "two", "three")
    first = adopted(fleet, "first")
    (out,) = [member for member in members if not dreams_on(fleet.client, member.store)]
    assert fleet.state(out, "first", tasks.LAUNCH_DREAM).startswith("skipped the night's budget is used up")
    assert first.record.ended(tasks.CATCH_UP) == "success"
    for member in members:
        if member != out:
            live = Workspace(member.agent, member.deployment, member.environment, fleet.live(member))
            new_sessions(fleet.client, live, f"more-{member.deployment}")
    adopted(fleet, "second")
    assert len(dreams_on(fleet.client, out.store)) == 1


def test_members_with_sessions_left_over_follow_in_one_run_for_those_alone(make_fleet: MakeFleet) -> None:
    fleet = make_fleet(sessions={"limit": 1})
    one, two = fleet.members("one", "two")
    small = fleet.member("small", sessions=1)
    adopted(fleet)
    (conf,) = fleet.told.confs
    assert set(conf["dreamflow"]["members"]) == {one.deployment, two.deployment}
    new_sessions(fleet.client, small, "came-since", memory_store_id=fleet.live(small))
    following = fleet.night("catch_up_1__tonight", conf)
    assert following.run(UP_TO_THE_REVIEW) == "success", following.errors
    outputs = [fleet.output(member, RUN) for member in (one, two, small)]
    assert [len(dreams_on(fleet.client, output)) for output in outputs] == [1, 1, 0]
    assert following.approve() == "decided"
    assert following.run(AFTER_ADOPT) == "success", following.errors
    assert len(fleet.told.confs) == 1


def test_members_whose_dreams_changed_nothing_for_the_third_night_are_told_of_once(fleet: Fleet) -> None:
    third, fourth, busy = fleet.members("third", "fourth", "busy")
    night = fleet.night(RUN)
    assert night.run(UP_TO_THE_REVIEW[:-1]) == "success", night.errors
    for member, nights in ((third, 2), (fourth, 3), (busy, 1)):
        for path in fleet.texts(fleet.output(member, RUN)).keys() - {"/hours.md"}:
            fleet.remove(fleet.output(member, RUN), path)
        for number in range(nights):
            records = fleet.records.member(member.deployment)
            records.note_trend(f"night_{number}", "clean", {}, changed=False)
    for _ in range(2):  # the task may be cleared, or die after it
        assert night.run(UP_TO_THE_REVIEW[-1:]) == "success", night.errors
    told = [body for title, body in fleet.told.messages if "dreams change nothing" in title]
    assert len(told) == 1
    assert f"{fleet.name}-third" in told[0]
    assert f"{fleet.name}-fourth" not in told[0]
    assert f"{fleet.name}-busy" not in told[0]
