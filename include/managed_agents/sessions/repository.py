"""Every query about sessions."""

from __future__ import annotations

from collections.abc import Iterable

from sqlalchemy import select
from sqlalchemy.orm import Session

from include.managed_agents.paging import Page, by_age
from include.managed_agents.sessions.models import SessionRow, SessionStoreRow
from include.managed_agents.sessions.schemas import SessionList

__all__ = ["SessionRepository"]


class SessionRepository:
    def __init__(self, session: Session) -> None:
        self._session = session

    def add(self, row: SessionRow, memory_store_ids: Iterable[str]) -> None:
        self._session.add(row)
        self._session.flush()
        self._session.add_all(
            SessionStoreRow(memory_store_id=store_id, session_id=row.id) for store_id in memory_store_ids
        )
        self._session.flush()

    def get(self, session_id: str) -> SessionRow | None:
        return self._session.get(SessionRow, session_id)

    def get_many(self, session_ids: Iterable[str]) -> list[SessionRow]:
        return list(self._session.scalars(select(SessionRow).where(SessionRow.id.in_(list(session_ids)))))

    def in_a_turn(self) -> list[SessionRow]:
        """Return the sessions that are running because a user said something."""
        statement = select(SessionRow).where(SessionRow.status == "running", SessionRow.is_in_turn)
        return list(self._session.scalars(statement))

    def delete(self, row: SessionRow) -> None:
        self._session.delete(row)
        self._session.flush()

    def page(self, query: SessionList) -> Page[SessionRow]:
        statement = select(SessionRow)
        if query.agent_id is not None:
            statement = statement.where(SessionRow.agent_id == query.agent_id)
            if query.agent_version is not None:
                statement = statement.where(SessionRow.agent_version == query.agent_version)
        if query.deployment_id is not None:
            statement = statement.where(SessionRow.deployment_id == query.deployment_id)
        if query.memory_store_id is not None:
            mounted = select(SessionStoreRow.session_id).where(
                SessionStoreRow.memory_store_id == query.memory_store_id
            )
            statement = statement.where(SessionRow.id.in_(mounted))
        if query.statuses is not None:
            statement = statement.where(SessionRow.status.in_(query.statuses))
        if not query.include_archived:
            statement = statement.where(SessionRow.archived_at.is_(None))
        statement = query.created_at.narrow(statement, SessionRow.created_at)
        keyset = by_age("sessions", SessionRow, descending=query.order == "desc")
        return keyset.page(self._session, statement, query.limit, query.page)
