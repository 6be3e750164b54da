"""Waiting until the sessions that could write to a store have gone."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from typing import TYPE_CHECKING, ClassVar

from airflow.triggers.base import TriggerEvent

from dreamflow.core.writers import AT_WORK, WRITER_STATUSES, could_still_write, quiet_from, stores_open_to
from dreamflow.errors import DreamflowError
from dreamflow.triggers.shared_poll import POLL_TIMEOUT, Follower, FollowingTrigger, Subject, follow

if TYPE_CHECKING:
    from dreamflow.core.objects import Session
    from dreamflow.hooks.asynchronous import AsyncManagedAgents

__all__ = ["MOUNTED", "DrainTrigger"]


async def _read(api: AsyncManagedAgents, store_id: str) -> list[Session]:
    """
    Return a page of sessions at work on the store; where there are none, all that mount it and may write once resumed.

    Those may be many. They are listed together with those at work: who is resumed between two lists would be in
    neither.
    """
    async for page in api.pages_of_sessions(AT_WORK, memory_store_id=store_id):
        at_work = [session for session in page if store_id in stores_open_to(session)]
        if at_work:
            return at_work
    pages = api.pages_of_sessions(WRITER_STATUSES, memory_store_id=store_id)
    return [session async for page in pages for session in page]


#: The sessions that may write to a memory store, followed by the store's id. The list has those at work.
MOUNTED: Subject[Session] = Subject(
    "the sessions at work", lambda api: api.pages_of_sessions(AT_WORK), stores_open_to, _read
)


@dataclass(eq=False, repr=False)
class DrainTrigger(FollowingTrigger):
    """
    Wait until no session could still write to a memory store, or the deadline has passed.

    While a session is at work on the store, it is looked for in the list of all sessions at work, which all drains of
    a connection share. Once none is, the store's own sessions are listed, and nothing more is asked until the last of
    them was idle long enough. Only a list that still says so ends the wait. A poll that fails does not.

    :param conn_id: the connection to poll with.
    :param memory_store_id: the store.
    :param idle_for: seconds that an idle session must have been without activity.
    :param poll_interval: seconds between polls.
    :param not_before: ISO 8601 moment before which the wait is not over.
    :param deadline: ISO 8601 moment at which it is over in any case.
    """

    what: ClassVar[str] = "drains"

    conn_id: str
    memory_store_id: str
    idle_for: float
    poll_interval: float
    not_before: str
    deadline: str

    async def run(self) -> AsyncIterator[TriggerEvent]:
        """Yield one event: ``{"status": "drained" | "timeout", "still_mounted": [session ids]}``."""
        async with follow(MOUNTED, self.conn_id, self.memory_store_id, self.poll_interval) as follower:
            still_mounted = await self._wait(follower)
        status = "drained" if still_mounted is None else "timeout"
        yield TriggerEvent({"status": status, "still_mounted": still_mounted or []})

    async def _wait(self, follower: Follower[Session]) -> list[str] | None:
        """Return None once nobody could write; at the deadline, the ids of the sessions that were last seen to."""
        not_before, deadline = map(datetime.fromisoformat, (self.not_before, self.deadline))
        store_id, idle_for = self.memory_store_id, timedelta(seconds=self.idle_for)
        writers: list[str] = []
        while True:
            # Sessions are judged as of a moment before they were listed: meanwhile one may have been resumed.
            asked = datetime.now(UTC)
            patience = max((deadline - asked).total_seconds(), 0.0) + self.poll_interval + POLL_TIMEOUT
            seen = await follower.next(patience)
            look_again = asked
            if isinstance(seen, DreamflowError):
                self.log.warning("the sessions on %s can't be listed now: %s", store_id, seen)
            elif seen is not None:
                before, quiet = writers, quiet_from(seen, store_id, idle_for=idle_for)
                writers = [s.id for s in seen if could_still_write(s, store_id, idle_for=idle_for, now=asked)]
                look_again = max(quiet or asked, not_before)
                if quiet is not None and look_again <= asked:
                    return None
                if writers != before:
                    self.log.info("%d sessions could still write to %s", len(writers), store_id)
            if seen is None or datetime.now(UTC) >= deadline:
                return writers
            await asyncio.sleep((min(look_again, deadline) - datetime.now(UTC)).total_seconds())
