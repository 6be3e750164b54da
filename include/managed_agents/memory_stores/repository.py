"""Every query about memory stores."""

from __future__ import annotations

from sqlalchemy import select
from sqlalchemy.orm import Session

from include.managed_agents.memory_stores.models import MemoryStoreRow
from include.managed_agents.paging import Page, TimeRange, by_age

__all__ = ["MemoryStoreRepository"]

BY_AGE = by_age("memory_stores", MemoryStoreRow)


class MemoryStoreRepository:
    def __init__(self, session: Session) -> None:
        self._session = session

    def add(self, row: MemoryStoreRow) -> None:
        self._session.add(row)
        self._session.flush()

    def get(self, memory_store_id: str) -> MemoryStoreRow | None:
        return self._session.get(MemoryStoreRow, memory_store_id)

    def delete(self, row: MemoryStoreRow) -> None:
        self._session.delete(row)
        self._session.flush()

    def page(
        self, created_at: TimeRange, include_archived: bool, limit: int, cursor: str | None
    ) -> Page[MemoryStoreRow]:
        statement = created_at.narrow(select(MemoryStoreRow), MemoryStoreRow.created_at)
        if not include_archived:
            statement = statement.where(MemoryStoreRow.archived_at.is_(None))
        return BY_AGE.page(self._session, statement, limit, cursor)
