"""The server, in this process or in one of its own, and the real SDK in front of it."""

from __future__ import annotations

import io
import os
import signal
import subprocess
import sys
from collections.abc import Callable, Iterator, Mapping
from contextlib import ExitStack, redirect_stderr, redirect_stdout
from dataclasses import dataclass
from functools import cached_property
from pathlib import Path
from typing import Any

import pytest
from anthropic import Anthropic
from fastapi.testclient import TestClient

from include.managed_agents.app import create_app
from include.managed_agents.claude import ClaudeAccess
from include.managed_agents.cli.main import main
from include.managed_agents.dreams.engine import DreamEngine
from include.managed_agents.settings import Settings
from include.managed_agents.turns.model import SessionModel
from tests.managed_agents.messages_api import MessagesApi, Think, messages_api
from tests.managed_agents.support import KEY
from tests.support.server import LocalServer

ROOT = Path(__file__).parents[2]

Connect = Callable[..., Anthropic]


def sdk(base_url: str, **options: object) -> Anthropic:
    return Anthropic(
        api_key=KEY,
        base_url=base_url,
        max_retries=0,
        _strict_response_validation=True,
        **options,  # type: ignore[arg-type]
    )


@pytest.fixture
def connect(tmp_path: Path) -> Iterator[Connect]:
    """Start a server in this process with any settings or engine, and return the SDK's client for it."""
    running: list[TestClient] = []

    def start(
        make_engine: Callable[[], DreamEngine] | None = None,
        make_model: Callable[[], SessionModel] | None = None,
        **settings: object,
    ) -> Anthropic:
        path = tmp_path / f"server-{len(running)}.db"
        app = create_app(
            Settings(database=f"sqlite:///{path}", api_key=KEY, **settings),  # type: ignore[arg-type]
            make_engine,
            make_model,
        )
        http = TestClient(app)
        http.__enter__()
        running.append(http)
        return sdk("http://testserver", http_client=http)

    yield start
    for http in running:
        http.__exit__(None, None, None)


Start = Callable[..., tuple[Anthropic, MessagesApi]]


@pytest.fixture
def start(connect: Connect) -> Iterator[Start]:
    """
    Start a double of the Messages API that thinks as it is told, and a server that thinks with it.

    At the end, it must have been sent nothing that it refuses, but for what it said is too long.
    """
    doubles: list[MessagesApi] = []
    with ExitStack() as stack:

        def begin(think: Think, *, api: Mapping[str, Any] | None = None, **settings: Any) -> Any:
            double = stack.enter_context(messages_api(think, **(api or {})))
            doubles.append(double)
            return connect(claude=ClaudeAccess("users-key", double.url), **settings), double

        yield begin
    faults = [fault for double in doubles for fault in double.faults]
    assert [fault for fault in faults if not fault.startswith("prompt is too long")] == []


@pytest.fixture
def client(connect: Connect) -> Anthropic:
    """The SDK against a new server."""
    return connect()


@dataclass
class Process:
    """A server in a process of its own, as a user starts it."""

    process: subprocess.Popen[str]
    line: str

    @property
    def url(self) -> str:
        return next(word for word in self.line.split() if word.startswith("http://"))

    @cached_property
    def client(self) -> Anthropic:
        return sdk(self.url)

    def kill(self) -> None:
        self.process.kill()
        self.process.wait()

    def stop(self, timeout_seconds: float = 15.0) -> int:
        self.process.send_signal(signal.SIGTERM)
        return self.process.wait(timeout_seconds)


Serve = Callable[..., Process]


@pytest.fixture
def serve(tmp_path: Path) -> Iterator[Serve]:
    """Run ``serve`` with further options, on a free port and one database for all servers of the test."""
    started: list[Process] = []

    def start(*options: str, key: str | None = KEY) -> Process:
        command = [sys.executable, "-m", "include.managed_agents", "serve", "--port", "0"]
        command += ["--database", f"sqlite:///{tmp_path / 'live.db'}", *options]
        process = subprocess.Popen(command, cwd=ROOT, env=environment(key), stdout=subprocess.PIPE, text=True)
        assert process.stdout is not None
        server = Process(process, process.stdout.readline().strip())
        started.append(server)
        return server

    yield start
    for server in started:
        if "client" in vars(server):
            server.client.close()
        if server.process.poll() is None:
            server.kill()
        assert server.process.stdout is not None
        server.process.stdout.close()


def environment(key: str | None) -> dict[str, str]:
    inherited = {name: value for name, value in os.environ.items() if name != "AGENTS_API_KEY"}
    return inherited if key is None else {**inherited, "AGENTS_API_KEY": key}


Command = Callable[..., subprocess.CompletedProcess[str]]
Ask = Callable[..., str]


@pytest.fixture
def command(monkeypatch: pytest.MonkeyPatch) -> Command:
    """Run a command of the command line to its end: `serve` in a process of its own, the others here."""

    def run(*arguments: str, key: str | None = KEY) -> subprocess.CompletedProcess[str]:
        if arguments[0] in {"serve", "--help"}:
            return run_apart(arguments, key)
        monkeypatch.delenv("AGENTS_API_KEY", raising=False)
        if key is not None:
            monkeypatch.setenv("AGENTS_API_KEY", key)
        stdout, stderr = io.StringIO(), io.StringIO()
        with redirect_stdout(stdout), redirect_stderr(stderr):
            try:
                code = main(arguments)
            except SystemExit as leaving:
                code = int(leaving.code or 0)
        return subprocess.CompletedProcess(arguments, code, stdout.getvalue(), stderr.getvalue())

    return run


def run_apart(arguments: tuple[str, ...], key: str | None) -> subprocess.CompletedProcess[str]:
    return subprocess.run(
        [sys.executable, "-m", "include.managed_agents", *arguments],
        cwd=ROOT,
        env=environment(key),
        capture_output=True,
        text=True,
        check=False,
        timeout=60,
    )


@pytest.fixture
def local(tmp_path: Path) -> Iterator[LocalServer]:
    """A server over HTTP in a thread of this process, which starts at once."""
    with LocalServer(tmp_path / "local.db") as server:
        yield server


@pytest.fixture
def ask(command: Command, local: LocalServer) -> Ask:
    """Run a command against the local server, and return what it printed; it must succeed."""

    def run(*arguments: str) -> str:
        done = command(*arguments, "--url", local.url)
        assert done.returncode == 0, done.stderr
        return done.stdout

    return run
