"""The run that follows: for what was left over, or at the reviewer's wish."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest
from airflow.sdk.exceptions import DagRunTriggerException
from airflow.serialization.serialized_objects import OperatorSerialization
from structlog.testing import capture_logs

from dreamflow import storage
from dreamflow.core.handoffs import Decided
from dreamflow.errors import StateError
from dreamflow.operators.base import PipelineOperator
from dreamflow.operators.trigger_run import CatchUp, DreamAgain
from dreamflow.records.files import Records
from dreamflow.records.journal import DreamNote
from tests.support.run_record import RunRecord
from tests.unit.running import night_of, pipeline_of
from tests.unit.service import Service
from tests.unit.support import at

TARGET = {"type": "agent", "agent_id": "agent_1"}


def triggered_by(operator: PipelineOperator, record: RunRecord) -> tuple[DagRunTriggerException | None, str]:
    """Run the task; return the run that it triggers, and what it says."""
    triggered = None
    with capture_logs() as logs:
        try:
            operator.execute(record.context(operator.task_id, {}))
        except DagRunTriggerException as e:
            triggered = e
    return triggered, "\n".join(log["event"] % log.get("positional_args", ()) for log in logs)


class Desk:
    """A run that adopted a dream over some of its sessions, in a night that has had a dream before."""

    def __init__(self, folder: Path, *, left: int = 3, conf: Any = None, **file: Any) -> None:
        location = f"file://{folder}/reports"
        self.record = RunRecord("manual__1", conf=conf)
        records = Records(storage, location, "support")
        records.run("manual__1").open(
            DreamNote(input_store_id="memstore_1", left=left, left_until=at(5), dream_id="drm_2")
        )
        records.note_in_night("the_night", "drm_1", 1_000, 2.0)
        records.note_in_night("the_night", "drm_2", 500, 1.0)
        self.operator = CatchUp(task_id="catch_up", pipeline=pipeline_of(location, TARGET, **file), given={})

    def catch_up(self) -> DagRunTriggerException | None:
        return triggered_by(self.operator, self.record)[0]


NIGHT = {"dreamflow": {"night": "the_night", "until": None, "words": ["Fold."]}}


def test_what_was_left_over_is_caught_up_on_and_nothing_that_came_since(tmp_path: Path) -> None:
    triggered = Desk(tmp_path, conf={**NIGHT, "limit": 5, "approval_mode": "never"}).catch_up()
    assert triggered is not None
    assert (triggered.trigger_dag_id, triggered.dag_run_id) == ("dream__support", "catch_up_1__manual__1")
    assert triggered.conf == {
        "limit": 5,
        "dreamflow": {"night": "the_night", "until": at(5).isoformat(), "words": ["Fold."]},
    }


def test_a_second_try_triggers_no_second_run(tmp_path: Path) -> None:
    desk = Desk(tmp_path)
    once, again = desk.catch_up(), desk.catch_up()
    assert once is not None
    assert again is not None
    assert once.dag_run_id == again.dag_run_id
    assert again.skip_when_already_exists
    assert not again.reset_dag_run


@pytest.mark.parametrize(
    ("left", "file", "said"),
    [
        (0, {}, "no sessions were left over"),
        (3, {"sessions": {"catch_up": False}}, "3 sessions were left over; sessions.catch_up is off: the next night"),
        (3, {"night": {"dreams": 2}}, "this night has had 2 dreams, as many as night.dreams allows: the next night"),
        (3, {"night": {"budget": {"tokens": 1_500}}}, "used 1,500 tokens and USD 3.00: night.budget is used up: the"),
        (3, {"night": {"budget": {"usd": 3}}}, "night.budget is used up: the next night takes them"),
    ],
)  # fmt: skip
def test_where_nothing_follows_it_says_why(tmp_path: Path, left: int, file: Any, said: str) -> None:
    desk = Desk(tmp_path, left=left, conf=NIGHT, **file)
    triggered, told = triggered_by(desk.operator, desk.record)
    assert triggered is None
    assert said in told


@pytest.mark.parametrize(
    "file", [{"night": {"dreams": 3}}, {"night": {"budget": {"tokens": 1_501, "usd": 3.01}}}]
)
def test_a_night_that_may_dream_on_catches_up(tmp_path: Path, file: Any) -> None:
    assert Desk(tmp_path, conf=NIGHT, **file).catch_up() is not None


@pytest.mark.parametrize("base_url", ["https://airflow.example.com/team/", None])
def test_the_task_links_to_the_run_that_it_triggered(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, base_url: str | None
) -> None:
    """Airflow's page finds the link in XCom, by the name and key that the serialized DAG has."""
    if base_url:
        monkeypatch.setenv("AIRFLOW__API__BASE_URL", base_url)
    desk = Desk(tmp_path)
    assert desk.catch_up()
    links = OperatorSerialization.serialize_operator(desk.operator)["_operator_extra_links"]
    assert list(links) == ["Triggered DAG"]
    url = f"{base_url or '/'}dags/dream__support/runs/catch_up_1__manual__1"
    assert desk.record.left("catch_up", links["Triggered DAG"]) == url


def test_dreaming_again_archives_the_output_and_passes_the_reviewers_words_on(
    service: Service, tmp_path: Path
) -> None:
    night = night_of(service, f"file://{tmp_path}/reports", {"/a.md": "one"}, {"/a.md": "two"})
    given = Decided(
        decision="Dream again", by="Ada", at=at(0), comment="Sort.", output_store_id=night.output_id
    )
    operator = DreamAgain(task_id="dream_again", pipeline=night.pipeline, given=given.to_json())
    record = RunRecord("manual__1", conf={"instructions": "Be brief."})
    triggered, _ = triggered_by(operator, record)
    assert triggered is not None
    assert triggered.dag_run_id == "again_1__manual__1"
    assert triggered.conf == {
        "instructions": "Be brief.",
        "dreamflow": {"night": "manual__1", "until": None, "words": ["Sort."]},
    }
    state = night.state()
    assert (state["output archived"], state["targets"]) == (True, ["input", "input"])


def test_dreaming_again_needs_a_decision(tmp_path: Path) -> None:
    operator = DreamAgain(task_id="dream_again", pipeline=pipeline_of(f"file://{tmp_path}", TARGET))
    with pytest.raises(StateError, match="left nothing to go on"):
        triggered_by(operator, RunRecord("manual__1"))
