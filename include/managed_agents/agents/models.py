"""The tables of agents and their versions."""

from __future__ import annotations

from datetime import datetime
from typing import Any

from sqlalchemy import JSON, ForeignKey, Index
from sqlalchemy.orm import Mapped, mapped_column

from include.managed_agents.database import Base

__all__ = ["AgentRow", "AgentVersionRow"]


class AgentRow(Base):
    """What all versions of an agent share."""

    __tablename__ = "agents"
    __table_args__ = (Index("agents_by_age", "created_at", "id"),)

    id: Mapped[str] = mapped_column(primary_key=True)
    version: Mapped[int]
    created_at: Mapped[datetime]
    updated_at: Mapped[datetime]
    archived_at: Mapped[datetime | None]
    #: An agent of the server's own, such as the one that dreams: retrievable, but in no list.
    is_internal: Mapped[bool] = mapped_column(default=False)


class AgentVersionRow(Base):
    """One immutable version. ``config`` is the agent's fields as the API shows them."""

    __tablename__ = "agent_versions"

    agent_id: Mapped[str] = mapped_column(ForeignKey("agents.id", ondelete="CASCADE"), primary_key=True)
    version: Mapped[int] = mapped_column(primary_key=True)
    created_at: Mapped[datetime]
    config: Mapped[dict[str, Any]] = mapped_column(JSON)
