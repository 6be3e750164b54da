"""The cluster: its parts started in order, started again where they die, and all of them ended."""

from __future__ import annotations

import contextlib
import signal
import subprocess
import time
from collections.abc import Sequence
from pathlib import Path
from types import TracebackType
from typing import Any, Self

import psutil

from include.cluster.errors import ClusterError
from include.cluster.notes import held, note, release
from include.cluster.part import Part
from include.cluster.parts import DAEMONS, VENV, init_of, lay_out, parts_of, services_of
from include.cluster.place import Place
from include.cluster.servers import PostgresServer, RedisServer, missing_programs
from include.cluster.sessions import end_sessions, kill_session
from include.demo.airflow_api import AirflowApi
from include.demo.interrupts import INTERRUPTS
from include.demo.processes import Program, Tell, silently, wait_until
from include.demo.stack import answers

__all__ = ["Cluster"]

#: As Docker restarts: after a tenth of a second, twice as long each time up to a minute, and from the start again
#: where the part ran for ten seconds.
_FIRST_PAUSE, _LONGEST_PAUSE, _STEADY = 0.1, 60.0, 10.0
_REPLICAS = {"worker": 2, "triggerer": 2}


class Cluster:
    """
    PostgreSQL, Redis, the embedded server and the parts of Airflow, with their state in one folder.

    Leaving the block ends all that was started in it, on any way out.

    :param pipelines: the folder of the pipeline files; None for docker-compose.yaml's.
    :param pace: seconds that a dream of the embedded server lasts at least.
    :param tell: is given a line for each thing that people may want to know.
    """

    def __init__(
        self, place: Place, *, pipelines: Path | None = None, pace: float = 0.0, tell: Tell = silently
    ) -> None:
        self.place = place
        self.tell = tell
        self._extra = {"DREAMFLOW_PIPELINES": str(pipelines)} if pipelines else {}
        options = ("--pace", str(pace)) if pace else ()
        self.parts = parts_of(place, replicas=_REPLICAS, extra=self._extra, agents_options=options)
        services = services_of(place)
        self._postgres = PostgresServer(place, services["postgres"])
        self._redis = RedisServer(place, services["redis"])
        user = str(services["init"]["environment"]["ADMIN_USER"])
        self.airflow = AirflowApi(place.url, user, place.variables["AIRFLOW_ADMIN_PASSWORD"])
        self._running: dict[str, Program] = {}
        self._starts: dict[str, int] = {}
        self._started_at: dict[str, float] = {}
        self._pauses: dict[str, float] = {}

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self.stop()

    def start(self) -> None:
        """
        Start everything in the order of docker-compose.yaml, and wait until all of Airflow is up.

        :raises ClusterError: a program is missing, or a part does not come up; the message names its log.
        """
        if missing := missing_programs():
            raise ClusterError("; ".join(missing))
        if not (VENV / "bin" / "airflow").exists():
            raise ClusterError(f"{VENV} has no Airflow with the cluster's providers: make cluster makes it")
        for name in held(self.place.folder):
            release(self.place.folder, name)
        lay_out(self.place)
        self._postgres.prepare()
        self._redis.prepare()
        first, later = self._split()
        for part in first:
            self._start(part)
        for part in first:
            wait_until(
                lambda name=part.name: self.answers(name),  # type: ignore[misc]
                seconds=60,
                what=f"{part.name} to answer",
                alive=[self._running[part.name]],
            )
        self.tell("PostgreSQL, Redis and the embedded server answer")
        self._initialize()
        for part in later:
            self._start(part)
        airflow = [self._running[part.name] for part in later]
        wait_until(self.airflow.is_up, seconds=300, what=f"Airflow at {self.place.url}", alive=airflow)

    def look(self) -> None:
        """Do once what is to be done: stop what is held, and start again what has ended."""
        stopped = held(self.place.folder)
        for part in self.parts:
            program = self._running.get(part.name)
            if part.name in stopped:
                if program is not None:
                    self._end([part])
                    self.tell(f"{part.name} is stopped until it is started by name")
                continue
            if program is not None and program.process.poll() is not None:
                self._bury(part, program)
            if part.name not in self._running and self._may_start(part):
                self._start(part)

    def answers(self, name: str) -> bool:
        """Tell whether one of the parts that others need does its work."""
        match name:
            case "postgres":
                return self._postgres.answers()
            case "redis":
                return self._redis.answers()
        return answers(f"{self.place.agents_url}/health")

    def stop(self) -> None:
        """End everything: Airflow first, as it needs the others. A signal that comes now kills at once."""
        INTERRUPTS.ending = True
        if self._running:
            self.tell("Stopping the cluster; Ctrl-C kills it at once")
        first, later = self._split()
        for parts in (later, first):
            self._end([part for part in parts if part.name in self._running])
        self.airflow.close()
        self._note()

    def _split(self) -> tuple[list[Part], list[Part]]:
        airflow = [
            part for part in self.parts if part.name.rsplit("-", 1)[0] in DAEMONS or part.name in DAEMONS
        ]
        return [part for part in self.parts if part not in airflow], airflow

    def _initialize(self) -> None:
        """:raises ClusterError: the database can't be brought to Airflow's version, or gets no administrator."""
        part = init_of(self.place, self._extra)
        program = self._launch(part)
        try:
            wait_until(lambda: program.process.poll() is not None, seconds=300, what="Airflow's database")
            if program.process.returncode:
                program.check_alive()
        finally:
            kill_session(program.process.pid)
            del self._running[part.name]
        self.tell("Airflow's database is ready")

    def _start(self, part: Part) -> None:
        self._starts[part.name] = self._starts.get(part.name, 0) + 1
        self._started_at[part.name] = time.monotonic()
        self._launch(part)

    def _launch(self, part: Part) -> Program:
        log = self.place.folder / "logs" / f"{part.name}.log"
        with INTERRUPTS.held():
            program = Program(part.name, part.command, part.environment, log, part.folder)
            self._running[part.name] = program
            self._note()
        return program

    def _bury(self, part: Part, program: Program) -> None:
        """Take leave of a part that has ended, as a container does: with it goes all that it started."""
        kill_session(program.process.pid)
        del self._running[part.name]
        lasted = time.monotonic() - self._started_at[part.name]
        pause = self._pauses.get(part.name, 0.0)
        self._pauses[part.name] = (
            _FIRST_PAUSE if lasted > _STEADY else min(max(pause * 2, _FIRST_PAUSE), _LONGEST_PAUSE)
        )
        self._started_at[part.name] = time.monotonic()
        self.tell(f"{part.name} ended ({_ending(program.process.returncode)}): it is started again")

    def _may_start(self, part: Part) -> bool:
        """Tell whether its pause is over, and what it needs answers: the image waits for both servers, too."""
        waited = time.monotonic() - self._started_at.get(part.name, 0.0)
        return waited >= self._pauses.get(part.name, 0.0) and all(self.answers(name) for name in part.needs)

    def _end(self, parts: Sequence[Part]) -> None:
        programs = {part.name: self._running[part.name] for part in parts}
        leaders = {programs[part.name].process.pid: (part.stop_signal, part.grace) for part in parts}

        def reap() -> None:
            for program in programs.values():
                program.process.poll()

        end_sessions(leaders, lambda: INTERRUPTS.hurry, reap)
        for name, program in programs.items():
            with contextlib.suppress(subprocess.TimeoutExpired):
                program.process.wait(1)
            del self._running[name]
        self._note()

    def _note(self) -> None:
        running: dict[str, Any] = {}
        for name, program in self._running.items():
            with contextlib.suppress(psutil.NoSuchProcess):
                created = psutil.Process(program.process.pid).create_time()
                starts = self._starts.get(name, 1)
                running[name] = {"pid": program.process.pid, "created": created, "starts": starts}
        note(self.place, self.airflow.username, running)


def _ending(code: int) -> str:
    return f"by {signal.Signals(-code).name}" if code < 0 else f"with exit code {code}"
