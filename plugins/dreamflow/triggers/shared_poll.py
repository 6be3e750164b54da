"""
One poll for all triggers of a kind that wait on one connection in one triggerer.

A poll lists what is under way, a page at a time, and reads by itself only what the list does not show. So the requests
grow with the pages, not with the triggers: 1,000 dreams take 10 a poll. Followers come and go; the poll lives as long
as there is one, is as fast as the most impatient of them asks, and asks only for those that wait at the moment.
"""

from __future__ import annotations

import asyncio
import importlib
import logging
import time
from collections import defaultdict
from collections.abc import AsyncIterator, Awaitable, Callable, Iterable
from contextlib import asynccontextmanager, suppress
from dataclasses import dataclass, field, fields
from typing import TYPE_CHECKING, Any, ClassVar, Generic, TypeVar
from weakref import WeakKeyDictionary

from airflow.triggers.base import BaseTrigger

from dreamflow.errors import AccessDenied, DreamflowError, ServiceUnavailable

if TYPE_CHECKING:
    from dreamflow.hooks.asynchronous import AsyncManagedAgents

__all__ = ["POLL_TIMEOUT", "Follower", "FollowingTrigger", "SharedPoll", "Subject", "follow"]

log = logging.getLogger(__name__)

T = TypeVar("T")

#: Seconds that one whole poll may take, however slowly the bytes come; and that closing a client may.
POLL_TIMEOUT = 120.0
_CLOSE_TIMEOUT = 10.0
#: Things that the list does not show and that are read at once.
_PARALLEL_READS = 8
#: Things that followers change at once.
_PARALLEL_CHANGES = 32


@dataclass(frozen=True)
class Subject(Generic[T]):
    """
    A kind of thing that triggers follow.

    :ivar what: how messages call it.
    :ivar pages: lists what is under way in the workspace, a page at a time.
    :ivar ids_of: returns what may be followed by an item of the list.
    :ivar read: reads one thing that is followed.
    """

    what: str
    pages: Callable[[AsyncManagedAgents], AsyncIterator[list[T]]]
    ids_of: Callable[[T], Iterable[str]]
    read: Callable[[AsyncManagedAgents, str], Awaitable[list[T]]]


@dataclass(eq=False, slots=True)
class Follower(Generic[T]):
    """
    What one trigger waits on: the next thing that the poll sees of what it follows.

    :ivar poll: the poll, shared with all followers of the subject on the connection.
    """

    poll: SharedPoll[T]
    followed_id: str
    poll_interval: float
    _next: asyncio.Future[list[T] | DreamflowError] | None = None

    @property
    def waits(self) -> bool:
        return self._next is not None and not self._next.done()

    async def next(self, seconds: float) -> list[T] | DreamflowError | None:
        """Return what the next poll sees, or None where that takes longer than the seconds."""
        self._next = asyncio.get_running_loop().create_future()
        self.poll.start()
        try:
            # Not wait_for: before Python 3.12 it loses a cancel that comes in the same moment as the answer.
            async with asyncio.timeout(seconds):
                return await self._next
        except TimeoutError:
            return None
        finally:
            self._next = None

    def tell(self, seen: list[T] | DreamflowError) -> None:
        if self._next is not None and self.waits:
            self._next.set_result(seen)


