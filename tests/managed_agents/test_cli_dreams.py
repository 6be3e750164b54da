"""`dreams`: made, watched, read and compared from the command line."""

from __future__ import annotations

import io
import json
import sys
from collections.abc import Iterator
from pathlib import Path
from threading import Thread

import pytest

from include.managed_agents.cli.dreams import set_aside_in
from tests.managed_agents.conftest import Ask, Command
from tests.managed_agents.support import dream_of, ended, recorded, store_of
from tests.support.server import LocalServer


@pytest.fixture
def slow(tmp_path: Path) -> Iterator[LocalServer]:
    """A server whose dreams last until they are canceled."""
    with LocalServer(tmp_path / "slow.db", pace_seconds=3600) as server:
        yield server


def test_a_dream_is_made_waited_for_and_shown(local: LocalServer, ask: Ask) -> None:
    assert ask("dreams") == ""
    store = store_of(local.client, a="one")
    session = recorded(local.client, "My order is AB-1234.")
    told = ask(
        "dreams", "create", "--store", store.id, "--sessions", session, "--instructions", "Brief.", "--wait"
    )
    rows = dict(line.split(maxsplit=1) for line in told.splitlines())
    dream = local.client.beta.dreams.list().data[0]
    assert rows["dream"] == f"{dream.id}, completed"
    assert rows["input"] == f"{store.id}, 1 session"
    assert rows["output"] == dream.outputs[0].memory_store_id
    assert rows["session"] == dream.session_id
    assert rows["asked"] == "Brief."
    assert f"{dream.usage.input_tokens:,} tokens in" in rows["usage"]
    assert rows["usage"].endswith("USD 0.00")
    assert told == ask("dreams", "show", dream.id)
    assert ask("dreams").splitlines()[1].split()[:2] == [dream.id, "completed"]
    shown = json.loads(ask("dreams", "show", dream.id, "--json"))
    assert (shown["id"], shown["list_cost"]["amount"], shown["set_aside"]) == (dream.id, "0", {})
    local.client.beta.sessions.delete(dream.session_id or "")
    assert f"{dream.id}, completed" in ask("dreams", "show", dream.id)


def test_a_dream_reads_the_newest_sessions_that_no_dream_ran(slow: LocalServer, command: Command) -> None:
    store = store_of(slow.client)
    sessions = [recorded(slow.client, f"Number {number}") for number in range(3)]
    dreaming = dream_of(slow.client, store.id, sessions[0])
    while not slow.client.beta.dreams.retrieve(dreaming.id).session_id:
        pass
    done = command("dreams", "create", "--store", store.id, "--last", "2", "--json", "--url", slow.url)
    assert json.loads(done.stdout)["inputs"][1]["session_ids"] == sorted(sessions[1:])
    agent = slow.client.beta.agents.create(name="Other", model="claude-opus-4-8")
    for options, told in (
        (("--last", "101"), "at most 100"),
        (("--last", "1", "--agent", agent.id), "no sessions"),
    ):
        done = command("dreams", "create", "--store", store.id, *options, "--url", slow.url)
        assert done.returncode == 1
        assert told in done.stderr


def test_session_ids_are_read_from_stdin(
    local: LocalServer, ask: Ask, monkeypatch: pytest.MonkeyPatch
) -> None:
    sessions = [recorded(local.client, text) for text in ("one", "two")]
    monkeypatch.setattr(sys, "stdin", io.StringIO("\n".join(sessions)))
    store = store_of(local.client)
    dream = local.client.beta.dreams.retrieve(
        ask("dreams", "create", "--store", store.id, "--sessions", "-").strip()
    )
    assert [source.session_ids for source in dream.inputs if source.type == "sessions"] == [sessions]
    ended(local.client, dream)


def test_what_a_dream_changed_and_did(local: LocalServer, ask: Ask) -> None:
    store = store_of(local.client, a="one")
    session = recorded(local.client, "My order is AB-1234.")
    dream = ended(local.client, dream_of(local.client, store.id, session))
    output = dream.outputs[0].memory_store_id
    assert ask("dreams", "diff", dream.id) == ask("stores", "diff", store.id, output)
    assert "AB-1234" in ask("dreams", "diff", dream.id)
    assert "1 the same" in ask("dreams", "diff", dream.id, "--stat")
    log = ask("dreams", "log", dream.id)
    assert f"tool    read file_path=/mnt/transcripts/{session}.jsonl" in log
    assert log == ask("dreams", "log", dream.id, "--follow")
    events = json.loads(ask("dreams", "log", dream.id, "--json"))
    assert events[-1]["type"] == "session.status_terminated"


def test_a_log_is_followed_until_the_dream_is_canceled(slow: LocalServer, command: Command) -> None:
    dream = dream_of(slow.client, store_of(slow.client).id, recorded(slow.client, "Hello"))
    logs: list[str] = []
    options = ("--url", slow.url, "--json")

    def follow() -> None:
        logs.append(command("dreams", "log", dream.id, "--follow", *options).stdout)

    follower = Thread(target=follow)
    follower.start()
    while not (running := slow.client.beta.dreams.retrieve(dream.id)).usage.input_tokens:
        pass
    assert follower.is_alive()
    slow.client.beta.dreams.cancel(dream.id)
    follower.join()
    whole = [event.id for event in slow.client.beta.sessions.events.list(running.session_id or "")]
    assert [event["id"] for event in json.loads(logs[0])] == whole


def test_a_dream_is_canceled_and_its_failure_told(slow: LocalServer, command: Command) -> None:
    store = store_of(slow.client)
    options = ("--url", slow.url)
    dream = dream_of(slow.client, store.id, recorded(slow.client, "Hello"))
    assert f"{dream.id}, canceled" in command("dreams", "cancel", dream.id, *options).stdout
    assert command("dreams", "list", "--status", "running", *options).stdout == ""
    slow.client.post(
        "/_control/dreams/fail_next", cast_to=object, body={"type": "timeout", "message": "Too \x1b[1mlong"}
    )
    create = ("dreams", "create", "--store", store.id, "--last", "1", "--wait", *options)
    failed = command(*create)
    assert failed.returncode == 1
    assert "error    timeout: Too \\x1b[1mlong" in failed.stdout


@pytest.mark.parametrize("verb", ["show", "diff", "log", "cancel"])
def test_a_dream_that_is_not_there_gets_one_line(local: LocalServer, command: Command, verb: str) -> None:
    done = command("dreams", verb, "drm_1", "--url", local.url)
    assert (done.returncode, done.stdout) == (1, "")
    assert "'drm_1' not found" in done.stderr
    assert len(done.stderr.splitlines()) == 1


def test_a_store_that_was_written_into_has_nothing_to_be_compared_with(
    local: LocalServer, command: Command
) -> None:
    store = store_of(local.client, a="one")
    behavior = {"type": "update_existing", "memory_store_id": store.id}
    session = recorded(local.client, "Hello")
    dream = ended(local.client, dream_of(local.client, store.id, session, output_behavior=behavior))
    done = command("dreams", "diff", dream.id, "--url", local.url)
    assert done.returncode == 1
    assert "wrote into its input store" in done.stderr


def test_sessions_that_a_dream_set_aside_are_named() -> None:
    said = ["Session sesn_1 was set aside: the model refused.\nTwice.", "Read 2 sessions; 1 was set aside."]
    assert set_aside_in(said) == {"sesn_1": "the model refused.\nTwice."}
