"""A fleet's one question: what is answered for the rest, what was decided in the tab, and tries that die between."""

from __future__ import annotations

from dataclasses import replace
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import pytest
from airflow.providers.standard.operators.empty import EmptyOperator
from airflow.sdk import DAG
from airflow.sdk.exceptions import DownstreamTasksSkipped, TaskAwaitingInput

from dreamflow.config import Pipeline
from dreamflow.core.fleets import Member, Outcome, Roster
from dreamflow.core.handoffs import ADOPT, REJECT
from dreamflow.errors import ServiceUnavailable
from dreamflow.operators.approval import ApproveDream
from dreamflow.records.files import RunRecords
from dreamflow.records.journal import Answer
from dreamflow.records.rosters import note_roster
from dreamflow.steps.review import review
from tests.support.run_record import RunRecord
from tests.unit.running import Night
from tests.unit.service import Service, mounted, wired

BRANCHES = ("carry_late_writes", "discard_output", "dream_again")
AT = datetime(2026, 11, 21, 8, tzinfo=UTC)


class Fleet:
    """:ivar asked: what Airflow was given to show, each time that the question was asked."""

    def __init__(self, service: Service, location: str, monkeypatch: pytest.MonkeyPatch) -> None:
        self.service, self.location = service, location
        data = {
            "name": "shops",
            "fleet": {"deployments": {"name": "shop-*"}, "concurrency": 2},
            "reports": {"location": location},
        }
        self.pipeline = Pipeline.model_validate(data)
        with DAG("dream__shops", schedule=None):
            self.approve = ApproveDream(task_id="approve", pipeline=self.pipeline, given={})
            self.approve >> [EmptyOperator(task_id=task_id) for task_id in BRANCHES]
        self.record = RunRecord("manual__1")
        self.record.begin_try("approve")
        self.context = self.record.context("approve", {"approval_mode": "required"})
        self.context["ti"].task = self.approve
        self.nights: dict[str, Night] = {}
        self.asked: list[dict[str, Any]] = []
        monkeypatch.setattr(
            "airflow.providers.standard.operators.hitl.upsert_hitl_detail",
            lambda **more: self.asked.append(more),
        )
        monkeypatch.setattr("dreamflow.notify.send", lambda *_: None)

    def member(self, before: str = "one\n", after: str = "two\n") -> str:
        """Make a member whose dream is reviewed; return its deployment's id."""
        input_id, output_id = (self.service.store({"/a.md": text}) for text in (before, after))
        id_ = self.service.deployment(mounted(input_id))
        night = Night(self.service, self.location, input_id, output_id, id_, self.service.agent())
        own = self.pipeline.of_member(Member(id=id_, name=f"shop-{len(self.nights)}"))
        records = replace(night.world.records, pipeline="shops").member(id_)
        night.pipeline, night.world = own, replace(night.world, pipeline=own, records=records)
        left = review(night.world, night.run, night.dreamed()).to_json()
        night.run.note(tasks={"review_changes": Outcome(state="done", left=left)})
        self.nights[id_] = night
        members = tuple(Member(id=key, name=f"shop-{n}") for n, key in enumerate(self.nights))
        note_roster(self.run.records, "manual__1", 0, Roster(members=members, sizes=(len(members),)))
        return id_

    @property
    def run(self) -> RunRecords:
        return self.approve.records.run("manual__1")

    def execute(self) -> None:
        self.approve.__dict__["hook"] = wired(next(iter(self.nights.values())).wire)
        self.approve.execute(self.context)

    def ask(self) -> dict[str, Any]:
        with pytest.raises(TaskAwaitingInput):
            self.execute()
        return self.asked[-1]

    def complete(self, option: str, **form: Any) -> None:
        shown = {name: param["value"] for name, param in self.asked[-1]["params"].items()}
        event = {
            "chosen_options": [option],
            "params_input": {**shown, **form},
            "responded_at": AT,
            "responded_by_user": {"id": "7", "name": "Ada"},
        }
        self.approve.execute_complete(self.context, event)

    def choose(self, id_: str, decision: str) -> None:
        """Decide on a member by itself, as the tab notes it."""
        kept = self.nights[id_].run.read_review()
        assert kept is not None
        cleared = self.record.max_tries("approve")
        answer = Answer(decision=decision, by="ben", at=AT, digest=kept.digest, cleared=cleared)
        self.nights[id_].run.note(answer=answer)

    def decided(self) -> dict[str, tuple[str, str] | None]:
        found = {id_: night.run.journal().decision for id_, night in self.nights.items()}
        return {id_: (one.decision, one.by) if one else None for id_, one in found.items()}


