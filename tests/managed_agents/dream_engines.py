"""Dream engines that a test can hold back, and that do as they are told; and a server that dreams with one."""

from __future__ import annotations

import asyncio
import threading
import time
from collections.abc import Callable, Collection, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from anthropic import Anthropic
from fastapi.testclient import TestClient

from include.managed_agents.app import create_app
from include.managed_agents.dreams.engine import Brief, DreamEngine, Findings, StoreFiles, Transcript
from include.managed_agents.settings import Settings
from tests.managed_agents.conftest import sdk
from tests.managed_agents.support import KEY

__all__ = ["Dreamer", "Spinning", "read_plainly", "serving"]

Read = Callable[[Transcript, Brief], Findings]
Consolidate = Callable[[StoreFiles, Collection[Findings], Brief], None]


def read_plainly(transcript: Transcript, brief: Brief) -> Findings:
    return Findings(transcript.session_id, {"n": len(transcript.messages)})


def write_what_was_read(files: StoreFiles, findings: Collection[Findings], brief: Brief) -> None:
    files.write("/done.md", " ".join(f"{one.session_id}:{one.data['n']}" for one in findings))


@dataclass
class Dreamer:
    """Reads and consolidates with two functions, each in a thread, as engines do that think by themselves."""

    read: Read = read_plainly
    file: Consolidate = write_what_was_read
    name: str = "dreamer"
    readers: int = 2

    async def read_session(self, transcript: Transcript, brief: Brief) -> Findings:
        return await asyncio.to_thread(self.read, transcript, brief)

    async def consolidate(self, files: StoreFiles, findings: Collection[Findings], brief: Brief) -> None:
        await asyncio.to_thread(self.file, files, findings, brief)


@dataclass
class Spinning:
    """
    Never ends by itself: it looks whether its dream is over, and goes on.

    :param in_thread: whether it leaves its loop free meanwhile.
    """

    in_thread: bool
    name: str = "spinning"
    readers: int = 1
    reached: threading.Event = field(default_factory=threading.Event)
    left: threading.Event = field(default_factory=threading.Event)

    async def read_session(self, transcript: Transcript, brief: Brief) -> Findings:
        return Findings(transcript.session_id, None)

    async def consolidate(self, files: StoreFiles, findings: Collection[Findings], brief: Brief) -> None:
        if self.in_thread:
            await asyncio.to_thread(self._spin, brief)
        else:
            self._spin(brief)

    def _spin(self, brief: Brief) -> None:
        try:
            while True:
                self.reached.set()
                brief.check()
                time.sleep(0.001)
        finally:
            self.left.set()


@contextmanager
def serving(database: Path, engine: DreamEngine) -> Iterator[tuple[Anthropic, Any]]:
    """Serve a file that another server may have left, and give the client and the app."""
    app = create_app(Settings(database=f"sqlite:///{database}", api_key=KEY), lambda: engine)
    with TestClient(app) as http:
        yield sdk("http://testserver", http_client=http), app
