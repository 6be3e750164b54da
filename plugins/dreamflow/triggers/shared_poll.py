"""
One poll for all dreams that wait on one connection in one triggerer.

A poll lists the dreams in flight, a page of 100 at a time, and reads by itself only a dream that has left the list. So
the requests grow with the pages, not with the dreams: 1,000 dreams take 10 a poll. Followers come and go; the poll
lives as long as there is one, and is as fast as the most impatient of them asks.
"""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import dataclass, field
from typing import TYPE_CHECKING
from weakref import WeakKeyDictionary

from dreamflow.core.objects import Dream
from dreamflow.errors import AccessDenied, DreamflowError, ServiceUnavailable
from dreamflow.triggers.client import open_client

if TYPE_CHECKING:
    from dreamflow.hooks.asynchronous import AsyncManagedAgents

__all__ = ["Follower", "SharedPoll", "follow"]

#: Seconds that one whole poll may take, however slowly the bytes come.
POLL_TIMEOUT = 120.0
#: Dreams on a page of the list (dream_list_params.py).
_PAGE = 100
#: Dreams that have left the list and are read at once.
_PARALLEL_READS = 8

Seen = Dream | DreamflowError


class Follower:
    """What one trigger waits on: the next thing that the poll sees of its dream."""

    __slots__ = ("_next", "dream_id", "poll_interval")

    def __init__(self, dream_id: str, poll_interval: float) -> None:
        self.dream_id = dream_id
        self.poll_interval = poll_interval
        self._next: asyncio.Future[Seen] | None = None

    async def next(self, seconds: float) -> Seen | None:
        """Return what the next poll sees, or None where that takes longer than the seconds."""
        self._next = asyncio.get_running_loop().create_future()
        try:
            # Not wait_for: before Python 3.12 it loses a cancel that comes in the same moment as the answer.
            async with asyncio.timeout(seconds):
                return await self._next
        except TimeoutError:
            return None
        finally:
            self._next = None

    def tell(self, seen: Seen) -> None:
        if self._next is not None and not self._next.done():
            self._next.set_result(seen)


@dataclass
class SharedPoll:
    """
    The poll of one connection.

    :param conn_id: the connection.
    """

    conn_id: str
    followers: dict[int, Follower] = field(default_factory=dict)
    _task: asyncio.Task[None] | None = None
    _hurry: asyncio.Event = field(default_factory=asyncio.Event)
    _api: AsyncManagedAgents | None = None
    _opening: asyncio.Lock = field(default_factory=asyncio.Lock)

    def join(self, follower: Follower) -> None:
        self.followers[id(follower)] = follower
        self._hurry.set()
        if self._task is None or self._task.done():
            self._task = asyncio.create_task(self._run(), name=f"dreamflow-poll-{self.conn_id}")

    def leave(self, follower: Follower) -> None:
        self.followers.pop(id(follower), None)
        if not self.followers and self._task is not None:
            self._task.cancel()
            self._task = None

    async def api(self) -> AsyncManagedAgents:
        """Return the connection's open client, shared by all followers."""
        async with self._opening:
            if self._api is None:
                self._api = await open_client(self.conn_id)
            return self._api

    async def _close(self) -> None:
        api, self._api = self._api, None
        if api is not None:
            await api.close()

    async def _run(self) -> None:
        """Poll until nobody follows. Whatever goes wrong is told to the followers, and the next poll comes."""
        try:
            while self.followers:
                self._hurry.clear()
                wait = await self._poll()
                await self._pause(wait)
        finally:
            await self._close()

    async def _pause(self, asked_for: float) -> None:
        """Sleep until the next poll is due; a new, more impatient follower shortens the sleep."""
        loop = asyncio.get_running_loop()
        started = loop.time()
        while True:
            interval = min((f.poll_interval for f in self.followers.values()), default=0.0)
            left = started + max(interval, asked_for) - loop.time()
            if left <= 0:
                return
            try:
                async with asyncio.timeout(left):
                    await self._hurry.wait()
            except TimeoutError:
                return
            self._hurry.clear()

    async def _poll(self) -> float:
        """Tell every follower what is seen, and return the seconds that the service asks to wait."""
        wanted: dict[str, list[Follower]] = {}
        for follower in self.followers.values():
            wanted.setdefault(follower.dream_id, []).append(follower)
        asked_for = 0.0

        def tell(dream_id: str, seen: Seen) -> None:
            for follower in wanted.pop(dream_id, []):
                follower.tell(seen)

        try:
            async with asyncio.timeout(POLL_TIMEOUT):
                api = await self.api()
                await self._list(api, wanted, tell)
                asked_for = await self._read_rest(api, list(wanted), tell)
        except Exception as e:
            error = _as_ours(e, self.conn_id)
            asked_for = _wait_asked_for(error)
            if isinstance(error, AccessDenied):
                await self._close()
            for dream_id in list(wanted):
                tell(dream_id, error)
        return asked_for

    async def _list(self, api: AsyncManagedAgents, wanted: dict[str, list[Follower]], tell: _Tell) -> None:
        """
        Page through the dreams in flight until all that are wanted were seen.

        Other people's dreams are listed too. Beyond the pages that the wanted ones would fill, paging stops where
        reading what is missing one by one takes fewer requests than were spent.
        """
        enough = len(wanted) // _PAGE + 1
        pages = 0
        async for page in api.pages_of_dreams_in_flight():
            pages += 1
            for dream in page:
                if dream.id in wanted:
                    tell(dream.id, dream)
            if not wanted or (pages >= enough and len(wanted) <= pages):
                return

    async def _read_rest(self, api: AsyncManagedAgents, dream_ids: list[str], tell: _Tell) -> float:
        """
        Read the dreams that have left the list. One that can't be read disturbs no other.

        :return: the seconds that the service asks to wait.
        """
        places = asyncio.Semaphore(_PARALLEL_READS)

        async def read(dream_id: str) -> float:
            async with places:
                try:
                    tell(dream_id, await api.retrieve_dream(dream_id))
                except DreamflowError as e:
                    tell(dream_id, e)
                    return _wait_asked_for(e)
            return 0.0

        return max(await asyncio.gather(*(read(dream_id) for dream_id in dream_ids)), default=0.0)


if TYPE_CHECKING:
    from collections.abc import Callable

    _Tell = Callable[[str, Seen], None]

_polls: WeakKeyDictionary[asyncio.AbstractEventLoop, dict[str, SharedPoll]] = WeakKeyDictionary()


def _wait_asked_for(error: DreamflowError) -> float:
    return (error.retry_after or 0.0) if isinstance(error, ServiceUnavailable) else 0.0


def _as_ours(error: Exception, conn_id: str) -> DreamflowError:
    if isinstance(error, DreamflowError):
        return error
    if isinstance(error, TimeoutError):
        return ServiceUnavailable(
            f"the dreams on connection {conn_id} could not be listed in {POLL_TIMEOUT:.0f} s"
        )
    return ServiceUnavailable(f"polling connection {conn_id} failed: {type(error).__name__}: {error}")


@asynccontextmanager
async def follow(
    conn_id: str, dream_id: str, poll_interval: float
) -> AsyncIterator[tuple[Follower, SharedPoll]]:
    """Follow a dream while the block runs, on the poll that all followers of the connection share."""
    polls = _polls.setdefault(asyncio.get_running_loop(), {})
    poll = polls.setdefault(conn_id, SharedPoll(conn_id))
    follower = Follower(dream_id, poll_interval)
    poll.join(follower)
    try:
        yield follower, poll
    finally:
        poll.leave(follower)
