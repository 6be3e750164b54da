"""What operators and sensors do: hand on what the step returned, skip, and tell of the asset."""

from __future__ import annotations

import time
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import pytest
from airflow.providers.standard.operators.empty import EmptyOperator
from airflow.sdk import DAG
from airflow.sdk.exceptions import AirflowSkipException, DownstreamTasksSkipped, TaskDeferred

from dreamflow import storage
from dreamflow.config import Pipeline
from dreamflow.core.handoffs import Dreamed, Swap
from dreamflow.errors import StateError
from dreamflow.operators.approval import ApproveDream
from dreamflow.operators.base import PipelineOperator, live_store_asset
from dreamflow.operators.dream import LaunchDream
from dreamflow.operators.memory_store import CarryLateWrites, DiscardOutput, RetireInput
from dreamflow.operators.review import ReviewChanges
from dreamflow.operators.session import CollectSessions
from dreamflow.operators.settle import SettleEarlierRuns
from dreamflow.operators.target import Repoint, VerifyTargets
from dreamflow.operators.trigger_run import CatchUp
from dreamflow.records.files import Records
from dreamflow.sensors.dream import DreamSensor
from dreamflow.sensors.session import DrainSensor
from tests.support.run_record import RunRecord
from tests.unit.running import pipeline_of
from tests.unit.service import Service, Wire, wired

PARAMS = {
    "limit": 50,
    "model": "claude-opus-4-8",
    "instructions": None,
    "approval_mode": "never",
    "dry_run": False,
}

#: The tasks in their order, and the keys that docs/architecture.md promises of what each leaves.
CHAIN: list[tuple[str, type[Any], set[str]]] = [
    ("settle_earlier_runs", SettleEarlierRuns, {"live_store_id", "did"}),
    (
        "collect_sessions",
        CollectSessions,
        {
            "input_store_id",
            "session_ids",
            "since",
            "through",
            "scope",
            "left_for_next_run",
            "set_aside",
            "late",
        },
    ),
    ("launch_dream", LaunchDream, {"dream_id"}),
    (
        "wait_for_dream",
        DreamSensor,
        {"dream_id", "output_store_id", "created_at", "usage", "list_cost", "seconds"},
    ),
    ("review_changes", ReviewChanges, {"report_uri", "digest", "counts", "verdict"}),
    ("approve", ApproveDream, {"decision", "by", "at", "comment", "digest"}),
    ("carry_late_writes", CarryLateWrites, {"applied", "beside", "counts", "conflicts", "digest"}),
    ("repoint", Repoint, set()),
    (
        "verify_targets",
        VerifyTargets,
        {"memory_store_id", "parent", "dream_id", "adopted_by", "digest", "counts", "targets"},
    ),
    ("drain_sessions", DrainSensor, {"waited_seconds", "still_mounted"}),
    ("retire_input", RetireInput, {"archived_at", "applied", "beside", "counts", "conflicts"}),
    ("catch_up", CatchUp, set()),
]
TASK_IDS = [task_id for task_id, _, _ in CHAIN]


@dataclass
class Run:
    """One run of a pipeline over one agent's sessions, task after task, as the DAG file wires them."""

    pipeline: Pipeline
    record: RunRecord
    params: dict[str, Any] = field(default_factory=dict)
    events: dict[str, Any] = field(default_factory=dict)

    def operator(self, task_id: str) -> Any:
        kind = next(kind for known, kind, _ in CHAIN if known == task_id)
        position = TASK_IDS.index(task_id)
        given = self.record.left(TASK_IDS[position - 1]) if position else None
        more = {"given": given} if position else {}
        with DAG(self.pipeline.dag_id, schedule=None):
            operator = kind(task_id=task_id, pipeline=self.pipeline, **more)
            if task_id == "approve":
                branches = ("carry_late_writes", "discard_output", "dream_again")
                operator >> [EmptyOperator(task_id=branch) for branch in branches]
        return operator

    def execute(self, task_id: str) -> Any:
        """Run the task to its end, however often it defers, and leave what it returns."""
        context = self.record.context(task_id, {**PARAMS, **self.params})
        operator = context["ti"].task = self.operator(task_id)
        while True:
            try:
                left = operator.execute(context)
            except TaskDeferred:
                time.sleep(0.05)
                continue
            except DownstreamTasksSkipped:
                break
            if left is not None:
                self.record.leave(task_id, "return_value", left)
            break
        self.events[task_id] = context["outlet_events"]
        return self.record.left(task_id)

    def through(self, task_id: str) -> Any:
        """Run every task up to this one, and return what it left."""
        left = None
        for each in TASK_IDS[: TASK_IDS.index(task_id) + 1]:
            if self.record.left(each) is None:
                left = self.execute(each)
        return left


