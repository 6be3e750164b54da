"""
Do one step of a run over large stores and sessions, and tell its peak memory.

    AIRFLOW_CONN_BENCHMARK=… python -m benchmarks._reviewer STEP REPORTS BEFORE AFTER [SESSION …]

STEP is ``review`` (the operator), ``fetch`` (the baseline: the bodies and transcripts that it reads, no more) or
``estimate`` (a dry run, which reads every transcript).
"""

from __future__ import annotations

import json
import resource
import sys
import time
from contextlib import suppress
from datetime import UTC, datetime
from types import SimpleNamespace
from typing import TYPE_CHECKING, cast

from airflow.sdk.exceptions import AirflowSkipException

from dreamflow.config import Pipeline
from dreamflow.core.handoffs import Collected, Dreamed
from dreamflow.hooks import managed_agents  # noqa: F401 - imported before memory is first looked at
from dreamflow.operators.base import PipelineOperator
from dreamflow.operators.dream import LaunchDream
from dreamflow.operators.review import ReviewChanges
from dreamflow.records.journal import DreamNote

if TYPE_CHECKING:
    from collections.abc import Sequence

    from airflow.sdk import Context

    from dreamflow.hooks.managed_agents import ManagedAgentsHook

RUN_ID = "manual__1"
_USAGE = {
    "input_tokens": 1_100_000,
    "output_tokens": 50_000,
    "cache_read_input_tokens": 9_000_000,
    "cache_creation_input_tokens": 300_000,
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


def operator_of(
    step: str, pipeline: Pipeline, before_id: str, after_id: str, session_ids: tuple[str, ...]
) -> PipelineOperator:
    """Return the step's task, given what the one before it leaves."""
    if step == "estimate":
        collected = Collected(input_store_id=before_id, session_ids=session_ids)
        return LaunchDream(task_id=step, pipeline=pipeline, given=collected.to_json())
    dreamed = Dreamed(
        dream_id="drm_0",
        output_store_id=after_id,
        input_store_id=before_id,
        created_at=datetime.now(UTC),
        usage=_USAGE,
        list_cost=12.5,
        seconds=3_600.0,
    )
    return ReviewChanges(task_id=step, pipeline=pipeline, given=dreamed.to_json())


def context_of(step: str) -> Context:
    """Return what the step is told of its run."""
    ti = SimpleNamespace(
        dag_id="dream__benchmark", task_id=step, run_id=RUN_ID, max_tries=0, xcom_push=lambda key, value: None
    )
    params = {"model": "claude-opus-4-8", "instructions": None, "dry_run": True, "new_dream": False}
    dag_run = SimpleNamespace(conf={})
    return cast("Context", {"run_id": RUN_ID, "dag_run": dag_run, "ti": ti, "params": params})


def fetch(hook: ManagedAgentsHook, store_ids: Sequence[str], session_ids: Sequence[str]) -> None:
    """Read what a review reads, and hold none of it."""
    for store_id in store_ids:
        listing = hook.list_memories(store_id)
        for _ in hook.each_body(store_id, listing, among=len(listing)):
            pass
    for session_id in session_ids:
        for _ in hook.each_event(session_id):
            pass


def main(step: str, reports: str, before_id: str, after_id: str, *session_ids: str) -> dict[str, float]:
    operator = operator_of(step, pipeline_of(reports), before_id, after_id, session_ids)
    run = operator.world.records.run(RUN_ID)
    if run.read_listing("base") is None:
        run.write_listing("base", before_id, operator.hook.list_memories(before_id))
        run.open(DreamNote(input_store_id=before_id, session_ids=session_ids, dream_id="drm_0"))
    at_start, began = _peak_bytes(), time.perf_counter()
    if step == "fetch":
        fetch(operator.hook, (before_id, after_id), session_ids)
    else:
        with suppress(AirflowSkipException):  # how a dry run ends
            operator.execute(context_of(step))
    return {
        "seconds": time.perf_counter() - began,
        "peak_bytes": _peak_bytes(),
        "grown_bytes": _peak_bytes() - at_start,
    }


def _peak_bytes() -> int:
    """Return the most memory that this process has held so far (ru_maxrss is in KiB on Linux, in bytes on macOS)."""
    peak = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss
    return peak if sys.platform == "darwin" else peak * 1024


if __name__ == "__main__":
    print(json.dumps(main(*sys.argv[1:])))
