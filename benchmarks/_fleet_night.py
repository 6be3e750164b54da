"""
Run a night of a fleet on a server: every task of its DAG in a process of its own, as a worker starts it.

    AIRFLOW_CONN_BENCHMARK=… DREAMFLOW_PIPELINES=… python -m benchmarks._fleet_night URL API_KEY FOLDER MEMBERS KIND

``KIND`` is ``clean``; ``spoilt``, where nine members are spoilt in nine ways on the way; ``quick``, the same without a
process for each task; or ``single``: as many pipelines without a fleet, without such processes too. It prints what each
task took, its waits too, and what became of the members.
"""

from __future__ import annotations

import asyncio
import json
import os
import resource
import sys
import time
import traceback
from collections import Counter
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from copy import copy
from dataclasses import asdict, dataclass, field
from datetime import UTC, datetime
from pathlib import Path
from typing import Any
from unittest.mock import patch

import httpx
import yaml
from airflow.dag_processing.dagbag import BundleDagBag
from airflow.sdk import DAG, TriggerRule
from airflow.sdk.definitions.retry_policy import RetryAction
from airflow.sdk.exceptions import (
    AirflowSkipException,
    DagRunTriggerException,
    DownstreamTasksSkipped,
    TaskAwaitingInput,
    TaskDeferred,
)
from airflow.triggers.base import BaseTrigger

from benchmarks._fleet_seed import Seeded, Spoiler, seed
from benchmarks._processes import PROJECT
from dreamflow import tasks
from dreamflow.config import pipelines_folder
from dreamflow.retry import RetryByCause
from include.demo.airflow_api import filled_form
from include.managed_agents.access import AGENTS_BETA, DREAMING_BETA
from tests.support.night import first_event, revive
from tests.support.run_record import RunRecord

__all__ = ["FleetNight", "Step", "night_of_fleet", "opened"]

FLEET, RUN_ID = "shops", "the_night"


@dataclass(frozen=True)
class Step:
    """
    What one process took of a task: a try, or the wait in between.

    :ivar task: the task's id, with ``.wait`` behind it for a wait. :ivar requests: by method and route.
    """

    task: str
    seconds: float
    cpu_seconds: float
    peak_bytes: int
    requests: dict[str, int]


def fleet_data(reports: str) -> dict[str, Any]:
    """Return what the fleet's file says."""
    return {
        "fleet": {"deployments": {"name": "shop-*"}},
        **_common(reports),
    }


def plain_data(reports: str, deployment: str) -> dict[str, Any]:
    """Return what the file of a pipeline for one deployment says."""
    return {
        "targets": [{"type": "deployment", "deployment_id": deployment}],
        "sessions": {"mounted": True},
        **_common(reports),
    }


def _common(reports: str) -> dict[str, Any]:
    return {
        "conn_id": "benchmark",
        "approval": {"mode": "when_flagged"},
        "dream": {"poll_interval": "PT5S"},
        "retire": {"idle_for": "PT0S"},
        "reports": {"location": f"file://{reports}"},
    }


def write_pipeline(name: str, data: dict[str, Any]) -> None:
    (pipelines_folder() / f"{name}.yaml").write_text(yaml.safe_dump(data), encoding="utf-8")


def load_dags() -> dict[str, DAG]:
    bag = BundleDagBag(
        dag_folder=PROJECT / "dags" / "nightly_dream.py", bundle_path=PROJECT / "dags", load_op_links=False
    )
    if bag.import_errors:
        raise SystemExit(str(bag.import_errors))
    return dict(bag.dags)


@contextmanager
def opened(url: str, api_key: str) -> Iterator[httpx.Client]:
    headers = {"x-api-key": api_key, "anthropic-beta": f"{AGENTS_BETA},{DREAMING_BETA}"}
    with httpx.Client(base_url=url, headers=headers, timeout=120) as client:
        yield client


