"""What can be done with a session's events."""

from __future__ import annotations

from collections.abc import Sequence

from include.managed_agents.database import Unit
from include.managed_agents.paging import Page
from include.managed_agents.session_events.log import EventLog
from include.managed_agents.session_events.models import SessionEventRow
from include.managed_agents.session_events.repository import SessionEventRepository
from include.managed_agents.session_events.schemas import EventList, SystemMessage, UserInterrupt, UserMessage
from include.managed_agents.sessions.models import SessionRow
from include.managed_agents.sessions.service import Sessions
from include.managed_agents.turns.runner import TurnRunner

__all__ = ["SessionEvents"]


class SessionEvents:
    """:param turns: runs the turns that events start. Not needed for reading."""

    def __init__(self, unit: Unit, turns: TurnRunner | None = None) -> None:
        self._unit = unit
        self._turns = turns
        self._rows = SessionEventRepository(unit.session)
        self._sessions = Sessions(unit)

    def page(self, session_id: str, query: EventList) -> Page[SessionEventRow]:
        self._sessions.retrieve(session_id)
        return self._rows.page(session_id, query)

    def last_seq(self, session_id: str) -> int:
        self._sessions.retrieve(session_id)
        return self._rows.last_seq(session_id)

    def send(
        self, session_id: str, events: Sequence[UserMessage | UserInterrupt | SystemMessage]
    ) -> list[SessionEventRow]:
        """
        Record a client's events, and let the agent act on them.

        :raises InvalidRequest: if the session has ended.
        """
        session, _ = self._sessions.retrieve(session_id)
        self._sessions.refuse_ended(session)
        rows = [self._record(session, event) for event in events]
        session.updated_at = rows[-1].ordered_at
        if any(isinstance(event, UserInterrupt) for event in events):
            self._interrupt(session)
        if any(isinstance(event, UserMessage) for event in events):
            self._start_turn(session)
        return rows

    def _record(
        self, session: SessionRow, event: UserMessage | UserInterrupt | SystemMessage
    ) -> SessionEventRow:
        fields = event.model_dump(exclude={"type"}, exclude_none=True)
        log = EventLog(self._unit, session.id)
        return log.append(event.type, queued=isinstance(event, UserMessage), **fields)

    def _start_turn(self, session: SessionRow) -> None:
        if session.status != "running":
            self._sessions.start_running(session, in_turn=True)
        if self._turns is not None:
            turns, session_id = self._turns, session.id
            self._unit.after_commit(lambda: turns.submit(session_id))

    def _interrupt(self, session: SessionRow) -> None:
        if not session.is_in_turn:
            return
        self._sessions.stop_running(session)
        if self._turns is not None:
            turns, session_id = self._turns, session.id
            self._unit.after_commit(lambda: turns.interrupt(session_id))
