"""What can be done with a session's events."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from pydantic import BaseModel

from include.managed_agents.database import Unit
from include.managed_agents.ids import new_id
from include.managed_agents.paging import Page
from include.managed_agents.session_events.log import EventLog
from include.managed_agents.session_events.models import SessionEventRow
from include.managed_agents.session_events.repository import SessionEventRepository
from include.managed_agents.session_events.schemas import DefineOutcome, EventList
from include.managed_agents.sessions.models import SessionRow
from include.managed_agents.sessions.service import Sessions

__all__ = ["SessionEvents"]


class SessionEvents:
    def __init__(self, unit: Unit) -> None:
        self._unit = unit
        self._rows = SessionEventRepository(unit.session)
        self._sessions = Sessions(unit)

    def page(self, session_id: str, query: EventList) -> Page[SessionEventRow]:
        self._sessions.retrieve(session_id)
        return self._rows.page(session_id, query)

    def send(self, session_id: str, events: Sequence[BaseModel]) -> list[SessionEventRow]:
        """Record a client's events. :raises InvalidRequest: if the session has ended."""
        session, _ = self._sessions.retrieve(session_id)
        self._sessions.refuse_ended(session)
        log = EventLog(self._unit, session_id)
        rows = [log.append(event.type, **self._fields(session, event)) for event in events]  # type: ignore[attr-defined]
        session.updated_at = rows[-1].ordered_at
        return rows

    def _fields(self, session: SessionRow, event: BaseModel) -> dict[str, Any]:
        fields = event.model_dump(exclude={"type"}, exclude_none=True)
        if isinstance(event, DefineOutcome):
            fields["outcome_id"] = new_id("outc")
            outcome = {
                "type": "outcome_evaluation",
                "outcome_id": fields["outcome_id"],
                "description": event.description,
                "iteration": 0,
                "result": "pending",
            }
            session.outcomes = [*session.outcomes, outcome]
        return fields
