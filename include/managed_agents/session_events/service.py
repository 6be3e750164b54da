"""Read a session's events."""

from __future__ import annotations

from include.managed_agents.database import Unit
from include.managed_agents.paging import Page
from include.managed_agents.session_log.models import SessionEventRow
from include.managed_agents.session_log.repository import SessionEventRepository
from include.managed_agents.session_log.schemas import EventList
from include.managed_agents.sessions.service import Sessions

__all__ = ["SessionEvents"]


class SessionEvents:
    def __init__(self, unit: Unit) -> None:
        self._rows = SessionEventRepository(unit.session)
        self._sessions = Sessions(unit)

    def page(self, session_id: str, query: EventList) -> Page[SessionEventRow]:
        self._sessions.retrieve(session_id)
        return self._rows.page(session_id, query)

    def last_seq(self, session_id: str) -> int:
        self._sessions.retrieve(session_id)
        return self._rows.last_seq(session_id)
