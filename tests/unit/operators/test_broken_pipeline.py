"""A wrong pipeline file tells those whom it names, once for a run that failed."""

from __future__ import annotations

from types import SimpleNamespace
from typing import Any

import pytest

from dreamflow.config import BrokenFile
from dreamflow.errors import ConfigError
from dreamflow.operators.broken_pipeline import BrokenPipeline
from tests.unit.test_notify import Receiver, receiver

__all__ = ["receiver"]

CONTEXT: Any = {
    "ti": SimpleNamespace(
        dag_id="dream__support", task_id="broken_pipeline_file", run_id="scheduled__1", log_url="http://log"
    )
}


def fail(notify: tuple[str, ...]) -> BrokenPipeline:
    """Run the task as Airflow does: it fails, and its callback is called with the exception."""
    task = BrokenPipeline(
        task_id="broken_pipeline_file",
        broken=BrokenFile("dream__support", "support.yaml: sessions.limit: 0 is below 1", notify=notify),
    )
    with pytest.raises(ConfigError) as raised:
        task.execute(CONTEXT)
    callbacks: Any = task.on_failure_callback
    for callback in callbacks if isinstance(callbacks, list | tuple) else [callbacks]:
        callback({**CONTEXT, "exception": raised.value})
    return task


def test_who_is_named_is_told_what_is_wrong_with_run_and_log(receiver: Receiver) -> None:
    task = fail((receiver.url,))
    assert task.retries == 0
    (message,) = receiver.messages
    said = message["title"] + message["message"]
    for words in ("dream__support", "sessions.limit: 0 is below 1", "scheduled__1", "http://log"):
        assert words in said


def test_where_nobody_can_be_told_it_only_fails(receiver: Receiver) -> None:
    fail(())
    fail(("json://127.0.0.1:1/",))
    assert receiver.messages == []
