"""Every query about environments."""

from __future__ import annotations

from sqlalchemy import select
from sqlalchemy.orm import Session

from include.managed_agents.environments.models import EnvironmentRow
from include.managed_agents.paging import Page, by_age

__all__ = ["EnvironmentRepository"]

BY_AGE = by_age("environments", EnvironmentRow)


class EnvironmentRepository:
    def __init__(self, session: Session) -> None:
        self._session = session

    def add(self, row: EnvironmentRow) -> None:
        self._session.add(row)
        self._session.flush()

    def get(self, environment_id: str) -> EnvironmentRow | None:
        return self._session.get(EnvironmentRow, environment_id)

    def delete(self, row: EnvironmentRow) -> None:
        self._session.delete(row)
        self._session.flush()

    def page(self, include_archived: bool, limit: int, cursor: str | None) -> Page[EnvironmentRow]:
        statement = select(EnvironmentRow).where(EnvironmentRow.is_internal.is_(False))
        if not include_archived:
            statement = statement.where(EnvironmentRow.archived_at.is_(None))
        return BY_AGE.page(self._session, statement, limit, cursor)
