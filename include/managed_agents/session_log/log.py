"""Add events to a session's log. Nothing else adds any."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime
from typing import Any

from include.managed_agents.database import Unit
from include.managed_agents.ids import new_id
from include.managed_agents.session_log.models import SessionEventRow
from include.managed_agents.session_log.repository import SessionEventRepository

__all__ = ["EventLog", "text_block", "texts_of"]


class EventLog:
    """The log of one session."""

    def __init__(self, unit: Unit, session_id: str) -> None:
        self._unit = unit
        self._session_id = session_id
        self._rows = SessionEventRepository(unit.session)

    def append(
        self, event_type: str, *, at: datetime | None = None, queued: bool = False, **fields: Any
    ) -> SessionEventRow:
        """
        Add one event.

        :param at: when it happened; now, if not given.
        :param queued: a user's event that the agent has not taken up yet.
        """
        return self.extend([(event_type, at, fields)], queued=queued)[0]

    def extend(
        self, events: Sequence[tuple[str, datetime | None, dict[str, Any]]], *, queued: bool = False
    ) -> list[SessionEventRow]:
        rows = [self._values(event_type, at, fields, queued) for event_type, at, fields in events]
        self._rows.add_all(rows)
        self._unit.touched_sessions.add(self._session_id)
        return [SessionEventRow(**row) for row in rows]

    def take_up_next(self) -> bool:
        """Take up the message that has waited longest, with what accompanies it. Returns whether there was one."""
        waiting = self._rows.waiting(self._session_id)
        later = (place for place, row in enumerate(waiting) if place and row.type == "user.message")
        return self._take_up(waiting[: next(later, len(waiting))])

    def take_up_all(self) -> bool:
        """Take up all that waits, unanswered: whoever answers the next message reads it too."""
        return self._take_up(self._rows.waiting(self._session_id))

    def _take_up(self, rows: Sequence[SessionEventRow]) -> bool:
        if rows:
            self._rows.move_to_end(rows, [self._unit.clock.now() for _ in rows])
            self._unit.touched_sessions.add(self._session_id)
        return bool(rows)

    def _values(
        self, event_type: str, at: datetime | None, fields: dict[str, Any], queued: bool
    ) -> dict[str, Any]:
        moment = at or self._unit.clock.now()
        return {
            "id": fields.get("id") or new_id("sevt"),
            "session_id": self._session_id,
            "type": event_type,
            "processed_at": None if queued else moment,
            "ordered_at": moment,
            "fields": {key: value for key, value in fields.items() if key != "id"},
        }


def text_block(text: str) -> dict[str, str]:
    return {"type": "text", "text": text}


def texts_of(blocks: Sequence[dict[str, Any]] | None) -> str:
    """Return the text of content blocks; what isn't text leaves no trace."""
    return "\n".join(block["text"] for block in blocks or () if block.get("type") == "text")
