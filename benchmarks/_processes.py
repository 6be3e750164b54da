"""The processes that a benchmark starts: each fresh, each ended with the block that started it."""

from __future__ import annotations

import json
import os
import subprocess
import sys
import tempfile
from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import ExitStack, contextmanager
from pathlib import Path
from typing import Any, TextIO

import httpx

from include.demo.errors import DemoError
from include.demo.processes import Program, wait_until
from include.demo.settings import free_port

__all__ = [
    "AT_RATES",
    "PROJECT",
    "RATES",
    "BenchmarkError",
    "Child",
    "Server",
    "Stub",
    "airflow_env",
    "connection_to",
    "embedded_server",
    "results",
    "stub",
]

PROJECT = Path(__file__).parents[1]
#: Requests a minute that the service takes of an organization (its reference, rate limits): reads, and creates; as an
#: option of the embedded server, and in words.
RATES, AT_RATES = "1200,300", "at 1,200 reads a minute"
#: Seconds after which a child that should have ended is taken to hang.
_PATIENCE = 900.0


class BenchmarkError(Exception):
    """A benchmark can't be run. The message says what failed, and where to look."""


class Child:
    """
    A module of ours in a fresh Python process, which prints one JSON value as its last line.

    :param module: what ``python -m`` runs.
    :param patience: seconds after which it is taken to hang.
    """

    def __init__(
        self, module: str, *arguments: object, env: Mapping[str, str], patience: float = _PATIENCE
    ) -> None:
        self._patience = patience
        self._name = " ".join([module, *map(str, arguments)])
        # Files, not pipes: a child that logs much would block on a pipe that nobody reads.
        self._files = ExitStack()
        self._out, self._errors = (
            self._files.enter_context(tempfile.TemporaryFile("w+", encoding="utf-8", errors="replace"))  # noqa: SIM115
            for _ in range(2)
        )
        self._process = subprocess.Popen(
            [sys.executable, "-m", module, *map(str, arguments)],
            stdin=subprocess.DEVNULL,
            stdout=self._out,
            stderr=self._errors,
            env=dict(env),
            cwd=PROJECT,
        )

    def __enter__(self) -> Child:
        return self

    def __exit__(self, *exception: object) -> None:
        self._process.kill()
        self._process.wait()
        self._files.close()

    def result(self) -> Any:
        """
        Wait for the end, and return what the child printed.

        :raises BenchmarkError: it failed, or printed no result; the message holds the end of what it said.
        """
        try:
            code = self._process.wait(self._patience)
        except subprocess.TimeoutExpired as e:
            raise BenchmarkError(f"python -m {self._name} did not end in {self._patience:.0f} s") from e
        if code != 0:
            tail = " | ".join(_lines(self._errors)[-3:])
            raise BenchmarkError(f"python -m {self._name} ended with code {code}: {tail}")
        try:
            return json.loads(_lines(self._out)[-1])
        except (ValueError, IndexError) as e:
            raise BenchmarkError(f"python -m {self._name} printed no result") from e


def results(starts: Sequence[Callable[[], Child]], *, at_once: bool) -> list[Any]:
    """Return what the children leave, run one after the other, or ``at_once`` where only their end matters."""
    left = []
    with ExitStack() as stack:
        if at_once:
            children = [stack.enter_context(start()) for start in starts]
            return [child.result() for child in children]
        for start in starts:
            with start() as child:
                left.append(child.result())
    return left


def _lines(file: TextIO) -> list[str]:
    file.seek(0)
    return file.read().strip().splitlines()


def airflow_env(home: Path, **more: str) -> dict[str, str]:
    """Return the environment of an Airflow of its own below ``home``, with ours on its path."""
    return {
        **os.environ,
        "AIRFLOW_HOME": str(home),
        "AIRFLOW__CORE__LOAD_EXAMPLES": "False",
        "AIRFLOW__CORE__DAGS_FOLDER": str(PROJECT / "dags"),
        "AIRFLOW__CORE__PLUGINS_FOLDER": str(PROJECT / "plugins"),
        "PATH": f"{Path(sys.executable).parent}{os.pathsep}{os.environ.get('PATH', os.defpath)}",
        "PYTHONPATH": os.pathsep.join([str(PROJECT / "plugins"), str(PROJECT)]),
        **more,
    }


def connection_to(url: str, api_key: str = "benchmark") -> dict[str, str]:
    """Return the environment variable that makes the connection ``benchmark`` lead to the server."""
    connection = {"conn_type": "anthropic", "host": url, "password": api_key}
    return {"AIRFLOW_CONN_BENCHMARK": json.dumps(connection)}


class Stub:
    """A running stub (see ``_stub``)."""

    def __init__(self, port: int) -> None:
        self.url = f"http://127.0.0.1:{port}"

    def counts(self) -> dict[str, int]:
        """Return the requests so far by kind."""
        counts: dict[str, int] = httpx.get(f"{self.url}/_counts", timeout=30).json()
        return counts


@contextmanager
def stub(dreams: int) -> Iterator[Stub]:
    """Run a stub with so many dreams in flight, in a process of its own, while the block runs."""
    process = subprocess.Popen(
        [sys.executable, "-m", "benchmarks._stub", str(dreams)],
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
        cwd=PROJECT,
        text=True,
    )
    assert process.stdin is not None
    assert process.stdout is not None
    try:
        port = process.stdout.readline().strip()
        if not port:
            raise BenchmarkError("the stub server did not start (its error stands above)")
        yield Stub(int(port))
    finally:
        process.stdin.close()
        process.stdout.close()
        process.kill()
        process.wait()


class Server:
    """A running embedded server. ``pid`` is 0 until it has started."""

    def __init__(self, url: str, api_key: str) -> None:
        self.url = url
        self.api_key = api_key
        self.pid = 0


@contextmanager
def embedded_server(folder: Path, *more: str) -> Iterator[Server]:
    """Run the embedded server with its database in ``folder``, and more options, while the block runs."""
    server = Server(f"http://127.0.0.1:{free_port()}", "benchmark")
    options = ["--port", server.url.rsplit(":", 1)[1], "--database", f"sqlite:///{folder / 'agents.db'}"]
    command = [sys.executable, "-m", "include.managed_agents", "serve", *options, *more]
    env = {**os.environ, "AGENTS_API_KEY": server.api_key}
    program = Program("the embedded server", command, env, folder / "agents.log", PROJECT)
    server.pid = program.process.pid

    def answers() -> bool:
        try:
            return httpx.get(f"{server.url}/health", timeout=5).status_code == 200
        except httpx.HTTPError:
            return False

    try:
        wait_until(answers, seconds=60, what="the embedded server", alive=[program])
        yield server
    except DemoError as e:
        raise BenchmarkError(str(e)) from e
    finally:
        program.stop()
