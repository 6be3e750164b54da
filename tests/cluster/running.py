"""A cluster that runs, as its test drives it: started by its own command, hurt from outside, ended by Ctrl-C."""

from __future__ import annotations

import os
import shutil
import signal
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from functools import cached_property
from pathlib import Path
from typing import Any

import psutil
import pytest
from anthropic import Anthropic

from include.cluster.__main__ import main
from include.cluster.notes import alive, read_note
from include.cluster.parts import VENV
from include.cluster.servers import missing_programs
from include.cluster.sessions import kill_session, members
from include.demo.airflow_api import AirflowApi
from include.demo.errors import DemoError
from include.demo.processes import wait_until
from include.demo.settings import PROJECT
from include.demo.stack import answers, wait_until_let_go

__all__ = ["Running", "reason_to_skip", "running_cluster"]

_UP = 600.0
_STOPPED = 120.0


def reason_to_skip() -> str:
    """Return why no cluster can be had here, or nothing."""
    if missing := missing_programs():
        return "; ".join(missing)
    if not (VENV / "bin" / "airflow").exists():
        return f"{VENV.name} is not there: make {VENV.name}/.installed makes it"
    return ""


class Running:
    """
    The cluster in a folder.

    :ivar keeper: the program that keeps it up.
    """

    def __init__(self, folder: Path, keeper: subprocess.Popen[bytes]) -> None:
        self.folder = folder
        self.keeper = keeper
        self.began = time.monotonic()

    @property
    def pipelines(self) -> Path:
        return self.folder / "pipelines"

    @property
    def note(self) -> dict[str, Any]:
        return read_note(self.folder)

    @cached_property
    def airflow(self) -> AirflowApi:
        return AirflowApi(self.note["url"], self.note["user"], self.note["password"])

    def client(self) -> Anthropic:
        return self._client

    @cached_property
    def _client(self) -> Anthropic:
        return Anthropic(base_url=self.note["agents_url"], api_key=self.note["api_key"], timeout=60)

    def close(self) -> None:
        self.airflow.close()
        self._client.close()

    def tell(self, line: str) -> None:
        """Print a line of the story, with the seconds since its beginning; pytest shows it where the story fails."""
        sys.stdout.write(f"{time.monotonic() - self.began:6.1f} s  {line}\n")
        sys.stdout.flush()

    def said(self) -> str:
        """Return what the cluster has told the person who started it."""
        return (self.folder / "up.log").read_text(errors="replace")

    def check_alive(self) -> None:
        if self.keeper.poll() is not None:
            pytest.fail(f"the cluster ended: {self.said()[-2000:]}", pytrace=False)

    def wait(self, reached: Callable[[], bool], what: str, seconds: float) -> None:
        def here() -> bool:
            self.check_alive()
            return reached()

        try:
            wait_until(here, seconds=seconds, what=what)
        except DemoError as e:
            pytest.fail(f"{e}\n{self.said()[-3000:]}", pytrace=False)

    def wait_for_agents(self) -> None:
        """Wait until the embedded server answers, which comes long before Airflow."""
        self.wait((self.folder / "cluster.json").exists, "the cluster to begin", 60)
        self.wait(lambda: answers(f"{self.note['agents_url']}/health"), "the embedded server", 60)

    def wait_until_up(self) -> None:
        self.wait(lambda: "Airflow is up" in self.said(), "the cluster to be up", _UP)

    def wait_until_well(self) -> None:
        """Wait until all of Airflow does its work again."""
        self.wait(self.airflow.is_up, "all of Airflow to be healthy", _UP)

    def wait_until_answerable(self, dag_id: str, run_id: str, task_id: str, *, times: int = 1) -> None:
        log = self.folder / "logs" / "scheduler.log"
        wait_until_let_go(self.airflow, log, dag_id, run_id, task_id, times=times)

    def part_of(self, port: int) -> str:
        """Return the part with a process that has a connection to the port."""
        (leader,) = {
            os.getsid(connection.pid)
            for connection in psutil.net_connections("tcp")
            if connection.pid
            and connection.raddr
            and connection.raddr.port == port
            and connection.status == psutil.CONN_ESTABLISHED
        }
        return next(str(name) for name, part in self.note["running"].items() if part["pid"] == leader)

    def command(self, *words: str) -> None:
        """Say a command as from another terminal."""
        assert main(["--folder", str(self.folder), *words]) == 0, f"{words}: {self.said()}"

    def kill(self, name: str) -> None:
        """Kill a part with -9, and all that it started: what becomes of a container, or of a machine."""
        self.tell(f"kill -9 {name}")
        self.command("kill", name)

    @contextmanager
    def away(self, *names: str) -> Iterator[None]:
        """Stop parts, and start them at the block's end."""
        self.command("stop", *names)
        self.tell(f"{' and '.join(names)} are away")
        yield
        self.command("start", *names)
        self.tell(f"{' and '.join(names)} are back")

    def starts(self) -> Mapping[str, int]:
        return {name: part["starts"] for name, part in self.note["running"].items()}


@contextmanager
def running_cluster() -> Iterator[Running]:
    """Start a cluster; on any way out, nothing of it is left running."""
    # PostgreSQL's own user has to get there, which it can't into a folder of pytest's.
    folder = Path(tempfile.mkdtemp(prefix="dreamflow-cluster-"))
    folder.chmod(0o711)
    (folder / "cluster" / "pipelines").mkdir(parents=True)
    (folder / "cluster" / ".dreamflow-cluster").touch()
    command = [sys.executable, "-m", "include.cluster", "--folder", str(folder / "cluster"), "up"]
    options = ["--pipelines", str(folder / "cluster" / "pipelines"), "--set", "AIRFLOW_WORKER_CONCURRENCY=4"]
    # Two hundred dreams, four at a time, are not over when their wait looks for the first time, in the worker.
    options += ["--pace", "1"]
    with (folder / "cluster" / "up.log").open("wb") as log:
        keeper = subprocess.Popen(
            [*command, *options], cwd=PROJECT, stdout=log, stderr=log, start_new_session=True
        )
    running = Running(folder / "cluster", keeper)
    try:
        yield running
        leaders = [part["pid"] for part in running.note["running"].values()]
        keeper.send_signal(signal.SIGINT)
        assert keeper.wait(_STOPPED) == 0, running.said()
        left = [process for leader in leaders for process in members(leader)]
        assert not left, f"still running: {left}"
        running.tell("stopped")
    except BaseException:
        running.tell(f"its logs are in {folder}")
        keeper.terminate()
        keeper.wait(_STOPPED)
        for part in running.note["running"].values():
            if alive(part):
                kill_session(part["pid"])
        raise
    finally:
        running.close()
    shutil.rmtree(folder)