@pytest.fixture
def fleet(service: Service, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Fleet:
    return Fleet(service, f"file://{tmp_path}/reports", monkeypatch)


def test_the_answer_is_for_those_whom_nobody_decided_by_themselves(fleet: Fleet) -> None:
    ids = [fleet.member() for _ in range(3)]
    asked = fleet.ask()
    assert "3 members of 3" in asked["body"]
    fleet.choose(ids[0], REJECT)
    with pytest.raises(TaskAwaitingInput):
        fleet.complete(ADOPT)  # of who waited when all three did
    assert "decided or edited since" in fleet.run.journal().refused[-1].why
    assert not any(fleet.decided().values())
    with pytest.raises(DownstreamTasksSkipped):
        fleet.complete(REJECT)
    assert fleet.decided() == {ids[0]: (REJECT, "ben"), ids[1]: (REJECT, "Ada"), ids[2]: (REJECT, "Ada")}


def test_a_retry_goes_on_with_an_answer_that_was_taken(fleet: Fleet, monkeypatch: pytest.MonkeyPatch) -> None:
    """The service goes away after some were decided: the others are, by the same answer, and nobody answers twice."""
    ids = [fleet.member() for _ in range(3)]
    fleet.ask()

    def away(world: Any, run: Any, *args: Any, **more: Any) -> Any:
        raise ServiceUnavailable("no answer")

    kept = ApproveDream.settle_on

    def settle(own: Any, context: Any, *args: Any) -> Any:
        if own.pipeline.member.id == ids[1]:
            away(None, None)
        return kept(own, context, *args)

    with monkeypatch.context() as outage:
        outage.setattr(ApproveDream, "settle_on", settle)
        with pytest.raises(ServiceUnavailable, match="1 of 3 members"):
            fleet.complete(ADOPT)
    assert fleet.decided() == {ids[0]: (ADOPT, "Ada"), ids[1]: None, ids[2]: (ADOPT, "Ada")}
    fleet.record.begin_try("approve")
    with pytest.raises(DownstreamTasksSkipped):
        fleet.execute()
    assert fleet.decided() == dict.fromkeys(ids, (ADOPT, "Ada"))
    assert len(fleet.asked) == 1


def test_an_output_that_was_edited_after_the_answer_was_taken_is_not_adopted(
    fleet: Fleet, monkeypatch: pytest.MonkeyPatch
) -> None:
    ids = [fleet.member() for _ in range(2)]
    fleet.ask()

    def away(*_: Any) -> Any:
        raise ServiceUnavailable("no answer")

    with monkeypatch.context() as outage:
        outage.setattr(ApproveDream, "settle_on", away)
        with pytest.raises(ServiceUnavailable):
            fleet.complete(ADOPT)
    fleet.service.put(fleet.nights[ids[0]].output_id, "/a.md", "edited\n")
    fleet.record.begin_try("approve")
    with pytest.raises(TaskAwaitingInput):
        fleet.execute()
    assert fleet.decided() == {ids[0]: None, ids[1]: (ADOPT, "Ada")}
    fleet.record.begin_try("approve")
    with pytest.raises(TaskAwaitingInput):
        fleet.execute()  # the old answer is none to the question that is asked again
    assert fleet.decided()[ids[0]] is None


def test_each_shard_keeps_its_own_answer(fleet: Fleet) -> None:
    id_ = fleet.member()
    fleet.ask()
    answer = Answer(decision=REJECT, by="ben", at=AT, cleared=fleet.record.max_tries("approve"))
    fleet.run.of_shard(1).note(answer=answer)
    fleet.record.begin_try("approve")
    fleet.ask()
    assert fleet.decided() == {id_: None}