@dataclass
class FleetNight:
    """
    One run of a DAG, task after task.

    :param forks: each task in a process of its own. :param before: done before a task's first try, by its id.
    :ivar said: the last error of each task that failed. :ivar asked: what the question says.
    """

    dag: DAG
    record: RunRecord
    forks: bool = True
    before: dict[str, Callable[[], object]] = field(default_factory=dict)
    steps: list[Step] = field(default_factory=list)
    states: dict[str, str] = field(default_factory=dict)
    said: dict[str, str] = field(default_factory=dict)
    asked: str = ""

    def run(self) -> None:
        for task in self.dag.topological_sort():
            if task.task_id in self.states:
                continue
            upstream = {self.states[task_id] for task_id in task.upstream_task_ids}
            rule = getattr(task, "trigger_rule", None)
            if "skipped" in upstream:
                self.states[task.task_id] = "skipped"
            elif upstream - {"success"} and rule != TriggerRule.NONE_SKIPPED:
                self.states[task.task_id] = "upstream_failed"
            else:
                self.before.get(task.task_id, lambda: None)()
                self.states[task.task_id] = self._run(task.task_id)

    def _run(self, task_id: str) -> str:
        event: Any = None
        while True:
            told = self._in_process(lambda event=event: self._step(task_id, event))  # type: ignore[misc]
            self.steps.append(Step(told["task"], *(told[key] for key in list(Step.__annotations__)[1:])))
            event = told.get("event")
            if told.get("error"):
                self.said[task_id] = told["error"]
            self.asked = told.get("asked") or self.asked
            for skipped in told.get("skips", ()):
                self.states[skipped] = "skipped"
            if told["state"] != "again":
                return str(told["state"])

    def _in_process(self, work: Callable[[], dict[str, Any]]) -> dict[str, Any]:
        if not self.forks:
            return work()
        assert self.record.file is not None
        result = self.record.file.with_name("told.json")
        if (pid := os.fork()) == 0:
            try:
                result.write_text(json.dumps(work()))
                os._exit(0)
            except BaseException:
                traceback.print_exc()
                os._exit(1)
        if os.waitpid(pid, 0)[1] != 0:
            raise SystemExit("a task's process died: its error stands above")
        self.record = RunRecord(self.record.run_id, self.record.file)
        told: dict[str, Any] = json.loads(result.read_text())
        return told

    def _step(self, task_id: str, event: Any) -> dict[str, Any]:
        """Do what Airflow would do next with the task; return what it took, and how it stands."""
        began, cpu = time.perf_counter(), time.process_time()
        from benchmarks._steps import Requests  # noqa: PLC0415 - it imports anthropic, as each task's process does

        requests = Requests()
        is_wait = event is None and self.record.deferred(task_id) is not None
        told = self._wait(task_id) if is_wait else self._try(task_id, event)
        requests.close()
        return {
            "task": f"{task_id}.wait" if is_wait else task_id,
            "seconds": time.perf_counter() - began,
            "cpu_seconds": time.process_time() - cpu,
            "peak_bytes": resource.getrusage(resource.RUSAGE_SELF).ru_maxrss * 1024,
            "requests": dict(requests.routes),
            **told,
        }

    def _wait(self, task_id: str) -> dict[str, Any]:
        deferred = self.record.deferred(task_id) or {}
        event = asyncio.run(_event_of(revive(deferred["classpath"], deferred["kwargs"])))
        return {"state": "again", "event": event}

    def _try(self, task_id: str, event: Any) -> dict[str, Any]:
        task: Any = copy(self.dag.get_task(task_id))
        try:
            return self._outcome(task_id, task, event)
        finally:
            if (hook := task.__dict__.get("hook")) is not None:
                hook.client.close()

    def _outcome(self, task_id: str, task: Any, event: Any) -> dict[str, Any]:
        params = self.dag.params.dump()
        context: Any = self.record.context(task_id, params, task)
        context["ti"].dag_id = self.dag.dag_id
        deferred = self.record.deferred(task_id)
        try:
            if event is None or deferred is None:
                self.record.begin_try(task_id)
            task.render_template_fields(context)
            if event is not None and deferred is not None:
                self.record.resume(task_id)
                result = getattr(task, deferred["method"])(context, event=event)
            else:
                result = self._execute(task, context)
        except TaskDeferred as deferral:
            classpath, kwargs = deferral.trigger.serialize()
            trigger = {"classpath": classpath, "kwargs": kwargs, "method": deferral.method_name}
            self.record.defer(task_id, trigger)
            return {"state": "again"}
        except DownstreamTasksSkipped as skips:
            skipped = [name if isinstance(name, str) else name[0] for name in skips.tasks]
            return {"state": "success", "skips": skipped, "asked": getattr(task, "body", "")}
        except AirflowSkipException as skip:
            return {"state": "skipped", "error": str(skip)}
        except DagRunTriggerException:
            return {"state": "success"}
        except Exception as error:
            return self._after(task_id, error)
        if result is not None:
            self.record.leave(task_id, "return_value", result)
        return {"state": "success"}

    def _execute(self, task: Any, context: Any) -> Any:
        """Run the task. Where it asks, everybody who is flagged is rejected."""
        with _asking() as questions:
            try:
                return task.execute(context)
            except TaskAwaitingInput:
                event = {
                    "chosen_options": ["Reject"],
                    "params_input": {**filled_form(questions[-1]), "comment": ""},
                    "responded_at": datetime.now(UTC),
                    "responded_by_user": {"id": "7", "name": "Ada"},
                }
                return task.execute_complete(context, event)

    def _after(self, task_id: str, error: Exception) -> dict[str, Any]:
        number, most = self.record.try_number(task_id), self.record.max_tries(task_id)
        is_over = RetryByCause().evaluate(error, number, most).action is RetryAction.FAIL or number > most
        return {"state": "failed" if is_over else "again", "error": f"{type(error).__name__}: {error}"}


