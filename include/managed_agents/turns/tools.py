"""The agent's file tools: the SDK's own, confined to the session's root, with its memory stores mounted below."""

from __future__ import annotations

import re
from collections.abc import Sequence
from pathlib import Path
from typing import Any

from anthropic.lib.tools import ToolError
from anthropic.lib.tools.agent_toolset import (
    AgentToolContext,
    beta_edit_tool,
    beta_glob_tool,
    beta_grep_tool,
    beta_read_tool,
    beta_write_tool,
)

from include.managed_agents.errors import ApiError
from include.managed_agents.turns.model import Outcome
from include.managed_agents.turns.mount import Mount, NotSaved

__all__ = ["FILE_TOOLS", "Toolbox", "offered_tools"]

#: Never bash: without a sandbox it would reach everything that this process does.
FILE_TOOLS = ("read", "write", "edit", "glob", "grep")
PATH_ARGUMENTS = ("file_path", "path")
MAX_PATTERN = 300


class Toolbox:
    """
    The tools of one turn.

    :param root: an empty directory that the agent sees as ``/``.
    :param names: which tools the agent may use.
    """

    def __init__(self, root: Path, mounts: Sequence[Mount], names: Sequence[str]) -> None:
        self._root = root.resolve()
        self.mounts = mounts
        context = AgentToolContext(
            workdir=self._root,
            read_only_roots=[mount.directory for mount in mounts if mount.is_read_only],
        )
        made = (beta_read_tool, beta_write_tool, beta_edit_tool, beta_glob_tool, beta_grep_tool)
        tools = [make(context) for make in made]
        self._tools = {tool.name: tool for tool in tools if tool.name in names}

    @property
    def definitions(self) -> list[Any]:
        """The tools as the Messages API wants them."""
        return [tool.to_dict() for tool in self._tools.values()]

    @property
    def names(self) -> list[str]:
        return list(self._tools)

    async def use(self, name: str, call: dict[str, Any]) -> Outcome:
        """Run one tool call, with the stores brought up before and the changes saved after."""
        tool = self._tools.get(name)
        if tool is None:
            return Outcome(
                f"{name}: no such tool; there are {', '.join(self._tools) or 'none'}", is_error=True
            )
        try:
            for mount in self.mounts:
                mount.pull()
            check_pattern(name, call)
            self._heed_others(name, call)
            result = await tool.call(self._inward(call))
            for mount in self.mounts:
                if not mount.is_read_only:
                    mount.push()
        except (NotSaved, ToolError, ApiError) as error:
            return Outcome(self._outward(str(error)), is_error=True)
        except ValueError as error:
            # The tool's own check of its arguments. Its text may hold the arguments: only the first line is told.
            return Outcome(self._outward(f"{name}: {str(error).splitlines()[0]}"), is_error=True)
        if not isinstance(result, str):
            return Outcome(f"{name}: only text files can be read here", is_error=True)
        return Outcome(self._outward(result))

    def _heed_others(self, name: str, call: dict[str, Any]) -> None:
        """Let an agent that read a file write it only while it is as it read it."""
        file_path = call.get("file_path")
        if isinstance(file_path, str) and name in {"read", "write"}:
            for mount in self.mounts:
                mount.note_read(file_path) if name == "read" else mount.refuse_stale(file_path)

    def _inward(self, call: dict[str, Any]) -> dict[str, Any]:
        """Turn the agent's absolute paths into paths below its root."""

        def inward(value: Any) -> Any:
            return f"{self._root}{value}" if isinstance(value, str) and value.startswith("/") else value

        return {key: inward(value) if key in PATH_ARGUMENTS else value for key, value in call.items()}

    def _outward(self, text: str) -> str:
        """Take the root out of what a tool says: the agent's world starts there."""
        return text.replace(f"{self._root}/", "/").replace(str(self._root), "/")


def check_pattern(name: str, call: dict[str, Any]) -> None:
    """
    Refuse regular expressions that could run for ever: they would hold up the whole server.

    :raises ToolError: for a very long one, and for a repeat within a repeat.
    """
    pattern = call.get("pattern")
    if name != "grep" or not isinstance(pattern, str):
        return
    if len(pattern) > MAX_PATTERN:
        raise ToolError(f"grep: the pattern is over {MAX_PATTERN} characters long; search for less")
    if re.search(r"[*+}]\??\)(?:[*+]|\{\d*,)", pattern) or len(re.findall(r"(?<!\\)[*+]", pattern)) > 4:
        raise ToolError("grep: the pattern repeats too much; use a simpler one")


def offered_tools(agent_tools: Sequence[dict[str, Any]]) -> list[str]:
    """
    Return the file tools that an agent's configuration lets it use without asking.

    One that is disabled, or that would have to ask first, is not offered.
    """
    toolset = next((tool for tool in agent_tools if tool["type"] == "agent_toolset_20260401"), None)
    if toolset is None:
        return []
    configs = {config["name"]: config for config in toolset["configs"]}
    chosen = ((name, configs.get(name, toolset["default_config"])) for name in FILE_TOOLS)
    return [
        name
        for name, config in chosen
        if config["enabled"] and config["permission_policy"]["type"] != "always_ask"
    ]
