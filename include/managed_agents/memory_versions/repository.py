"""Every query about memory versions."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime

from sqlalchemy import and_, func, select
from sqlalchemy.orm import Session, defer

from include.managed_agents.memories.models import MemoryRow, MemoryVersionRow
from include.managed_agents.memory_versions.schemas import VersionList
from include.managed_agents.paging import Page, by_age

__all__ = ["MemoryVersionRepository"]

BY_AGE = by_age("memory_versions", MemoryVersionRow)


class MemoryVersionRepository:
    def __init__(self, session: Session) -> None:
        self._session = session

    def get(self, memory_store_id: str, memory_version_id: str) -> MemoryVersionRow | None:
        row = self._session.get(MemoryVersionRow, memory_version_id)
        return row if row is not None and row.memory_store_id == memory_store_id else None

    def is_head(self, memory_version_id: str) -> bool:
        found = select(MemoryRow.id).where(MemoryRow.memory_version_id == memory_version_id)
        return self._session.scalar(found) is not None

    def standing(self, memory_store_id: str, at: datetime) -> dict[str, str]:
        """Return what a store held at a moment: the version of each memory, by path, in order of path."""
        last = (
            select(MemoryVersionRow.memory_id, func.max(MemoryVersionRow.created_at).label("at"))
            .where(MemoryVersionRow.memory_store_id == memory_store_id, MemoryVersionRow.created_at <= at)
            .group_by(MemoryVersionRow.memory_id)
            .subquery()
        )
        statement = (
            select(MemoryVersionRow.path, MemoryVersionRow.id)
            .join(
                last,
                and_(
                    MemoryVersionRow.memory_store_id == memory_store_id,
                    MemoryVersionRow.memory_id == last.c.memory_id,
                    MemoryVersionRow.created_at == last.c.at,
                ),
            )
            .where(MemoryVersionRow.operation != "deleted", MemoryVersionRow.path.is_not(None))
            .order_by(MemoryVersionRow.path)
        )
        return {row.path: row.id for row in self._session.execute(statement)}

    def some(self, version_ids: Sequence[str]) -> list[MemoryVersionRow]:
        """Return versions with their content, without those that were redacted."""
        statement = select(MemoryVersionRow).where(
            MemoryVersionRow.id.in_(version_ids), MemoryVersionRow.content.is_not(None)
        )
        return list(self._session.scalars(statement))

    def page(self, memory_store_id: str, query: VersionList) -> Page[MemoryVersionRow]:
        statement = select(MemoryVersionRow).where(MemoryVersionRow.memory_store_id == memory_store_id)
        if query.view == "basic":
            statement = statement.options(defer(MemoryVersionRow.content))
        if query.memory_id is not None:
            statement = statement.where(MemoryVersionRow.memory_id == query.memory_id)
        if query.operation is not None:
            statement = statement.where(MemoryVersionRow.operation == query.operation)
        actors = {
            "api_actor": query.api_key_id,
            "session_actor": query.session_id,
            "service_account_actor": query.service_account_id,
        }
        for kind, actor_id in actors.items():
            if actor_id is not None:
                statement = statement.where(
                    MemoryVersionRow.actor_id == actor_id, MemoryVersionRow.actor_kind == kind
                )
        statement = query.created_at.narrow(statement, MemoryVersionRow.created_at)
        return BY_AGE.page(self._session, statement, query.page_size, query.page)
