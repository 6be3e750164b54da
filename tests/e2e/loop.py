"""One Airflow and one embedded server, on which all cases of a session are played side by side."""

from __future__ import annotations

import json
import secrets
import signal
from collections.abc import Iterator, Sequence
from concurrent.futures import Future, ThreadPoolExecutor
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass
from functools import cached_property
from pathlib import Path

from anthropic import Anthropic

from include.demo.processes import wait_until
from include.demo.settings import free_port
from include.demo.stack import Stack, answers
from tests.e2e.cases import CASES, Case
from tests.e2e.leftovers import KEEP_ENVIRONMENT, processes_of
from tests.e2e.runs import Run
from tests.e2e.world import World
from tests.support.faulty_proxy import FaultyProxy, Request, Rule

__all__ = ["SECOND", "Loop", "Scene", "running_loop"]

#: Seconds that a case may take in all; each wait in it has its own, shorter bound.
CASE_LIMIT = 3_600.0
#: Who else may answer.
SECOND = "ben"


@dataclass(frozen=True)
class Scene:
    """
    What a case's script works with.

    :ivar given: the pipeline's world; None where its file is wrong.
    :ivar proxy: what the pipeline's requests go through; None where they go straight.
    :ivar first_run_id: the run that was triggered when the session began.
    """

    case: Case
    stack: Stack
    given: World | None
    proxy: FaultyProxy | None
    first_run_id: str

    @property
    def dag_id(self) -> str:
        return f"dream__{self.case.name}"

    @property
    def world(self) -> World:
        assert self.given is not None, f"{self.case.name} has no world"
        return self.given

    def password(self, user: str) -> str:
        """Return what a user signs in with. Airflow made those of all but the first."""
        kept = json.loads((self.stack.folder / "airflow" / "passwords.json").read_text())
        return str(kept[user])

    @cached_property
    def run(self) -> Run:
        """Return the first run."""
        return Run(self.stack, self.dag_id, self.first_run_id)

    def trigger(self) -> Run:
        """Trigger a further run."""
        return Run(self.stack, self.dag_id, self.stack.airflow.trigger(self.dag_id))

    def follow_up(self) -> Run:
        """Return the run that the first one triggered."""
        listed = self.stack.airflow.request("GET", f"/api/v2/dags/{self.dag_id}/dagRuns")["dag_runs"]
        (run_id,) = (run["dag_run_id"] for run in listed if run["dag_run_id"] != self.first_run_id)
        return Run(self.stack, self.dag_id, run_id)


