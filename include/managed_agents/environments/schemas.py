"""What requests about environments may say, and how environments are shown."""

from __future__ import annotations

from typing import Annotated, Any, Literal

from pydantic import Field

from include.managed_agents.clock import rfc3339
from include.managed_agents.environments.models import EnvironmentRow
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
    "EnvironmentCreate",
    "EnvironmentList",
    "EnvironmentUpdate",
    "render_environment",
    "resolve_config",
]

MANAGERS = ("apt", "cargo", "gem", "go", "npm", "pip")


class Unrestricted(RequestModel):
    type: Literal["unrestricted"]


class Limited(RequestModel):
    type: Literal["limited"]
    allow_mcp_servers: bool | None = None
    allow_package_managers: bool | None = None
    allowed_hosts: list[str] | None = None


class Packages(RequestModel):
    type: Literal["packages"] | None = None
    apt: list[str] | None = None
    cargo: list[str] | None = None
    gem: list[str] | None = None
    go: list[str] | None = None
    npm: list[str] | None = None
    pip: list[str] | None = None


class Cloud(RequestModel):
    type: Literal["cloud"]
    networking: Annotated[Unrestricted | Limited, Field(discriminator="type")] | None = None
    packages: Packages | None = None


class SelfHosted(RequestModel):
    type: Literal["self_hosted"]


Config = Annotated[Cloud | SelfHosted, Field(discriminator="type")]


class EnvironmentCreate(RequestModel):
    name: Name
    config: Config | None = None
    description: LongDescription | None = None
    metadata: Metadata = Field(default_factory=dict)
    scope: Literal["organization"] | None = None


class EnvironmentUpdate(RequestModel):
    name: Name | None = None
    config: Config | None = None
    description: LongDescription | None = None
    metadata: MetadataPatch | None = None
    scope: Literal["organization"] | None = None


class EnvironmentList(QueryModel):
    include_archived: bool = False
    limit: Limit = 20
    page: str | None = None


def resolve_config(config: Cloud | SelfHosted | None, before: dict[str, Any] | None = None) -> dict[str, Any]:
    """Fill in what a request leaves out: from the stored configuration on an update, else from the defaults."""
    if isinstance(config, SelfHosted):
        return {"type": "self_hosted"}
    resolved = before or {
        "type": "cloud",
        "networking": {"type": "unrestricted"},
        "packages": {"type": "packages", **{manager: [] for manager in MANAGERS}},
    }
    if config is None:
        return resolved
    if config.networking is not None:
        resolved = {**resolved, "networking": resolve_networking(config.networking, resolved["networking"])}
    if config.packages is not None:
        resolved = {
            **resolved,
            "packages": {**resolved["packages"], **config.packages.model_dump(exclude_none=True)},
        }
    return resolved


def resolve_networking(networking: Unrestricted | Limited, before: dict[str, Any]) -> dict[str, Any]:
    if isinstance(networking, Unrestricted):
        return {"type": "unrestricted"}
    closed = {
        "type": "limited",
        "allow_mcp_servers": False,
        "allow_package_managers": False,
        "allowed_hosts": [],
    }
    kept = before if before["type"] == "limited" else closed
    return {**kept, **networking.model_dump(exclude_none=True)}


def render_environment(row: EnvironmentRow) -> dict[str, Any]:
    return {
        "id": row.id,
        "type": "environment",
        "name": row.name,
        "description": row.description,
        "config": row.config,
        "metadata": row.metadata_,
        "scope": row.scope,
        "created_at": rfc3339(row.created_at),
        "updated_at": rfc3339(row.updated_at),
        "archived_at": rfc3339(row.archived_at),
    }
