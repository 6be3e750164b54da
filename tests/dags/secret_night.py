"""Runs of a DAG whose pipeline file takes every value from a variable, and everything that they tell."""

from __future__ import annotations

import json
import logging
import traceback
from collections.abc import Iterator
from contextlib import contextmanager
from copy import copy
from dataclasses import dataclass, field
from datetime import UTC, datetime
from pathlib import Path
from typing import TYPE_CHECKING, Any, cast

import pytest
import structlog
from airflow.sdk import DAG
from airflow.sdk._shared.secrets_masker import redact, reset_secrets_masker
from airflow.sdk.exceptions import DagRunTriggerException, DownstreamTasksSkipped, TaskAwaitingInput
from airflow.sdk.execution_time.task_runner import _serialize_rendered_fields

from dreamflow.config import Pipeline
from dreamflow.notify import FailureNotice
from dreamflow.operators.base import PipelineOperator
from include.demo.airflow_api import filled_form
from tests.support.night import POLL_INTERVAL, Night
from tests.support.run_record import RunRecord

if TYPE_CHECKING:
    from airflow.sdk import Context

__all__ = ["Record", "Told", "WiredNight", "listening"]


@dataclass
class Told:
    """
    What runs tell: by where it stands.

    :ivar asked: what Airflow is given to show with a question. :ivar messages: what ``notify`` sends.
    """

    logs: list[str] = field(default_factory=list)
    xcoms: list[Any] = field(default_factory=list)
    rendered: list[Any] = field(default_factory=list)
    triggers: list[Any] = field(default_factory=list)
    confs: list[Any] = field(default_factory=list)
    runs: list[str] = field(default_factory=list)
    events: list[Any] = field(default_factory=list)
    asked: list[Any] = field(default_factory=list)
    messages: list[Any] = field(default_factory=list)

    def log(self, *texts: object) -> None:
        """Note a line as a task's log has it: Airflow masks it on the way, with what it was told to mask by then."""
        self.logs.extend(str(redact(str(text))) for text in texts)

    def leaks(self, secrets: dict[str, str], files: Path) -> dict[str, set[str]]:
        """Return the variables whose values are told, by where that is."""
        said = {**vars(self), "events": [list(events.items()) for events in self.events]}
        texts = {place: json.dumps(what, default=vars) for place, what in said.items()}
        texts["files"] = "\n".join(path.read_text() for path in files.rglob("*") if path.is_file())
        found = {
            place: {
                name for name, value in secrets.items() if value in text or json.dumps(value)[1:-1] in text
            }
            for place, text in texts.items()
        }
        return {place: names for place, names in found.items() if names}


@contextmanager
def listening() -> Iterator[Told]:
    """Note what is logged, by whichever library, and what people are sent."""
    told = Told()

    class Handler(logging.Handler):
        def emit(self, record: logging.LogRecord) -> None:
            told.log(logging.Formatter().format(record))

    def note(_logger: Any, _method: str, event: dict[str, Any]) -> Any:
        told.log(json.dumps(event, default=str))
        raise structlog.DropEvent

    def upsert(**detail: Any) -> None:
        told.asked.append({name: value for name, value in detail.items() if name != "ti_id"})

    def send(receivers: Any, title: str, body: str) -> list[str]:
        told.messages.append([title, body])
        return []

    handler, root = Handler(), logging.getLogger()
    processors: list[Any] = structlog.get_config()["processors"]
    before = list(processors)
    reset_secrets_masker()
    root.addHandler(handler)
    processors[:] = [structlog.processors.format_exc_info, note]
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr("airflow.providers.standard.operators.hitl.upsert_hitl_detail", upsert)
        patch.setattr("dreamflow.notify.send", send)
        patch.setattr("dreamflow.steps.wait._SETTLE_SECONDS", 0.01)
        try:
            yield told
        finally:
            root.removeHandler(handler)
            processors[:] = before
            reset_secrets_masker()


@dataclass
class WiredNight(Night):
    """A run of a real DAG: its tasks as the DAG file wires them, each given what Airflow resolves for it."""

    dag: DAG = field(kw_only=True)
    told: Told = field(kw_only=True)

    def operator(self, task_id: str) -> PipelineOperator:
        task = cast("PipelineOperator", copy(self.dag.get_task(task_id)))
        if not task.is_restore:
            task._pipeline = _hasty(task.pipeline)
        task.render_template_fields(self.record.context(task_id, self.params))
        self.told.rendered.append(_serialize_rendered_fields(task))
        return task

    def run_task(self, task_id: str) -> str:
        """Run the task as Airflow does, and note what it leaves, and how it fails."""
        state = super().run_task(task_id)
        self.told.xcoms.append(self.record.xcoms)
        for error in self.errors:
            self.told.log("".join(traceback.format_exception(error)))
            context = self.record.context(task_id, self.params)
            FailureNotice(self.pipeline).notify(cast("Context", {**context, "exception": error}))
        return state

    def _follow(self, task_id: str, deferred: dict[str, Any]) -> Any:
        self.told.triggers.append(deferred)
        return super()._follow(task_id, deferred)

    def _after(self, task_id: str, error: Exception) -> str | None:
        if isinstance(error, DagRunTriggerException):
            self.told.confs.append(error.conf)
            self.told.runs.append(error.dag_run_id)
            return "success"
        return super()._after(task_id, error)

    def answer(self, option: str, comment: str = "") -> None:
        """Ask, and answer as a person does."""
        approve: Any = self.operator("approve")
        context = self.record.context("approve", self.params, approve)
        with pytest.raises(TaskAwaitingInput):
            approve.execute(context)
        event = {
            "chosen_options": [option],
            "params_input": {**filled_form(self.told.asked[-1]), "comment": comment},
            "responded_at": datetime.now(UTC),
            "responded_by_user": {"id": "7", "name": "Ada"},
        }
        with pytest.raises(DownstreamTasksSkipped):
            approve.execute_complete(context, event)
        self.told.xcoms.append(self.record.xcoms)


class Record(RunRecord):
    """A record that keeps the events of assets too."""

    def __init__(self, run_id: str, told: Told, file: Path | None = None) -> None:
        super().__init__(run_id, file)
        self.told = told

    def context(self, task_id: str, params: dict[str, Any], task: Any = None) -> Context:
        context = super().context(task_id, params, task)
        self.told.events.append(context["outlet_events"])
        return context


def _hasty(pipeline: Pipeline) -> Pipeline:
    hasty = pipeline.dream.model_copy(update={"poll_interval": POLL_INTERVAL})
    return pipeline.model_copy(update={"dream": hasty})
