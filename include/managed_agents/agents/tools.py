"""Tools and MCP servers of an agent: what a request may say, and the full form that the API answers with."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Annotated, Any, Literal

from pydantic import BaseModel, ConfigDict, Field, StringConstraints, model_validator

from include.managed_agents.wire import RequestModel

__all__ = ["McpServer", "Tool", "check_mcp_references", "resolve_tools"]

ToolName = Literal["bash", "edit", "read", "write", "glob", "grep", "web_fetch", "web_search"]
ServerName = Annotated[str, StringConstraints(min_length=1, max_length=255)]


class PermissionPolicy(RequestModel):
    type: Literal["always_allow", "always_ask", "auto"]


class DefaultConfig(RequestModel):
    enabled: bool | None = None
    permission_policy: PermissionPolicy | None = None


class ToolConfig(DefaultConfig):
    name: ToolName
    type: ToolName | None = None

    @model_validator(mode="after")
    def type_is_the_name(self) -> ToolConfig:
        if self.type not in {None, self.name}:
            raise ValueError("type: must be the tool's name")
        return self


class WebToolConfig(ToolConfig):
    name: Literal["web_fetch", "web_search"]
    type: Literal["web_fetch", "web_search"] | None = None
    allowed_domains: Annotated[list[str], Field(min_length=1, max_length=64)] | None = None
    blocked_domains: Annotated[list[str], Field(min_length=1, max_length=64)] | None = None
    max_content_tokens: Annotated[int, Field(ge=1)] | None = None


class AgentToolset(RequestModel):
    type: Literal["agent_toolset_20260401"]
    configs: list[ToolConfig | WebToolConfig] = Field(default_factory=list)
    default_config: DefaultConfig | None = None


class McpToolConfig(DefaultConfig):
    name: Annotated[str, StringConstraints(min_length=1, max_length=128)]


class McpToolset(RequestModel):
    type: Literal["mcp_toolset"]
    mcp_server_name: ServerName
    configs: list[McpToolConfig] = Field(default_factory=list)
    default_config: DefaultConfig | None = None


class InputSchema(BaseModel):
    """A JSON Schema: whatever it says beyond ``type`` is kept as it is."""

    model_config = ConfigDict(extra="allow", strict=True)

    type: Literal["object"]
    properties: dict[str, Any] | None = None
    required: list[str] | None = None


class CustomTool(RequestModel):
    type: Literal["custom"]
    name: Annotated[str, StringConstraints(pattern=r"^[A-Za-z0-9_-]{1,128}$")]
    description: str
    input_schema: InputSchema


Tool = Annotated[AgentToolset | McpToolset | CustomTool, Field(discriminator="type")]


class McpServer(RequestModel):
    type: Literal["url"]
    name: ServerName
    url: Annotated[str, StringConstraints(min_length=1, max_length=2048)]


def resolve_tools(tools: Sequence[AgentToolset | McpToolset | CustomTool]) -> list[dict[str, Any]]:
    """Fill in every default, as the API does before it answers."""
    return [_resolve(tool) for tool in tools]


def _resolve(tool: AgentToolset | McpToolset | CustomTool) -> dict[str, Any]:
    if isinstance(tool, CustomTool):
        return tool.model_dump(exclude_none=True)
    # The agent's own tools run unless told otherwise; those of a third party ask first.
    policy = "always_allow" if isinstance(tool, AgentToolset) else "always_ask"
    default = {"enabled": True, "permission_policy": {"type": policy}}
    if tool.default_config is not None:
        default |= tool.default_config.model_dump(exclude_none=True)
    resolved: dict[str, Any] = {"type": tool.type, "default_config": default}
    resolved["configs"] = [_resolve_config(config, default) for config in tool.configs]
    if isinstance(tool, McpToolset):
        resolved["mcp_server_name"] = tool.mcp_server_name
    return resolved


def _resolve_config(
    config: ToolConfig | WebToolConfig | McpToolConfig, default: dict[str, Any]
) -> dict[str, Any]:
    named = {} if isinstance(config, McpToolConfig) else {"type": config.name}
    return {**default, **named, **config.model_dump(exclude_none=True)}


def check_mcp_references(tools: Sequence[dict[str, Any]], servers: Sequence[dict[str, Any]]) -> None:
    """
    Hold tools and servers against each other.

    :raises ValueError: if server names repeat, or a server and the toolsets don't name each other.
    """
    names = [server["name"] for server in servers]
    wanted = {tool["mcp_server_name"] for tool in tools if tool["type"] == "mcp_toolset"}
    if len(set(names)) < len(names):
        raise ValueError("mcp_servers: names must be unique")
    for name in names:
        if name not in wanted:
            raise ValueError(f"mcp_servers: {name!r} is referenced by no mcp_toolset in tools")
    for name in sorted(wanted - set(names)):
        raise ValueError(f"tools: the mcp_toolset {name!r} names no server in mcp_servers")
