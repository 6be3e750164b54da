"""`sessions` and `say`: transcripts as people read them, and talk from the command line."""

from __future__ import annotations

import io
import json
import os
import pty
import re
import subprocess
import sys
from pathlib import Path

import pytest

from include.managed_agents.turns.model import Turn
from tests.managed_agents.conftest import ROOT, Ask, Command
from tests.managed_agents.support import ask as ask_session
from tests.managed_agents.support import contents, import_transcripts, recorded, session_on, store_of
from tests.support.server import KEY, LocalServer

HOSTILE = "\x1b]0;owned\x07\x1b[2J[red]x[/red] \x9b31m\u202e\u200b{0} %s\r"
SHOWN = "\\x1b]0;owned\\x07\\x1b[2J[red]x[/red] \\x9b31m\\u202e\\u200b{0} %s\\r"


def test_sessions_are_listed_and_filtered(local: LocalServer, ask: Ask) -> None:
    assert ask("sessions") == ""
    store = store_of(local.client)
    mounted = session_on(local.client, store.id, title="With memory")
    other = recorded(local.client, "Hello")
    local.client.beta.sessions.archive(recorded(local.client, "Long ago"))

    def listed(*options: str) -> list[str]:
        return [row.split()[0] for row in ask("sessions", "list", *options).splitlines()[1:]]

    assert sorted(listed()) == sorted([mounted.id, other])
    assert listed("--store", store.id) == listed("--agent", mounted.agent.id) == [mounted.id]
    assert len(listed("--status", "idle", "--status", "terminated", "--archived")) == 3
    assert len(listed("--status", "terminated", "--archived")) == 1
    assert len(listed("--limit", "1")) == 1
    assert {session["id"] for session in json.loads(ask("sessions", "--json"))} == {mounted.id, other}


def test_a_session_is_shown_as_a_conversation(local: LocalServer, ask: Ask) -> None:
    at = "2026-11-03T09:00:0{}Z"
    messages = [
        {"role": "user", "content": "Where is AB-1?\nIt is late.", "created_at": at.format(0)},
        {
            "role": "assistant",
            "content": None,
            "tool_calls": [{"id": "c", "name": "find", "arguments": '{"id": "AB-1", "deep": true}'}],
            "created_at": at.format(1),
        },
        {"role": "tool", "content": "x" * 400, "tool_call_id": "c", "created_at": at.format(2)},
        {"role": "assistant", "content": "On its way.", "created_at": "2026-11-04T10:00:00Z"},
    ]
    transcript = {"id": "t", "title": "An order", "messages": messages}
    session = import_transcripts(local.client, [transcript])[0]["session_id"]
    head, *card, day, first, second, call, result, next_day, answer = ask(
        "sessions", "show", session
    ).splitlines()
    assert head == "An order"
    assert f"{session}, idle, since 2026-11-03 09:00 UTC" in card[0]
    assert (day, next_day) == ("-- 2026-11-03 (UTC) --", "-- 2026-11-04 (UTC) --")
    assert (first, second) == ("09:00:00  user    Where is AB-1?", "                  It is late.")
    assert call == "09:00:01  tool    find id=AB-1, deep=true"
    assert result == f"09:00:02          {'x' * 300} … (100 more characters)"
    assert answer == "10:00:00  agent   On its way."
    assert "x" * 400 in ask("sessions", "show", session, "--full")
    told = json.loads(ask("sessions", "show", session, "--json"))
    assert told["session"]["id"] == session
    assert [event["type"] for event in told["events"]][:2] == ["user.message", "agent.custom_tool_use"]


