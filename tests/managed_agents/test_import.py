"""Importing recorded transcripts: what they become, and what a wrong file is told."""

from __future__ import annotations

import gzip
import json
from collections.abc import Callable
from datetime import UTC, datetime, timedelta
from pathlib import Path
from subprocess import CompletedProcess
from typing import Any

import pytest
from anthropic import Anthropic, BadRequestError, NotFoundError

from include.managed_agents.cli.main import main
from tests.managed_agents.conftest import Serve
from tests.managed_agents.support import import_transcripts, session_of, store_of, transcript

Command = Callable[..., CompletedProcess[str]]

AIRLINE = Path(__file__).parents[3] / "shared/data/airline/sessions.jsonl.gz"
T0 = datetime(2026, 11, 3, 9, 0, tzinfo=UTC)


def events(client: Anthropic, session_id: str) -> list[Any]:
    return list(client.beta.sessions.events.list(session_id))


def import_one(client: Anthropic, recorded: dict[str, Any], **more: Any) -> str:
    return str(import_transcripts(client, [recorded], **more)[0]["session_id"])


def test_a_transcript_becomes_a_session_with_its_own_times(client: Anthropic) -> None:
    recorded = {
        "id": "t-1",
        "title": "An order",
        "created_at": T0.isoformat(),
        "messages": [
            {
                "role": "user",
                "content": "Where is AB-1?",
                "created_at": (T0 + timedelta(minutes=1)).isoformat(),
            },
            {
                "role": "assistant",
                "content": "On its way.",
                "created_at": (T0 + timedelta(minutes=2)).isoformat(),
            },
        ],
    }
    session = client.beta.sessions.retrieve(import_one(client, recorded))
    assert (session.title, session.status, session.created_at) == ("An order", "idle", T0)
    assert session.updated_at == T0 + timedelta(minutes=2)
    user, agent, idle = events(client, session.id)
    assert (user.type, user.content[0].text) == ("user.message", "Where is AB-1?")
    assert (agent.type, agent.processed_at) == ("agent.message", T0 + timedelta(minutes=2))
    assert idle.type == "session.status_idle"


def test_tool_calls_and_their_results_stay_together(client: Anthropic) -> None:
    recorded = {
        "id": "t-1",
        "messages": [
            {
                "role": "assistant",
                "content": None,
                "tool_calls": [
                    {"id": "call_1", "name": "find", "arguments": '{"id": "AB-1"}'},
                    {"id": "call_2", "function": {"name": "track", "arguments": "not json"}},
                    {"id": "call_3", "name": "twice", "arguments": '{"a": 1, "a": 2}'},
                ],
            },
            {"role": "tool", "content": "on its way", "tool_call_id": "call_2", "name": "track"},
            {"role": "tool", "content": "found", "tool_call_id": "call_1", "name": "find"},
        ],
    }
    find, track, twice, tracked, found, _ = events(client, import_one(client, recorded))
    assert (find.type, find.name, find.input) == ("agent.custom_tool_use", "find", {"id": "AB-1"})
    assert (track.name, track.input) == ("track", {"arguments": "not json"})
    assert twice.input == {"arguments": '{"a": 1, "a": 2}'}
    assert (tracked.custom_tool_use_id, tracked.content[0].text) == (track.id, "on its way")
    assert found.custom_tool_use_id == find.id


def test_messages_without_times_are_spread_from_the_sessions_own(client: Anthropic) -> None:
    session = import_one(client, transcript("t-1", "one", "two", created_at=T0.isoformat()))
    times = [event.processed_at - T0 for event in events(client, session)]
    assert times == [timedelta(seconds=seconds) for seconds in (0, 5, 10, 15, 15)]


def test_a_transcript_without_any_time_ends_as_it_is_imported(client: Anthropic) -> None:
    before = datetime.now(UTC)
    session = client.beta.sessions.retrieve(import_one(client, transcript("t-1", "one", "two")))
    times = [event.processed_at for event in events(client, session.id)]
    assert times == sorted(times)
    assert times[-1] - times[0] == timedelta(seconds=15)
    assert before <= times[-1] <= datetime.now(UTC)
    assert (session.created_at, session.updated_at) == (times[0], times[-1])


