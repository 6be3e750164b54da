"""What requests about deployments may say, and how deployments and runs are shown."""

from __future__ import annotations

from datetime import datetime
from typing import Annotated, Any, Literal

from pydantic import Field

from include.managed_agents.clock import rfc3339
from include.managed_agents.deployments.models import DeploymentRow, DeploymentRunRow
from include.managed_agents.deployments.schedule import Schedule, upcoming_runs
from include.managed_agents.listing import ArchivableList, CreatedWithin
from include.managed_agents.session_log.schemas import InitialEvent
from include.managed_agents.sessions.resources import Resource
from include.managed_agents.sessions.schemas import AgentReference, Budget
from include.managed_agents.wire import LongDescription, Metadata, MetadataPatch, Name, RequestModel

__all__ = [
    "DeploymentCreate",
    "DeploymentList",
    "DeploymentUpdate",
    "RunList",
    "render_deployment",
    "render_run",
]

InitialEvents = Annotated[list[InitialEvent], Field(min_length=1, max_length=50)]
Resources = Annotated[list[Resource], Field(max_length=500)]
VaultIds = Annotated[list[str], Field(max_length=50)]


class DeploymentCreate(RequestModel):
    agent: str | AgentReference
    environment_id: str
    initial_events: InitialEvents
    name: Name
    budget: Budget | None = None
    description: LongDescription | None = None
    metadata: Metadata = Field(default_factory=dict)
    resources: Resources = Field(default_factory=list)
    schedule: Schedule | None = None
    vault_ids: VaultIds = Field(default_factory=list)


class DeploymentUpdate(RequestModel):
    """A field that is left out stays as it is; a list is replaced as a whole."""

    agent: str | AgentReference | None = None
    environment_id: str | None = None
    initial_events: InitialEvents | None = None
    name: Name | None = None
    budget: Budget | None = None
    description: LongDescription | None = None
    metadata: MetadataPatch | None = None
    resources: Resources | None = None
    schedule: Schedule | None = None
    vault_ids: VaultIds | None = None


class DeploymentList(ArchivableList):
    agent_id: str | None = None
    status: Literal["active", "paused"] | None = None


class RunList(CreatedWithin):
    deployment_id: str | None = None
    has_error: bool | None = None
    limit: Annotated[int, Field(ge=1, le=1000)] = 20
    page: str | None = None
    trigger_type: Literal["schedule", "manual"] | None = None


def render_deployment(row: DeploymentRow, now: datetime) -> dict[str, Any]:
    return {
        "id": row.id,
        "type": "deployment",
        "name": row.name,
        "description": row.description,
        "agent": {"id": row.agent_id, "type": "agent", "version": row.agent_version},
        "environment_id": row.environment_id,
        "initial_events": row.initial_events,
        "resources": row.resources,
        "vault_ids": row.vault_ids,
        "metadata": row.metadata_,
        "budget": row.budget,
        "schedule": render_schedule(row, now),
        "status": "active" if row.paused_reason is None else "paused",
        "paused_reason": row.paused_reason,
        "created_at": rfc3339(row.created_at),
        "updated_at": rfc3339(row.updated_at),
        "archived_at": rfc3339(row.archived_at),
    }


def render_schedule(row: DeploymentRow, now: datetime) -> dict[str, Any] | None:
    if row.schedule is None:
        return None
    expression, timezone = row.schedule["expression"], row.schedule["timezone"]
    upcoming = [] if row.archived_at else upcoming_runs(expression, timezone, now)
    return {
        **row.schedule,
        "last_run_at": rfc3339(row.last_run_at),
        "upcoming_runs_at": [rfc3339(moment) for moment in upcoming],
    }


def render_run(row: DeploymentRunRow) -> dict[str, Any]:
    trigger: dict[str, Any] = {"type": row.trigger}
    if row.scheduled_at is not None:
        trigger["scheduled_at"] = rfc3339(row.scheduled_at)
    return {
        "id": row.id,
        "type": "deployment_run",
        "deployment_id": row.deployment_id,
        "agent": {"id": row.agent_id, "type": "agent", "version": row.agent_version},
        "trigger_context": trigger,
        "session_id": row.session_id,
        "error": row.error,
        "created_at": rfc3339(row.created_at),
    }
