"""Send events to a session: record them, and start or interrupt its turns."""

from __future__ import annotations

from collections.abc import Sequence

from include.managed_agents.database import Unit
from include.managed_agents.session_log.log import EventLog
from include.managed_agents.session_log.models import SessionEventRow
from include.managed_agents.session_log.schemas import SystemMessage, UserInterrupt, UserMessage
from include.managed_agents.sessions.models import SessionRow
from include.managed_agents.sessions.service import Sessions
from include.managed_agents.workers import Queue

__all__ = ["send_events"]

Sent = UserMessage | UserInterrupt | SystemMessage


def send_events(unit: Unit, turns: Queue, session_id: str, events: Sequence[Sent]) -> list[SessionEventRow]:
    """
    Record a client's events, and let the agent act on them.

    :param turns: runs the turns that events start, once they are durable.
    :raises InvalidRequest: if the session has ended.
    """
    sessions = Sessions(unit)
    session, _ = sessions.retrieve(session_id)
    sessions.refuse_ended(session)
    rows = []
    for event in events:
        rows.append(record(unit, session, event))
        if isinstance(event, UserInterrupt) and session.is_in_turn:
            sessions.stop_running(session)
            unit.after_commit(lambda: turns.interrupt(session_id))
    session.updated_at = rows[-1].ordered_at
    if any(isinstance(event, UserMessage) for event in events):
        if session.status != "running":
            sessions.start_running(session, in_turn=True)
        unit.after_commit(lambda: turns.submit(session_id))
    return rows


def record(unit: Unit, session: SessionRow, event: Sent) -> SessionEventRow:
    """Add an event to the log. What is said to a session that is at work waits for its turn; an interrupt doesn't."""
    fields = event.model_dump(exclude={"type"}, exclude_none=True)
    waits = session.status == "running" and not isinstance(event, UserInterrupt)
    return EventLog(unit, session.id).append(event.type, queued=waits, **fields)
