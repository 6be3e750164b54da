"""
Do one step of a run over large stores and sessions, and tell its peak memory.

    AIRFLOW_CONN_BENCHMARK=… python -m benchmarks._reviewer STEP REPORTS BEFORE AFTER [SESSION …]

STEP is ``review`` (the operator), ``whole`` (the baseline: the same review, with all bodies fetched before it is
written) or ``estimate`` (a dry run, which reads every transcript).
"""

from __future__ import annotations

import json
import resource
import sys
import time
from collections.abc import Iterator
from contextlib import suppress
from typing import TYPE_CHECKING, Any, cast

from airflow.sdk.exceptions import AirflowSkipException

from dreamflow.config import Pipeline
from dreamflow.hooks import managed_agents  # noqa: F401 - imported before memory is first looked at
from dreamflow.operators.dream import LaunchDream
from dreamflow.operators.review import ReviewChanges
from dreamflow.run_files import RunFiles, report_location
from dreamflow.tasks import COLLECT_SESSIONS, WAIT_FOR_DREAM, PipelineOperator

if TYPE_CHECKING:
    from airflow.sdk import Context

RUN_ID = "manual__1"
_USAGE = {
    "input_tokens": 1_100_000,
    "output_tokens": 50_000,
    "cache_read_input_tokens": 9_000_000,
    "cache_creation_input_tokens": 300_000,
}


class TaskInstance:
    """The XComs of a run, as far as it has come."""

    max_tries = 0

    def __init__(self, left: dict[str, Any]) -> None:
        self._left = left

    def xcom_pull(self, task_ids: str) -> Any:
        return self._left.get(task_ids)

    def xcom_push(self, key: str, value: Any) -> None:
        self._left[key] = value


class ReviewWhole(ReviewChanges):
    """The baseline: hold every body that differs, then write."""

    def _bodies(self, *arguments: Any) -> Iterator[tuple[str, str, str]]:
        return iter(list(super()._bodies(*arguments)))


STEPS: dict[str, type[PipelineOperator]] = {
    "review": ReviewChanges,
    "whole": ReviewWhole,
    "estimate": LaunchDream,
}


def pipeline_of(reports: str) -> Pipeline:
    return Pipeline.model_validate(
        {
            "name": "benchmark",
            "conn_id": "benchmark",
            "targets": [{"type": "agent", "agent_id": "agent_0", "metadata_key": "memory_store_id"}],
            "reports": {"location": f"file://{reports}"},
        }
    )


def context_of(before_id: str, after_id: str, session_ids: list[str]) -> Context:
    """Return what the step is told of its run."""
    left: dict[str, Any] = {
        COLLECT_SESSIONS: {
            "input_store_id": before_id,
            "session_ids": session_ids,
            "left_for_next_run": 0,
            "since": None,
        },
        WAIT_FOR_DREAM: {
            "dream_id": "drm_0",
            "output_store_id": after_id,
            "usage": _USAGE,
            "list_cost": 12.5,
            "seconds": 3_600.0,
        },
    }
    params = {"model": "claude-opus-4-8", "instructions": None, "dry_run": True, "new_dream": False}
    return cast("Context", {"run_id": RUN_ID, "ti": TaskInstance(left), "params": params})


def main(step: str, reports: str, before_id: str, after_id: str, *session_ids: str) -> dict[str, float]:
    pipeline = pipeline_of(reports)
    operator = STEPS[step](task_id=step, pipeline=pipeline)
    files = RunFiles(report_location(pipeline.reports.location), pipeline.name, RUN_ID)
    if files.read_listing("base") is None:
        files.write_listing("base", before_id, operator.hook.list_memories(before_id))
    at_start, began = _peak_bytes(), time.perf_counter()
    with suppress(AirflowSkipException):  # how a dry run ends
        operator.execute(context_of(before_id, after_id, list(session_ids)))
    return {
        "seconds": time.perf_counter() - began,
        "peak_bytes": _peak_bytes(),
        "grown_bytes": _peak_bytes() - at_start,
        "report_bytes": len((files.read_report() or "").encode()),
    }


def _peak_bytes() -> int:
    """Return the most memory that this process has held so far (ru_maxrss is in KiB on Linux, in bytes on macOS)."""
    peak = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss
    return peak if sys.platform == "darwin" else peak * 1024


if __name__ == "__main__":
    print(json.dumps(main(*sys.argv[1:])))
