"""
The session so far as the Messages API wants it, whatever happened in it: roles take turns, the user begins and ends,
every tool use is answered right after, and no text is blank. A session that was refused or cut off can so go on.
"""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from itertools import groupby
from typing import Any

from include.managed_agents.session_log.log import text_block, texts_of
from include.managed_agents.turns.model import Event

__all__ = ["LEFT_OUT", "REFUSED", "messages_of", "shortened"]

#: What the agent says where the model refuses. What was said right before is left out from then on: the model would
#: refuse whatever follows it.
REFUSED = "I can't answer that: the model refused. Please ask something else, or ask differently."

#: Ends the error of a request that the API refused: it would refuse every later one that holds the same.
LEFT_OUT = "; what was said last is left out from now on"

TOOL_USES = frozenset({"agent.tool_use", "agent.custom_tool_use", "agent.mcp_tool_use"})
RESULT_OF = {
    "agent.tool_result": "tool_use_id",
    "user.custom_tool_result": "custom_tool_use_id",
    "agent.mcp_tool_result": "mcp_tool_use_id",
}
NOT_IN_A_NAME = re.compile(r"[^a-zA-Z0-9_-]")
THINKING = frozenset({"thinking", "redacted_thinking"})
SHORT_RESULT = 2_000  # characters of a tool's result, where a single exchange is too long

Block = dict[str, Any]


def messages_of(history: Sequence[Event]) -> list[dict[str, Any]]:
    """Return the messages of a session's events."""
    results = {event.fields[RESULT_OF[event.type]]: event for event in history if event.type in RESULT_OF}
    blocks: list[tuple[str, Block]] = []
    last, exchange = "", 0
    for event in history:
        if event.type == "user.message":
            if last != "user.message":
                exchange = len(blocks)
            blocks += [("user", block) for block in said(event) or [text_block("(no text)")]]
        elif is_refusal(event):
            del blocks[exchange:]
        elif event.type == "agent.message":
            blocks += [("assistant", block) for block in said(event)]
        elif event.type in TOOL_USES:
            blocks += [("assistant", use_of(event)), ("user", result_of(event, results))]
        if event.type in {"user.message", "agent.message"} or event.type in TOOL_USES:
            last = event.type
    # A recorded session may start with its agent; the Messages API starts with the user.
    if not blocks or blocks[0][0] == "assistant":
        blocks.insert(0, ("user", text_block("(the agent speaks first)")))
    if blocks[-1][0] == "assistant":
        blocks.append(("user", text_block("(no text)")))
    return [
        {"role": role, "content": [block for _, block in some]}
        for role, some in groupby(blocks, key=lambda pair: pair[0])
    ]


def is_refusal(event: Event) -> bool:
    """Tell whether the model, or the API, refused the exchange that ends with this event."""
    if event.type == "session.error":
        return str(event.fields["error"].get("message", "")).endswith(LEFT_OUT)
    return event.type == "agent.message" and texts_of(event.fields["content"]) == REFUSED


def said(event: Event) -> list[Block]:
    """Leave out what the Messages API refuses: blank text, and placeholders for what was withheld."""
    return [block for block in event.fields["content"] if is_shown(block)]


def is_shown(block: Block) -> bool:
    return block["type"] != "redacted" and bool(str(block.get("text", "?")).strip())


def use_of(event: Event) -> Block:
    given = event.fields["input"]
    return {
        "type": "tool_use",
        "id": event.id,
        "name": NOT_IN_A_NAME.sub("_", event.fields["name"])[:128] or "_",
        "input": given if isinstance(given, dict) else {"input": given},
    }


def result_of(use: Event, results: Mapping[str, Event]) -> Block:
    """Return what a tool use came to; one that was interrupted came to an error."""
    found = results.get(use.id)
    if found is None:
        content, is_error = [text_block("interrupted: nothing came of it")], True
    else:
        content = [block for block in found.fields.get("content") or [] if is_shown(block)]
        is_error = bool(found.fields.get("is_error"))
    return {
        "type": "tool_result",
        "tool_use_id": use.id,
        "content": content or [text_block("(nothing)")],
        "is_error": is_error,
    }


def shortened(messages: Sequence[dict[str, Any]]) -> list[dict[str, Any]] | None:
    """
    Return the later half of a conversation that is too long for the model, from where the user says something; of a
    single exchange, the same with what tools returned cut short. None, if that is no shorter.

    Thinking goes: it is bound to all that came before it.
    """
    starts = [
        place
        for place, message in enumerate(messages)
        if message["role"] == "user" and message["content"][0]["type"] != "tool_result"
    ]
    later = next((place for place in starts if place >= len(messages) // 2 and place > 0), starts[-1])
    kept = messages[later:]
    if later == 0:
        kept = [{**message, "content": [cut(block) for block in message["content"]]} for message in kept]
        if kept == list(messages):
            return None
    return [
        {**message, "content": [block for block in message["content"] if block["type"] not in THINKING]}
        for message in kept
    ]


def cut(block: Block) -> Block:
    if block["type"] != "tool_result":
        return block
    text = texts_of(block["content"])
    return (
        block
        if len(text) <= SHORT_RESULT
        else {**block, "content": [text_block(f"{text[:SHORT_RESULT]} (cut)")]}
    )
