"""The table of memory versions. It holds the contents: a memory's content is that of its latest version."""

from __future__ import annotations

from datetime import datetime

from sqlalchemy import ForeignKey, Index
from sqlalchemy.orm import Mapped, mapped_column

from include.managed_agents.access import Actor
from include.managed_agents.database import Base

__all__ = ["MemoryVersionRow"]


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
