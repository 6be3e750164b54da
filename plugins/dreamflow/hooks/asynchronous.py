"""The calls that triggers make, without blocking the event loop."""

from __future__ import annotations

from collections.abc import AsyncIterator, Sequence
from dataclasses import replace
from typing import TYPE_CHECKING, Any, cast

from dreamflow.core.objects import IN_FLIGHT, Dream, Session
from dreamflow.errors import RequestRejected
from dreamflow.hooks._convert import dream_of, list_cost_usd_of, session_of, translated

if TYPE_CHECKING:
    from anthropic import AsyncAnthropic

__all__ = ["PAGE", "AsyncManagedAgents"]

#: Items a page; the most that the list calls allow.
PAGE = 100


class AsyncManagedAgents:
    """The calls that triggers make, without blocking the event loop."""

    def __init__(self, client: AsyncAnthropic) -> None:
        self.client = client

    async def close(self) -> None:
        await self.client.close()

    async def pages_of_dreams_in_flight(self) -> AsyncIterator[list[Dream]]:
        """
        Yield the dreams of the workspace that are pending or running, a page at a time, newest first.

        Their session ids and instructions are left out, and no page outlives the next request: a thousand dreams of
        a hundred sessions each would be held for nothing.
        """
        page_of: dict[str, Any] = {}
        while True:
            with translated("list dreams in flight"):
                page = await self.client.beta.dreams.list(
                    statuses=cast("Any", sorted(IN_FLIGHT)), limit=PAGE, **page_of
                )
                dreams = [
                    replace(dream_of(dream), session_ids=(), instructions=None) for dream in page.data or []
                ]
                next_page = page.next_page if dreams else None
            del page
            yield dreams
            del dreams
            if not next_page:
                return
            page_of = {"page": next_page}

    async def retrieve_dream(self, dream_id: str) -> Dream:
        with translated(f"read dream {dream_id}"):
            return dream_of(await self.client.beta.dreams.retrieve(dream_id))

    async def retrieve_list_cost(self, session_id: str) -> float | None:
        with translated(f"read session {session_id}"):
            return list_cost_usd_of(await self.client.beta.sessions.retrieve(session_id))

    async def cancel_dream(self, dream_id: str) -> Dream:
        """Cancel the dream, and return it as it is then: one that ended by itself meanwhile, as it ended."""
        try:
            with translated(f"cancel dream {dream_id}"):
                return dream_of(await self.client.beta.dreams.cancel(dream_id))
        except RequestRejected:
            dream = await self.retrieve_dream(dream_id)
            if dream.status in IN_FLIGHT:
                raise
            return dream

    async def list_sessions_on(self, store_id: str, statuses: Sequence[str]) -> list[Session]:
        """Return the sessions, not archived, that mount the store and have one of the statuses."""
        with translated(f"list the sessions that mount {store_id}"):
            sessions = self.client.beta.sessions.list(
                memory_store_id=store_id, statuses=cast("Any", list(statuses)), limit=PAGE
            )
            return [session_of(session) async for session in sessions]
