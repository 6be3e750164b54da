"""The dream engine that uses Claude: a sub-agent for each transcript, and one that files what they found."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator, Collection
from contextlib import asynccontextmanager
from typing import TYPE_CHECKING

from include.managed_agents.claude import ClaudeAccess, MessagesError, count_tokens, limits_of
from include.managed_agents.dreams.claude.conversation import Meter, Model
from include.managed_agents.dreams.claude.filing import Orchestrator
from include.managed_agents.dreams.claude.plan import COUNT_MARGIN, TOKENS_PER_BYTE, Plan, load_of, plan_for
from include.managed_agents.dreams.claude.prompts import HANDBOOK, shared_prompt
from include.managed_agents.dreams.claude.reading import Reader
from include.managed_agents.dreams.engine import Brief, EngineFailure, Findings, StoreFiles, Transcript
from include.managed_agents.dreams.thinking import think

if TYPE_CHECKING:
    from anthropic import AsyncAnthropic

__all__ = ["ClaudeEngine"]


class ClaudeEngine:
    """
    Implements `DreamEngine`. One instance serves one dream.

    :param token_ceiling: tokens of all kinds that one dream may use.
    """

    name = "claude"
    readers = 8

    def __init__(self, access: ClaudeAccess, token_ceiling: int) -> None:
        self._access = access
        self._ceiling = token_ceiling
        self._planning = asyncio.Lock()
        self._plan: Plan | None = None
        self._meter = Meter(token_ceiling)
        self._system: list[str] = []

    async def read_session(self, transcript: Transcript, brief: Brief) -> Findings:
        """Let a sub-agent go over a transcript in passes, and keep what is grounded of its report."""
        async with self._model(brief) as (model, plan):
            return await Reader(model, plan, brief, self._meter).read(transcript)

    async def consolidate(self, files: StoreFiles, findings: Collection[Findings], brief: Brief) -> None:
        """Let the orchestrator write, one file a round, until all is filed and the checks are content."""
        async with self._model(brief) as (model, plan):
            await Orchestrator(model, plan, brief, self._meter).file(files, findings)

    @asynccontextmanager
    async def _model(self, brief: Brief) -> AsyncIterator[tuple[Model, Plan]]:
        async with self._access.client() as client:
            async with self._planning:
                if self._plan is None:
                    self._meter.spent = brief.tokens_spent
                    self._plan = await self._planned(client, brief)
                    self._system = await think(brief.check, shared_prompt, brief, self._plan.notes_bytes)
            yield Model(client, brief, self._plan.limits, self._system, self._meter), self._plan

    async def _planned(self, client: AsyncAnthropic, brief: Brief) -> Plan:
        """Plan the whole dream, before its first request that costs anything."""
        try:
            limits = await limits_of(client, brief.model)
            load = await think(brief.check, load_of, brief)
            sample = load.sample.strip() or HANDBOOK
            counted = await count_tokens(client, brief.model, sample)
        except MessagesError as error:
            raise EngineFailure(f"{error}; nothing was used", error.error_type) from error
        density = TOKENS_PER_BYTE if counted is None else COUNT_MARGIN * counted / len(sample.encode())
        return plan_for(load, limits, density, self._ceiling, brief.tokens_spent)
