"""The table of environments."""

from __future__ import annotations

from datetime import datetime
from typing import Any

from sqlalchemy import JSON, Index
from sqlalchemy.orm import Mapped, mapped_column

from include.managed_agents.database import Base

__all__ = ["EnvironmentRow"]


class EnvironmentRow(Base):
    __tablename__ = "environments"
    __table_args__ = (Index("environments_by_age", "created_at", "id"),)

    id: Mapped[str] = mapped_column(primary_key=True)
    name: Mapped[str]
    description: Mapped[str | None]
    config: Mapped[dict[str, Any]] = mapped_column(JSON)
    metadata_: Mapped[dict[str, str]] = mapped_column("metadata", JSON)
    scope: Mapped[str]
    created_at: Mapped[datetime]
    updated_at: Mapped[datetime]
    archived_at: Mapped[datetime | None]
    #: One of the server's own, where dreams run: retrievable, but in no list.
    is_internal: Mapped[bool] = mapped_column(default=False)
