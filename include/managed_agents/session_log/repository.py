"""Every query about session events."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime
from typing import Any

from sqlalchemy import delete, func, insert, select
from sqlalchemy.orm import Session

from include.managed_agents.paging import Keyset, Page
from include.managed_agents.session_log.models import SessionEventRow
from include.managed_agents.session_log.schemas import EventList

__all__ = ["SessionEventRepository"]


def in_order(descending: bool) -> Keyset[SessionEventRow]:
    return Keyset(
        "session_events",
        (SessionEventRow.ordered_at, SessionEventRow.seq),
        lambda row: (row.ordered_at, row.seq),
        descending=descending,
    )


class SessionEventRepository:
    def __init__(self, session: Session) -> None:
        self._session = session

    def add_all(self, events: Sequence[dict[str, Any]]) -> None:
        """Insert events in this order, which is the order of the `seq` that the database gives them."""
        self._session.execute(insert(SessionEventRow), events)

    def page(self, session_id: str, query: EventList) -> Page[SessionEventRow]:
        statement = select(SessionEventRow).where(SessionEventRow.session_id == session_id)
        if query.types is not None:
            statement = statement.where(SessionEventRow.type.in_(query.types))
        statement = query.created_at.narrow(statement, SessionEventRow.ordered_at)
        return in_order(query.order == "desc").page(self._session, statement, query.limit, query.page)

    def all_of(self, session_id: str) -> list[SessionEventRow]:
        statement = select(SessionEventRow).where(SessionEventRow.session_id == session_id)
        ordered = statement.order_by(SessionEventRow.ordered_at, SessionEventRow.seq)
        return list(self._session.scalars(ordered))

    def waiting(self, session_id: str) -> list[SessionEventRow]:
        """Return the user's events that the agent has not taken up yet, in order of receipt."""
        statement = (
            select(SessionEventRow)
            .where(SessionEventRow.session_id == session_id, SessionEventRow.processed_at.is_(None))
            .order_by(SessionEventRow.seq)
        )
        return list(self._session.scalars(statement))

    def move_to_end(self, rows: Sequence[SessionEventRow], moments: Sequence[datetime]) -> None:
        """Take events up: each is processed at its moment, and stands behind all that was said before that."""
        moved = [
            {
                "id": row.id,
                "session_id": row.session_id,
                "type": row.type,
                "processed_at": moment,
                "ordered_at": moment,
                "fields": row.fields,
            }
            for row, moment in zip(rows, moments, strict=True)
        ]
        self._session.execute(delete(SessionEventRow).where(SessionEventRow.id.in_([row.id for row in rows])))
        self.add_all(moved)

    def after(self, session_id: str, seq: int, limit: int) -> list[SessionEventRow]:
        statement = (
            select(SessionEventRow)
            .where(SessionEventRow.session_id == session_id, SessionEventRow.seq > seq)
            .order_by(SessionEventRow.seq)
            .limit(limit)
        )
        return list(self._session.scalars(statement))

    def last_seq(self, session_id: str) -> int:
        statement = select(func.max(SessionEventRow.seq)).where(SessionEventRow.session_id == session_id)
        return self._session.scalar(statement) or 0
