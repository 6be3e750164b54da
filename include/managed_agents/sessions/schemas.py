"""What requests about sessions may say, and how sessions are shown."""

from __future__ import annotations

from datetime import datetime
from typing import Annotated, Any, Literal

from pydantic import Field, StringConstraints

from include.managed_agents.agents.models import AgentVersionRow
from include.managed_agents.agents.schemas import McpServers, Model, Skill, System, Tools, Version
from include.managed_agents.clock import rfc3339
from include.managed_agents.paging import TimeRange
from include.managed_agents.session_log.schemas import InitialEvent
from include.managed_agents.sessions.models import SessionRow
from include.managed_agents.sessions.resources import Resource
from include.managed_agents.settings import Price
from include.managed_agents.usage import usage_of
from include.managed_agents.wire import (
    Limit,
    Metadata,
    MetadataPatch,
    PlainText,
    QueryModel,
    RequestModel,
    Timestamp,
)

__all__ = [
    "AgentReference",
    "AgentWithOverrides",
    "Budget",
    "SessionCreate",
    "SessionList",
    "SessionUpdate",
    "list_cost_cents",
    "render_session",
]

Status = Literal["rescheduling", "running", "idle", "terminated"]
Title = Annotated[PlainText, StringConstraints(max_length=1000)]


class AgentReference(RequestModel):
    type: Literal["agent"]
    id: str
    version: Version | None = None


class AgentWithOverrides(RequestModel):
    type: Literal["agent_with_overrides"]
    id: str
    version: Version | None = None
    model: Model | None = None
    system: System | None = None
    tools: Tools | None = None
    mcp_servers: McpServers | None = None
    skills: list[Skill] | None = None


class Money(RequestModel):
    amount: Annotated[str, StringConstraints(pattern=r"^(0|[1-9][0-9]{0,15})$")]
    currency: Literal["USD"]


class Budget(RequestModel):
    type: Literal["limit"]
    max_list_cost: Money


class SessionCreate(RequestModel):
    agent: str | Annotated[AgentReference | AgentWithOverrides, Field(discriminator="type")]
    environment_id: str
    budget: Budget | None = None
    initial_events: Annotated[list[InitialEvent], Field(max_length=50)] = Field(default_factory=list)
    metadata: Metadata = Field(default_factory=dict)
    resources: Annotated[list[Resource], Field(max_length=500)] = Field(default_factory=list)
    title: Title | None = None
    vault_ids: Annotated[list[str], Field(max_length=50)] = Field(default_factory=list)


class AgentPatch(RequestModel):
    tools: Tools | None = None
    mcp_servers: McpServers | None = None


class SessionUpdate(RequestModel):
    agent: AgentPatch | None = None
    budget: Budget | None = None
    metadata: MetadataPatch | None = None
    title: Title | None = None
    vault_ids: list[str] | None = None


class SessionList(QueryModel):
    agent_id: str | None = None
    agent_version: Version | None = None
    created_at_gt: Timestamp | None = Field(None, alias="created_at[gt]")
    created_at_gte: Timestamp | None = Field(None, alias="created_at[gte]")
    created_at_lt: Timestamp | None = Field(None, alias="created_at[lt]")
    created_at_lte: Timestamp | None = Field(None, alias="created_at[lte]")
    deployment_id: str | None = None
    include_archived: bool = False
    limit: Limit = 20
    memory_store_id: str | None = None
    order: Literal["asc", "desc"] = "desc"
    page: str | None = None
    statuses: list[Status] | None = None

    @property
    def created_at(self) -> TimeRange:
        return TimeRange(self.created_at_gt, self.created_at_gte, self.created_at_lt, self.created_at_lte)


def render_session(row: SessionRow, version: AgentVersionRow, now: datetime, price: Price) -> dict[str, Any]:
    active = active_seconds(row, now)
    ended = row.updated_at if row.status == "terminated" else now
    agent = render_session_agent(row, version)
    return {
        "id": row.id,
        "type": "session",
        "agent": agent,
        "environment_id": row.environment_id,
        "deployment_id": row.deployment_id,
        "title": row.title,
        "metadata": row.metadata_,
        "resources": row.resources,
        "vault_ids": row.vault_ids,
        "budget": row.budget,
        "outcome_evaluations": [],
        "status": row.status,
        "stats": {
            "active_seconds": active,
            "duration_seconds": max(0.0, (ended - row.created_at).total_seconds()),
        },
        "usage": {
            "input_tokens": row.input_tokens,
            "output_tokens": row.output_tokens,
            "cache_read_input_tokens": row.cache_read_input_tokens,
            "cache_creation": {
                "ephemeral_5m_input_tokens": row.cache_creation_input_tokens,
                "ephemeral_1h_input_tokens": 0,
            },
            "active_seconds": active,
            "list_cost": {
                "amount": str(list_cost_cents(row, price.of(agent["model"]["id"]))),
                "currency": "USD",
            },
        },
        "created_at": rfc3339(row.created_at),
        "updated_at": rfc3339(row.updated_at),
        "archived_at": rfc3339(row.archived_at),
    }


def render_session_agent(row: SessionRow, version: AgentVersionRow) -> dict[str, Any]:
    config = {key: value for key, value in version.config.items() if key != "metadata"}
    return {
        "id": row.agent_id,
        "type": "agent",
        "version": row.agent_version,
        **config,
        **row.agent_overrides,
    }


def active_seconds(row: SessionRow, now: datetime) -> float:
    running = (now - row.running_since).total_seconds() if row.running_since else 0.0
    return round(row.active_seconds + max(0.0, running), 6)


def list_cost_cents(row: SessionRow, price: Price) -> int:
    """
    Return the session's cost in cents, rounded to the nearest: the API gives minor units.

    :param price: that of the session's model.
    """
    return round(price.usd(usage_of(row)) * 100)
