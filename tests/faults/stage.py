"""A server with a past, a faulty network before it, and a run of collect, launch and wait."""

from __future__ import annotations

import json
import shutil
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import pytest
from anthropic import Anthropic
from anthropic.types.beta import BetaDream

from include.managed_agents.usage import Usage
from tests.support.faulty_proxy import FaultyProxy, Reply, Request
from tests.support.night import Night, pipeline_of
from tests.support.run_record import RunRecord
from tests.support.server import KEY, GatedEngine, LocalServer
from tests.support.workspace import (
    Workspace,
    dreams_on,
    make_workspace,
    new_sessions,
    open_stores,
    say,
    sessions_of,
    until,
)

__all__ = ["CONNECTION", "Past", "Stage", "connection_to", "make_past", "staged"]

CONNECTION = "AIRFLOW_CONN_PROXIED"
#: Lists of dreams in flight that a trigger sees before the dream goes on: it is in flight first, then it is not.
_POLLS_BEFORE_THE_END = 2


def connection_to(url: str) -> str:
    return json.dumps({"conn_type": "anthropic", "host": url, "password": KEY})


@dataclass(frozen=True)
class Past:
    """
    A stopped server's folder, after one adopted night.

    :ivar live: the store that the targets name.
    :ivar to_dream: the sessions that the next dream must read.
    """

    folder: Path
    workspace: Workspace
    live: str
    dreams: int
    to_dream: tuple[str, ...]


def make_past(folder: Path) -> Past:
    """
    Dream over two sessions, and adopt. Since then, one was given a title, one took a turn, and two are new.
    """
    with LocalServer(folder / "server.db") as server, pytest.MonkeyPatch.context() as patch:
        patch.setenv(CONNECTION, connection_to(server.url))
        client = server.client
        workspace = make_workspace(client)
        renamed, resumed = new_sessions(client, workspace, "renamed", "resumed")
        night = Night(pipeline_of(workspace.pipeline(folder / "reports")), RunRecord("the_night_before"))
        assert night.run() == "success", night.errors
        night.adopt()
        client.beta.memory_stores.archive(workspace.store)
        live = str(night.left("wait_for_dream")["output_store_id"])
        new = new_sessions(client, workspace, "new", "newer", memory_store_id=live)
        client.beta.sessions.update(renamed, title="Renamed")
        say(client, resumed, "The code has changed. It is RESUMED-4712 now.")
    shutil.rmtree(folder / "reports")
    return Past(folder, workspace, live, 1, (resumed, *new))


@dataclass
class Stage:
    """
    The server, the proxy before it, and the run's pipeline.

    :ivar may_read: dreams read nothing until it is set. It is, unless a test clears it; then a trigger's first poll
        sets it.
    :ivar may_write: dreams come no further than reading until it is set. A trigger's second poll sets it.
    :ivar finishes: whether that poll does.
    """

    past: Past
    folder: Path
    server: LocalServer
    proxy: FaultyProxy
    may_read: threading.Event
    may_write: threading.Event
    data: dict[str, Any]
    finishes: bool = True
    polls: int = 0

    @property
    def client(self) -> Anthropic:
        """The real SDK, past the proxy."""
        return self.server.client

    def night(self, run_id: str = "tonight", record: RunRecord | None = None, **params: Any) -> Night:
        return Night(
            pipeline_of(self.data),
            record or RunRecord(run_id),
            params,
            enter=self.enter,
            pause=lambda seconds: self.proxy.wait_until_quiet(),
        )

    def enter(self, phase: str) -> None:
        """Note the phase. Before the wait begins, the dream has read its sessions."""
        if phase == "wait_for_dream":
            until(self._dream_has_read, "the dream to read its sessions")
        self.proxy.phase = phase

    def _dream_has_read(self) -> bool:
        newest = self.dreams()[0]
        if newest.status == "running":
            return not self.may_read.is_set() or self._transcripts_read(newest) == len(sessions_of(newest))
        return newest.status != "pending"

    def _transcripts_read(self, dream: BetaDream) -> int:
        """Return how many the dream's session shows. What reading one used was counted before it is shown."""
        if dream.session_id is None:
            return 0
        uses = self.client.beta.sessions.events.list(dream.session_id, types=["agent.tool_use"], limit=1000)
        return sum("/mnt/transcripts/" in str(use.input) for use in uses if use.type == "agent.tool_use")

    def dreams(self) -> list[BetaDream]:
        """Return tonight's dreams over the live store, newest first."""
        return dreams_on(self.client, self.past.live)

    def new_sessions(self, *names: str) -> list[str]:
        """Let somebody talk to the agent, on the live store."""
        return new_sessions(self.client, self.past.workspace, *names, memory_store_id=self.past.live)

    def note(self, request: Request, reply: Reply) -> None:
        """Let the dream get on as a trigger watches it."""
        if request.call.phase == "wait_for_dream.trigger" and request.path == "/v1/dreams":
            self.polls += 1
            self.may_read.set()
            if self.polls >= _POLLS_BEFORE_THE_END and self.finishes:
                self.may_write.set()

    def finish(self) -> None:
        """Let every dream come to its end."""
        self.may_read.set()
        self.may_write.set()
        until(
            lambda: all(dream.status not in ("pending", "running") for dream in self.dreams()),
            "every dream to end",
        )

    def unsettled_stores(self, night: Night) -> set[str]:
        """Let every dream end and the next run settle; return the stores that are still open, the live one aside."""
        self.finish()
        self.proxy.rules.clear()
        self.proxy.phase = "settle"
        night.settle()
        return open_stores(self.client) - {self.past.live}


@contextmanager
def staged(
    past: Past,
    folder: Path,
    *,
    reading: Usage | None = None,
    settings: dict[str, Any] | None = None,
    **pipeline: Any,
) -> Iterator[Stage]:
    """
    Set a stage of its own on a copy of the past.

    :param reading: what reading one session is said to use.
    :param settings: of the server.
    :param pipeline: further keys of the pipeline's file.
    """
    shutil.copytree(past.folder, folder, dirs_exist_ok=True)
    may_read, may_write = threading.Event(), threading.Event()
    may_read.set()

    def engine() -> GatedEngine:
        return GatedEngine(may_read, may_write, reading)

    with (
        LocalServer(folder / "server.db", engine, **(settings or {})) as server,
        FaultyProxy(server.url) as proxy,
        pytest.MonkeyPatch.context() as patch,
    ):
        patch.setenv(CONNECTION, connection_to(proxy.url))
        data = past.workspace.pipeline(folder / "reports", **pipeline)
        stage = Stage(past, folder, server, proxy, may_read, may_write, data)
        proxy.on_answered = stage.note
        yield stage
