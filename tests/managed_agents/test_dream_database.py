"""What a dream leaves in the database, and what becomes of it, and of a turn, where the database fails."""

from __future__ import annotations

import threading
import time
from collections.abc import Collection
from pathlib import Path
from typing import Any

import pytest
from anthropic.types.beta import BetaDream
from fastapi.testclient import TestClient
from sqlalchemy import event as sql_event

from include.managed_agents.app import create_app
from include.managed_agents.dreams import hold
from include.managed_agents.dreams.engine import Brief, EngineFailure, Findings, StoreFiles
from include.managed_agents.dreams.models import DreamFindingsRow
from include.managed_agents.dreams.repository import DreamRepository
from include.managed_agents.settings import Settings
from include.managed_agents.turns.model import Turn
from include.managed_agents.usage import Usage
from tests.managed_agents.conftest import sdk
from tests.managed_agents.dream_engines import Dreamer, serving
from tests.managed_agents.support import (
    KEY,
    contents,
    dream_of,
    ended,
    message,
    recorded,
    session_on,
    store_of,
    wait_until_idle,
)


@pytest.mark.parametrize("way", ["completed", "failed", "canceled"])
def test_what_was_found_leaves_the_database_when_the_dream_ends(tmp_path: Path, way: str) -> None:
    reached, may_end = threading.Event(), threading.Event()

    def consolidate(files: StoreFiles, findings: Collection[Findings], brief: Brief) -> None:
        reached.set()
        assert may_end.wait(60)
        if way == "failed":
            raise EngineFailure("as ordered")

    def found(app: Any, dream: BetaDream) -> int:
        with app.state.database.read() as unit:
            return len(DreamRepository(unit.session).set_aside(dream.id))

    with serving(tmp_path / "x.db", Dreamer(file=consolidate)) as (client, app):
        sessions = [recorded(client, "Hello") for _ in range(7)]
        dream = dream_of(client, store_of(client).id, *sessions)
        assert reached.wait(60)
        assert found(app, dream) == 7
        if way == "canceled":
            client.beta.dreams.cancel(dream.id)
        may_end.set()
        assert ended(client, dream).status == way
        while found(app, dream):
            time.sleep(0.01)


def test_what_a_killed_server_left_of_an_ended_dream_goes_with_the_next_start(tmp_path: Path) -> None:
    with serving(tmp_path / "x.db", Dreamer()) as (client, app):
        session = recorded(client, "Hello")
        done = ended(client, dream_of(client, store_of(client).id, session))
    with serving(tmp_path / "x.db", Dreamer()) as (client, app), app.state.database.write() as unit:
        row = DreamFindingsRow(dream_id=done.id, session_id=session, data={"n": 1}, set_aside="")
        DreamRepository(unit.session).add(row)
    with serving(tmp_path / "x.db", Dreamer()) as (client, app):

        def found() -> list[str]:
            with app.state.database.read() as unit:
                return DreamRepository(unit.session).with_findings()

        while found():
            time.sleep(0.01)
        assert client.beta.dreams.retrieve(done.id) == done


class FailingDisk:
    """
    Lets a server write nothing more to its database while ``fails``; what SQLite then says is real.

    :param pragma: how: the file may not grow, as on a full disk, or may not be written at all.
    """

    def __init__(self, app: Any, pragma: str = "max_page_count = 1") -> None:
        self.fails = False
        self.times = threading.Semaphore(0)
        self._pragma = pragma
        sql_event.listen(app.state.database.engine, "begin", self._set)
        sql_event.listen(app.state.database.engine, "handle_error", lambda context: self.times.release())

    def _set(self, connection: Any) -> None:
        usual = ("max_page_count = 4294967294", "query_only = 0")
        for pragma in (*usual, self._pragma) if self.fails else usual:
            connection.connection.cursor().execute(f"PRAGMA {pragma}")


LARGE = "many words " * 2_000


def writing_once_told() -> tuple[Dreamer, threading.Event, threading.Event]:
    """Return a dreamer that counts and writes, the event that it is about to, and the one that lets it."""
    reached, told = threading.Event(), threading.Event()

    def consolidate(files: StoreFiles, findings: Collection[Findings], brief: Brief) -> None:
        reached.set()
        assert told.wait(60)
        brief.count(Usage(9))
        files.write("/large.md", LARGE)

    return Dreamer(file=consolidate), reached, told


def test_a_disk_that_is_full_for_a_while_delays_a_dream_and_loses_nothing(tmp_path: Path) -> None:
    dreamer, reached, filled = writing_once_told()
    with serving(tmp_path / "x.db", dreamer) as (client, app):
        disk = FailingDisk(app)
        dream = dream_of(client, store_of(client).id, recorded(client, "Hello"))
        assert reached.wait(60)
        disk.fails = True
        filled.set()
        assert disk.times.acquire(timeout=60)
        disk.fails = False
        done = ended(client, dream)
        assert (done.status, done.usage.input_tokens) == ("completed", 9)
        assert contents(client, done.outputs[0].memory_store_id)["/large.md"] == LARGE


def test_a_dream_that_fails_of_its_database_is_settled_once_that_can_be_written(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(hold, "PATIENCE_SECONDS", 0.0)
    dreamer, reached, filled = writing_once_told()
    with serving(tmp_path / "x.db", dreamer) as (client, app):
        disk = FailingDisk(app, "query_only = 1")
        dream = dream_of(client, store_of(client).id, recorded(client, "Hello"))
        assert reached.wait(60)
        disk.fails = True
        filled.set()
        for what in ("counting", "writing", "settling"):
            assert disk.times.acquire(timeout=60), what
        assert client.beta.dreams.retrieve(dream.id).status == "running"
        disk.fails = False
        failed = ended(client, dream)
        assert failed.usage.input_tokens == 9
        assert failed.error is not None
        assert "the server's database can't be used" in failed.error.message


def test_a_turn_that_fails_of_its_database_says_so_once_that_can_be_written(
    tmp_path: Path, caplog: pytest.LogCaptureFixture
) -> None:
    may_fail = threading.Event()

    class Talker:
        async def take_turn(self, turn: Turn) -> None:
            assert may_fail.wait(60)
            await turn.say("Hello")

    app = create_app(Settings(database=f"sqlite:///{tmp_path / 'x.db'}", api_key=KEY), None, Talker)
    with TestClient(app) as http:
        client = sdk("http://testserver", http_client=http)
        disk = FailingDisk(app, "query_only = 1")
        session = session_on(client)
        client.beta.sessions.events.send(session.id, events=[message("Hi")])  # type: ignore[list-item]
        disk.fails = True
        may_fail.set()
        for what in ("saying", "settling"):
            assert disk.times.acquire(timeout=60), what
        disk.fails = False
        wait_until_idle(client, session.id)
        error, _ = list(client.beta.sessions.events.list(session.id))[-2:]
        assert error.type == "session.error"
        assert error.error.message.startswith("the server's database can't be used: attempt to write")
    (line,) = (line for line in caplog.messages if "turn failed" in line)
    assert "OperationalError (attempt to write a readonly database) at " in line
    assert "/include/managed_agents/" in line
