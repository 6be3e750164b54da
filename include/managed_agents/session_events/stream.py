"""
The live stream of a session's events, as server-sent events.

Followers are woken after each commit and read on from the last event they sent, so that none is missed or
sent twice, whoever wrote it. Previews of a message in the making go past the database.
"""

from __future__ import annotations

import asyncio
import threading
from collections import defaultdict, deque
from collections.abc import AsyncIterator
from dataclasses import dataclass, field
from typing import Any

from starlette.concurrency import run_in_threadpool

from include.managed_agents.clock import rfc3339
from include.managed_agents.database import Database
from include.managed_agents.ids import new_id
from include.managed_agents.session_log.repository import SessionEventRepository
from include.managed_agents.session_log.schemas import render_event
from include.managed_agents.sessions.repository import SessionRepository
from include.managed_agents.wire import to_json

__all__ = ["Streams"]

PING_SECONDS = 15.0
BATCH = 100
LAST_EVENTS = frozenset({"session.status_terminated", "session.deleted"})


@dataclass(eq=False)
class Follower:
    """One open connection. ``previews`` is filled by other threads."""

    loop: asyncio.AbstractEventLoop
    deltas: frozenset[str]
    wake: asyncio.Event = field(default_factory=asyncio.Event)
    previews: deque[dict[str, Any]] = field(default_factory=deque)

    def call(self) -> None:
        if not self.loop.is_closed():
            self.loop.call_soon_threadsafe(self.wake.set)


class Streams:
    """All open streams of this server."""

    def __init__(self, database: Database) -> None:
        self._database = database
        self._lock = threading.Lock()
        self._followers: defaultdict[str, set[Follower]] = defaultdict(set)
        self._closed = False
        database.follow(self._tell)

    def _tell(self, session_ids: set[str]) -> None:
        with self._lock:
            woken = [
                follower for session_id in session_ids for follower in self._followers.get(session_id, ())
            ]
        for follower in woken:
            follower.call()

    def preview(self, session_id: str, kind: str, event: dict[str, Any]) -> None:
        """Send a piece of an event in the making to those who asked for pieces of its kind."""
        with self._lock:
            wanted = [f for f in self._followers.get(session_id, ()) if kind in f.deltas]
        for follower in wanted:
            follower.previews.append(event)
            follower.call()

    def close(self) -> None:
        """End all streams, so that a server that stops need not wait for its clients."""
        with self._lock:
            self._closed = True
            followers = [follower for group in self._followers.values() for follower in group]
        for follower in followers:
            follower.call()

    async def follow(self, session_id: str, after: int, deltas: frozenset[str]) -> AsyncIterator[bytes]:
        """Yield what happens from now on, until the session or the server ends, or the client leaves."""
        follower = Follower(asyncio.get_running_loop(), deltas)
        with self._lock:
            self._followers[session_id].add(follower)
        try:
            async for event in self._events(session_id, after, follower):
                yield sse(event)
        finally:
            with self._lock:
                self._followers[session_id].discard(follower)
                if not self._followers[session_id]:
                    del self._followers[session_id]

    async def _events(self, session_id: str, after: int, follower: Follower) -> AsyncIterator[dict[str, Any]]:
        while not self._closed:
            follower.wake.clear()
            while follower.previews:
                yield follower.previews.popleft()
            events = await run_in_threadpool(self._read, session_id, after)
            for seq, event in events:
                after = max(after, seq)
                yield event
                if event["type"] in LAST_EVENTS:
                    return
            if len(events) < BATCH:
                try:
                    await asyncio.wait_for(follower.wake.wait(), PING_SECONDS)
                except TimeoutError:
                    yield {"type": "ping"}

    def _read(self, session_id: str, after: int) -> list[tuple[int, dict[str, Any]]]:
        with self._database.read() as unit:
            if SessionRepository(unit.session).get(session_id) is None:
                now = rfc3339(unit.clock.now())
                return [(after, {"id": new_id("sevt"), "type": "session.deleted", "processed_at": now})]
            rows = SessionEventRepository(unit.session).after(session_id, after, BATCH)
            return [(row.seq, render_event(row)) for row in rows]


def sse(event: dict[str, Any]) -> bytes:
    return f"event: {event['type']}\ndata: ".encode() + to_json(event) + b"\n\n"
