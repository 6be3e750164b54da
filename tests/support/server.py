"""The embedded server, real over HTTP: in a thread, with an engine that a test can hold back; or in a process."""

from __future__ import annotations

import asyncio
import os
import subprocess
import sys
import threading
import time
from collections.abc import Callable, Collection, Container, Iterator
from contextlib import contextmanager
from dataclasses import replace
from pathlib import Path
from types import TracebackType
from typing import Any, Self

import uvicorn
from anthropic import Anthropic

from include.managed_agents.app import create_app
from include.managed_agents.dreams.engine import Brief, DreamEngine, Findings, StoreFiles, Transcript
from include.managed_agents.dreams.offline import OfflineEngine
from include.managed_agents.settings import Settings
from include.managed_agents.turns.model import SessionModel
from include.managed_agents.usage import Usage

__all__ = ["KEY", "GatedEngine", "HeldEngine", "LocalServer", "serving"]

KEY = "test-key"
_PROJECT = Path(__file__).parents[2]


class GatedEngine(OfflineEngine):
    """
    The offline engine, with a gate before it reads and one before it writes.

    Between them a dream runs, and has used what its reading took. The gates are those of all dreams of a server.

    :param reading: what one session's reading is said to use, in the place of its size.
    """

    def __init__(
        self, may_read: threading.Event, may_write: threading.Event, reading: Usage | None = None
    ) -> None:
        self._may_read = may_read
        self._may_write = may_write
        self._reading = reading

    async def read_session(self, transcript: Transcript, brief: Brief) -> Findings:
        await _opened(self._may_read)
        if self._reading is None:
            return await super().read_session(transcript, brief)
        brief.count(self._reading)
        return await super().read_session(transcript, replace(brief, count_once=lambda key, usage: None))

    async def consolidate(self, files: StoreFiles, findings: Collection[Findings], brief: Brief) -> None:
        await _opened(self._may_write)
        await super().consolidate(files, findings, brief)


class HeldEngine(OfflineEngine):
    """
    The offline engine, except that it does not write while the dream's instructions are among those held.

    :param held: shared by all dreams of a server; taking one out lets its dreams go on.
    """

    def __init__(self, held: Container[str | None]) -> None:
        self._held = held

    async def consolidate(self, files: StoreFiles, findings: Collection[Findings], brief: Brief) -> None:
        while brief.instructions in self._held:  # noqa: ASYNC110 - as in _opened
            await asyncio.sleep(0.05)
        await super().consolidate(files, findings, brief)


async def _opened(gate: threading.Event) -> None:
    # A dream has an event loop of its own, and ends by cancellation: it can't wait on a thread's event.
    while not gate.is_set():  # noqa: ASYNC110
        await asyncio.sleep(0.01)


class LocalServer:
    """
    One embedded server on a free port.

    :param database: its SQLite file.
    :param make_engine: what it dreams with.
    :param port: where it listens; 0 for any that is free.
    :param make_model: what its sessions think with; the offline model, if not given.
    :param settings: further fields of the server's ``Settings``.
    """

    def __init__(
        self,
        database: Path,
        make_engine: Callable[[], DreamEngine] = OfflineEngine,
        port: int = 0,
        make_model: Callable[[], SessionModel] | None = None,
        **settings: Any,
    ) -> None:
        app = create_app(Settings(f"sqlite:///{database}", KEY, **settings), make_engine, make_model)
        config = uvicorn.Config(
            app, port=port, log_level="critical", access_log=False, timeout_graceful_shutdown=1
        )
        self._server = uvicorn.Server(config)
        self._thread = threading.Thread(target=self._server.run)

    def __enter__(self) -> Self:
        self._thread.start()
        while not self._server.started:
            assert self._thread.is_alive(), "the server did not start"
            time.sleep(0.005)
        port = self._server.servers[0].sockets[0].getsockname()[1]
        self.url = f"http://127.0.0.1:{port}"
        self.client = Anthropic(
            api_key=KEY, base_url=self.url, max_retries=0, _strict_response_validation=True
        )
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self.client.close()
        self._server.should_exit = True
        self._thread.join()


@contextmanager
def serving(database: Path) -> Iterator[str]:
    """Serve in a process of its own, on a free port, and give the URL: faster than a thread of this one."""
    process = subprocess.Popen(
        [sys.executable, "-m", "include.managed_agents", "serve", "--port", "0", "--database", f"sqlite:///{database}"],
        cwd=_PROJECT,
        env={**os.environ, "AGENTS_API_KEY": KEY},
        stdout=subprocess.PIPE,
        text=True,
    )  # fmt: skip
    assert process.stdout is not None
    try:
        yield next(word for word in process.stdout.readline().split() if word.startswith("http://"))
    finally:
        process.kill()
        process.wait()
        process.stdout.close()
