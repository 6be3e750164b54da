"""Claude as the model of a session, through the Messages API."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from include.managed_agents.claude import ClaudeAccess, usage_of
from include.managed_agents.session_log.log import text_block, texts_of
from include.managed_agents.turns.model import Event, Turn

__all__ = ["ClaudeModel", "messages_of"]

MAX_TOKENS = 8192
MAX_ROUNDS = 50
CACHED = {"cache_control": {"type": "ephemeral"}}
TOOL_USES = frozenset({"agent.tool_use", "agent.custom_tool_use", "agent.mcp_tool_use"})
RESULT_OF = {
    "agent.tool_result": "tool_use_id",
    "user.custom_tool_result": "custom_tool_use_id",
    "agent.mcp_tool_result": "mcp_tool_use_id",
}


class ClaudeModel:
    """Implements `SessionModel`. Each turn has a client of its own: turns run in event loops of their own."""

    def __init__(self, access: ClaudeAccess) -> None:
        self._access = access

    async def take_turn(self, turn: Turn) -> None:
        messages = messages_of(turn.history)
        async with self._access.client() as client:
            for _ in range(MAX_ROUNDS):
                answer = await client.messages.create(
                    model=turn.model,
                    max_tokens=MAX_TOKENS,
                    system=system_of(turn),
                    messages=cached_to_the_end(messages),
                    tools=list(turn.tool_definitions),
                )
                content = [block.to_dict() for block in answer.content]
                messages.append({"role": "assistant", "content": content})
                said = texts_of(content)
                if said:
                    await turn.say(said)
                await turn.count(usage_of(answer.usage))
                uses = [block for block in answer.content if block.type == "tool_use"]
                if not uses:
                    return
                results = [await self._use(turn, use) for use in uses]
                messages.append({"role": "user", "content": results})
        await turn.say(f"I stopped after {MAX_ROUNDS} rounds of tool calls without an answer.")

    async def _use(self, turn: Turn, use: Any) -> dict[str, Any]:
        outcome = await turn.use_tool(use.name, dict(use.input))
        content = [text_block(outcome.text or "(nothing)")]
        return {
            "type": "tool_result",
            "tool_use_id": use.id,
            "content": content,
            "is_error": outcome.is_error,
        }


def system_of(turn: Turn) -> Any:
    """Return the system prompt, with what the caller added in the course of the session."""
    added = [texts_of(event.fields["content"]) for event in turn.history if event.type == "system.message"]
    texts = [text for text in (turn.system, *added) if text]
    return [{**text_block(text), **(CACHED if text is texts[-1] else {})} for text in texts]


def cached_to_the_end(messages: list[dict[str, Any]]) -> Any:
    """Mark the last block as the end of what is cached, so that each round reads the one before from the cache."""
    *before, last = messages
    *blocks, final = last["content"]
    return [*before, {**last, "content": [*blocks, {**final, **CACHED}]}]


def messages_of(history: Sequence[Event]) -> list[dict[str, Any]]:
    """
    Return the session so far as the Messages API wants it: roles take turns, and every tool use is answered.
    """
    answered = {event.fields[RESULT_OF[event.type]] for event in history if event.type in RESULT_OF}
    # A recorded session may start with its agent; the Messages API starts with the user.
    starts_with_agent = (
        next((blocks_of(event)[0] for event in history if blocks_of(event)[1]), "user") == "assistant"
    )
    messages: list[dict[str, Any]] = []
    if starts_with_agent:
        add(messages, "user", [text_block("(the agent speaks first)")])
    for event in history:
        role, blocks = blocks_of(event)
        add(messages, role, blocks)
        if event.type in TOOL_USES and event.id not in answered:
            interrupted = [text_block("interrupted")]
            add(messages, "user", [{"type": "tool_result", "tool_use_id": event.id, "content": interrupted}])
    return messages


def blocks_of(event: Event) -> tuple[str, list[dict[str, Any]]]:
    fields = event.fields
    if event.type == "user.message":
        return "user", said(fields["content"]) or [text_block("(no text)")]
    if event.type == "agent.message":
        return "assistant", said(fields["content"])
    if event.type in TOOL_USES:
        use = {"type": "tool_use", "id": event.id, "name": fields["name"], "input": fields["input"]}
        return "assistant", [use]
    if event.type in RESULT_OF:
        result = {"type": "tool_result", "tool_use_id": fields[RESULT_OF[event.type]]}
        return "user", [
            {**result, "content": fields.get("content") or [], "is_error": bool(fields.get("is_error"))}
        ]
    return "user", []


def said(blocks: Sequence[dict[str, Any]]) -> list[dict[str, Any]]:
    """Leave out what the Messages API refuses: empty text, and placeholders for what was withheld."""
    return [block for block in blocks if block["type"] != "redacted" and block.get("text") != ""]


def add(messages: list[dict[str, Any]], role: str, blocks: list[dict[str, Any]]) -> None:
    if not blocks:
        return
    if messages and messages[-1]["role"] == role:
        messages[-1]["content"] += blocks
    else:
        messages.append({"role": role, "content": list(blocks)})
