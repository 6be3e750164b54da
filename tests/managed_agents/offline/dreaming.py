"""A dream of the offline engine over a store in memory."""

from __future__ import annotations

import asyncio
import json
from collections.abc import Callable, Iterator, Mapping, Sequence
from datetime import UTC, datetime, timedelta

from include.managed_agents.dreams.engine import Brief, Findings, Message, Transcript
from include.managed_agents.dreams.offline import OfflineEngine

START = datetime(2026, 11, 9, 9, 5, tzinfo=UTC)


class Store:
    """A memory store in memory. ``done`` is what was written and deleted, in order."""

    def __init__(self, contents: Mapping[str, str]) -> None:
        self.contents = dict(contents)
        self.done: list[tuple[str, str]] = []

    def sizes(self) -> Mapping[str, int]:
        return {path: len(content.encode()) for path, content in sorted(self.contents.items())}

    def read(self, path: str) -> str | None:
        return self.contents.get(path)

    def read_all(self) -> Iterator[tuple[str, str]]:
        yield from sorted(self.contents.items())

    def write(self, path: str, content: str) -> None:
        self.contents[path] = content
        self.done.append(("write", path))
        assert len(self.contents) <= 2_000, "the service would refuse it"
        assert len(content.encode()) <= 102_400, "the service would refuse it"

    def delete(self, path: str) -> None:
        del self.contents[path]
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
