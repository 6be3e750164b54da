"""One turn from the user's message to idle: the mount, the model, and the events that tell of it."""

from __future__ import annotations

import asyncio
from collections.abc import Sequence
from pathlib import Path
from typing import Any

from include.managed_agents.ids import new_id
from include.managed_agents.session_events.stream import Streams
from include.managed_agents.session_log.log import EventLog, text_block
from include.managed_agents.session_log.repository import SessionEventRepository
from include.managed_agents.sessions.schemas import list_cost_cents, render_session_agent
from include.managed_agents.sessions.service import Sessions
from include.managed_agents.settings import Price
from include.managed_agents.turns.claim import Claim
from include.managed_agents.turns.model import (
    BudgetReached,
    Event,
    Outcome,
    SessionModel,
    unanswered,
)
from include.managed_agents.turns.mount import Mount
from include.managed_agents.turns.prompt import system_prompt
from include.managed_agents.turns.tools import Toolbox, offered_tools
from include.managed_agents.usage import Usage, add_usage

__all__ = ["TurnWork"]

ALLOWED = {"evaluated_permission": "allow", "evaluation": {"type": "always_allow"}}


class TurnWork:
    """
    The work of one turn. Implements `Turn` for the model.

    :raises TurnOver: from any step, once the session has stopped running, even if it is at work on something new.
    """

    def __init__(self, claim: Claim, streams: Streams, price: Price, root: Path) -> None:
        self._claim = claim
        self._database = database = claim.database
        self._streams = streams
        self._session_id = session_id = claim.session_id
        with self._database.read() as unit:
            session, version = Sessions(unit).retrieve(session_id)
            agent = render_session_agent(session, version)
        mounts = [
            Mount(database, session_id, root.resolve(), resource)
            for resource in session.resources
            if resource["type"] == "memory_store"
        ]
        self._tools = Toolbox(root, mounts, offered_tools(agent["tools"]))
        self.model: str = agent["model"]["id"]
        self._price = price.of(self.model)
        self.title = session.title
        self.started = session.created_at
        self.system = system_prompt(agent["system"], mounts)
        self.mounts: Sequence[tuple[str, bool]] = [(mount.path, not mount.is_read_only) for mount in mounts]
        self.tool_definitions: Sequence[Any] = self._tools.definitions
        self.history: Sequence[Event] = self._read()
        #: The last message that the model was asked to answer. It may have had nothing to say.
        self._asked: str | None = None

    async def run(self, model: SessionModel) -> None:
        """Answer message after message, until none is waiting."""
        while self._is_asked() or self._take_up_next():
            self._check_budget()
            self._asked = unanswered(self.history)[-1].id
            await model.take_turn(self)
            self.history = self._read()

    def _is_asked(self) -> bool:
        """Tell whether a message still needs an answer: the one that started the turn, or one that a crash cut off."""
        pending = unanswered(self.history)
        return bool(pending) and pending[-1].id != self._asked

    def _take_up_next(self) -> bool:
        with self._claim.writing() as (unit, _):
            taken = EventLog(unit, self._session_id).take_up_next()
        self.history = self._read()
        return taken

    def _read(self) -> Sequence[Event]:
        """Return what was said and done so far; messages that wait come later."""
        with self._database.read() as unit:
            rows = SessionEventRepository(unit.session).all_of(self._session_id)
        return [Event(row.id, row.type, row.fields, row.ordered_at) for row in rows if row.processed_at]

    async def use_tool(self, name: str, call: dict[str, Any]) -> Outcome:
        use_id = await asyncio.to_thread(self._append, "agent.tool_use", name=name, input=call, **ALLOWED)
        outcome = await self._tools.use(name, call)
        await asyncio.to_thread(
            self._append,
            "agent.tool_result",
            tool_use_id=use_id,
            content=[text_block(outcome.text)],
            is_error=outcome.is_error,
        )
        return outcome

    async def say(self, text: str) -> None:
        event_id = new_id("sevt")
        self._preview(event_id, text)
        await asyncio.to_thread(self._append, "agent.message", id=event_id, content=[text_block(text)])

    def _preview(self, event_id: str, text: str) -> None:
        kind = "agent.message"
        start = {"type": "event_start", "event": {"id": event_id, "type": kind}}
        delta = {"type": "content_delta", "index": 0, "content": text_block(text)}
        self._streams.preview(self._session_id, kind, start)
        self._streams.preview(
            self._session_id, kind, {"type": "event_delta", "event_id": event_id, "delta": delta}
        )

    async def count(self, usage: Usage) -> None:
        await asyncio.to_thread(self._count, usage)
        self._check_budget()

    def _count(self, usage: Usage) -> None:
        with self._claim.writing() as (_, session):
            add_usage(session, usage)

    def _check_budget(self) -> None:
        with self._database.read() as unit:
            session, _ = Sessions(unit).retrieve(self._session_id)
            budget = session.budget
            if budget and list_cost_cents(session, self._price) >= int(budget["max_list_cost"]["amount"]):
                raise BudgetReached

    def _append(self, event_type: str, **fields: Any) -> str:
        with self._claim.writing() as (unit, _):
            return EventLog(unit, self._session_id).append(event_type, **fields).id
