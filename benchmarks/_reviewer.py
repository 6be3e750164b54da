"""
Do one step of a run over large stores and sessions, or fetch what it must look at; tell time and peak memory, those of
the processes that it starts included.

    AIRFLOW_CONN_BENCHMARK=… python -m benchmarks._reviewer STEP REPORTS BEFORE AFTER [SESSION …]

STEP is ``review`` (the task), ``fetch`` (the baseline: the same bytes, through the same hook) or ``estimate`` (a dry
run, which reads every transcript).
"""

from __future__ import annotations

import json
import resource
import sys
import threading
import time
from collections import deque
from collections.abc import Sequence
from contextlib import suppress
from datetime import UTC, datetime
from types import SimpleNamespace
from typing import TYPE_CHECKING, Any, cast

import psutil
from airflow.sdk.exceptions import AirflowSkipException

from benchmarks._steps import Requests
from dreamflow.config import Pipeline
from dreamflow.core.changes import compare
from dreamflow.core.handoffs import Collected, Dreamed
from dreamflow.hooks.managed_agents import ManagedAgentsHook
from dreamflow.operators.base import PipelineOperator
from dreamflow.operators.dream import LaunchDream
from dreamflow.operators.review import ReviewChanges
from dreamflow.records.journal import DreamNote

if TYPE_CHECKING:
    from airflow.sdk import Context

RUN_ID = "manual__1"
PIPELINE = "benchmark"
FLEET = "benchmark_fleet"
#: Seconds between two looks at what is held: each look asks after all processes of the machine.
_LOOK = 0.25
_USAGE = {
    "input_tokens": 1_100_000,
    "output_tokens": 50_000,
    "cache_read_input_tokens": 9_000_000,
    "cache_creation_input_tokens": 300_000,
}


def pipeline_data(reports: str) -> dict[str, Any]:
    """Return what the pipeline's file says."""
    return {
        "conn_id": "benchmark",
        "targets": [{"type": "agent", "agent_id": "agent_0", "metadata_key": "memory_store_id"}],
        "reports": {"location": f"file://{reports}"},
    }


def fleet_data(reports: str) -> dict[str, Any]:
    """Return what a fleet's file says."""
    data = pipeline_data(reports) | {"fleet": {"deployments": {"name": "shop-*"}}}
    del data["targets"]
    return data


def operator_of(step: str, reports: str, before_id: str, after_id: str, session_ids: Sequence[str]) -> Any:
    """Return the step's task, given what the one before it leaves."""
    pipeline = Pipeline.model_validate({"name": PIPELINE, **pipeline_data(reports)})
    if step == "estimate":
        collected = Collected(input_store_id=before_id, session_ids=tuple(session_ids))
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
        dag_id=f"dream__{PIPELINE}",
        task_id=step,
        run_id=RUN_ID,
        max_tries=0,
        xcom_push=lambda key, value: None,
    )
    params = {"model": "claude-opus-4-8", "instructions": None, "dry_run": True, "new_dream": False}
    dag_run = SimpleNamespace(conf={})
    return cast("Context", {"run_id": RUN_ID, "dag_run": dag_run, "ti": ti, "params": params})


def begin(operator: PipelineOperator, before_id: str, after_id: str, session_ids: Sequence[str]) -> None:
    """Leave in the run's files what launch and wait do."""
    run = operator.world.records.run(RUN_ID)
    run.write_listing("base", before_id, operator.hook.list_memories(before_id))
    run.open(
        DreamNote(
            input_store_id=before_id,
            session_ids=tuple(session_ids),
            dream_id="drm_0",
            output_store_id=after_id,
        )
    )


def fetch(hook: ManagedAgentsHook, before_id: str, after_id: str, session_ids: Sequence[str]) -> None:
    """Fetch the input's bodies, those of the output that differ, and what the sessions say; hold none."""
    before, after = hook.list_memories(before_id), hook.list_memories(after_id)
    by_path = compare(before, after)
    differing = {path: after[path] for path in (*by_path.added, *by_path.changed)}
    for store_id, entries, listing in ((before_id, before, before), (after_id, differing, after)):
        deque(hook.each_body(store_id, entries, among=len(listing)), maxlen=0)
    hook.in_parallel(lambda session_id: deque(hook.each_event(session_id), maxlen=0), session_ids)


def main(step: str, reports: str, before_id: str, after_id: str, *session_ids: str) -> dict[str, float]:
    requests = Requests()
    operator = operator_of(step, reports, before_id, after_id, session_ids)
    begin(operator, before_id, after_id, session_ids)
    counted = requests.count
    with Watched() as watched:
        began, cpu_began = time.perf_counter(), _cpu_seconds()
        if step == "fetch":
            fetch(operator.hook, before_id, after_id, session_ids)
        else:
            with suppress(AirflowSkipException):  # how a dry run ends
                operator.execute(context_of(step))
        seconds, cpu_seconds = time.perf_counter() - began, _cpu_seconds() - cpu_began
    return {
        "seconds": seconds,
        "cpu_seconds": cpu_seconds,
        "requests": requests.count - counted,
        "peak_bytes": watched.peak_bytes,
        "grown_bytes": watched.peak_bytes - watched.at_start,
    }


def _cpu_seconds() -> float:
    """Return the CPU that this process has used, and those that it has started and seen the end of."""
    children = resource.getrusage(resource.RUSAGE_CHILDREN)
    return time.process_time() + children.ru_utime + children.ru_stime


class Watched:
    """
    The memory of this process and of those that it starts, together, while a block runs.

    It is looked at every so often: a child's own peak tells nothing, as it counts what its parent held at its start.
    """

    def __init__(self) -> None:
        self._process = psutil.Process()
        self._is_over = threading.Event()
        self._thread = threading.Thread(target=self._watch, daemon=True)
        self.at_start = self.peak_bytes = _peak_bytes()

    def __enter__(self) -> Watched:
        self._thread.start()
        return self

    def __exit__(self, *exception: object) -> None:
        self._is_over.set()
        self._thread.join()
        self.peak_bytes = max(self.peak_bytes, _peak_bytes())

    def _watch(self) -> None:
        while not self._is_over.wait(_LOOK):
            held = 0
            for process in (self._process, *self._process.children(recursive=True)):
                with suppress(psutil.NoSuchProcess):
                    held += process.memory_info().rss
            self.peak_bytes = max(self.peak_bytes, held)


def _peak_bytes() -> int:
    """Return the most memory that this process has held so far (ru_maxrss is in KiB on Linux, in bytes on macOS)."""
    peak = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss
    return peak if sys.platform == "darwin" else peak * 1024


if __name__ == "__main__":
    print(json.dumps(main(*sys.argv[1:])))