class Loop:
    """
    Airflow and the embedded server, with the pipelines of some cases.

    :param open_until_stopped: what is to be closed once both have stopped.
    """

    def __init__(self, stack: Stack, client: Anthropic, open_until_stopped: ExitStack) -> None:
        self.stack = stack
        self._client = client
        self._exit = open_until_stopped
        self._outcomes: dict[str, Future[object]] = {}

    def outcome(self, name: str) -> object:
        """Return what the case's script returned; raise what it raised."""
        return self._outcomes[name].result(CASE_LIMIT)

    def play(self, cases: Sequence[Case]) -> None:
        """Make each case's world, start Airflow, trigger a run of each pipeline, and play the scripts."""
        worlds = {
            case.name: case.make_world(self.stack, self._client, case.name)
            for case in cases
            if case.file_text is None
        }
        proxies = {
            case.name: self._exit.enter_context(self._proxy(case, worlds[case.name]))
            for case in cases
            if case.fault is not None
        }
        self._write_files(cases)
        self._start_airflow(self._environment(cases, worlds, proxies))
        for case in cases:
            self.stack.wait_for_dag(f"dream__{case.name}")
        people = ThreadPoolExecutor(max(len(cases), 1), thread_name_prefix="person")
        self._exit.callback(people.shutdown)
        for case in cases:
            run_id = self.stack.airflow.trigger(f"dream__{case.name}")
            scene = Scene(case, self.stack, worlds.get(case.name), proxies.get(case.name), run_id)
            self._outcomes[case.name] = people.submit(case.script, scene)

    def _start_airflow(self, environment: dict[str, str]) -> None:
        """
        Start Airflow, and a web server of their own for the tasks.

        Airflow's web server commits the log of what people do on its event loop. On SQLite that waits for a task's
        request which holds the only write lock, and that one waits for the event loop: both stand still until the
        database's timeout (airflow/api_fastapi/logging/decorators.py), and a request that a task repeats meanwhile
        comes late and undoes what followed. Apart, they can't wait for each other.
        """
        port = free_port()
        url = f"http://127.0.0.1:{port}/execution"
        environment = {
            **environment,
            "AIRFLOW__CORE__EXECUTION_API_SERVER_URL": f"{url}/",
            "AIRFLOW__API_AUTH__JWT_SECRET": secrets.token_urlsafe(64),
        }
        self.stack.start_airflow(environment)
        arguments = ["api-server", "--apps", "execution", "--host", "127.0.0.1", "--port", str(port)]
        server = self.stack.start_airflow_command(
            "the tasks' web server", arguments, "task_server.log", environment
        )
        wait_until(
            # What tasks report to is built at the first request for it, which takes seconds.
            lambda: answers(f"{url}/health", seconds=30),
            seconds=300,
            what="the tasks' web server",
            alive=[server],
        )

    def _proxy(self, case: Case, world: World) -> FaultyProxy:
        assert case.fault is not None

        def repoints_the_agent(request: Request) -> bool:
            return (request.method, request.path) == ("POST", f"/v1/agents/{world.agent}")

        return FaultyProxy(self.stack.agents_url, [Rule(case.fault, repoints_the_agent)])

    def _write_files(self, cases: Sequence[Case]) -> None:
        self.stack.pipelines.mkdir(parents=True, exist_ok=True)
        for case in cases:
            (self.stack.pipelines / f"{case.name}.yaml").write_text(case.pipeline_file())

    def _environment(
        self, cases: Sequence[Case], worlds: dict[str, World], proxies: dict[str, FaultyProxy]
    ) -> dict[str, str]:
        environment = {
            **KEEP_ENVIRONMENT,
            "AIRFLOW__CORE__SIMPLE_AUTH_MANAGER_USERS": f"{self.stack.airflow.username}:admin,{SECOND}:user",
            "AIRFLOW__CORE__DAGS_ARE_PAUSED_AT_CREATION": "False",
            # The files don't change: parsing them again would take from what the tasks have.
            "AIRFLOW__DAG_PROCESSOR__MIN_FILE_PROCESS_INTERVAL": "900",
            # Where a task takes longer to read its DAG's file, Airflow begins it anew, and an answer to it is lost.
            "AIRFLOW__CORE__DAGBAG_IMPORT_TIMEOUT": "180",
            # All runs begin at once, and SQLite has one writer: short transactions let the others in.
            "AIRFLOW__SCHEDULER__MAX_DAGRUNS_PER_LOOP_TO_SCHEDULE": "4",
        }
        for case in cases:
            if case.name in worlds:
                environment |= case.variables(worlds[case.name])
            host = proxies[case.name].url if case.name in proxies else self.stack.agents_url
            connection = {"conn_type": "anthropic", "host": host, "password": self.stack.api_key}
            environment[f"AIRFLOW_CONN_{case.name.upper()}"] = json.dumps({**connection, **case.connection})
        return environment


@contextmanager
def _terminable() -> Iterator[None]:
    """Let a SIGTERM, such as a CI's at its time limit, end the session by way of its fixtures."""

    def interrupt(_signal: int, _frame: object) -> None:
        raise KeyboardInterrupt

    before = signal.signal(signal.SIGTERM, interrupt)
    try:
        yield
    finally:
        signal.signal(signal.SIGTERM, before)


@contextmanager
def running_loop(folder: Path, names: set[str]) -> Iterator[Loop]:
    """Play the named cases; on any way out, nothing of it is left running."""
    stack = Stack(folder, airflow_port=free_port(), agents_port=free_port(), pipelines=folder / "pipelines")
    try:
        with ExitStack() as open_until_stopped, _terminable(), stack:
            stack.start_agents()
            client = open_until_stopped.enter_context(stack.client())
            loop = Loop(stack, client, open_until_stopped)
            loop.play([CASES[name] for name in sorted(names)])
            yield loop
    finally:
        left = processes_of(folder)
    assert not left, f"still running: {left}"
