"""The server as a process: how it starts and stops, and what survives a kill."""

from __future__ import annotations

import asyncio
import os
import signal
import socket
import subprocess
import sys
import time
from argparse import ArgumentParser, _SubParsersAction
from collections.abc import Callable, Iterator
from pathlib import Path
from subprocess import CompletedProcess

import httpx2
import pytest
from fastapi.testclient import TestClient

from include.managed_agents.app import create_app
from include.managed_agents.cli.main import command as command_of
from include.managed_agents.cli.main import parser
from include.managed_agents.settings import Settings
from include.managed_agents.turns.model import Turn
from tests.managed_agents.conftest import ROOT, Serve, sdk
from tests.managed_agents.support import (
    KEY,
    MODEL,
    contents,
    dream_of,
    ended,
    message,
    recorded,
    session_of,
    store_of,
    wait_until_idle,
)

Command = Callable[..., CompletedProcess[str]]


def test_it_says_where_it_listens_in_one_line_and_serves_there(serve: Serve) -> None:
    server = serve()
    assert server.line == f"Managed Agents API on {server.url}"
    assert httpx2.get(f"{server.url}/health").status_code == 200
    assert list(server.client.beta.agents.list()) == []


def test_a_key_that_it_made_is_printed_and_works(serve: Serve) -> None:
    server = serve(key=None)
    key = server.line.split()[-1]
    assert len(key) > 40
    assert list(sdk(server.url).with_options(api_key=key).beta.agents.list()) == []


def test_everything_is_there_after_a_kill_and_a_restart(serve: Serve) -> None:
    server = serve()
    agent = server.client.beta.agents.create(name="Agent", model=MODEL)
    store = store_of(server.client, a="one")
    author = server.client.beta.memory_stores.memory_versions.list(store.id).data[0].created_by
    server.kill()
    client = serve().client
    assert client.beta.agents.retrieve(agent.id) == agent
    assert contents(client, store.id) == {"/a.md": "one"}
    assert client.beta.memory_stores.memory_versions.list(store.id).data[0].created_by == author


def test_a_dream_under_way_is_taken_up_again_after_a_kill(serve: Serve) -> None:
    server = serve("--pace", "3600")
    store = store_of(server.client, a="Ana prefers e-mail.")
    session = recorded(server.client, "My order is AB-1234.")
    dream = dream_of(server.client, store.id, session)
    while not (running := server.client.beta.dreams.retrieve(dream.id)).usage.input_tokens:
        time.sleep(0.02)
    assert running.status == "running"
    server.kill()
    client = serve().client
    done = ended(client, dream)
    assert (done.status, done.session_id, done.outputs) == ("completed", running.session_id, running.outputs)
    assert "AB-1234" in "".join(contents(client, done.outputs[0].memory_store_id).values())
    reads = [
        event
        for event in client.beta.sessions.events.list(done.session_id or "")
        if event.type == "agent.tool_use" and event.name == "read" and session in str(event.input)
    ]
    assert len(reads) == 1


def test_a_turn_that_a_stop_cut_off_is_taken_up_again(tmp_path: Path) -> None:
    class Endless:
        async def take_turn(self, turn: Turn) -> None:
            await asyncio.sleep(3600)

    settings = Settings(database=f"sqlite:///{tmp_path / 'x.db'}", api_key=KEY)
    with TestClient(create_app(settings, make_model=Endless)) as http:
        session = session_of(sdk("http://testserver", http_client=http), initial_events=[message("Hello")])
        assert session.status == "running"
    with TestClient(create_app(settings)) as http:
        client = sdk("http://testserver", http_client=http)
        wait_until_idle(client, session.id)
        told = [event.type for event in client.beta.sessions.events.list(session.id)]
        assert told == ["user.message", "session.status_running", "agent.message", "session.status_idle"]


