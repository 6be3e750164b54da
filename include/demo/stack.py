"""The two servers that the loop needs: an embedded server and a real Airflow, both on this machine."""

from __future__ import annotations

import contextlib
import json
import os
import secrets
import sys
import time
from collections.abc import Mapping, Sequence
from pathlib import Path
from types import TracebackType
from typing import Self

import httpx
from anthropic import Anthropic

from include.demo.airflow_api import AirflowApi
from include.demo.errors import DemoError
from include.demo.processes import Program, Programs, Tell, silently, wait_until
from include.demo.settings import PROJECT, free_port, refuse_used_port

__all__ = ["PROCESSES_NOTE", "Stack", "answers", "wait_until_let_go"]

PROCESSES_NOTE = "processes.json"
_USER = "admin"
#: Lets the scheduler import the SDK once, for all tasks.
_LOCAL_SETTINGS = PROJECT / "include" / "local_settings"
#: Seconds that a busy scheduler may need to see that a task has left its worker.
_ANSWERABLE = 60.0
#: Seconds between two looks at the health of Airflow's parts, and after which a silent part is taken for stopped.
_LOOK_EVERY = 10.0
_SILENCE = 120.0


class Stack:
    """
    An embedded server and Airflow, with their state in one folder.

    Leaving the block ends all that was started in it, on any way out.

    :param folder: where databases and logs go.
    :param airflow_port: the port of Airflow's web server.
    :param agents_port: the port of the embedded server, unless ``agents_url`` names one that runs.
    :param pipelines: the folder of the pipeline files.
    :param tell: is given a line for each step of the end.
    """

    def __init__(
        self,
        folder: Path,
        *,
        airflow_port: int,
        agents_port: int,
        pipelines: Path,
        agents_url: str | None = None,
        api_key: str | None = None,
        dream_pace: float = 0.0,
        tell: Tell = silently,
    ) -> None:
        self.folder = folder
        self.airflow_port = airflow_port
        self.agents_port = agents_port
        self.pipelines = pipelines
        self.starts_agents = agents_url is None
        self.agents_url = agents_url or f"http://127.0.0.1:{agents_port}"
        self.api_key = api_key or f"demo-{secrets.token_urlsafe(16)}"
        self.dream_pace = dream_pace
        self.password = secrets.token_urlsafe(9)
        self.programs = Programs(folder / PROCESSES_NOTE, tell)
        self.airflow = AirflowApi(f"http://127.0.0.1:{airflow_port}", _USER, self.password)
        self._looked_at = self._heard_at = 0.0

    def __enter__(self) -> Self:
        self.folder.mkdir(parents=True, exist_ok=True)
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self.programs.stop()
        self.airflow.close()

    @property
    def database(self) -> str | None:
        """Return the embedded server's database as a URL; None where it is not ours."""
        return f"sqlite:///{self.folder / 'managed_agents.db'}" if self.starts_agents else None

    def check_ports(self) -> None:
        """:raises DemoError: a port that is needed is in use."""
        refuse_used_port(self.airflow_port, "AIRFLOW_PORT", "Airflow")
        if self.starts_agents:
            refuse_used_port(self.agents_port, "AGENTS_PORT", "the embedded server")

    def client(self) -> Anthropic:
        return Anthropic(base_url=self.agents_url, api_key=self.api_key, timeout=60)

    def start_agents(self) -> None:
        """Start the embedded server, unless one was named; wait until it answers."""
        programs: list[Program] = []
        if self.starts_agents:
            command = [sys.executable, "-m", "include.managed_agents", "serve", "--host", "127.0.0.1"]
            options = ["--port", str(self.agents_port), "--database", str(self.database)]
            env = {**os.environ, "AGENTS_API_KEY": self.api_key}
            pace = ["--pace", str(self.dream_pace)]
            log = self.folder / "managed_agents.log"
            programs.append(
                self.programs.start(
                    lambda: Program("the embedded server", [*command, *options, *pace], env, log, PROJECT)
                )
            )
        what = f"the embedded server at {self.agents_url}"
        patience = 60
        if not self.starts_agents:
            what, patience = f"{what}, which AGENTS_URL names, to answer", 20
        wait_until(lambda: answers(f"{self.agents_url}/health"), seconds=patience, what=what, alive=programs)

    def start_airflow(self, variables: Mapping[str, str]) -> None:
        """
        Start ``airflow standalone`` and wait until all of it is up.

        :param variables: environment of every Airflow process, such as the ids that the pipeline files name.
        """
        self._write_password()
        program = self.start_airflow_command("Airflow", ["standalone"], "airflow.log", variables)
        wait_until(self.airflow.is_up, seconds=240, what=f"Airflow at {self.airflow.url}", alive=[program])
        self._looked_at = self._heard_at = time.monotonic()

    def start_airflow_command(
        self, name: str, arguments: Sequence[str], log: str, variables: Mapping[str, str]
    ) -> Program:
        """Start ``airflow`` with the arguments and this stack's settings; ``name`` is what people are told of it."""
        command = [sys.executable, "-m", "airflow", *arguments]
        env = {**_without_other_airflow(os.environ), **self._airflow_env(), **variables}
        return self.programs.start(lambda: Program(name, command, env, self.folder / log, PROJECT))

    def wait_for_dag(self, dag_id: str) -> None:
        """Wait until the DAG was parsed."""

        def parsed() -> bool:
            return self.airflow.get_or_none(f"/api/v2/dags/{dag_id}") is not None

        wait_until(parsed, seconds=120, what=f"Airflow to read the DAG {dag_id}", alive=self.programs.running)

    def check_alive(self) -> None:
        """
        Look whether all that was started still runs.

        ``airflow standalone`` goes on when one of its parts stops, and a run would then wait for ever.

        :raises DemoError: a program has ended, or a part of Airflow has not been heard of for two minutes.
        """
        for program in self.programs.running:
            program.check_alive()
        now = time.monotonic()
        if now - self._looked_at < _LOOK_EVERY:
            return
        self._looked_at = now
        silent = self.airflow.silent_parts()
        if not silent:
            self._heard_at = now
        elif now - self._heard_at > _SILENCE:
            raise DemoError(f"Airflow's {', '.join(silent)} stopped; see {self.folder / 'airflow.log'}")

    def wait_until_answerable(self, dag_id: str, run_id: str, task_id: str, *, times: int = 1) -> None:
        """
        Wait until the scheduler has seen that the task asked its question and left its worker.

        :param times: how often this try of it has asked: an answer that can't be acted on leaves the question standing.
        """
        wait_until_let_go(self.airflow, self.folder / "airflow.log", dag_id, run_id, task_id, times=times)

    @property
    def _airflow_home(self) -> Path:
        return self.folder / "airflow"

    def _write_password(self) -> None:
        self._airflow_home.mkdir(parents=True, exist_ok=True)
        file = self._airflow_home / "passwords.json"
        file.write_text(json.dumps({_USER: self.password}))
        file.chmod(0o600)

    def _airflow_env(self) -> dict[str, str]:
        url = self.airflow.url
        connection = {"conn_type": "anthropic", "host": self.agents_url, "password": self.api_key}
        return {
            # Standalone starts its parts as `airflow …`, which is beside the Python that runs us.
            "PATH": f"{Path(sys.executable).parent}{os.pathsep}{os.environ.get('PATH', os.defpath)}",
            "AIRFLOW_HOME": str(self._airflow_home),
            "PYTHONPATH": f"{PROJECT}{os.pathsep}{_LOCAL_SETTINGS}",
            "DREAMFLOW_PIPELINES": str(self.pipelines),
            "AIRFLOW_CONN_ANTHROPIC_DEFAULT": json.dumps(connection),
            # The usual five seconds are too few on a busy machine: a scheduler that meets a lock stops for good. Many
            # more are all waited out, now and then, by a web server whose own requests wait for each other.
            "AIRFLOW__DATABASE__SQL_ALCHEMY_CONN": f"sqlite:///{self._airflow_home / 'airflow.db'}?timeout=25",
            "AIRFLOW__CORE__DAGS_FOLDER": str(PROJECT / "dags"),
            "AIRFLOW__CORE__PLUGINS_FOLDER": str(PROJECT / "plugins"),
            "AIRFLOW__CORE__LOAD_EXAMPLES": "False",
            "AIRFLOW__CORE__EXECUTOR": "LocalExecutor",
            # Four workers are enough for one run, and small enough for a laptop.
            "AIRFLOW__CORE__PARALLELISM": "4",
            # A worker notices late by so much that its task has ended. The usual five seconds are longer than a short
            # dream: its task would be resumed before, and be taken for one that was killed.
            "AIRFLOW__WORKERS__MIN_HEARTBEAT_INTERVAL": "1",
            "AIRFLOW__CORE__EXECUTION_API_SERVER_URL": f"{url}/execution/",
            "AIRFLOW__CORE__SIMPLE_AUTH_MANAGER_USERS": f"{_USER}:admin",
            "AIRFLOW__CORE__SIMPLE_AUTH_MANAGER_PASSWORDS_FILE": str(self._airflow_home / "passwords.json"),
            "AIRFLOW__API__HOST": "127.0.0.1",
            "AIRFLOW__API__PORT": str(self.airflow_port),
            "AIRFLOW__API__BASE_URL": url,
            "AIRFLOW__API__WORKERS": "1",
            "AIRFLOW__LOGGING__WORKER_LOG_SERVER_PORT": str(free_port()),
            "AIRFLOW__LOGGING__TRIGGER_LOG_SERVER_PORT": str(free_port()),
            "AIRFLOW__DAG_PROCESSOR__MIN_FILE_PROCESS_INTERVAL": "10",
        }


