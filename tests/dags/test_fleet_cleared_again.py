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
from tests.support.run_record import TaskInstance
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


@pytest.fixture
def triggered(monkeypatch: pytest.MonkeyPatch) -> list[tuple[str, dict[str, Any]]]:
    """Return the runs, with their conf, that are triggered by a task that fails then."""
    runs: list[tuple[str, dict[str, Any]]] = []
    monkeypatch.setattr(
        "airflow.sdk.execution_time.task_runner._handle_trigger_dag_run",
        lambda error, *_: runs.append((error.dag_run_id, error.conf)),
    )
    return runs


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
    new_sessions(fleet.client, waiting, f"came-since-{waiting.store}")
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


def test_who_is_dreamed_for_again_is_left_in_peace_and_who_comes_later_is_dreamed_for_too(
    fleet: Fleet, monkeypatch: pytest.MonkeyPatch, triggered: list[tuple[str, dict[str, Any]]]
) -> None:
    soon, late, spurned = fleet.members("soon", "late", "spurned")
    seen = Watched(monkeypatch, ReviewChanges, late)
    night = fleet.reviewed(RUN, (soon, late, spurned))
    assert night.approve() == "asked"
    fleet.choose(night, spurned, "Reject")
    assert night.answer_rest("Dream again", "No owners.") == "decided"
    night.run_rest()
    ((first, conf),) = triggered
    assert first == "again_1__tonight"
    under_way = {(fleet.dag.dag_id, RUN), (fleet.dag.dag_id, first), (fleet.dag.dag_id, "later")}
    monkeypatch.setattr(TaskInstance, "under_way", under_way)
    assert fleet.night(first, conf).run(UP_TO_THE_REVIEW) == "success"
    new_sessions(fleet.client, spurned, f"came-since-{spurned.store}")
    assert fleet.night("later", members=[spurned.deployment]).run(UP_TO_THE_REVIEW) == "success"

    seen.mend()
    clear(night, tasks.REVIEW_CHANGES)
    assert night.run_task(tasks.REVIEW_CHANGES) == "success"
    assert night.approve() == "asked"
    assert night.answer_rest("Dream again", "No addresses.") == "decided"
    assert "failed" not in night.run_rest().values(), night.errors
    (second,), (conf,) = fleet.told.runs, fleet.told.confs
    assert second != first
    handed_on = conf["dreamflow"]["members"]
    assert {id_: part["words"] for id_, part in handed_on.items()} == {late.deployment: ["No addresses."]}
    assert [len(dreams_on(fleet.client, one.store)) for one in (soon, late, spurned)] == [2, 1, 2]


def test_words_that_no_run_was_triggered_with_are_handed_on_after_a_clear(
    fleet: Fleet, monkeypatch: pytest.MonkeyPatch
) -> None:
    (member,) = fleet.members("one")
    night = fleet.reviewed(RUN, (member,))
    assert night.approve() == "asked"
    assert night.answer_rest("Dream again", "No owners.") == "decided"

    def lost(*_: object, **__: object) -> None:
        raise StateError("Airflow is away")

    with monkeypatch.context() as patch:
        patch.setattr("dreamflow.operators.trigger_run.TriggerDagRunOperator.execute", lost)
        assert night.run_task(tasks.DREAM_AGAIN) == "failed"
    assert not fleet.told.runs
    clear(night, tasks.DREAM_AGAIN)
    assert night.run_task(tasks.DREAM_AGAIN) == "success", night.errors
    (run_id,), (conf,) = fleet.told.runs, fleet.told.confs
    assert [*conf["dreamflow"]["members"]] == [member.deployment]
    monkeypatch.setattr(TaskInstance, "under_way", {(fleet.dag.dag_id, run_id)})
    clear(night, tasks.DREAM_AGAIN)
    assert night.run_task(tasks.DREAM_AGAIN) == "success", night.errors
    assert fleet.told.runs == [run_id]


def test_what_follows_a_clear_is_not_taken_for_what_follows_a_run_that_is_called_like_it(
    fleet: Fleet,
) -> None:
    for run_id, is_cleared in ((RUN, True), (f"{RUN}__cleared_6", False)):
        night = fleet.reviewed(run_id, fleet.members(run_id))
        assert night.approve() == "asked"
        assert night.answer_rest("Dream again", "No owners.") == "decided"
        if is_cleared:
            night.record.begin_try(tasks.DREAM_AGAIN)
            night.record.end(tasks.DREAM_AGAIN, "failed")
            clear(night, tasks.DREAM_AGAIN)
        assert night.run_task(tasks.DREAM_AGAIN) == "success", night.errors
    first, second = fleet.told.runs
    assert first == "again_cleared_6_1__tonight"
    assert second == "again_1__tonight__cleared_6"


