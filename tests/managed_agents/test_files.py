"""Export and seed: what leaves as files comes back as it was."""

from __future__ import annotations

import json
from collections.abc import Callable
from pathlib import Path
from subprocess import CompletedProcess
from typing import Any

import pytest

from tests.managed_agents.conftest import Process, Serve
from tests.managed_agents.support import contents, import_transcripts

Command = Callable[..., CompletedProcess[str]]

MEMORIES = {"/a.md": "one\r\n", "/deep/er/b.md": "zwei ü", "/empty": ""}


@pytest.fixture
def server(serve: Serve) -> Process:
    return serve()


def seeded(server: Process, command: Command, source: Path) -> str:
    done = command("seed", str(source), "--url", server.url)
    assert done.returncode == 0, done.stderr
    return done.stdout.strip()


def write_json(path: Path, **more: Any) -> Path:
    memories = [{"path": name, "content": content} for name, content in MEMORIES.items()]
    card = {"name": "Notes", "description": "d", "metadata": {"team": "desk"}}
    path.write_text(json.dumps({**card, "memories": memories, **more}))
    return path


@pytest.mark.parametrize("target", ["store.json", "folder"])
def test_a_store_goes_to_files_and_comes_back(
    server: Process, command: Command, tmp_path: Path, target: str
) -> None:
    first = seeded(server, command, write_json(tmp_path / "in.json"))
    done = command("export", first, str(tmp_path / target), "--url", server.url)
    assert done.returncode == 0, done.stderr
    second = seeded(server, command, tmp_path / target)
    assert contents(server.client, second) == contents(server.client, first) == MEMORIES
    store = server.client.beta.memory_stores.retrieve(second)
    assert (store.name, store.description, store.metadata) == ("Notes", "d", {"team": "desk"})


def test_a_folder_of_files_becomes_a_store(server: Process, command: Command, tmp_path: Path) -> None:
    folder = tmp_path / "My notes"
    (folder / "deep").mkdir(parents=True)
    (folder / "deep/a.md").write_text("x")
    store_id = seeded(server, command, folder)
    assert server.client.beta.memory_stores.retrieve(store_id).name == "My notes"
    assert contents(server.client, store_id) == {"/deep/a.md": "x"}


def test_an_existing_store_is_filled_and_keeps_what_else_it_holds(
    server: Process, command: Command, tmp_path: Path
) -> None:
    store = server.client.beta.memory_stores.create(name="Old")
    for path in ("/a.md", "/kept.md"):
        server.client.beta.memory_stores.memories.create(store.id, path=path, content="old")
    source = write_json(tmp_path / "in.json")
    done = command("seed", str(source), "--url", server.url, "--memory-store", store.id)
    assert done.stdout.strip() == store.id
    assert contents(server.client, store.id) == {**MEMORIES, "/kept.md": "old"}


def test_a_session_goes_to_a_transcript_and_comes_back(
    server: Process, command: Command, tmp_path: Path
) -> None:
    recorded = {
        "id": "t-1",
        "title": "An order",
        "created_at": "2026-11-03T09:00:00Z",
        "messages": [
            {"role": "user", "content": "Where is AB-1?", "created_at": "2026-11-03T09:00:00Z"},
            {
                "role": "assistant",
                "content": None,
                "tool_calls": [{"id": "c", "name": "find", "arguments": '{"id": "AB-1"}'}],
                "created_at": "2026-11-03T09:01:00Z",
            },
            {"role": "tool", "content": "found", "tool_call_id": "c", "created_at": "2026-11-03T09:02:00Z"},
        ],
    }
    session = import_transcripts(server.client, [recorded])[0]["session_id"]
    file = tmp_path / "sessions.jsonl"
    assert command("export", session, str(file), "--url", server.url).returncode == 0
    imported = command("import", str(file), "--url", server.url)
    again = imported.stdout.strip()
    assert again != session

    def shown(session_id: str) -> list[Any]:
        events = server.client.beta.sessions.events.list(session_id)
        own = {"id", "custom_tool_use_id"}
        return [{k: v for k, v in event.to_dict().items() if k not in own} for event in events]

    assert shown(again) == shown(session)
    assert server.client.beta.sessions.retrieve(again).title == "An order"


@pytest.mark.parametrize(
    ("content", "told"),
    [
        ("{", "not JSON"),
        ("{}", "name: Field required"),
        ('{"name": "x", "memories": [{"path": "a.md", "content": "x"}]}', "memories.0.path"),
        ('{"name": "x", "memories": [{"path": "/a", "content": 5}]}', "memories.0.content"),
        (
            '{"name": "x", "memories": [{"path": "/a", "content": ""}, {"path": "/a", "content": ""}]}',
            "twice",
        ),
    ],
)
def test_a_wrong_file_gets_one_line_and_makes_no_store(
    command: Command, tmp_path: Path, content: str, told: str
) -> None:
    file = tmp_path / "store.json"
    file.write_text(content)
    done = command("seed", str(file), "--url", "http://127.0.0.1:9")
    assert (done.returncode, done.stdout) == (1, "")
    assert str(file) in done.stderr
    assert told in done.stderr
    assert len(done.stderr.splitlines()) == 1


def test_an_export_overwrites_nothing(server: Process, command: Command, tmp_path: Path) -> None:
    store = server.client.beta.memory_stores.create(name="Notes")
    (tmp_path / "taken").mkdir()
    (tmp_path / "taken/file").write_text("mine")
    (tmp_path / "taken.json").write_text("mine")
    for target in ("taken", "taken.json"):
        done = command("export", store.id, str(tmp_path / target), "--url", server.url)
        assert done.returncode == 1
        assert "choose a new" in done.stderr
        assert len(done.stderr.splitlines()) == 1
    assert (tmp_path / "taken.json").read_text() == "mine"
    unknown = command("export", "agent_1", str(tmp_path / "x"), "--url", server.url)
    assert "expected memstore_" in unknown.stderr
    elsewhere = command("export", "sesn_1/../../agents", str(tmp_path / "x"), "--url", server.url)
    assert "no such endpoint" in elsewhere.stderr
