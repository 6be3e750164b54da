"""Waiting until the sessions that could write to a store have gone."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator
from datetime import UTC, datetime, timedelta
from typing import TYPE_CHECKING, Any

from airflow.triggers.base import BaseTrigger, TriggerEvent

from dreamflow.core.writers import WRITER_STATUSES, could_still_write
from dreamflow.errors import DreamflowError
from dreamflow.triggers.client import open_client

if TYPE_CHECKING:
    from dreamflow.hooks.asynchronous import AsyncManagedAgents

__all__ = ["DrainTrigger"]


class DrainTrigger(BaseTrigger):
    """
    Wait until no session could still write to a memory store, or the deadline has passed.

    A failing API is no reason to stop waiting: until the deadline, every poll is tried.

    :param conn_id: the connection to poll with.
    :param memory_store_id: the store.
    :param idle_for: seconds that an idle session must have been without activity.
    :param poll_interval: seconds between polls.
    :param not_before: ISO 8601 moment before which the wait is not over.
    :param deadline: ISO 8601 moment at which it is over in any case.
    """

    def __init__(
        self,
        conn_id: str,
        memory_store_id: str,
        idle_for: float,
        poll_interval: float,
        not_before: str,
        deadline: str,
    ) -> None:
        super().__init__()  # type: ignore[no-untyped-call]
        self.conn_id = conn_id
        self.memory_store_id = memory_store_id
        self.idle_for = idle_for
        self.poll_interval = poll_interval
        self.not_before = not_before
        self.deadline = deadline

    def serialize(self) -> tuple[str, dict[str, Any]]:
        return (
            "dreamflow.triggers.session.DrainTrigger",
            {
                "conn_id": self.conn_id,
                "memory_store_id": self.memory_store_id,
                "idle_for": self.idle_for,
                "poll_interval": self.poll_interval,
                "not_before": self.not_before,
                "deadline": self.deadline,
            },
        )

    async def run(self) -> AsyncIterator[TriggerEvent]:
        """Yield one event: ``{"status": "drained" | "timeout", "still_mounted": [session ids]}``."""
        api = await open_client(self.conn_id)
        try:
            yield TriggerEvent(await self._wait(api))
        finally:
            await api.close()

    async def _wait(self, api: AsyncManagedAgents) -> dict[str, Any]:
        not_before, deadline = datetime.fromisoformat(self.not_before), datetime.fromisoformat(self.deadline)
        writers: list[str] = []
        while True:
            now = datetime.now(UTC)
            try:
                writers = await self._writers(api, now)
            except DreamflowError as e:
                self.log.warning("the sessions on %s can't be listed now: %s", self.memory_store_id, e)
            else:
                if not writers and now >= not_before:
                    return {"status": "drained", "still_mounted": []}
                self.log.info("%d sessions could still write to %s", len(writers), self.memory_store_id)
            if now >= deadline:
                return {"status": "timeout", "still_mounted": writers}
            await asyncio.sleep(self.poll_interval)

    async def _writers(self, api: AsyncManagedAgents, now: datetime) -> list[str]:
        idle_for = timedelta(seconds=self.idle_for)
        sessions = await api.list_sessions_on(self.memory_store_id, WRITER_STATUSES)
        return [
            s.id for s in sessions if could_still_write(s, self.memory_store_id, idle_for=idle_for, now=now)
        ]