async def _event_of(trigger: BaseTrigger) -> Any:
    """Return the trigger's event, once what it polled with is closed: a triggerer's loop would go on meanwhile."""
    event = await first_event(trigger)
    if rest := asyncio.all_tasks() - {asyncio.current_task()}:
        await asyncio.wait(rest, timeout=5)
    return event


@contextmanager
def _asking() -> Iterator[list[dict[str, Any]]]:
    """Take the questions that Airflow would have kept in its database."""
    questions: list[dict[str, Any]] = []
    kept = "airflow.providers.standard.operators.hitl.upsert_hitl_detail"
    with patch(kept, lambda **detail: questions.append(detail)):
        yield questions


def night_of_fleet(
    client: httpx.Client, folder: Path, count: int, *, is_spoilt: bool, forks: bool = True
) -> dict[str, Any]:
    """Seed a fleet and run its night; return what it took, what was said, and who was adopted."""
    workspace, members = seed(client, count)
    reports = str(folder / "reports")
    spoiler = Spoiler(workspace, members)
    if is_spoilt:
        write_pipeline("another", plain_data(reports, spoiler.before_the_night()))
    write_pipeline(FLEET, fleet_data(reports))
    night = FleetNight(load_dags()[f"dream__{FLEET}"], RunRecord(RUN_ID, folder / "run.json"), forks=forks)
    if is_spoilt:
        night.before = {
            tasks.LAUNCH_DREAM: spoiler.before_the_launch,
            tasks.REVIEW_CHANGES: spoiler.before_the_review,
        }
    began = time.perf_counter()
    night.run()
    return {
        "seconds": time.perf_counter() - began,
        "steps": [asdict(step) for step in night.steps],
        "states": night.states,
        "said": night.said,
        "asked": night.asked,
        "spoilt": spoiler.spoilt,
        "adopted": adopted(client, members),
    }


def adopted(client: httpx.Client, members: list[Seeded]) -> list[str]:
    """Return the names of the members that have another store now, and whose old one is archived."""
    return [one.name for one in members if _is_adopted(client, one)]


def _is_adopted(client: httpx.Client, member: Seeded) -> bool:
    (mount,) = client.get(f"/v1/deployments/{member.deployment}").json()["resources"]
    store = client.get(f"/v1/memory_stores/{member.store}").json()
    now = client.get(f"/v1/memory_stores/{mount['memory_store_id']}").json()
    is_own = any(key.startswith("dreamflow_") for key in now.get("metadata", {}))
    return bool(mount["memory_store_id"] != member.store and store.get("archived_at") and is_own)


def nights_of_pipelines(client: httpx.Client, folder: Path, count: int) -> dict[str, Any]:
    """Run as many single pipelines, one after the other, their tasks in this one process."""
    _, members = seed(client, count)
    for member in members:
        write_pipeline(member.name, plain_data(str(folder / "reports"), member.deployment))
    dags = load_dags()
    began, steps, instances = time.perf_counter(), 0, 0
    requests: Counter[str] = Counter()
    for member in members:
        night = FleetNight(dags[f"dream__{member.name}"], RunRecord(RUN_ID), forks=False)
        night.run()
        instances += len(night.states)
        steps += len(night.steps)
        for step in night.steps:
            requests.update(step.requests)
    return {
        "seconds": time.perf_counter() - began,
        "requests": dict(requests),
        "instances": instances,
        "adopted": adopted(client, members),
    }


def main(url: str, api_key: str, folder: str, count: str, kind: str) -> dict[str, Any]:
    with opened(url, api_key) as client:
        if kind == "single":
            return nights_of_pipelines(client, Path(folder), int(count))
        return night_of_fleet(
            client, Path(folder), int(count), is_spoilt=kind != "clean", forks=kind != "quick"
        )


if __name__ == "__main__":
    print(json.dumps(main(*sys.argv[1:])))