def test_a_time_without_a_zone_is_utc(client: Anthropic) -> None:
    recorded = transcript("t-1", "Hello", created_at="2026-11-03T09:00:00")
    recorded["messages"][0]["created_at"] = "2026-11-03T09:00:30"
    recorded["messages"][1]["created_at"] = "2026-11-03T10:01:00+01:00"
    session = client.beta.sessions.retrieve(import_one(client, recorded))
    assert session.created_at == T0
    times = [event.processed_at - T0 for event in events(client, session.id)]
    assert times == [timedelta(seconds=seconds) for seconds in (30, 60, 60)]
    assert client.beta.sessions.list(created_at_gte="2026-11-03T09:00:00").data
    assert not client.beta.sessions.list(created_at_gt="2026-11-03T09:00:00").data


@pytest.mark.parametrize(
    "time",
    [
        "9999-12-31T23:59:59-14:00",
        "9999-12-31T23:59:59Z",
        "0001-01-01T00:00:00+14:00",
        "0001-01-01T00:00:00Z",
        "1899-12-31T23:59:59Z",
        "3000-01-01T00:00:00Z",
        "2026-02-30T00:00:00Z",
        "soon",
        1762160400,
    ],
)
@pytest.mark.parametrize("place", ["created_at", "messages.0.created_at"])
def test_a_time_that_can_not_be_is_refused_by_its_place(client: Anthropic, time: object, place: str) -> None:
    recorded = transcript("t-1", "Hello")
    (recorded if place == "created_at" else recorded["messages"][0])["created_at"] = time
    with pytest.raises(BadRequestError) as caught:
        import_one(client, recorded)
    told = str(caught.value.body)
    assert f"transcripts.0.{place}: " in told
    assert str(time) not in told
    assert list(client.beta.sessions.list()) == []


def test_a_transcript_is_imported_once_for_each_agent(client: Anthropic) -> None:
    other = session_of(client).agent.id
    first = import_transcripts(client, [transcript("t-1", "Hello")])[0]
    again = import_transcripts(client, [transcript("t-1", "Hello")])[0]
    elsewhere = import_transcripts(client, [transcript("t-1", "Hello")], agent_id=other)[0]
    assert (first["created"], again["created"], elsewhere["created"]) == (True, False, True)
    assert again["session_id"] == first["session_id"] != elsewhere["session_id"]
    client.beta.sessions.delete(first["session_id"])
    assert import_transcripts(client, [transcript("t-1", "Hello")])[0]["created"] is True


def test_sessions_can_be_imported_for_an_agent_with_a_store_mounted(client: Anthropic) -> None:
    store, agent = store_of(client), session_of(client).agent.id
    session = import_one(client, transcript("t-1", "Hello"), agent_id=agent, memory_store_id=store.id)
    assert [s.id for s in client.beta.sessions.list(memory_store_id=store.id, agent_id=agent)] == [session]
    with pytest.raises(NotFoundError):
        import_one(client, transcript("t-2", "Hello"), agent_id="agent_unknown")


def test_a_batch_is_imported_as_a_whole_or_not_at_all(client: Anthropic) -> None:
    with pytest.raises(BadRequestError, match=r"transcripts\.1\.messages\.0\.role"):
        import_transcripts(
            client,
            [transcript("t-1", "Hello"), {"id": "t-2", "messages": [{"role": "robot", "content": "x"}]}],
        )
    assert list(client.beta.sessions.list()) == []