@dataclass(eq=False)
class SharedPoll(Generic[T]):
    """
    The poll of one subject on one connection, with one client.

    A key that is refused may have been rotated: the connection is read anew and the poll repeated before anyone is
    told. Whatever else goes wrong is told to those that wait, and the next poll comes.

    :ivar places: what a follower takes one of while it changes something: a thousand may want to in one moment.
    """

    subject: Subject[T]
    conn_id: str
    followers: dict[int, Follower[T]] = field(default_factory=dict)
    task: asyncio.Task[None] | None = None
    hurry: asyncio.Event = field(default_factory=asyncio.Event)
    places: asyncio.Semaphore = field(default_factory=lambda: asyncio.Semaphore(_PARALLEL_CHANGES))
    _api: AsyncManagedAgents | None = None
    _opening: asyncio.Lock = field(default_factory=asyncio.Lock)

    def start(self) -> None:
        """Poll, unless that is under way."""
        if self.task is None or self.task.done():
            self.task = asyncio.create_task(self._run(), name=f"dreamflow-poll-{self.conn_id}")
            self.task.add_done_callback(self._ended)

    async def api(self) -> AsyncManagedAgents:
        """Return the connection's open client, shared by all followers."""
        async with self._opening:
            if self._api is None:
                try:
                    self._api = await open_client(self.conn_id)
                except Exception as e:
                    raise self._as_ours(e) from e
            return self._api

    async def give_up(self, api: AsyncManagedAgents | None) -> None:
        """Close a client: the next one is opened with what the connection says by then."""
        if api is None or api is not self._api:
            return
        self._api = None
        try:
            async with asyncio.timeout(_CLOSE_TIMEOUT):
                await api.close()
        except Exception as e:
            log.warning(
                "a client of connection %s could not be closed: %s: %s", self.conn_id, type(e).__name__, e
            )

    async def _run(self) -> None:
        try:
            while self.followers:
                self.hurry.clear()
                await self._pause(await self._poll())
        finally:
            await self.give_up(self._api)

    def _ended(self, task: asyncio.Task[None]) -> None:
        """Tell those that still wait that nobody polls: each waits again, and that starts the poll anew."""
        why = "it was cancelled" if task.cancelled() else repr(task.exception())
        for follower in self.followers.values():
            follower.tell(ServiceUnavailable(f"the poll of connection {self.conn_id} ended: {why}"))

    async def _pause(self, asked_for: float) -> None:
        """Sleep until the next poll is due; a new, more impatient follower shortens the sleep."""
        started = time.monotonic()

        def left() -> float:
            interval = min((f.poll_interval for f in self.followers.values()), default=0.0)
            return started + max(interval, asked_for) - time.monotonic()

        while (seconds := left()) > 0:
            with suppress(TimeoutError):
                async with asyncio.timeout(seconds):
                    await self.hurry.wait()
            self.hurry.clear()

    async def _poll(self) -> float:
        """Tell every follower that waits what is seen, and return the seconds that the service asks to wait."""
        wanted: _Wanted[T] = defaultdict(list)
        for follower in self.followers.values():
            if follower.waits:
                wanted[follower.followed_id].append(follower)
        if not wanted:
            return 0.0
        try:
            async with asyncio.timeout(POLL_TIMEOUT):
                with suppress(AccessDenied):
                    return await self._look(wanted)
                await self.give_up(self._api)
                return await self._look(wanted)
        except Exception as e:
            error = self._as_ours(e)
            for followed_id in list(wanted):
                _tell(wanted, followed_id, error)
            if isinstance(error, AccessDenied):
                await self.give_up(self._api)
            return _wait_asked_for(error)

    async def _look(self, wanted: _Wanted[T]) -> float:
        """Look for all that are wanted in the list, then one by one. What can't be read disturbs nothing else."""
        api, places = await self.api(), asyncio.Semaphore(_PARALLEL_READS)
        await self._list(api, wanted)

        async def read(followed_id: str) -> float:
            async with places:
                try:
                    _tell(wanted, followed_id, await self.subject.read(api, followed_id))
                except DreamflowError as e:
                    _tell(wanted, followed_id, e)
                    return _wait_asked_for(e)
            return 0.0

        return max(await asyncio.gather(*(read(followed_id) for followed_id in wanted)), default=0.0)

    async def _list(self, api: AsyncManagedAgents, wanted: _Wanted[T]) -> None:
        """Page through what is under way, until what others do fills more pages than reading our own takes requests."""
        ours, pages_of_others = frozenset(wanted), 0.0
        async for page in self.subject.pages(api):
            found: dict[str, list[T]] = defaultdict(list)
            others = 0
            for item in page:
                ids = ours.intersection(self.subject.ids_of(item))
                others += not ids
                for followed_id in ids:
                    found[followed_id].append(item)
            for followed_id, items in found.items():
                _tell(wanted, followed_id, items)
            pages_of_others += others / max(len(page), 1)
            if len(wanted) <= pages_of_others:
                return

    def _as_ours(self, error: Exception) -> DreamflowError:
        if isinstance(error, DreamflowError):
            return error
        late = f"{self.subject.what} could not be listed in {POLL_TIMEOUT:.0f} s"
        said = late if isinstance(error, TimeoutError) else f"{type(error).__name__}: {error}"
        return ServiceUnavailable(f"polling connection {self.conn_id} failed: {said}")


#: The followers that a poll has not told yet, by what they follow.
_Wanted = dict[str, list[Follower[T]]]


def _tell(wanted: _Wanted[T], followed_id: str, seen: list[T] | DreamflowError) -> None:
    for follower in wanted.pop(followed_id, []):
        follower.tell(seen)


async def open_client(conn_id: str) -> AsyncManagedAgents:
    """Return an open client of the connection. The SDK's import, over a second, does not hold the event loop."""
    hooks = await asyncio.to_thread(importlib.import_module, "dreamflow.hooks.managed_agents")
    api: AsyncManagedAgents = await hooks.ManagedAgentsHook(conn_id).open_async()
    return api


def _wait_asked_for(error: DreamflowError) -> float:
    return (error.retry_after or 0.0) if isinstance(error, ServiceUnavailable) else 0.0


_polls: WeakKeyDictionary[asyncio.AbstractEventLoop, dict[Any, SharedPoll[Any]]] = WeakKeyDictionary()


@asynccontextmanager
async def follow(
    subject: Subject[T], conn_id: str, followed_id: str, poll_interval: float
) -> AsyncIterator[Follower[T]]:
    """Follow something while the block runs, on the poll that all followers on the connection share."""
    polls = _polls.setdefault(asyncio.get_running_loop(), {})
    poll: SharedPoll[T] = polls.setdefault((subject, conn_id), SharedPoll(subject, conn_id))
    follower = Follower(poll, followed_id, poll_interval)
    poll.followers[id(follower)] = follower
    poll.hurry.set()
    poll.start()
    try:
        yield follower
    finally:
        del poll.followers[id(follower)]
        if not poll.followers:
            # Who comes now gets a poll and a client of its own: those of this one are being closed.
            polls.pop((subject, conn_id), None)
            if poll.task is not None:
                poll.task.cancel()


@dataclass(eq=False, repr=False)
class FollowingTrigger(BaseTrigger):
    """
    A trigger that follows something. Its fields are all that it needs to go on in another process.

    :cvar what: how messages call what triggers of the kind wait for.
    """

    what: ClassVar[str]

    def __post_init__(self) -> None:
        super().__init__()  # type: ignore[no-untyped-call]

    def serialize(self) -> tuple[str, dict[str, Any]]:
        kind = type(self)
        return f"{kind.__module__}.{kind.__name__}", {f.name: getattr(self, f.name) for f in fields(self)}