def test_claude_needs_the_users_key(command: Command, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.delenv("ANTHROPIC_API_KEY", raising=False)
    done = command("serve", "--port", "0", "--model", "claude", "--database", "sqlite:////tmp/never.db")
    assert done.returncode == 1
    assert "ANTHROPIC_API_KEY" in done.stderr
    assert len(done.stderr.splitlines()) == 1


def test_it_stops_promptly_and_cleanly_with_a_dream_under_way(serve: Serve) -> None:
    server = serve("--pace", "3600")
    dream = dream_of(server.client, store_of(server.client).id, recorded(server.client, "Hello"))
    while server.client.beta.dreams.retrieve(dream.id).status == "pending":
        time.sleep(0.02)
    assert server.stop(timeout_seconds=10) == 0


def test_a_port_in_use_gets_one_clear_line(command: Command) -> None:
    with socket.socket() as taken:
        taken.bind(("127.0.0.1", 0))
        taken.listen()
        port = str(taken.getsockname()[1])
        done = command("serve", "--port", port)
    assert (done.returncode, done.stdout) == (1, "")
    assert f"127.0.0.1:{port}" in done.stderr
    assert "--port" in done.stderr
    assert len(done.stderr.splitlines()) == 1


@pytest.mark.parametrize(
    ("options", "told"),
    [
        (["--database", "postgresql://x/y"], "sqlite:///FILE"),
        (["--database", "sqlite://"], "sqlite:///FILE"),
        (["--database", "nonsense"], "sqlite:///FILE"),
        (["--database", "sqlite:////no/such/folder/x.db"], "doesn't exist"),
        (["--host", "no.such.host.invalid"], "--host"),
    ],
)
def test_an_option_that_cannot_be_gets_one_clear_line(
    command: Command, options: list[str], told: str
) -> None:
    done = command("serve", "--port", "0", *options)
    assert done.returncode == 1
    assert told in done.stderr
    assert len(done.stderr.splitlines()) == 1


def test_logs_hold_neither_keys_nor_contents(tmp_path: Path) -> None:
    log = tmp_path / "log"
    command = [sys.executable, "-m", "include.managed_agents", "serve", "--port", "0"]
    command += ["--database", f"sqlite:///{tmp_path / 'x.db'}", "--api-key", "the-secret-key"]
    with log.open("w") as stderr:
        process = subprocess.Popen(
            command, cwd=ROOT, stdout=subprocess.PIPE, stderr=stderr, text=True, env=os.environ
        )
        assert process.stdout is not None
        client = sdk(process.stdout.readline().split()[-1]).with_options(api_key="the-secret-key")
        store = store_of(client, secret="a very private memory")
        ended(client, dream_of(client, store.id, recorded(client, "a very private message")))
        process.send_signal(signal.SIGTERM)
        process.wait()
        process.stdout.close()
    told = log.read_text()
    assert "the-secret-key" not in told
    assert "private" not in told


def test_help_names_every_command_and_answers_before_anything_heavy_is_imported() -> None:
    arguments = [sys.executable, "-X", "importtime", "-m", "include.managed_agents", "--help"]
    done = subprocess.run(arguments, cwd=ROOT, capture_output=True, text=True, check=True, timeout=60)
    for command in ("serve", "import", "export", "seed", "stores", "sessions", "dreams", "say"):
        assert f"    {command} " in done.stdout
    imported = {line.rpartition("|")[2].strip() for line in done.stderr.splitlines()}
    assert imported & {"fastapi", "sqlalchemy", "anthropic", "httpx", "pydantic", "rich"} == set()


def commands_of(parser: ArgumentParser) -> Iterator[tuple[str, ArgumentParser]]:
    """Yield each command and verb that a parser knows, with what it is called."""
    for action in parser._actions:
        if isinstance(action, _SubParsersAction):
            for command in action.choices.values():
                yield command.prog.partition(" include.managed_agents ")[2], command
                yield from commands_of(command)


COMMANDS = dict(commands_of(parser()))


@pytest.mark.parametrize("name", COMMANDS)
def test_a_command_has_a_function_and_a_help_without_gaps(name: str) -> None:
    assert callable(command_of(COMMANDS[name].get_default("run")))
    told = COMMANDS[name].format_help()
    assert (COMMANDS[name].description or "")[-1] == "."
    for action in COMMANDS[name]._actions:
        assert action.help or isinstance(action, _SubParsersAction), f"{name}: {action.dest}"
    wanted = {"--host", "--port", "--database", "--pace"} if name == "serve" else {"--url"}
    assert all(option in told for option in {*wanted, "--api-key"})
