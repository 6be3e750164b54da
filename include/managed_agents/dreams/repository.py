"""Every query about dreams."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime

from sqlalchemy import delete, select
from sqlalchemy.orm import Session

from include.managed_agents.dreams.models import DreamFindingsRow, DreamRow
from include.managed_agents.dreams.schemas import DreamList
from include.managed_agents.paging import Page, by_age
from include.managed_agents.sessions.models import SessionRow

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

    def archived_at(self, session_ids: Sequence[str]) -> dict[str, datetime | None]:
        """Return when each of the sessions that are there was archived."""
        statement = select(SessionRow.id, SessionRow.archived_at).where(SessionRow.id.in_(session_ids))
        return {row.id: row.archived_at for row in self._session.execute(statement)}

    def findings(self, dream_id: str, session_id: str) -> DreamFindingsRow | None:
        return self._session.get(DreamFindingsRow, (dream_id, session_id))

    def set_aside(self, dream_id: str) -> dict[str, str]:
        """Return every session that findings are stored of, with why it was set aside, or ""."""
        statement = select(DreamFindingsRow.session_id, DreamFindingsRow.set_aside).where(
            DreamFindingsRow.dream_id == dream_id
        )
        rows = self._session.execute(statement)
        return {row.session_id: row.set_aside for row in rows}

    def delete_findings(self, dream_id: str, session_ids: Sequence[str]) -> None:
        self._session.execute(
            delete(DreamFindingsRow).where(
                DreamFindingsRow.dream_id == dream_id, DreamFindingsRow.session_id.in_(session_ids)
            )
        )
