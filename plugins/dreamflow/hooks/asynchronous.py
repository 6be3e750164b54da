"""The calls that triggers make, without blocking the event loop."""

from __future__ import annotations

from collections.abc import AsyncIterator, Callable, Sequence
from dataclasses import replace
from typing import TYPE_CHECKING, Any, TypeVar

from dreamflow.core.objects import IN_FLIGHT, Dream, Session
from dreamflow.errors import RequestRejected
from dreamflow.hooks._convert import dream_of, list_cost_usd_of, session_of, translated

if TYPE_CHECKING:
    from anthropic import AsyncAnthropic
    from anthropic.types.beta import BetaDream

__all__ = ["PAGE", "AsyncManagedAgents"]

#: Items a page; the most that the list calls allow.
PAGE = 100

T = TypeVar("T")


class AsyncManagedAgents:
    """An open client of one connection."""

    def __init__(self, client: AsyncAnthropic) -> None:
        self.client = client

    async def close(self) -> None:
        await self.client.close()

    def pages_of_dreams_in_flight(self) -> AsyncIterator[list[Dream]]:
        """
        Yield the dreams of the workspace that are pending or running, a page at a time, newest first.

        Their session ids and instructions are left out: a thousand dreams of a hundred sessions each would be held
        for nothing.
        """

        def brief(dream: BetaDream) -> Dream:
            return replace(dream_of(dream), session_ids=(), instructions=None)

        return _pages(
            "list dreams in flight", self.client.beta.dreams.list, brief, statuses=sorted(IN_FLIGHT)
        )

    def pages_of_sessions(self, statuses: Sequence[str], **filters: str) -> AsyncIterator[list[Session]]:
        """
        Yield the sessions, not archived, that have one of the statuses, a page at a time, newest first.

        :param filters: others of ``sessions.list``, such as the ``memory_store_id`` that they mount.
        """
        what = " ".join(["list sessions", *filters.values()])
        return _pages(what, self.client.beta.sessions.list, session_of, statuses=list(statuses), **filters)

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


async def _pages(
    what: str, items: Callable[..., Any], value_of: Callable[[Any], T], **filters: Any
) -> AsyncIterator[list[T]]:
    """Yield a list call's items as values, a page at a time. No page outlives the next request."""
    page_of: dict[str, str] = {}
    while True:
        with translated(what):
            page = await items(limit=PAGE, **filters, **page_of)
            values = [value_of(item) for item in page.data or []]
            next_page = page.next_page if values else None
        del page
        yield values
        del values
        if not next_page:
            return
        page_of = {"page": next_page}
