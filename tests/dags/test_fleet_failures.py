"""One member's failure stops no other: it is named, told once, and the run ends failed when the others are done."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pytest

from dreamflow import tasks
from dreamflow.errors import MembersFailed, ServiceUnavailable
from dreamflow.operators.review import ReviewChanges
from dreamflow.sensors.session import DrainSensor
from tests.dags.fleet_nights import AFTER_ADOPT, UP_TO_THE_REVIEW, Fleet, FleetNight, MakeFleet
from tests.support.workspace import Workspace, dreams_on, new_sessions

RUN = "tonight"


def failures_told(fleet: Fleet) -> list[str]:
    return [f"{title}: {body}" for title, body in fleet.told.messages if "failed" in title]


def assert_only_failed(
    fleet: Fleet, night: FleetNight, spoilt: Workspace, others: tuple[Workspace, ...], why: str
) -> None:
    """Finish the run: the others are adopted, and its last task alone fails and tells of the one, and why."""
    if not night.record.ended(tasks.APPROVE):
        assert night.approve() == "decided"
    ended = night.run_rest()
    assert [task_id for task_id, state in ended.items() if state == "failed"] == [tasks.CATCH_UP], (
        night.errors
    )
    failed = night.errors[-1]
    assert isinstance(failed, MembersFailed)
    assert spoilt.deployment in str(failed)
    assert why in str(failed), failed
    assert not any(other.deployment in str(failed) for other in others)
    assert all(fleet.live(other) != other.store and fleet.is_archived(other.store) for other in others)
    listed = {row.id: row.state for row in fleet.records.run(RUN).read_rows(0)}
    assert listed == {spoilt.deployment: "failed", **{other.deployment: "adopted" for other in others}}


def test_a_store_that_is_gone_before_the_dream_fails_its_member_alone(fleet: Fleet) -> None:
    gone, *others = fleet.members("gone", "one", "two")
    fleet.client.beta.memory_stores.delete(gone.store)
    night = fleet.night(RUN)
    assert night.run(UP_TO_THE_REVIEW) == "success", night.errors
    assert_only_failed(fleet, night, gone, tuple(others), gone.store)


def test_a_store_that_is_gone_after_the_dream_fails_its_member_alone(fleet: Fleet) -> None:
    gone, *others = fleet.members("gone", "one", "two")
    night = fleet.night(RUN)
    assert night.run(UP_TO_THE_REVIEW[:4]) == "success", night.errors
    fleet.client.beta.memory_stores.delete(fleet.output(gone, RUN))
    assert night.run(UP_TO_THE_REVIEW[4:]) == "success", night.errors
    assert_only_failed(fleet, night, gone, tuple(others), "review_changes")
    assert fleet.live(gone) == gone.store


def test_a_deployment_that_was_repointed_by_hand_fails_its_member_alone(fleet: Fleet) -> None:
    moved, *others = fleet.members("moved", "one", "two")
    night = fleet.reviewed(RUN)
    elsewhere = fleet.client.beta.memory_stores.create(name="elsewhere")
    fleet.client.beta.deployments.update(
        moved.deployment,
        resources=[{"type": "memory_store", "memory_store_id": elsewhere.id, "access": "read_write"}],
    )
    assert_only_failed(fleet, night, moved, tuple(others), elsewhere.id)
    assert fleet.live(moved) == elsewhere.id


@pytest.mark.parametrize("before", [tasks.COLLECT_SESSIONS, tasks.REVIEW_CHANGES, tasks.APPROVE])
def test_a_journal_that_is_cut_fails_its_member_alone(fleet: Fleet, before: str) -> None:
    cut, *others = fleet.members("cut", "one", "two")
    night = fleet.night(RUN)
    place = [*UP_TO_THE_REVIEW, tasks.APPROVE].index(before)
    assert night.run(UP_TO_THE_REVIEW[:place]) == "success", night.errors
    folder = fleet.run(cut, RUN).folder.removeprefix("file://")
    Path(folder, "journal.json").write_text("{")
    night.run(UP_TO_THE_REVIEW[place:])
    assert_only_failed(fleet, night, cut, tuple(others), "journal.json can't be read")
    assert fleet.live(cut) == cut.store


@pytest.mark.parametrize("away", [(tasks.LAUNCH_DREAM,), (tasks.REVIEW_CHANGES,), AFTER_ADOPT[3:5]])
def test_a_member_whose_files_are_away_for_a_while_is_not_forgotten(
    fleet: Fleet, away: tuple[str, ...]
) -> None:
    lost, *others = fleet.members("lost", "one", "two")
    night = fleet.night(RUN)
    journal = Path(fleet.run(lost, RUN).folder.removeprefix("file://"), "journal.json")
    beside = journal.with_name("beside")
    for task_id in (*UP_TO_THE_REVIEW, tasks.APPROVE, *AFTER_ADOPT):
        if task_id == away[0]:
            journal.rename(beside)
            journal.mkdir()
        if task_id != tasks.APPROVE:
            night.run_task(task_id)
        else:
            assert night.approve() == "decided"
        if task_id == away[-1]:
            journal.rmdir()
            beside.rename(journal)
    assert night.record.ended(tasks.CATCH_UP) == "failed"
    failed = night.errors[-1]
    assert isinstance(failed, MembersFailed)
    assert lost.deployment in str(failed)
    assert "1 of 3 members failed" in str(failed)
    assert all(fleet.live(other) != other.store and fleet.is_archived(other.store) for other in others)
    assert f"): {away[0]}: what became of it" in str(failed)
    listed = {row.id: row.state for row in fleet.records.run(RUN).read_rows(0)}
    assert listed[lost.deployment] == "failed"


def test_an_error_that_nobody_expected_fails_its_member_alone(
    fleet: Fleet, monkeypatch: pytest.MonkeyPatch
) -> None:
    odd, *others = fleet.members("odd", "one", "two")
    work = ReviewChanges.work

    def stumbling(self: ReviewChanges, context: Any) -> Any:
        if self.pipeline.member and self.pipeline.member.id == odd.deployment:
            raise RuntimeError("nobody thought of this")
        return work(self, context)

    monkeypatch.setattr(ReviewChanges, "work", stumbling)
    night = fleet.reviewed(RUN)
    assert_only_failed(fleet, night, odd, tuple(others), "RuntimeError: nobody thought of this")
    assert sum("nobody thought of this" in told for told in failures_told(fleet)) == 1


def test_a_try_after_no_answer_touches_only_who_is_unfinished(
    fleet: Fleet, monkeypatch: pytest.MonkeyPatch
) -> None:
    slow, *others = fleet.members("slow", "one", "two")
    work, worked = ReviewChanges.work, []

    def unanswered(self: ReviewChanges, context: Any) -> Any:
        assert self.pipeline.member
        worked.append(self.pipeline.member.id)
        if worked.count(slow.deployment) <= 2 and worked[-1] == slow.deployment:
            raise ServiceUnavailable("503")
        return work(self, context)

    monkeypatch.setattr(ReviewChanges, "work", unanswered)
    night = fleet.reviewed(RUN)
    assert sorted(worked) == sorted([slow.deployment] * 3 + [other.deployment for other in others])
    assert len(night.waits) == 2
    assert night.approve() == "decided"
    assert set(night.run_rest().values()) == {"success", "skipped"}, night.errors
    assert fleet.live(slow) != slow.store


def test_a_dream_that_failed_for_good_fails_its_member_alone(fleet: Fleet) -> None:
    members = fleet.members("one", "two", "three")
    fleet.client.post(
        "/_control/dreams/fail_next", cast_to=object, body={"type": "input_memory_store_too_large"}
    )
    night = fleet.night(RUN)
    assert night.run(UP_TO_THE_REVIEW) == "success", night.errors
    (failed,) = [member for member in members if dreams_on(fleet.client, member.store)[0].status == "failed"]
    others = tuple(member for member in members if member != failed)
    assert_only_failed(fleet, night, failed, others, "wait_for_dream")
    assert len(dreams_on(fleet.client, failed.store)) == 1


def test_members_that_all_fail_are_told_of_once(fleet: Fleet) -> None:
    members = fleet.members("one", "two")
    night = fleet.reviewed(RUN)
    for member in members:
        fleet.client.beta.memory_stores.delete(fleet.output(member, RUN))
    assert night.run_task(tasks.APPROVE) == "failed"
    # Airflow runs the one that runs after failures too.
    assert night.run_task(tasks.VERIFY_TARGETS) == "failed"
    (told,) = failures_told(fleet)
    assert "2 of 2 members failed" in told


def test_a_key_that_is_refused_stops_before_anything_and_is_told_once(
    fleet: Fleet, monkeypatch: pytest.MonkeyPatch
) -> None:
    fleet.members("one", "two")
    connection = {"conn_type": "anthropic", "host": fleet.server.url, "password": "sk-wrong"}
    monkeypatch.setenv("AIRFLOW_CONN_PROXIED", json.dumps(connection))
    night = fleet.night(RUN)
    assert night.run(UP_TO_THE_REVIEW) == "failed"
    assert night.run_task(tasks.VERIFY_TARGETS) == "failed"
    (told,) = failures_told(fleet)
    assert "settle_earlier_runs failed" in told


def test_a_key_that_is_refused_on_the_way_throws_no_dream_away(
    fleet: Fleet, monkeypatch: pytest.MonkeyPatch
) -> None:
    members = fleet.members("one", "two")
    night = fleet.night(RUN)
    assert night.run(UP_TO_THE_REVIEW[:4]) == "success", night.errors
    with monkeypatch.context() as patch:
        connection = {"conn_type": "anthropic", "host": fleet.server.url, "password": "sk-wrong"}
        patch.setenv("AIRFLOW_CONN_PROXIED", json.dumps(connection))
        assert night.run_task(tasks.REVIEW_CHANGES) == "failed"
    night.record.clear(tasks.REVIEW_CHANGES)
    assert night.run_task(tasks.REVIEW_CHANGES) == "success", night.errors
    assert night.approve() == "decided"
    assert set(night.run_rest().values()) == {"success", "skipped"}, night.errors
    assert all(fleet.live(member) != member.store for member in members)
    assert [len(dreams_on(fleet.client, member.store)) for member in members] == [1, 1]


def test_a_watch_that_failed_is_looked_at_again(fleet: Fleet) -> None:
    (member,) = fleet.members("one")
    night = fleet.reviewed(RUN)
    assert night.approve() == "decided"
    assert night.run(AFTER_ADOPT[:3]) == "success", night.errors
    drain: Any = night.operator(tasks.DRAIN_SESSIONS)
    night.record.begin_try(tasks.DRAIN_SESSIONS)
    context = night.record.context(tasks.DRAIN_SESSIONS, night.params)
    event = {"events": {member.deployment: {"status": "error", "message": "RuntimeError: lost"}}}
    assert isinstance(drain, DrainSensor)
    assert drain.execute_complete(context, event)["done"] == 1


def test_who_failed_is_caught_up_with_and_told_beside_those_with_sessions_left(
    make_fleet: MakeFleet, monkeypatch: pytest.MonkeyPatch
) -> None:
    fleet = make_fleet(sessions={"limit": 1})
    gone, *others = fleet.members("gone", "one", "two")
    small = fleet.member("small", sessions=1)
    triggered: list[Any] = []
    monkeypatch.setattr(
        "airflow.sdk.execution_time.task_runner._handle_trigger_dag_run",
        lambda error, context, ti, log: triggered.append((error.dag_run_id, error.conf)),
    )
    night = fleet.night(RUN)
    assert night.run(UP_TO_THE_REVIEW[:4]) == "success", night.errors
    fleet.client.beta.memory_stores.delete(fleet.output(gone, RUN))
    new_sessions(fleet.client, others[0], "came-since")
    assert night.run(UP_TO_THE_REVIEW[4:]) == "success", night.errors
    assert_only_failed(fleet, night, gone, (*others, small), "review_changes")
    ((run_id, conf),) = triggered
    assert run_id == "catch_up_1__tonight"
    assert set(conf["dreamflow"]["members"]) == {other.deployment for other in others}
    following = fleet.night(run_id, conf)
    following.run(UP_TO_THE_REVIEW)
    assert [len(dreams_on(fleet.client, fleet.output(one, RUN))) for one in others] == [1, 1]
    assert len(dreams_on(fleet.client, fleet.output(small, RUN))) == 0


def test_a_member_that_is_refused_is_told_by_its_name_in_every_task(fleet: Fleet) -> None:
    one, twin, other = fleet.members("one", "twin", "other")
    shared = {"type": "memory_store", "memory_store_id": one.store, "access": "read_write"}
    fleet.client.beta.deployments.update(twin.deployment, resources=[shared])  # type: ignore[list-item]
    night = fleet.reviewed(RUN, flagged=(other,))
    assert night.approve() == "asked"
    listed = {row.id: row for row in fleet.records.run(RUN).read_rows(0)}
    for member, name in ((one, "one"), (twin, "twin")):
        row = listed[member.deployment]
        assert (row.state, row.name) == ("failed", f"{fleet.name}-{name}")
    assert night.answer_rest("Adopt") == "decided"
    assert night.run_rest()[tasks.CATCH_UP] == "failed"
    for member, name in ((one, "one"), (twin, "twin")):
        assert f"{fleet.name}-{name} ({member.deployment}): settle_earlier_runs" in str(night.errors[-1])


def test_a_deployments_name_neither_turns_a_log_around_nor_shows_a_secret(fleet: Fleet) -> None:
    turned, secret, odd = fleet.members("turned\u202eround\u2028INFO", "AKIAIOSFODNN7EXAMPLE", "odd\u200b")
    fleet.client.beta.memory_stores.delete(turned.store)
    night = fleet.reviewed(RUN, flagged=(secret, odd))
    assert night.approve() == "asked"
    assert night.answer_rest("Reject") == "decided"
    night.run_rest()
    told = [*fleet.told.logs, *(body for _, body in fleet.told.messages), *map(str, night.errors)]
    told.append(json.dumps(fleet.told.xcoms, ensure_ascii=False))
    assert any("turned<U+202E>round<U+2028>INFO" in text for text in told)
    inert = f"{fleet.name}-odd＜U+200B＞ ({odd.deployment})"  # noqa: RUF001 -- in a message nothing is markup
    assert any(inert in text for text in told)
    assert not {"\u202e", "\u2028", "\u200b"} & set("".join(told))
    assert not any("AKIAIOSFODNN7EXAMPLE" in text for text in told)
