"""
The tables of live memories and of their versions.

A memory points at its latest version, which holds the content. Both are written together, so both stand here.
"""

from __future__ import annotations

from datetime import datetime

from sqlalchemy import ForeignKey, Index
from sqlalchemy.orm import Mapped, mapped_column

from include.managed_agents.access import Actor
from include.managed_agents.database import Base

__all__ = ["MemoryRow", "MemoryVersionRow"]


class MemoryRow(Base):
    __tablename__ = "memories"
    # Paths compare by code point (SQLite's BINARY collation on UTF-8): case-sensitive, as the API is.
    __table_args__ = (Index("memories_by_path", "memory_store_id", "path", unique=True),)

    id: Mapped[str] = mapped_column(primary_key=True)
    memory_store_id: Mapped[str] = mapped_column(ForeignKey("memory_stores.id", ondelete="CASCADE"))
    memory_version_id: Mapped[str] = mapped_column(ForeignKey("memory_versions.id"), index=True)
    path: Mapped[str]
    content_sha256: Mapped[str]
    content_size_bytes: Mapped[int]
    created_at: Mapped[datetime]
    updated_at: Mapped[datetime]


class MemoryVersionRow(Base):
    __tablename__ = "memory_versions"
    __table_args__ = (
        Index("memory_versions_by_age", "memory_store_id", "created_at", "id"),
        Index("memory_versions_by_memory", "memory_store_id", "memory_id", "created_at", "id"),
        Index("memory_versions_by_actor", "memory_store_id", "actor_id", "created_at", "id"),
    )

    id: Mapped[str] = mapped_column(primary_key=True)
    memory_store_id: Mapped[str] = mapped_column(ForeignKey("memory_stores.id", ondelete="CASCADE"))
    #: No foreign key: versions outlive their memory.
    memory_id: Mapped[str]
    operation: Mapped[str]
    created_at: Mapped[datetime]
    actor_kind: Mapped[str]
    actor_id: Mapped[str]
    path: Mapped[str | None]
    content: Mapped[str | None]
    content_sha256: Mapped[str | None]
    content_size_bytes: Mapped[int | None]
    redacted_at: Mapped[datetime | None]
    redacted_by_kind: Mapped[str | None]
    redacted_by_id: Mapped[str | None]

    @property
    def created_by(self) -> Actor:
        return Actor(self.actor_kind, self.actor_id)

    @property
    def redacted_by(self) -> Actor | None:
        if self.redacted_by_kind is None or self.redacted_by_id is None:
            return None
        return Actor(self.redacted_by_kind, self.redacted_by_id)
