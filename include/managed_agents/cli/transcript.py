"""Print a session's events as people read them: who spoke, what the agent did, and what went wrong."""

from __future__ import annotations

import json
from collections.abc import Iterator
from typing import Any

from include.managed_agents.cli.escaping import one_line, shown
from include.managed_agents.cli.output import say

__all__ = ["TOOL_USES", "Teller", "error_of", "short_call_of", "text_of"]

TOOL_USES = frozenset({"agent.tool_use", "agent.custom_tool_use", "agent.mcp_tool_use"})
RESULTS = frozenset(
    {"agent.tool_result", "user.tool_result", "user.custom_tool_result", "agent.mcp_tool_result"}
)
SPEAKERS = {"user.message": "user", "agent.message": "agent", "system.message": "system"}
STYLES = {"user": "bold", "agent": "green", "system": "magenta", "tool": "dim", "": "dim", "error": "red"}
SHORT_CALL = 200
SHORT_RESULT = 300


class Teller:
    """
    Prints events one after the other, with a line where a new day begins.

    :param is_full: print in full what tools were given and returned, instead of their beginnings.
    """

    def __init__(self, *, is_full: bool) -> None:
        self._is_full = is_full
        self._day = ""

    def tell(self, event: dict[str, Any]) -> None:
        for who, text in self._read(event):
            time = event.get("processed_at") or ""
            if time[:10] > self._day:
                self._day = time[:10]
                say(f"-- {self._day} (UTC) --", "dim")
            first, *others = shown(text).split("\n")
            say(f"{time[11:19]:<8}  {who:<6}  {first}", STYLES[who])
            for line in others:
                say(f"{'':<18}{line}".rstrip(), STYLES[who])

    def _read(self, event: dict[str, Any]) -> Iterator[tuple[str, str]]:
        kind = event["type"]
        if kind in SPEAKERS:
            yield SPEAKERS[kind], text_of(event)
        elif kind in TOOL_USES:
            yield "tool", call_of(event) if self._is_full else short_call_of(event)
        elif kind in RESULTS:
            text = text_of(event)
            yield "error" if event.get("is_error") else "", text if self._is_full else cut(text, SHORT_RESULT)
        elif kind == "session.error":
            yield "error", error_of(event)


def call_of(event: dict[str, Any]) -> str:
    told = ", ".join(
        f"{name}={value if isinstance(value, str) else json.dumps(value, ensure_ascii=False)}"
        for name, value in event["input"].items()
    )
    return f"{event['name']} {told}"


def short_call_of(event: dict[str, Any]) -> str:
    return cut(one_line(call_of(event)), SHORT_CALL)


def cut(text: str, length: int) -> str:
    return text if len(text) <= length else f"{text[:length]} … ({len(text) - length:,} more characters)"


def text_of(event: dict[str, Any]) -> str:
    blocks = event.get("content") or ()
    return "\n".join(block["text"] if block["type"] == "text" else f"[{block['type']}]" for block in blocks)


def error_of(event: dict[str, Any]) -> str:
    return str(event["error"]["message"])
