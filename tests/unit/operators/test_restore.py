"""A restore as Airflow runs it: a DAG for every pipeline, which each task finds by the run's Param."""

from __future__ import annotations

import json
from collections.abc import Iterator
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import pytest
import yaml
from airflow.providers.standard.operators.empty import EmptyOperator
from airflow.sdk import DAG, AssetAlias
from airflow.sdk.exceptions import (
    AirflowSkipException,
    DownstreamTasksSkipped,
    TaskAwaitingInput,
    TaskDeferred,
)

from dreamflow import storage
from dreamflow.config import load_named
from dreamflow.errors import ConfigError, StateError
from dreamflow.operators.base import live_store_asset
from dreamflow.operators.memory_store import CarryLateWrites, DiscardOutput, RetireInput
from dreamflow.operators.restore import ApproveRestore, BeginRestore, CloneAncestor, ReviewRestore
from dreamflow.operators.settle import SettleEarlierRuns
from dreamflow.operators.target import Repoint, VerifyTargets
from dreamflow.records.files import Records
from dreamflow.records.rosters import MembersNote, note_members
from dreamflow.sensors.session import DrainSensor
from tests.support.run_record import RunRecord, TaskInstance
from tests.unit.running import Night, night_of
from tests.unit.service import Service, mounted

CHAIN: dict[str, Any] = {
    "settle_earlier_runs": BeginRestore,
    "clone_ancestor": CloneAncestor,
    "review_changes": ReviewRestore,
    "approve": ApproveRestore,
    "carry_late_writes": CarryLateWrites,
    "repoint": Repoint,
    "verify_targets": VerifyTargets,
    "drain_sessions": DrainSensor,
    "retire_input": RetireInput,
    "discard_output": DiscardOutput,
}
TASK_IDS = list(CHAIN)
PARAMS = {"pipeline": "support", "memory_store_id": "", "late_writes": "carry", "paths": []}
BEFORE, REVIEWED = {"/a.md": "old\n"}, {"/a.md": "dreamed\n"}


@dataclass
class Run:
    """
    One run of restore_memory_store. Every task is built anew, as in a process of its own.

    :ivar asked: what Airflow was given to show with the question.
    """

    record: RunRecord = field(default_factory=lambda: RunRecord("manual__9"))
    params: dict[str, Any] = field(default_factory=lambda: dict(PARAMS))
    events: dict[str, Any] = field(default_factory=dict)

    def operator(self, task_id: str) -> Any:
        before = TASK_IDS[TASK_IDS.index(task_id) - 1] if task_id != "discard_output" else "approve"
        given = {} if task_id == TASK_IDS[0] else {"given": self.record.left(before)}
        with DAG("restore_memory_store", schedule=None):
            operator = CHAIN[task_id](task_id=task_id, **given)
            if task_id == "approve":
                operator >> [
                    EmptyOperator(task_id=branch) for branch in ("carry_late_writes", "discard_output")
                ]
        return operator

    def execute(self, task_id: str, method: str = "execute", **more: Any) -> Any:
        context = self.record.context(task_id, self.params)
        operator = context["ti"].task = self.operator(task_id)
        self.events[task_id] = context["outlet_events"]
        left = getattr(operator, method)(context, **more)
        self.record.leave(task_id, "return_value", left)
        return left

    def ask(self) -> None:
        for task_id in TASK_IDS[:3]:
            self.execute(task_id)
        with pytest.raises(TaskAwaitingInput):
            self.execute("approve")

    def answer(self, option: str) -> None:
        event = {
            "chosen_options": [option],
            "params_input": {"comment": ""},
            "responded_at": datetime(2026, 11, 22, 8, tzinfo=UTC),
            "responded_by_user": {"id": "7", "name": "Ada"},
        }
        with pytest.raises(DownstreamTasksSkipped):
            self.execute("approve", "execute_complete", event=event)


