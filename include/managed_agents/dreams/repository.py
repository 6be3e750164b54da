"""Every query about dreams."""

from __future__ import annotations

from sqlalchemy import select
from sqlalchemy.orm import Session

from include.managed_agents.dreams.models import DreamFindingsRow, DreamRow
from include.managed_agents.dreams.schemas import DreamList
from include.managed_agents.paging import Page, by_age

__all__ = ["DreamRepository"]

BY_AGE = by_age("dreams", DreamRow)


class DreamRepository:
    def __init__(self, session: Session) -> None:
        self._session = session

    def add(self, row: DreamRow | DreamFindingsRow) -> None:
        self._session.add(row)
        self._session.flush()

    def get(self, dream_id: str) -> DreamRow | None:
        return self._session.get(DreamRow, dream_id)

    def page(self, query: DreamList) -> Page[DreamRow]:
        statement = query.created_at.narrow(select(DreamRow), DreamRow.created_at)
        if query.statuses is not None:
            statement = statement.where(DreamRow.status.in_(query.statuses))
        if not query.include_archived:
            statement = statement.where(DreamRow.archived_at.is_(None))
        return BY_AGE.page(self._session, statement, query.limit, query.page)

    def unfinished(self) -> list[DreamRow]:
        """Return pending and running dreams, oldest first."""
        statement = select(DreamRow).where(DreamRow.status.in_(("pending", "running")))
        return list(self._session.scalars(statement.order_by(DreamRow.created_at)))

    def findings(self, dream_id: str) -> list[DreamFindingsRow]:
        statement = select(DreamFindingsRow).where(DreamFindingsRow.dream_id == dream_id)
        return list(self._session.scalars(statement.order_by(DreamFindingsRow.session_id)))
