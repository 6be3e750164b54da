"""The part of Airflow's REST API that the demo needs."""

from __future__ import annotations

import threading
import time
from contextlib import nullcontext
from typing import Any

import httpx
from tenacity import RetryCallState, Retrying, retry_if_result, stop_after_attempt, wait_fixed

from include.demo.errors import DemoError

__all__ = ["AirflowApi", "filled_form"]

#: Seconds after which a token is fetched anew; Airflow's last a day.
_TOKEN_AGE = 3600.0
#: Seconds for one answer: on a busy machine the web server may wait that long for its database.
_TIMEOUT = 90.0
#: Tries at a request while Airflow's database, which is SQLite here, is locked by another; it did nothing then.
_LOCKED_TRIES = 5
_PARTS = ("metadatabase", "scheduler", "triggerer", "dag_processor")


def filled_form(question: dict[str, Any]) -> dict[str, Any]:
    """Return a question's form as it is shown, with everything ticked that its reader is to have looked at."""
    params: dict[str, Any] = question.get("params") or {}
    form = {name: param.get("value") for name, param in params.items()}
    if "looked_at" in params:
        form["looked_at"] = list((params["looked_at"].get("schema") or {}).get("examples") or [])
    return form


class AirflowApi:
    """
    A client that logs in by itself.

    :param url: such as ``http://127.0.0.1:8080``.
    """

    def __init__(self, url: str, username: str, password: str) -> None:
        self.url = url
        self.username = username
        self.password = password
        self._client = httpx.Client(base_url=url, timeout=_TIMEOUT, transport=httpx.HTTPTransport(retries=3))
        self._token_at = 0.0
        # On SQLite, two writes at once can make the web server wait for itself until the database's timeout.
        self._one_write = threading.Lock()

    def close(self) -> None:
        """Close the connections. Nothing can be asked afterwards."""
        self._client.close()

    def is_up(self) -> bool:
        """
        Tell whether every part is healthy, and tasks can report what they do.

        What tasks report to is built at the first request for it, which stops everything else for seconds.
        """
        try:
            return self._client.get("/execution/health").is_success and not self.silent_parts()
        except httpx.HTTPError:
            return False

    def silent_parts(self) -> list[str]:
        """Return the parts of Airflow that are not healthy; all of them where the web server does not answer."""
        try:
            health = self._client.get("/api/v2/monitor/health").json()
        except (httpx.HTTPError, ValueError):
            health = {}
        return [part for part in _PARTS if (health.get(part) or {}).get("status") != "healthy"]

    def get_or_none(self, path: str) -> Any:
        """Return the answer, or None for a 404."""
        response = self._send("GET", path)
        return None if response.status_code == 404 else self._checked(response)

    def request(self, method: str, path: str, json: Any = None) -> Any:
        return self._checked(self._send(method, path, json))

    def unpause(self, dag_id: str) -> None:
        self.request("PATCH", f"/api/v2/dags/{dag_id}?update_mask=is_paused", {"is_paused": False})

    def trigger(self, dag_id: str, conf: dict[str, Any] | None = None) -> str:
        """Trigger a run and return its id."""
        body = {"logical_date": None, "conf": conf or {}}
        return str(self.request("POST", f"/api/v2/dags/{dag_id}/dagRuns", body)["dag_run_id"])

    def run(self, dag_id: str, run_id: str) -> dict[str, Any]:
        return dict(self.request("GET", f"/api/v2/dags/{dag_id}/dagRuns/{run_id}"))

    def task_instances(self, dag_id: str, run_id: str) -> list[dict[str, Any]]:
        path = f"/api/v2/dags/{dag_id}/dagRuns/{run_id}/taskInstances?limit=100"
        return list(self.request("GET", path)["task_instances"])

    def xcom(self, dag_id: str, run_id: str, task_id: str) -> Any:
        """Return what a task left, or None."""
        path = f"/api/v2/dags/{dag_id}/dagRuns/{run_id}/taskInstances/{task_id}/xcomEntries/return_value"
        entry = self.get_or_none(f"{path}?deserialize=false&stringify=false")
        return None if entry is None else entry["value"]

    def answer(self, dag_id: str, run_id: str, task_id: str, option: str, form: dict[str, Any]) -> None:
        """Answer a Required Action."""
        path = f"/api/v2/dags/{dag_id}/dagRuns/{run_id}/taskInstances/{task_id}/-1/hitlDetails"
        self.request("PATCH", path, {"chosen_options": [option], "params_input": form})

    def question(self, dag_id: str, run_id: str, task_id: str) -> dict[str, Any] | None:
        """Return the Required Action as the reviewer sees it, or None."""
        path = f"/api/v2/dags/{dag_id}/dagRuns/{run_id}/taskInstances/{task_id}/-1/hitlDetails"
        found: dict[str, Any] | None = self.get_or_none(path)
        return found

    def _send(self, method: str, path: str, json: Any = None) -> httpx.Response:
        if time.monotonic() - self._token_at > _TOKEN_AGE or not self._token_at:
            login = {"username": self.username, "password": self.password}
            token = self._checked(self._client.post("/auth/token", json=login))["access_token"]
            self._client.headers["authorization"] = f"Bearer {token}"
            self._token_at = time.monotonic()
        tries = Retrying(
            retry=retry_if_result(_met_a_lock),
            stop=stop_after_attempt(_LOCKED_TRIES),
            wait=wait_fixed(1),
            retry_error_callback=_last_response,
        )
        try:
            with nullcontext() if method == "GET" else self._one_write:
                return tries(self._client.request, method, path, json=json)
        except httpx.HTTPError as e:
            raise DemoError(f"Airflow at {self.url} does not answer ({type(e).__name__}): see its log") from e

    def _checked(self, response: httpx.Response) -> Any:
        if response.status_code >= 400:
            raise DemoError(
                f"Airflow answered {response.status_code} to {response.request.method} "
                f"{response.request.url.path}: {response.text[:300]}"
            )
        return response.json()


def _met_a_lock(response: httpx.Response) -> bool:
    return response.status_code == 500 and "Database error" in response.text


def _last_response(state: RetryCallState) -> httpx.Response:
    assert state.outcome is not None
    response: httpx.Response = state.outcome.result()
    return response
