"""The tables of sessions and of the stores they mount."""

from __future__ import annotations

from datetime import datetime
from typing import Any

from sqlalchemy import JSON, ForeignKey, Index
from sqlalchemy.orm import Mapped, mapped_column

from include.managed_agents.database import Base

__all__ = ["SessionRow", "SessionStoreRow"]


class SessionRow(Base):
    """The agent is kept as id, version and overrides: versions never change, so that is a snapshot."""

    __tablename__ = "sessions"
    __table_args__ = (
        Index("sessions_by_age", "created_at", "id"),
        Index("sessions_by_agent", "agent_id", "created_at", "id"),
        Index("sessions_by_deployment", "deployment_id", "created_at", "id"),
        Index("sessions_by_status", "status"),
    )

    id: Mapped[str] = mapped_column(primary_key=True)
    agent_id: Mapped[str] = mapped_column(ForeignKey("agents.id"))
    agent_version: Mapped[int]
    agent_overrides: Mapped[dict[str, Any]] = mapped_column(JSON, default=dict)
    #: No foreign keys: a session outlives its environment and its deployment.
    environment_id: Mapped[str]
    deployment_id: Mapped[str | None]
    title: Mapped[str | None]
    metadata_: Mapped[dict[str, str]] = mapped_column("metadata", JSON)
    resources: Mapped[list[dict[str, Any]]] = mapped_column(JSON)
    vault_ids: Mapped[list[str]] = mapped_column(JSON)
    budget: Mapped[dict[str, Any] | None] = mapped_column(JSON(none_as_null=True))
    status: Mapped[str]
    created_at: Mapped[datetime]
    updated_at: Mapped[datetime]
    archived_at: Mapped[datetime | None]
    #: Since when the session has been running; None while it isn't.
    running_since: Mapped[datetime | None]
    #: Running a turn of its own, as opposed to a dream's session, or one that a test set to running.
    is_in_turn: Mapped[bool] = mapped_column(default=False)
    active_seconds: Mapped[float] = mapped_column(default=0.0)
    input_tokens: Mapped[int] = mapped_column(default=0)
    output_tokens: Mapped[int] = mapped_column(default=0)
    cache_read_input_tokens: Mapped[int] = mapped_column(default=0)
    cache_creation_input_tokens: Mapped[int] = mapped_column(default=0)


class SessionStoreRow(Base):
    """Which session mounts which store: the filter of the list, and who could still write to a store."""

    __tablename__ = "session_stores"

    #: No foreign key: a session still names a store that has been deleted.
    memory_store_id: Mapped[str] = mapped_column(primary_key=True)
    session_id: Mapped[str] = mapped_column(
        ForeignKey("sessions.id", ondelete="CASCADE"), primary_key=True, index=True
    )