@dataclass
class Ground:
    service: Service
    location: str

    def __post_init__(self) -> None:
        self.store_id = self.service.store({"/a.md": "We are in York."})
        self.agent_id = self.service.agent(memory_store_id=self.store_id)
        self.service.talk(self.agent_id)
        target = {"type": "agent", "agent_id": self.agent_id}
        self.pipeline = pipeline_of(self.location, target, sessions={"agent_id": self.agent_id})

    def run(self, run_id: str = "manual__1", **params: Any) -> Run:
        return Run(self.pipeline, RunRecord(run_id), params)

    def live(self) -> str:
        return self.service.agent_metadata(self.agent_id)["memory_store_id"]


@pytest.fixture
def ground(service: Service, tmp_path: Path) -> Ground:
    return Ground(service, f"file://{tmp_path}/reports")


def test_every_task_takes_what_the_one_before_left_and_leaves_what_is_promised(ground: Ground) -> None:
    run = ground.run()
    for task_id, _, promised in CHAIN:
        left = run.execute(task_id)
        assert promised <= set(left if isinstance(left, dict) else ()), task_id
    dreamed, swapped = run.record.left("wait_for_dream"), run.record.left("repoint")
    output_id = dreamed["output_store_id"]
    assert [(row["before"], row["after"]) for row in swapped] == [(ground.store_id, output_id)]
    assert set(swapped[0]) == {"target", "before", "after"}
    assert ground.live() == output_id
    assert run.record.left("retire_input")["archived_at"] is not None
    assert run.record.left("catch_up") is None


def test_from_the_decision_on_the_swap_is_handed_on(ground: Ground) -> None:
    run = ground.run()
    run.through("retire_input")
    for task_id in ("approve", "carry_late_writes", "verify_targets", "drain_sessions", "retire_input"):
        swap = Swap.of(run.record.left(task_id)["swap"], task_id)
        assert (swap.before, swap.after) == (ground.store_id, ground.live()), task_id
    assert swap.verified_at is not None


def test_a_swap_that_is_whole_is_told_to_whoever_waits_for_the_asset(ground: Ground) -> None:
    run = ground.run()
    left = run.through("verify_targets")
    event = run.events["verify_targets"][live_store_asset(ground.pipeline)]
    assert event.extra == {key: value for key, value in left.items() if key != "swap"}
    assert event.extra["memory_store_id"] == ground.live()
    assert event.extra["counts"] == run.record.left("review_changes")["counts"]
    assert sum(event.extra["counts"].values()) > 0
    assert [len(alias.added) for alias in run.events["settle_earlier_runs"].values()] == []


def test_a_swap_that_settle_finds_finished_is_told_too_once(ground: Ground) -> None:
    run = ground.run()
    run.through("repoint")
    for run_id, told in (("manual__2", 1), ("manual__3", 0)):
        later = ground.run(run_id)
        later.execute("settle_earlier_runs")
        added = [event for alias in later.events["settle_earlier_runs"].values() for event in alias.added]
        assert len(added) == told
        for asset, extra in added:
            assert asset == live_store_asset(ground.pipeline)
            assert extra["memory_store_id"] == ground.live()
            assert extra["parent"] == ground.store_id
            assert extra["counts"] == run.record.left("review_changes")["counts"]


def test_a_retry_of_the_settle_that_died_tells_of_the_swap_again(
    ground: Ground,
) -> None:
    """Airflow takes a task's events when it ends well, and only then."""
    run = ground.run()
    run.through("repoint")
    later = ground.run("manual__2")
    later.execute("settle_earlier_runs")
    again = ground.run("manual__2")
    again.execute("settle_earlier_runs")
    (alias,) = again.events["settle_earlier_runs"].values()
    assert [extra["memory_store_id"] for _, extra in alias.added] == [ground.live()]


def test_the_third_night_in_which_the_dream_changed_nothing_is_told_once(
    ground: Ground, monkeypatch: pytest.MonkeyPatch
) -> None:
    sent: list[str] = []
    monkeypatch.setattr("dreamflow.notify.send", lambda receivers, title, body: sent.append(title))
    ground.pipeline = ground.pipeline.model_copy(update={"notify": ("json://127.0.0.1:1",)})
    records = Records(storage, ground.location, ground.pipeline.name)
    told = []
    for number in range(1, 5):
        run = ground.run(f"night_{number}")
        output_id = ground.service.store({"/a.md": "We are in York."})
        listing = wired(Wire()).list_memories(ground.store_id)
        records.run(run.record.run_id).write_listing("base", ground.store_id, listing)
        dreamed = Dreamed(dream_id=f"drm_{number}", output_store_id=output_id, input_store_id=ground.store_id)
        run.record.leave("wait_for_dream", "return_value", dreamed.to_json())
        for _ in range(2):  # as where it is cleared
            run.execute("review_changes")
        told.append(len(sent))
    assert told == [0, 0, 1, 1]
    assert sent == ["dream__support: dreams change nothing"]


