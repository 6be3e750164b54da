"""What requests about agents may say, and how agents are shown."""

from __future__ import annotations

from typing import Annotated, Any, Literal

from pydantic import Field, StringConstraints

from include.managed_agents.agents.models import AgentRow, AgentVersionRow
from include.managed_agents.agents.tools import McpServer, Tool
from include.managed_agents.clock import rfc3339
from include.managed_agents.listing import ArchivableList
from include.managed_agents.wire import (
    Limit,
    LongDescription,
    Metadata,
    MetadataPatch,
    Name,
    QueryModel,
    RequestModel,
)

__all__ = [
    "AgentCreate",
    "AgentList",
    "AgentRetrieve",
    "AgentUpdate",
    "VersionList",
    "render_agent",
    "resolve_model",
]

Level = Literal["low", "medium", "high", "xhigh", "max"]
DEFAULT_EFFORT = "high"


class Effort(RequestModel):
    type: Level


class ModelConfig(RequestModel):
    id: Annotated[str, StringConstraints(min_length=1, max_length=256)]
    effort: Level | Effort | None = None
    inference_geo: str | None = None
    speed: Literal["standard", "fast"] | None = None


class AwsRole(RequestModel):
    type: Literal["aws_role"]
    role_arn: Annotated[str, StringConstraints(min_length=1, max_length=2048)]


class ServiceAccount(RequestModel):
    type: Literal["service_account"]


class Skill(RequestModel):
    type: Literal["anthropic", "custom"]
    skill_id: Annotated[str, StringConstraints(min_length=1)]
    version: str | None = None


Model = Annotated[str, StringConstraints(min_length=1, max_length=256)] | ModelConfig
Identity = Annotated[AwsRole | ServiceAccount, Field(discriminator="type")]
Version = Annotated[int, Field(ge=1, lt=2**63)]
System = Annotated[str, StringConstraints(max_length=100_000)]
Tools = Annotated[list[Tool], Field(max_length=256)]
McpServers = Annotated[list[McpServer], Field(max_length=20)]


class AgentCreate(RequestModel):
    model: Model
    name: Name
    description: LongDescription | None = None
    execution_identity: Identity | None = None
    mcp_servers: McpServers = Field(default_factory=list)
    metadata: Metadata = Field(default_factory=dict)
    multiagent: None = None
    skills: list[Skill] = Field(default_factory=list)
    system: System | None = None
    tools: Tools = Field(default_factory=list)


class AgentUpdate(RequestModel):
    """A field that is left out stays as it is; null clears those that can be cleared."""

    model: Model | None = None
    name: Name | None = None
    description: LongDescription | None = None
    execution_identity: Identity | None = None
    mcp_servers: McpServers | None = None
    metadata: MetadataPatch | None = None
    multiagent: None = None
    skills: list[Skill] | None = None
    system: System | None = None
    tools: Tools | None = None
    version: Version | None = None


class AgentRetrieve(QueryModel):
    version: Version | None = None


class AgentList(ArchivableList):
    """The query of the list, which has no filter but the ones that all lists share."""


class VersionList(QueryModel):
    limit: Limit = 20
    page: str | None = None


def resolve_model(model: str | ModelConfig, before: dict[str, Any] | None = None) -> dict[str, Any]:
    """
    Return the model in its object form.

    An effort that is left out keeps the stored one on an update, and is the default on a create.
    """
    given = ModelConfig(id=model) if isinstance(model, str) else model
    effort: Any = given.effort.type if isinstance(given.effort, Effort) else given.effort
    if effort is None:
        effort = before["effort"]["type"] if before else DEFAULT_EFFORT
    return {
        "id": given.id,
        "effort": {"type": effort},
        "inference_geo": given.inference_geo,
        "speed": given.speed or "standard",
    }


def render_agent(agent: AgentRow, version: AgentVersionRow) -> dict[str, Any]:
    is_latest = agent.version == version.version
    return {
        "id": agent.id,
        "type": "agent",
        "version": version.version,
        "created_at": rfc3339(agent.created_at),
        "updated_at": rfc3339(agent.updated_at if is_latest else version.created_at),
        "archived_at": rfc3339(agent.archived_at),
        **version.config,
    }
