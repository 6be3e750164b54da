"""A dream of the offline engine over a store in memory."""

from __future__ import annotations

import asyncio
import json
import os
import subprocess
import sys
from collections.abc import Callable, Mapping, Sequence
from datetime import UTC, datetime, timedelta

from benchmarks import _dreams
from benchmarks._processes import PROJECT
from include.managed_agents.dreams.engine import Brief, Findings, Message, Transcript
from include.managed_agents.dreams.offline import OfflineEngine

START = datetime(2026, 11, 9, 9, 5, tzinfo=UTC)


class Store(_dreams.Store):
    """A memory store in memory, held to the service's limits. ``done`` is what was written and deleted, in order."""

    def __init__(self, contents: Mapping[str, str]) -> None:
        super().__init__(contents)
        self.done: list[tuple[str, str]] = []

    def write(self, path: str, content: str) -> None:
        super().write(path, content)
        self.done.append(("write", path))
        assert len(self.contents) <= 2_000, "the service would refuse it"
        assert len(content.encode()) <= 102_400, "the service would refuse it"

    def delete(self, path: str) -> None:
        assert path in self.contents
        super().delete(path)
        self.done.append(("delete", path))


def dream_in(
    store: Store,
    past: Sequence[Transcript],
    instructions: str | None = None,
    check: Callable[[], None] = lambda: None,
) -> None:
    """Let the store be dreamed over. What the runner keeps of the findings is JSON."""
    engine, brief = OfflineEngine(), Brief("offline", instructions, START, check=check)

    async def run() -> None:
        found = [await engine.read_session(transcript, brief) for transcript in past]
        findings = [Findings(f.session_id, json.loads(json.dumps(f.data))) for f in found]
        await engine.consolidate(store, findings, brief)

    asyncio.run(run())


def printed_whatever_the_seed(code: str) -> list[bytes]:
    """Return what a program prints in processes of two hash seeds; what doesn't differ is there once."""
    printed = {
        subprocess.run(
            [sys.executable, "-c", code],
            cwd=PROJECT,
            env=os.environ | {"PYTHONHASHSEED": seed, "PYTHONPATH": str(PROJECT)},
            check=True,
            capture_output=True,
        ).stdout
        for seed in ("1", "2")
    }
    return sorted(printed)


def dreamed(past: Sequence[Transcript], contents: Mapping[str, str] | None = None) -> dict[str, str]:
    """Return the contents of a store after a dream."""
    store = Store(contents or {})
    dream_in(store, past)
    return store.contents


def session(name: str, *said: str, day: int = 0) -> Transcript:
    """Return a session in which a user said these things, so many days after ``START``."""
    start = START + timedelta(days=day)
    return Transcript(name, None, start, tuple(Message("user", text, start) for text in said))


def index_of(contents: Mapping[str, str]) -> str:
    """Return all pages of the index."""
    return "\n".join(content for path, content in contents.items() if path.startswith("/index"))
