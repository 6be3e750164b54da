"""Every query about memories."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from typing import Any

from sqlalchemy import func, insert, select
from sqlalchemy.orm import Session

from include.managed_agents.memories.models import MemoryRow, MemoryVersionRow

__all__ = ["MemoryRepository", "past"]


def past(prefix: str) -> str:
    """Return the first text after everything that starts with ``prefix``, which ends in '/'."""
    return prefix[:-1] + chr(ord("/") + 1)


class MemoryRepository:
    def __init__(self, session: Session) -> None:
        self._session = session

    def add(self, row: MemoryRow | MemoryVersionRow) -> None:
        self._session.add(row)
        self._session.flush()

    def insert(self, memories: Sequence[dict[str, Any]], versions: Sequence[dict[str, Any]]) -> None:
        """Insert many memories with their first versions, given column by column."""
        self._session.execute(insert(MemoryVersionRow), versions)  # first: the memories point at them
        self._session.execute(insert(MemoryRow), memories)

    def delete(self, memory: MemoryRow, version: MemoryVersionRow) -> None:
        self._session.add(version)
        self._session.delete(memory)
        self._session.flush()

    def get(self, memory_store_id: str, memory_id: str) -> MemoryRow | None:
        row = self._session.get(MemoryRow, memory_id)
        return row if row is not None and row.memory_store_id == memory_store_id else None

    def get_at(self, memory_store_id: str, path: str) -> MemoryRow | None:
        at_path = select(MemoryRow).where(
            MemoryRow.memory_store_id == memory_store_id, MemoryRow.path == path
        )
        return self._session.scalar(at_path)

    def count(self, memory_store_id: str) -> int:
        statement = select(func.count()).where(MemoryRow.memory_store_id == memory_store_id)
        return self._session.scalar(statement) or 0

    def content_of(self, memory: MemoryRow) -> str:
        return self.contents_of([memory])[memory.memory_version_id]

    def contents_of(self, memories: Iterable[MemoryRow]) -> dict[str, str]:
        """Return contents by version id."""
        ids = [memory.memory_version_id for memory in memories]
        statement = select(MemoryVersionRow.id, MemoryVersionRow.content).where(MemoryVersionRow.id.in_(ids))
        return {version_id: content or "" for version_id, content in self._session.execute(statement)}

    def from_path(
        self, memory_store_id: str, start: str, end: str | None, limit: int, *, include_start: bool
    ) -> list[MemoryRow]:
        """Return memories in path order, from ``start`` (or right after it) up to before ``end``."""
        reached = MemoryRow.path >= start if include_start else MemoryRow.path > start
        statement = select(MemoryRow).where(MemoryRow.memory_store_id == memory_store_id, reached)
        if end is not None:
            statement = statement.where(MemoryRow.path < end)
        return list(self._session.scalars(statement.order_by(MemoryRow.path).limit(limit)))

    def some_with_content(self, memory_store_id: str, after: str | None, limit: int) -> list[tuple[str, str]]:
        """Return paths and contents, in order of path, of the memories behind a path."""
        statement = (
            select(MemoryRow.path, MemoryVersionRow.content)
            .join(MemoryVersionRow, MemoryVersionRow.id == MemoryRow.memory_version_id)
            .where(MemoryRow.memory_store_id == memory_store_id)
            .order_by(MemoryRow.path)
            .limit(limit)
        )
        if after is not None:
            statement = statement.where(MemoryRow.path > after)
        return [(path, content or "") for path, content in self._session.execute(statement)]
