"""The table of memory stores."""

from __future__ import annotations

from datetime import datetime

from sqlalchemy import JSON, Index
from sqlalchemy.orm import Mapped, mapped_column

from include.managed_agents.database import Base

__all__ = ["MemoryStoreRow"]


class MemoryStoreRow(Base):
    __tablename__ = "memory_stores"
    __table_args__ = (Index("memory_stores_by_age", "created_at", "id"),)

    id: Mapped[str] = mapped_column(primary_key=True)
    name: Mapped[str]
    description: Mapped[str]
    metadata_: Mapped[dict[str, str]] = mapped_column("metadata", JSON)
    created_at: Mapped[datetime]
    updated_at: Mapped[datetime]
    archived_at: Mapped[datetime | None]
