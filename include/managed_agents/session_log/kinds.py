"""Which events are tool calls, and which their results: what whoever reads a log tells apart."""

from __future__ import annotations

__all__ = ["RESULT_OF", "TOOL_USES"]

TOOL_USES = frozenset({"agent.tool_use", "agent.custom_tool_use", "agent.mcp_tool_use"})
#: Which field of a result names the call that it answers.
RESULT_OF = {
    "agent.tool_result": "tool_use_id",
    "user.tool_result": "tool_use_id",
    "user.custom_tool_result": "custom_tool_use_id",
    "agent.mcp_tool_result": "mcp_tool_use_id",
}