def test_a_night_with_too_few_sessions_is_skipped_and_says_why(service: Service, ground: Ground) -> None:
    run = ground.run()
    run.through("retire_input")
    later = ground.run("manual__2")
    later.execute("settle_earlier_runs")
    with pytest.raises(AirflowSkipException, match=r"0 sessions qualify.*1 already dreamed"):
        later.execute("collect_sessions")


def test_a_dry_run_settles_nothing_and_is_skipped_where_money_would_be_spent(ground: Ground) -> None:
    run = ground.run()
    run.through("repoint")
    dry = ground.run("manual__2", dry_run=True)
    left = dry.execute("settle_earlier_runs")
    assert any(said.startswith("dry run, not done: ") for said in left["did"])
    assert dry.events["settle_earlier_runs"] == {}
    assert not ground.service.is_archived(ground.store_id)
    ground.service.talk(ground.agent_id)
    dry.execute("collect_sessions")
    with pytest.raises(AirflowSkipException, match="dry run, nothing was spent"):
        dry.execute("launch_dream")


def test_the_limit_and_the_night_of_the_run_count(service: Service, ground: Ground) -> None:
    for _ in range(2):
        service.talk(ground.agent_id)
    first = ground.run(limit=1).through("collect_sessions")
    assert (len(first["session_ids"]), first["left_for_next_run"]) == (1, 2)
    service.talk(ground.agent_id)
    catch_up = ground.run("catch_up_1__manual__1")
    catch_up.record.conf = {"dreamflow": {"night": "manual__1", "until": first["left_until"]}}
    assert len(catch_up.through("collect_sessions")["session_ids"]) == 3


def test_a_rejected_output_is_archived_and_named(ground: Ground) -> None:
    run = ground.run()
    run.through("review_changes")
    output_id = run.record.left("wait_for_dream")["output_store_id"]
    given = {
        "decision": "Reject",
        "by": "Ada",
        "at": "2026-11-21T08:00:00+00:00",
        "output_store_id": output_id,
    }
    operator = DiscardOutput(task_id="discard_output", pipeline=ground.pipeline, given=given)
    context = run.record.context("discard_output", PARAMS)
    assert operator.execute(context) == {"archived_store_id": output_id}
    assert ground.service.is_archived(output_id)


@pytest.mark.parametrize("task_id", TASK_IDS[1:5])
def test_a_task_that_was_left_nothing_names_the_one_before_and_what_to_do(
    ground: Ground, task_id: str
) -> None:
    with pytest.raises(StateError, match=r"left nothing to go on in this run. Clear it and what follows"):
        ground.run().execute(task_id)


@pytest.mark.parametrize("task_id", ["carry_late_writes", "repoint", "drain_sessions", "retire_input"])
def test_the_journal_is_enough_to_finish_when_xcom_was_cleared(ground: Ground, task_id: str) -> None:
    run = ground.run()
    run.through(TASK_IDS[TASK_IDS.index(task_id) - 1])
    run.record.leave(TASK_IDS[TASK_IDS.index(task_id) - 1], "return_value", None)
    for each in TASK_IDS[TASK_IDS.index(task_id) : -1]:
        run.execute(each)
    assert ground.service.is_archived(ground.store_id)


def test_a_hand_off_of_another_swap_than_the_journals_stops_the_task(ground: Ground) -> None:
    run = ground.run()
    left = run.through("approve")
    left["swap"]["after"] = ground.service.store()
    run.record.leave("approve", "return_value", left)
    with pytest.raises(StateError, match=r"journal of run manual__1 tells of another swap.*Clear approve"):
        run.execute("carry_late_writes")
    assert ground.live() == ground.store_id


def test_a_swap_that_was_never_decided_on_stops_the_task(ground: Ground) -> None:
    run = ground.run()
    run.through("review_changes")
    with pytest.raises(StateError, match=r"tells of no swap.*Clear approve"):
        run.execute("carry_late_writes")


def test_clearing_the_drain_begins_a_new_deadline_and_a_retry_keeps_it(
    service: Service, ground: Ground
) -> None:
    run = ground.run()
    run.through("verify_targets")
    service.session(ground.store_id, status="running")

    def deadline() -> str:
        operator: PipelineOperator = run.operator("drain_sessions")
        with pytest.raises(TaskDeferred) as deferred:
            operator.execute(run.record.context("drain_sessions", PARAMS))
        return str(deferred.value.trigger.serialize()[1]["deadline"])

    run.record.begin_try("drain_sessions")
    first = deadline()
    run.record.begin_try("drain_sessions")
    assert deadline() == first
    run.record.clear("drain_sessions")
    run.record.begin_try("drain_sessions")
    assert deadline() > first
