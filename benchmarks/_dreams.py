"""A dream of the offline engine over transcripts and a store in memory, without a server."""

from __future__ import annotations

import asyncio
import json
from collections.abc import Iterator, Mapping, Sequence
from datetime import UTC, datetime

from include.managed_agents.dreams.engine import Brief, Findings, Transcript
from include.managed_agents.dreams.offline import OfflineEngine

__all__ = ["NOW", "Store", "dream"]

#: When the dreams of the benchmarks are dreamed. No line may depend on it.
NOW = datetime(2026, 11, 21, 2, 30, tzinfo=UTC)


class Store:
    """A memory store in memory."""

    def __init__(self, contents: Mapping[str, str]) -> None:
        self.contents = dict(contents)

    def sizes(self) -> Mapping[str, int]:
        return {path: len(content.encode()) for path, content in sorted(self.contents.items())}

    def read(self, path: str) -> str | None:
        return self.contents.get(path)

    def read_all(self) -> Iterator[tuple[str, str]]:
        return iter(sorted(self.contents.items()))

    def write(self, path: str, content: str) -> None:
        self.contents[path] = content

    def delete(self, path: str) -> None:
        self.contents.pop(path, None)


def dream(
    transcripts: Sequence[Transcript], before: Mapping[str, str], *, backwards: bool = False
) -> dict[str, str]:
    """Return the store after a dream of the offline engine."""

    async def run() -> None:
        engine, brief = OfflineEngine(), Brief("offline", None, NOW)
        order = list(reversed(transcripts)) if backwards else list(transcripts)
        findings = [await engine.read_session(transcript, brief) for transcript in order]
        # What the runner keeps is JSON.
        findings = [Findings(f.session_id, json.loads(json.dumps(f.data))) for f in findings]
        await engine.consolidate(store, findings, brief)

    store = Store(before)
    asyncio.run(run())
    return store.contents
