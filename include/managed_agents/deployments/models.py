"""The tables of deployments and their runs."""

from __future__ import annotations

from datetime import datetime
from typing import Any

from sqlalchemy import JSON, ForeignKey, Index
from sqlalchemy.orm import Mapped, mapped_column

from include.managed_agents.database import Base

__all__ = ["DeploymentRow", "DeploymentRunRow"]


class DeploymentRow(Base):
    __tablename__ = "deployments"
    __table_args__ = (Index("deployments_by_age", "created_at", "id"),)

    id: Mapped[str] = mapped_column(primary_key=True)
    name: Mapped[str]
    description: Mapped[str | None]
    agent_id: Mapped[str] = mapped_column(ForeignKey("agents.id"), index=True)
    agent_version: Mapped[int]
    environment_id: Mapped[str]
    initial_events: Mapped[list[dict[str, Any]]] = mapped_column(JSON)
    #: As given, but for secrets, which are kept nowhere.
    resources: Mapped[list[dict[str, Any]]] = mapped_column(JSON)
    vault_ids: Mapped[list[str]] = mapped_column(JSON)
    metadata_: Mapped[dict[str, str]] = mapped_column("metadata", JSON)
    budget: Mapped[dict[str, Any] | None] = mapped_column(JSON(none_as_null=True))
    schedule: Mapped[dict[str, Any] | None] = mapped_column(JSON(none_as_null=True))
    last_run_at: Mapped[datetime | None]
    #: Why it is paused; None while it is active.
    paused_reason: Mapped[dict[str, Any] | None] = mapped_column(JSON(none_as_null=True))
    created_at: Mapped[datetime]
    updated_at: Mapped[datetime]
    archived_at: Mapped[datetime | None]


class DeploymentRunRow(Base):
    """Exactly one of ``session_id`` and ``error`` is set."""

    __tablename__ = "deployment_runs"
    __table_args__ = (
        Index("deployment_runs_by_age", "created_at", "id"),
        Index("deployment_runs_by_deployment", "deployment_id", "created_at", "id"),
    )

    id: Mapped[str] = mapped_column(primary_key=True)
    deployment_id: Mapped[str] = mapped_column(ForeignKey("deployments.id"))
    agent_id: Mapped[str]
    agent_version: Mapped[int]
    trigger: Mapped[str]
    scheduled_at: Mapped[datetime | None]
    session_id: Mapped[str | None]
    error: Mapped[dict[str, Any] | None] = mapped_column(JSON(none_as_null=True))
    created_at: Mapped[datetime]
