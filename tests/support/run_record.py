"""What Airflow keeps of one run, as plain JSON, so that the processes that work on it may die."""

from __future__ import annotations

import json
from copy import deepcopy
from pathlib import Path
from types import SimpleNamespace
from typing import TYPE_CHECKING, Any, ClassVar, cast

if TYPE_CHECKING:
    from airflow.sdk import Context

__all__ = ["OutletEvents", "RunRecord", "TaskInstance"]

_EMPTY: dict[str, Any] = {"xcom": {}, "tries": {}, "deferred": {}, "ended": {}}
#: As the DAG's default_args say.
RETRIES = 5


class RunRecord:
    """
    One run's XComs, tries, deferrals and ends.

    :param file: where it is kept, whole after every change; None keeps it in memory.
    :param conf: what the run was triggered with.
    """

    def __init__(
        self,
        run_id: str,
        file: Path | None = None,
        conf: dict[str, Any] | None = None,
    ) -> None:
        self.run_id = run_id
        self.conf = conf or {}
        self.file = file
        there = file is not None and file.exists()
        self._data = json.loads(file.read_text()) if file is not None and there else deepcopy(_EMPTY)

    def save(self) -> None:
        if self.file is None:
            return
        beside = self.file.with_suffix(".new")
        beside.write_text(json.dumps(self._data))
        beside.replace(self.file)

    # Tries

    def begin_try(self, task_id: str) -> None:
        """A try begins with no XCom of the task."""
        self._tries(task_id)["try_number"] += 1
        self._data["xcom"].pop(task_id, None)
        self._data["deferred"].pop(task_id, None)
        self.save()

    def clear(self, *task_ids: str) -> None:
        """As a person does in the UI: the tasks run again, with all their retries before them."""
        for task_id in task_ids:
            tries = self._tries(task_id)
            tries["max_tries"] = tries["try_number"] + RETRIES
            self._data["ended"].pop(task_id, None)
            self._data["deferred"].pop(task_id, None)
        self.save()

    def _tries(self, task_id: str) -> dict[str, int]:
        tries: dict[str, int] = self._data["tries"].setdefault(
            task_id, {"try_number": 0, "max_tries": RETRIES}
        )
        return tries

    def try_number(self, task_id: str) -> int:
        return self._tries(task_id)["try_number"]

    def max_tries(self, task_id: str) -> int:
        return self._tries(task_id)["max_tries"]

    def end(self, task_id: str, state: str) -> None:
        self._data["ended"][task_id] = state
        self.save()

    def ended(self, task_id: str) -> str | None:
        """Return the state that the task ended in, or None."""
        return cast("str | None", self._data["ended"].get(task_id))

    # Deferrals

    def defer(self, task_id: str, trigger: dict[str, Any]) -> None:
        self._data["deferred"][task_id] = json.loads(json.dumps(trigger))
        self.save()

    def deferred(self, task_id: str) -> dict[str, Any] | None:
        return cast("dict[str, Any] | None", self._data["deferred"].get(task_id))

    def resume(self, task_id: str) -> None:
        self._data["deferred"].pop(task_id)
        self.save()

    # XComs

    def left(self, task_id: str, key: str = "return_value") -> Any:
        return self._data["xcom"].get(task_id, {}).get(key)

    def leave(self, task_id: str, key: str, value: Any) -> None:
        self._data["xcom"].setdefault(task_id, {})[key] = json.loads(json.dumps(value))
        self.save()

    @property
    def xcoms(self) -> dict[str, dict[str, Any]]:
        """Return what every task has left, by task id and key."""
        return cast("dict[str, dict[str, Any]]", deepcopy(self._data["xcom"]))

    def context(self, task_id: str, params: dict[str, Any], task: Any = None) -> Context:
        """
        Return the part of Airflow's context that the operators use.

        :param task: the operator, for one that asks Airflow for more: to branch, or to wait for a person.
        """
        ti = TaskInstance(self, task_id, task)
        context = {
            "run_id": self.run_id,
            "dag_run": SimpleNamespace(conf=self.conf),
            "ti": ti,
            "task_instance": ti,
            "task": task,
            "params": params,
            "outlet_events": OutletEvents(),
        }
        return cast("Context", context)


class TaskInstance:
    """The part of Airflow's task instance that the operators use."""

    dag_id = "dream__support"
    id = "0199-of-no-interest"
    map_index = -1

    def __init__(self, record: RunRecord, task_id: str, task: Any = None) -> None:
        self._record = record
        self.task_id = task_id
        self.task = task
        self.run_id = record.run_id

    #: Which runs Airflow would say are under way, as (DAG id, run id).
    under_way: ClassVar[set[tuple[str, str]]] = set()

    def get_dr_count(
        self, dag_id: str, run_ids: list[str] | None = None, states: list[str] | None = None
    ) -> int:
        return sum(of == dag_id and (run_ids is None or run_id in run_ids) for of, run_id in self.under_way)

    #: What Airflow would say of a run's tasks, by run id: a mapped one's states by ``<task>_<index>``.
    states: ClassVar[dict[str, dict[str, str | None]]] = {}

    def get_task_states(self, dag_id: str, run_ids: list[str]) -> dict[str, dict[str, str | None]]:
        return {run_id: self.states[run_id] for run_id in run_ids if run_id in self.states}

    #: As Airflow makes it.
    log_url = "http://localhost:8080/dags/dream__support/runs/r/tasks/t?try_number=1"

    def get_relevant_upstream_map_indexes(self, **_: Any) -> int:
        """Return which of a mapped task's instances a task takes from: the one of its own shard."""
        return self.map_index

    @property
    def max_tries(self) -> int:
        return self._record.max_tries(self.task_id)

    @property
    def try_number(self) -> int:
        return self._record.try_number(self.task_id)

    def xcom_pull(self, task_ids: str, key: str = "return_value", **_: Any) -> Any:
        """Return what a task left: an ``XComArg`` is resolved with it, and asks for more than is of interest here."""
        return deepcopy(self._record.left(task_ids, key))

    def xcom_push(self, key: str, value: Any) -> None:
        self._record.leave(self.task_id, key, value)


class OutletEvents(dict[Any, Any]):
    """The events of a task's assets and aliases, each made when it is asked for."""

    def __missing__(self, asset: Any) -> Any:
        self[asset] = OutletEvent()
        return self[asset]


class OutletEvent:
    """An asset's event, or what was added to an alias."""

    def __init__(self) -> None:
        self.extra: dict[str, Any] = {}
        self.added: list[tuple[Any, dict[str, Any]]] = []

    def add(self, asset: Any, extra: dict[str, Any]) -> None:
        self.added.append((asset, extra))
