"""Waiting for dreams: all that wait on one connection share one poll."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator
from datetime import UTC, datetime
from typing import Any

from airflow.triggers.base import BaseTrigger, TriggerEvent

from dreamflow.core.lifecycle import Budget, Wait, judge_dream
from dreamflow.core.values import Dream
from dreamflow.errors import DreamflowError, ServiceUnavailable

__all__ = ["DreamTrigger"]

#: Consecutive failed polls before a trigger gives up, as the Anthropic provider's triggers do.
FAILURES_LIMIT = 5


class DreamTrigger(BaseTrigger):
    """
    Wait until a dream is over, its budget is spent or its deadline has passed; then say so, once.

    :param conn_id: the connection to poll with.
    :param dream_id: the dream.
    :param poll_interval: seconds between polls.
    :param deadline: ISO 8601 moment with zone after which the wait is over. Wall-clock, because a trigger may
        resume in another process.
    :param budget_tokens: tokens that the dream may use, or None.
    :param budget_usd: list price in US dollars that the dream may cost, or None.
    """

    def __init__(
        self,
        conn_id: str,
        dream_id: str,
        poll_interval: float,
        deadline: str,
        budget_tokens: int | None = None,
        budget_usd: float | None = None,
    ) -> None:
        super().__init__()  # type: ignore[no-untyped-call]
        self.conn_id = conn_id
        self.dream_id = dream_id
        self.poll_interval = poll_interval
        self.deadline = deadline
        self.budget_tokens = budget_tokens
        self.budget_usd = budget_usd

    def serialize(self) -> tuple[str, dict[str, Any]]:
        return (
            "dreamflow.triggers.dream.DreamTrigger",
            {
                "conn_id": self.conn_id,
                "dream_id": self.dream_id,
                "poll_interval": self.poll_interval,
                "deadline": self.deadline,
                "budget_tokens": self.budget_tokens,
                "budget_usd": self.budget_usd,
            },
        )

    async def run(self) -> AsyncIterator[TriggerEvent]:
        """Yield one event: ``{"status": "over" | "error", "dream_id", "message"}``."""
        try:
            await self._wait_until_over()
        except DreamflowError as e:
            yield TriggerEvent({"status": "error", "dream_id": self.dream_id, "message": str(e)})
        else:
            yield TriggerEvent({"status": "over", "dream_id": self.dream_id, "message": ""})

    async def _wait_until_over(self) -> None:
        from dreamflow.hooks.managed_agents import ManagedAgentsHook

        failures = 0
        shown: tuple[str, int] | None = None
        async with ManagedAgentsHook(self.conn_id).connect() as api:
            while True:
                try:
                    dream = await api.retrieve_dream(self.dream_id)
                    cost = None
                    if self.budget_usd is not None and dream.session_id:
                        cost = await api.retrieve_list_cost(dream.session_id)
                    failures = 0
                except ServiceUnavailable as e:
                    failures += 1
                    if failures >= FAILURES_LIMIT:
                        raise
                    self.log.warning("poll %d of %d failed: %s", failures, FAILURES_LIMIT, e)
                else:
                    if self._is_over(dream, cost):
                        return
                    if shown != (dream.status, dream.usage.total):
                        shown = (dream.status, dream.usage.total)
                        self.log.info(
                            "dream %s is %s, %d tokens used", dream.id, dream.status, dream.usage.total
                        )
                await asyncio.sleep(self.poll_interval)

    def _is_over(self, dream: Dream, list_cost_usd: float | None) -> bool:
        verdict = judge_dream(
            dream,
            budget=Budget(self.budget_tokens, self.budget_usd),
            deadline=datetime.fromisoformat(self.deadline),
            now=datetime.now(UTC),
            list_cost_usd=list_cost_usd,
        )
        return not isinstance(verdict, Wait)
