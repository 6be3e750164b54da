"""The table of live memories: heads that point at their latest version."""

from __future__ import annotations

from datetime import datetime

from sqlalchemy import ForeignKey, Index
from sqlalchemy.orm import Mapped, mapped_column

from include.managed_agents.database import Base

__all__ = ["MemoryRow"]


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