def test_what_is_left_over_of_who_comes_later_is_caught_up_with_by_a_run_of_its_own(
    make_fleet: MakeFleet, monkeypatch: pytest.MonkeyPatch, triggered: list[tuple[str, dict[str, Any]]]
) -> None:
    fleet = make_fleet(sessions={"limit": 1})
    well, late = fleet.members("well", "late")
    seen = Watched(monkeypatch, ReviewChanges, late)
    night = fleet.reviewed(RUN)
    assert night.approve() == "decided"
    assert night.run_rest()[tasks.CATCH_UP] == "failed"
    ((first, conf),) = triggered
    assert [first, *conf["dreamflow"]["members"]] == ["catch_up_1__tonight", well.deployment]
    monkeypatch.setattr(TaskInstance, "under_way", {(fleet.dag.dag_id, "catch_up_1__tonight")})

    seen.mend()
    clear(night, tasks.REVIEW_CHANGES)
    assert night.run_task(tasks.REVIEW_CHANGES) == "success"
    assert night.approve() == "decided"
    assert night.run_rest()[tasks.CATCH_UP] == "success", night.errors
    (run_id,) = fleet.told.runs
    assert run_id != "catch_up_1__tonight"
    assert {*fleet.told.confs[0]["dreamflow"]["members"]} == {late.deployment}


def test_a_clear_does_not_fail_who_was_left_out_and_is_a_later_nights_by_now(
    fleet: Fleet, monkeypatch: pytest.MonkeyPatch
) -> None:
    idle, spoilt, well = fleet.member("idle", sessions=0), *fleet.members("spoilt", "well")
    seen = Watched(monkeypatch, CollectSessions, spoilt)
    night = fleet.reviewed(RUN)
    assert fleet.state(idle, RUN, tasks.COLLECT_SESSIONS).startswith("skipped")
    new_sessions(fleet.client, idle, f"came-since-{idle.store}")
    seen.mend()
    later = fleet.night("later", members=[idle.deployment])
    assert later.run(UP_TO_THE_REVIEW) == "success", later.errors

    clear(night, tasks.COLLECT_SESSIONS)
    assert night.run(UP_TO_THE_REVIEW) == "success", night.errors
    assert night.approve() == "decided"
    assert "failed" not in night.run_rest().values(), night.errors
    assert [fleet.live(one) == one.store for one in (idle, spoilt, well)] == [True, False, False]
    assert len(dreams_on(fleet.client, idle.store)) == 1


def test_what_was_decided_in_the_tab_holds_for_outputs_that_are_as_they_were(
    fleet: Fleet, monkeypatch: pytest.MonkeyPatch
) -> None:
    kept, edited, spurned, spoilt = fleet.members("kept", "edited", "spurned", "spoilt")
    seen = Watched(monkeypatch, ReviewChanges, spoilt)
    night = fleet.reviewed(RUN, (kept, edited, spurned))
    assert night.approve() == "asked"
    fleet.choose(night, kept, "Adopt")
    fleet.choose(night, edited, "Adopt")
    fleet.choose(night, spurned, "Reject")
    fleet.write(fleet.output(edited, RUN), "/behind.md", "Nobody saw this.")

    for _ in range(2):
        seen.mend()
        clear(night, tasks.REVIEW_CHANGES)
        assert night.run_task(tasks.REVIEW_CHANGES) == "success", night.errors
        assert night.approve() == "asked"
    rows = {row.id: row.state for row in fleet.records.run(RUN).read_rows(0)}
    chosen = {one.deployment: rows[one.deployment] for one in (kept, edited, spurned)}
    assert [*chosen.values()] == ["chosen", "waiting", "chosen"]
    assert night.answer_rest("Reject", by=None) == "decided"
    decisions = [fleet.journal(one, RUN).decision for one in (kept, edited, spurned)]
    assert [(one.decision, one.by) for one in decisions if one] == [
        ("Adopt", "Grace"),
        ("Reject", "nobody (no answer in time)"),
        ("Reject", "Grace"),
    ]
    assert fleet.live(kept) == fleet.output(kept, RUN)


def test_what_was_taken_back_in_the_tab_stays_so_and_a_new_dream_is_asked_about_anew(fleet: Fleet) -> None:
    undecided, decided = fleet.members("undecided", "decided")
    night = fleet.reviewed(RUN, (undecided, decided), new_dream=True)
    assert night.approve() == "asked"
    fleet.choose(night, decided, "Reject")
    clear(night, tasks.APPROVE)
    assert night.approve() == "asked"
    life = night.record.max_tries(tasks.APPROVE)
    run = fleet.run(decided, RUN)
    assert run.own_answer(life).answer is not None
    assert run.follow_answer(run.own_answer(life), life, None)
    clear(night, tasks.APPROVE)
    assert night.approve() == "asked"
    assert {row.state for row in fleet.records.run(RUN).read_rows(0)} == {"waiting"}

    fleet.choose(night, undecided, "Reject")
    clear(night, tasks.LAUNCH_DREAM)
    assert night.run(UP_TO_THE_REVIEW) == "success", night.errors
    assert night.approve() == "decided", "the new dreams are clean"
    assert fleet.live(undecided) == fleet.output(undecided, RUN)
