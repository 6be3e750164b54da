"""Following one run of a DAG, as a person does in the UI. Every wait has a bound, and says what it waited for."""

from __future__ import annotations

import time
from collections.abc import Callable
from dataclasses import dataclass
from typing import Any, Protocol
from urllib.parse import quote

import pytest
from anthropic import Anthropic

from include.demo.airflow_api import AirflowApi, filled_form

__all__ = ["Followed", "Run"]

#: Seconds for a run to get to its next question or its end, with a dozen other runs on two cores.
PATIENCE = 1_200.0
#: Seconds between two looks: every look costs the web server, which the tasks need too.
LOOK_EVERY = 3.0
_ENDED = ("success", "failed")
_BUSY = ("running", "failed", "up_for_retry", "deferred", "awaiting_input")


class Followed(Protocol):
    """An Airflow that runs, whoever keeps it up."""

    @property
    def airflow(self) -> AirflowApi: ...

    def client(self) -> Anthropic: ...

    def check_alive(self) -> None: ...

    def wait_until_answerable(self, dag_id: str, run_id: str, task_id: str, *, times: int = 1) -> None: ...


@dataclass
class Run:
    """
    One run of a DAG.

    :ivar answers: how many answers were given to its question.
    """

    stack: Followed
    dag_id: str
    run_id: str
    answers: int = 0

    @property
    def airflow(self) -> AirflowApi:
        return self.stack.airflow

    def state(self) -> str:
        return str(self.airflow.run(self.dag_id, self.run_id)["state"])

    def tasks(self) -> dict[str, str]:
        """Return each task's state by its id; of one that is mapped, by its id and index: ``approve[1]``."""
        return {
            task["task_id"] + (f"[{task['map_index']}]" if task["map_index"] >= 0 else ""): task["state"]
            or "none"
            for task in self._instances()
        }

    def end(self, seconds: float = PATIENCE) -> str:
        """Wait until the run is over, and return its state."""
        self.wait_until(self.is_over, "the run to end", seconds)
        return self.state()

    def end_unasked(self) -> str:
        """Wait until the run is over, and return its state; a question, which nobody would answer, fails the test."""

        def over() -> bool:
            if self._instance("approve")["state"] == "awaiting_input":
                question = self.airflow.question(self.dag_id, self.run_id, "approve") or {}
                self._give_up(f"a person is asked: {question.get('body')}")
            return self.is_over()

        self.wait_until(over, "the run to end, unasked")
        return self.state()

    def is_over(self) -> bool:
        return self.state() in _ENDED

    def wait_for(self, name: str, *states: str) -> None:
        """Wait until a task is in one of the states. A run that ends before fails the test."""

        def reached() -> bool:
            over = self.is_over()
            if self._instance(name)["state"] in states:
                return True
            if over:
                self._give_up(f"the run ended before {name} was {' or '.join(states)}")
            return False

        self.wait_until(reached, f"{name} to be {' or '.join(states)}")

    def wait_until_asked(self) -> dict[str, Any]:
        """Wait until a person is asked, for the first time or again, and return the question."""

        def asked() -> bool:
            over = self.is_over()
            task = self._instance("approve")
            if over:
                self._give_up("the run ended, and nobody was asked")
            return bool(task["state"] == "awaiting_input")

        self.wait_until(asked, f"question number {self.answers + 1}")
        question = self.airflow.question(self.dag_id, self.run_id, "approve")
        assert question is not None, "approve waits without a question"
        return question

    def answer(self, option: str, comment: str = "", **form: Any) -> None:
        """Answer as the form does: with every field that it shows, and every flag ticked."""
        shown = filled_form(self.airflow.question(self.dag_id, self.run_id, "approve") or {})
        self.answers += 1
        self.stack.wait_until_answerable(self.dag_id, self.run_id, "approve", times=self.answers)
        answer = {**shown, "comment": comment, **form}
        self.airflow.answer(self.dag_id, self.run_id, "approve", option, answer)

    def review(self) -> dict[str, Any]:
        """Return the run's review as of now."""
        return dict(self.airflow.request("GET", self.review_path))

    @property
    def review_path(self) -> str:
        return f"/dreamflow/api/reviews/{self.dag_id}/{quote(self.run_id, safe='')}"

    def tries(self, name: str) -> int:
        return int(self._instance(name)["try_number"])

    def left(self, task_id: str) -> Any:
        """Return what a task left in XCom."""
        return self.airflow.xcom(self.dag_id, self.run_id, task_id)

    @property
    def output_store(self) -> str:
        return str(self.left("wait_for_dream")["output_store_id"])

    def log(self, name: str) -> str:
        """Return the log of a task's last try, with what the UI shows of each line."""
        return "\n".join(_line(entry) for entry in self._log(name))

    def _log(self, name: str) -> list[Any]:
        number = max(self._instance(name)["try_number"], 1)
        task_id, _, index = name.removesuffix("]").partition("[")
        path = f"{self._path(task_id)}/logs/{number}?full_content=true&map_index={index or -1}"
        return list(self.airflow.request("GET", path)["content"])

    def links(self, name: str) -> dict[str, str]:
        """Return where a task's buttons lead, by their names."""
        return dict(self.airflow.request("GET", f"{self._path(name)}/links")["extra_links"])

    def asset_events(self, name: str) -> list[dict[str, Any]]:
        """Return the asset events that a task of this run has emitted."""
        query = f"source_dag_id={self.dag_id}&source_task_id={name}&source_run_id={quote(self.run_id)}"
        return list(self.airflow.request("GET", f"/api/v2/assets/events?{query}")["asset_events"])

    def errors(self, name: str) -> list[str]:
        """Return the messages of the errors in a task's log, without their causes."""
        return [
            str(entry["error_detail"][0]["exc_value"])
            for entry in self._log(name)
            if isinstance(entry, dict) and entry.get("error_detail")
        ]

    def mark_failed(self) -> None:
        """Mark the whole run failed, as a person may in the UI."""
        self.airflow.request(
            "PATCH", f"/api/v2/dags/{self.dag_id}/dagRuns/{self.run_id}", {"state": "failed"}
        )

    def _instances(self) -> list[dict[str, Any]]:
        return self.airflow.task_instances(self.dag_id, self.run_id)

    def _instance(self, name: str) -> dict[str, Any]:
        """Return one task's state and more; a request that costs less than that for all of them."""
        return dict(self.airflow.request("GET", self._path(name)))

    def _path(self, name: str) -> str:
        task_id, _, index = name.removesuffix("]").partition("[")
        place = f"{task_id}/{index}" if index else task_id
        return f"/api/v2/dags/{self.dag_id}/dagRuns/{self.run_id}/taskInstances/{place}"

    def wait_until(self, reached: Callable[[], bool], what: str, seconds: float = PATIENCE) -> None:
        deadline = time.monotonic() + seconds
        while not reached():
            self.stack.check_alive()
            if time.monotonic() > deadline:
                self._give_up(f"waited {seconds:.0f} s for {what}, in vain")
            time.sleep(LOOK_EVERY)

    def _give_up(self, why: str) -> None:
        tasks = self.tasks()
        tails = [
            f"--- {name}\n" + "\n".join(self.log(name).splitlines()[-15:])
            for name, state in tasks.items()
            if state in _BUSY
        ]
        states = ", ".join(f"{name} {state}" for name, state in tasks.items())
        pytest.fail(f"{self.dag_id} {self.run_id}: {why}. {states}\n" + "\n".join(tails), pytrace=False)


def _line(entry: Any) -> str:
    if isinstance(entry, str):
        return entry
    said = [str(entry.get("event", "")), str(entry.get("reason", ""))]
    raised = [f"{detail['exc_type']}: {detail['exc_value']}" for detail in entry.get("error_detail") or []]
    return "\n".join([" ".join(said).strip(), *raised])
