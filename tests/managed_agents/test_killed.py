"""A server that is killed thirty times, at any moment, while it dreams and answers: nothing of it can be seen after."""

from __future__ import annotations

import json
import multiprocessing
import os
import random
import sys
import threading
import time
from collections import Counter
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from dataclasses import dataclass, field
from multiprocessing.connection import Connection
from multiprocessing.process import BaseProcess
from pathlib import Path
from typing import IO, Any

import pytest
from anthropic import Anthropic, APIConnectionError
from anthropic.types.beta import BetaDream

from include.managed_agents.cli.main import main
from tests.managed_agents.conftest import ROOT, sdk
from tests.managed_agents.support import (
    KEY,
    contents,
    dream_of,
    ended,
    import_transcripts,
    message,
    session_on,
    store_of,
    wait_until_idle,
)

KILLS = 30
DEMO = ROOT / "include/transcripts"

PROCESSES = multiprocessing.get_context("forkserver")
# Each start would take two seconds for its imports alone.
PROCESSES.set_forkserver_preload(
    [__name__, "include.managed_agents.cli.serving", "include.managed_agents.turns.work"]
)


def serve(database: Path, log: Path, said: Connection) -> None:
    """Be the server as ``serve`` starts it: what it prints goes to ``said``, what it logs to ``log``."""
    sys.stdout, sys.stderr = os.fdopen(said.fileno(), "w", closefd=False), log.open("a")
    main(["serve", "--port", "0", "--database", f"sqlite:///{database}", "--api-key", KEY])


@dataclass
class Server:
    """One server process after another on one database file."""

    folder: Path
    process: BaseProcess = field(init=False)

    @property
    def log(self) -> Path:
        return self.folder / "log"

    @contextmanager
    def started(self) -> Iterator[Anthropic]:
        """Start a process, give a client of it once it listens, and kill it at the end."""
        with self._running() as said, sdk(said.readline().split()[-1]) as client:
            yield client

    @contextmanager
    def killed_after(self, seconds: float) -> Iterator[None]:
        """Kill the process while something is asked of it."""
        timer = threading.Timer(seconds, self.process.kill)
        timer.start()
        with suppress(APIConnectionError):
            yield
        timer.join()

    def die_at_the_start(self, seconds: float) -> None:
        """Start a process, and kill it before it listens, or just after."""
        with self._running():
            time.sleep(seconds)

    @contextmanager
    def _running(self) -> Iterator[IO[str]]:
        """Start a process, give what it prints, and kill it at the end."""
        ours, theirs = PROCESSES.Pipe(duplex=False)
        with ours, theirs:
            self.process = PROCESSES.Process(target=serve, args=(self.folder / "x.db", self.log, theirs))
            self.process.start()
            said = os.fdopen(os.dup(ours.fileno()))
        with said:
            try:
                yield said
            finally:
                self.process.kill()
                self.process.join()


@dataclass
class Talk:
    """
    What is said in one session. Each message is another.

    :ivar unheard: the message that was being sent when the server was killed, which may have arrived or not.
    """

    session_id: str
    said: list[str] = field(default_factory=list)
    unheard: str | None = None

    def heard(self, client: Anthropic) -> list[tuple[str, str]]:
        events: Any = client.beta.sessions.events.list(
            self.session_id, types=["user.message", "agent.message"], limit=1000
        )
        return [(event.type.partition(".")[0], event.content[0].text) for event in events]

    def say(self, client: Anthropic) -> None:
        """Say something more; first again what the last server may not have heard, if it hasn't."""
        if self.unheard is None:
            self.unheard = f"Parcel PX-{len(self.said)} is in hall {len(self.said)}."
        elif ("user", self.unheard) in self.heard(client):
            self.arrived()
            return
        client.beta.sessions.events.send(self.session_id, events=[message(self.unheard)])  # type: ignore[list-item]
        self.arrived()

    def arrived(self) -> None:
        assert self.unheard is not None
        self.said.append(self.unheard)
        self.unheard = None


@dataclass(frozen=True)
class Aftermath:
    """
    What the last server shows.

    :ivar first: the dream that nothing disturbed. The others are of the same inputs.
    """

    client: Anthropic
    first: BetaDream
    dreams: list[BetaDream]
    notes_id: str
    talks: list[Talk]
    log: str