@pytest.mark.parametrize("packed", [False, True])
def test_the_command_prints_one_session_id_a_line(
    serve: Serve, command: Command, tmp_path: Path, packed: bool
) -> None:
    server = serve()
    lines = "\n".join(json.dumps(transcript(f"t-{number}", "Hello")) for number in range(3)).encode()
    file = tmp_path / "sessions"
    file.write_bytes(gzip.compress(lines) if packed else lines + b"\n\n")
    done = command("import", str(file), "--url", server.url)
    assert done.returncode == 0
    listed = [session.id for session in server.client.beta.sessions.list(order="asc")]
    assert done.stdout.split() == listed
    assert "imported 3 sessions" in done.stderr
    again = command("import", str(file), "--url", server.url)
    assert again.stdout == done.stdout


@pytest.mark.parametrize(
    ("line", "told"),
    [
        ("{", "not JSON"),
        ("[]", "not an object"),
        ('{"id": "x", "n": NaN}', "n: is no number"),
        ('{"id": "x", "n": 1e999}', "n: is no number"),
        ('{"id": "\\ud800", "messages": []}', "id: holds half a surrogate pair"),
        ('{"id": "x", "id": "y"}', "not JSON (has the same key twice)"),
        ('{"id": "x", "n": ' + "[" * 5000 + "]" * 5000 + "}", "nested deeper than 64 levels"),
        ("{}", "id: Field required"),
        ('{"id": "x", "messages": []}', "messages"),
        ('{"id": "x", "messages": [{"role": "robot", "content": "x"}]}', "messages.0.role"),
        ('{"id": "x", "messages": [{"role": "user", "content": 5}]}', "messages.0.content"),
        ('{"id": "x", "created_at": "soon", "messages": [{"role": "user", "content": "x"}]}', "created_at"),
    ],
)
def test_a_broken_line_is_named_before_any_server_is_asked(
    tmp_path: Path, capsys: pytest.CaptureFixture[str], line: str, told: str
) -> None:
    file = tmp_path / "sessions.jsonl"
    good = [json.dumps(transcript(f"t-{number}", "Hello")) for number in range(20)]
    file.write_text("\n".join([*good[:16], line, *good[16:]]))
    assert main(["import", str(file), "--url", "http://127.0.0.1:9", "--api-key", "any"]) == 1
    printed = capsys.readouterr()
    assert printed.out == ""
    assert f"{file}: line 17: " in printed.err
    assert told in printed.err
    assert "expected" in printed.err
    assert len(printed.err.splitlines()) == 1


def test_what_is_wrong_around_an_import_gets_one_line(serve: Serve, command: Command, tmp_path: Path) -> None:
    server = serve()
    file = tmp_path / "sessions.jsonl"
    file.write_text(json.dumps(transcript("t-1", "Hello")))
    damaged = tmp_path / "damaged.gz"
    damaged.write_bytes(gzip.compress(b"x" * 1000)[:-20])
    for done, told in (
        (command("import", str(tmp_path / "none.jsonl"), "--url", server.url), "can't be read"),
        (command("import", str(damaged), "--url", server.url), "damaged"),
        (command("import", str(file), "--url", server.url, key="wrong"), "invalid API key"),
        (command("import", str(file), "--url", server.url, key=None), "AGENTS_API_KEY"),
        (command("import", str(file), "--url", "http://127.0.0.1:9"), "no server answers"),
        (command("import", str(file), "--url", "nonsense"), "no server answers"),
        (command("import", str(file), "--url", server.url, "--agent", "agent_x"), "agent_x"),
    ):
        assert (done.returncode, done.stdout) == (1, "")
        assert told in done.stderr
        assert len(done.stderr.splitlines()) == 1


@pytest.mark.skipif(not AIRLINE.exists(), reason="the airline sessions are not on this machine")
def test_120_recorded_airline_sessions_are_imported(serve: Serve, command: Command) -> None:
    server = serve()
    done = command("import", str(AIRLINE), "--url", server.url)
    assert done.returncode == 0, done.stderr
    ids = done.stdout.split()
    assert len(set(ids)) == 120
    assert {session.id for session in server.client.beta.sessions.list(limit=100)} == set(ids)