def test_a_new_session_is_asked_and_asked_again(local: LocalServer, command: Command) -> None:
    store = store_of(local.client, plan="The keynote is at 9:30.")
    options = ("--url", local.url)
    done = command("say", "--new", "Desk", "--store", store.id, "When is the keynote?", *options)
    assert done.returncode == 0
    assert "9:30" in done.stdout
    session, *tools = done.stderr.splitlines()
    assert any(tool.startswith("grep ") for tool in tools)
    again = command("say", session, "The keynote moved to 10:00.", *options)
    assert again.returncode == 0
    assert "10:00" in "".join(contents(local.client, store.id).values())
    assert len(list(local.client.beta.sessions.events.list(session, types=["user.message"]))) == 2
    by_id = local.client.beta.agents.list().data[0]
    command("say", "--new", by_id.id, "Hello", *options)
    command("say", "--new", "Desk", "Hello", *options)
    assert [agent.id for agent in local.client.beta.agents.list()] == [by_id.id]


def test_scripts_get_one_object_and_may_pipe_the_text(
    local: LocalServer, ask: Ask, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(sys, "stdin", io.StringIO("What is\nAB-1?"))
    told = json.loads(ask("say", "--new", "Desk", "-", "--json"))
    assert told["answered"] is True
    assert told["answer"]
    assert [event["type"] for event in told["events"]][-1] == "session.status_idle"
    events = list(local.client.beta.sessions.events.list(told["session_id"], types=["user.message"]))
    assert "What is\\nAB-1?" in str(events)


def test_the_exit_code_says_whether_it_was_answered(tmp_path: Path, command: Command) -> None:
    class Mute:
        async def take_turn(self, turn: Turn) -> None:
            if "fail" in str(turn.history[-1].fields):
                raise RuntimeError

    with LocalServer(tmp_path / "x.db", make_model=Mute) as local:
        for text, reason in (("Hello", "said nothing"), ("fail", "error")):
            done = command("say", "--new", "Desk", text, "--url", local.url)
            assert (done.returncode, done.stdout) == (1, "")
            assert "did not answer: " in done.stderr
            assert reason in done.stderr


@pytest.mark.parametrize(
    ("arguments", "told"),
    [
        (["Hello"], "--new"),
        (["sesn_1", "Hello", "--new", "agent_1"], "--new"),
        (["sesn_1", "Hello", "--store", "memstore_1"], "--store is for --new"),
        (["sesn_1", "Hello"], "'sesn_1' not found"),
        (["--new", "agent_1", "Hello"], "'agent_1' not found"),
    ],
)
def test_what_cannot_be_said_gets_one_line(
    local: LocalServer, command: Command, arguments: list[str], told: str
) -> None:
    done = command("say", *arguments, "--url", local.url)
    assert (done.returncode, done.stdout) == (1, "")
    assert told in done.stderr
    assert len(done.stderr.splitlines()) == 1


def test_hostile_texts_are_shown_and_never_obeyed(local: LocalServer, ask: Ask) -> None:
    store = store_of(local.client, name="Notes", a=HOSTILE)
    other = store_of(local.client, a="x")
    session = session_on(local.client, store.id, title=HOSTILE)
    ask_session(local.client, session.id, HOSTILE)
    for arguments in (
        ("stores", "show", store.id, "/a.md"),
        ("stores", "diff", other.id, store.id),
        ("sessions",),
        ("sessions", "show", session.id),
        ("sessions", "show", session.id, "--full"),
    ):
        told = ask(*arguments)
        assert SHOWN in told
        assert re.search(r"[^\n -~…]", told) is None
    told = ask("sessions", "show", session.id, "--json")
    assert told.isascii()
    assert "\x1b" not in told


def test_a_terminal_gets_colours_and_nothing_else(local: LocalServer) -> None:
    store = store_of(local.client, a=HOSTILE + "\n[bold]x")
    other = store_of(local.client)
    reader, writer = pty.openpty()
    arguments = [sys.executable, "-m", "include.managed_agents", "stores", "diff", other.id, store.id]
    environment = {**os.environ, "AGENTS_API_KEY": KEY, "AGENTS_URL": local.url, "TERM": "xterm"}
    subprocess.run(arguments, cwd=ROOT, stdout=writer, env=environment, check=True, timeout=60)
    os.close(writer)
    told = os.read(reader, 100_000).decode()
    os.close(reader)
    assert SHOWN in told
    assert "+[bold]x" in told
    assert "\x1b" not in re.sub(r"\x1b\[[0-9;]*m", "", told)