def seeded(client: Anthropic) -> tuple[str, list[str]]:
    """Make the demo's store and sessions."""
    store = store_of(client, "Ops desk memory")
    for memory in json.loads((DEMO / "demo_store.json").read_text())["memories"]:
        client.beta.memory_stores.memories.create(store.id, path=memory["path"], content=memory["content"])
    recorded = [json.loads(line) for line in (DEMO / "demo.jsonl").read_text().splitlines()]
    return store.id, [entry["session_id"] for entry in import_transcripts(client, recorded)]


@pytest.fixture(scope="module")
def aftermath(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Aftermath]:
    server = Server(tmp_path_factory.mktemp("killed"))
    chance = random.Random(11)
    with server.started() as client:
        store_id, session_ids = seeded(client)
        first = ended(client, dream_of(client, store_id, *session_ids))
        notes = store_of(client, "Notes")
        talks = [Talk(session_on(client, notes.id).id) for _ in range(3)]
    for kill in range(KILLS):
        if kill % 6 == 5:
            server.die_at_the_start(chance.uniform(0, 0.3))
            continue
        with server.started() as client, server.killed_after(chance.uniform(0.02, 0.6)):
            if kill % 3 == 0:
                dream_of(client, store_id, *session_ids)
            while True:
                chance.choice(talks).say(client)
                time.sleep(chance.uniform(0, 0.05))
    with server.started() as client:
        for talk in talks:
            talk.say(client)
            wait_until_idle(client, talk.session_id)
        dreams = [ended(client, dream) for dream in client.beta.dreams.list(limit=100)]
        others = [dream for dream in dreams if dream.id != first.id]
        yield Aftermath(client, first, others, notes.id, talks, server.log.read_text())


def output_of(client: Anthropic, dream: BetaDream) -> dict[str, str]:
    return contents(client, dream.outputs[0].memory_store_id)


def test_every_dream_is_completed_with_the_bytes_and_the_usage_of_an_undisturbed_one(
    aftermath: Aftermath,
) -> None:
    assert len(aftermath.dreams) > 5
    expected = output_of(aftermath.client, aftermath.first)
    for dream in aftermath.dreams:
        assert (dream.status, dream.usage) == ("completed", aftermath.first.usage)
        assert output_of(aftermath.client, dream) == expected


def test_each_session_was_read_once_by_each_dream(aftermath: Aftermath) -> None:
    for dream in [aftermath.first, *aftermath.dreams]:
        events: Any = aftermath.client.beta.sessions.events.list(
            dream.session_id or "", types=["agent.tool_use"], limit=1000
        )
        files = [str(event.input["file_path"]) for event in events if event.name == "read"]
        read = Counter(file for file in files if file.startswith("/mnt/transcripts/"))
        sessions = dream.inputs[1]
        assert sessions.type == "sessions"
        assert read == Counter(f"/mnt/transcripts/{session_id}.jsonl" for session_id in sessions.session_ids)


def test_there_is_one_store_and_one_session_a_dream_and_none_is_left_over(aftermath: Aftermath) -> None:
    client, dreams = aftermath.client, [aftermath.first, *aftermath.dreams]
    outputs = {dream.outputs[0].memory_store_id for dream in dreams}
    assert len(outputs) == len(dreams)
    inputs = {source.memory_store_id for source in aftermath.first.inputs if source.type == "memory_store"}
    stores = {store.id for store in client.beta.memory_stores.list(limit=100)}
    assert stores == outputs | inputs | {aftermath.notes_id}


def test_every_message_is_answered_once_and_noted_once(aftermath: Aftermath) -> None:
    assert sum(len(talk.said) for talk in aftermath.talks) > KILLS
    noted = []
    for talk in aftermath.talks:
        heard = talk.heard(aftermath.client)
        assert [text for who, text in heard if who == "user"] == talk.said
        assert [who for who, _ in heard] == ["user", "agent"] * len(talk.said)
        assert all(text.startswith("Noted in ") for who, text in heard if who == "agent")
        noted.append(talk.said)
    files = contents(aftermath.client, aftermath.notes_id).values()
    assert sorted([line.split(": ", 1)[1] for line in file.splitlines()] for file in files) == sorted(noted)


def test_everything_can_be_listed_and_no_server_logged_an_error(aftermath: Aftermath) -> None:
    beta = aftermath.client.beta
    for session in beta.sessions.list(limit=100):
        assert session.status != "running"
        list(beta.sessions.events.list(session.id, limit=1000))
    for store in beta.memory_stores.list(limit=100):
        list(beta.memory_stores.memory_versions.list(store.id, view="full"))
    assert [line for line in aftermath.log.splitlines() if " ERROR " in line or "Traceback" in line] == []