@pytest.fixture
def asked(monkeypatch: pytest.MonkeyPatch) -> list[dict[str, Any]]:
    """Return the questions that Airflow's API is given to keep."""
    kept: list[dict[str, Any]] = []
    monkeypatch.setattr(
        "airflow.providers.standard.operators.hitl.upsert_hitl_detail", lambda **asked: kept.append(asked)
    )
    return kept


@pytest.fixture
def night(service: Service, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Night:
    """A night whose dream was adopted; its pipeline is in a file."""
    night = night_of(service, f"file://{tmp_path}/reports", BEFORE, REVIEWED)
    night.adopt()
    night.retire()
    data = json.loads(night.pipeline.model_dump_json(exclude={"name"}, exclude_none=True))
    data["approval"] = {"mode": "never", "assignees": ["ada"], "timeout": "PT3H"}
    folder = tmp_path / "pipelines"
    folder.mkdir()
    (folder / "support.yaml").write_text(yaml.safe_dump(data))
    (folder / "broken.yaml").write_text("targets: 5")
    monkeypatch.setenv("DREAMFLOW_PIPELINES", str(folder))
    return night


@pytest.fixture(autouse=True)
def nothing_under_way() -> Iterator[None]:
    yield
    TaskInstance.under_way.clear()


def live_of(night: Night) -> str:
    (live,) = set(night.world.named().values())
    return live


def test_every_task_finds_its_pipeline_and_leaves_what_is_promised(
    service: Service, night: Night, asked: list[dict[str, Any]]
) -> None:
    run = Run()
    run.ask()
    run.answer("Adopt")
    for task_id in TASK_IDS[4:9]:
        run.execute(task_id)
    left = run.record.left
    assert service.contents(live_of(night)) == BEFORE
    assert left("settle_earlier_runs")["live_store_id"] == night.output_id
    assert left("clone_ancestor") == {
        "ancestor_id": night.input_id,
        "input_store_id": night.output_id,
        "output_store_id": live_of(night),
        "paths": [],
        "late_writes": "carry",
        "since": {"carried": 0, "beside": 0, "left": 0},
        "warnings": [],
    }
    assert left("review_changes")["ancestor_id"] == night.input_id
    assert left("verify_targets")["ancestor_id"] == night.input_id
    assert left("retire_input")["archived_at"] is not None


def test_a_member_of_a_fleet_goes_back_by_itself(
    service: Service, night: Night, tmp_path: Path, asked: list[dict[str, Any]]
) -> None:
    beside = service.deployment(mounted(other := service.store()), name="beside")
    fleet = {
        "fleet": {"deployments": {"name": "*"}},
        "reports": {"location": night.location},
        "retire": {"idle_for": "PT0S"},
    }
    (tmp_path / "pipelines" / "fleet.yaml").write_text(yaml.safe_dump(fleet))
    records = Records(storage, night.location, "fleet")
    names = {night.deployment_id: "acme", beside: "beside"}
    note_members(records, MembersNote(run="scheduled__1", members=names))
    run = Run(params={**PARAMS, "pipeline": "fleet", "member": "acme"})
    run.ask()
    assert asked[0]["subject"] == (
        f"Let the memory of acme ({night.deployment_id}) of fleet go back to what the review shows?"
    )
    # Meanwhile the name is another's.
    note_members(records, MembersNote(run="scheduled__2", members={beside: "acme"}))
    run.answer("Adopt")
    for task_id in TASK_IDS[4:9]:
        run.execute(task_id)
    (live,) = (one["memory_store_id"] for one in service.resources(night.deployment_id))
    assert service.contents(live) == BEFORE
    assert [one["memory_store_id"] for one in service.resources(beside)] == [other]
    assert records.member(night.deployment_id).run("restore__manual__9").journal().swap_decided is not None


def test_a_person_is_always_asked_as_the_pipelines_file_says(
    night: Night, asked: list[dict[str, Any]]
) -> None:
    run = Run()
    run.ask()
    (question,) = asked
    assert question["subject"] == "Let the memory of support go back to what the review shows?"
    assert question["options"] == ["Adopt", "Reject"]
    assert question["assigned_users"] == [{"id": "ada", "name": "ada"}]
    operator = run.operator("approve")
    operator.begin(run.record.context("approve", PARAMS))
    assert operator.response_timeout == timedelta(hours=3)


def test_the_pipelines_asset_is_told_of_the_swap_through_an_alias(
    night: Night, asked: list[dict[str, Any]]
) -> None:
    run = Run()
    run.ask()
    run.answer("Adopt")
    for task_id in TASK_IDS[4:7]:
        run.execute(task_id)
    ((alias, event),) = run.events["verify_targets"].items()
    assert isinstance(alias, AssetAlias)
    assert [outlet.name for outlet in run.operator("verify_targets").outlets] == [alias.name]
    ((asset, extra),) = event.added
    assert asset == live_store_asset(load_named("support"))
    assert extra == {key: value for key, value in run.record.left("verify_targets").items() if key != "swap"}


def test_a_reject_archives_the_copy(service: Service, night: Night, asked: list[dict[str, Any]]) -> None:
    run = Run()
    run.ask()
    run.answer("Reject")
    archived = run.execute("discard_output")["archived_store_id"]
    assert service.is_archived(archived)
    assert live_of(night) == night.output_id


def test_a_wait_that_is_resumed_finds_its_pipeline_too(
    service: Service, night: Night, asked: list[dict[str, Any]]
) -> None:
    session_id = service.session(night.output_id, status="running")
    run = Run()
    run.ask()
    run.answer("Adopt")
    for task_id in TASK_IDS[4:7]:
        run.execute(task_id)
    with pytest.raises(TaskDeferred) as deferred:
        run.execute("drain_sessions")
    assert deferred.value.trigger.serialize()[1]["conn_id"] == "anthropic_default"
    event = {"status": "timeout", "still_mounted": [session_id]}
    left = run.execute("drain_sessions", "execute_complete", event=event)
    assert left["still_mounted"] == [session_id]


def test_a_restore_refuses_while_airflow_has_a_dreams_run_under_way(night: Night) -> None:
    TaskInstance.under_way.add(("dream__support", "scheduled__1"))
    with pytest.raises(StateError, match="a run of dream__support is under way"):
        Run().execute("settle_earlier_runs")
    assert night.open_runs() == []


def test_a_restore_refuses_where_airflow_does_not_tell_what_is_under_way(
    night: Night, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.delattr(TaskInstance, "get_dr_count")
    with pytest.raises(StateError, match="does not tell a task whether a run of dream__support is under way"):
        Run().execute("settle_earlier_runs")
    assert night.open_runs() == []


def test_a_dreams_run_is_skipped_while_airflow_has_a_restore_under_way(
    night: Night, asked: list[dict[str, Any]]
) -> None:
    Run().ask()
    settle = SettleEarlierRuns(task_id="settle_earlier_runs", pipeline=night.pipeline)
    TaskInstance.under_way.add(("restore_memory_store", "manual__9"))
    with pytest.raises(AirflowSkipException, match="run manual__9 of restore_memory_store is under way"):
        settle.execute(RunRecord("scheduled__2").context("settle_earlier_runs", {}))
    TaskInstance.under_way.clear()
    left = settle.execute(RunRecord("scheduled__2").context("settle_earlier_runs", {}))
    assert any("restore__manual__9: no run will use it" in said for said in left["did"])


@pytest.mark.parametrize(
    ("name", "said"),
    [
        ("broken", r"broken\.yaml: targets"),
        ("elsewhere", "there is no pipeline 'elsewhere'"),
        ("", "no pipeline ''"),
    ],
)
def test_a_pipeline_that_can_be_read_no_more_is_named(night: Night, name: str, said: str) -> None:
    with pytest.raises(ConfigError, match=said):
        Run(params={**PARAMS, "pipeline": name}).execute("settle_earlier_runs")