def answers(url: str, *, seconds: float = 5) -> bool:
    """Tell whether the URL is answered with a success within the seconds."""
    try:
        return httpx.get(url, timeout=seconds).is_success
    except httpx.HTTPError:
        return False


def wait_until_let_go(
    airflow: AirflowApi, scheduler_log: Path, dag_id: str, run_id: str, task_id: str, *, times: int
) -> None:
    """
    Wait until the scheduler has seen that the task has left its worker, so many times in this try of it.

    Airflow takes an answer that is quicker for a task that was killed, and asks again after a while. Only the
    scheduler's log tells; where it does not in time, the answer is given all the same.
    """
    (number,) = (
        task["try_number"] for task in airflow.task_instances(dag_id, run_id) if task["task_id"] == task_id
    )
    key = f"TaskInstanceKey(dag_id={dag_id!r}, task_id={task_id!r}, run_id={run_id!r}, try_number={number},"
    rest, left = "", times
    with scheduler_log.open(errors="replace") as log:

        def seen() -> bool:
            nonlocal rest, left
            *lines, rest = (rest + log.read()).split("\n")
            left -= sum("executor event with state success" in line and key in line for line in lines)
            return left <= 0

        with contextlib.suppress(DemoError):
            wait_until(seen, seconds=_ANSWERABLE, what=f"the scheduler to let go of {task_id}")


def _without_other_airflow(environ: Mapping[str, str]) -> dict[str, str]:
    """Return the environment without what it says about another Airflow, whose database must never be used here."""
    return {name: value for name, value in environ.items() if not name.startswith("AIRFLOW_")}
