"""
What the Messages API refuses with a 400, as its newest models do (Opus 5.5, Fable 5.1).

From its documentation: `tool_choice` may not force a tool, a conversation may not end with the assistant, text may not
be blank, every tool use is answered right after and first of all, four cache breakpoints at most, no unknown field,
and thinking blocks come back as they were, after what they were thought about.
"""

from __future__ import annotations

import hashlib
import json
import re
from collections.abc import Iterator
from typing import Any

__all__ = ["bare", "fault_of", "flatten", "signature_of"]

MAX_BREAKPOINTS = 4
NAME = re.compile(r"^[a-zA-Z0-9_-]{1,128}$")
REQUEST_FIELDS = {
    "model",
    "max_tokens",
    "messages",
    "system",
    "tools",
    "tool_choice",
    "thinking",
    "output_config",
    "metadata",
    "stop_sequences",
    "stream",
}
TOOL_FIELDS = {"name", "description", "input_schema", "cache_control", "type", "strict"}
BLOCK_FIELDS = {
    "text": {"text", "cache_control", "citations"},
    "thinking": {"thinking", "signature"},
    "redacted_thinking": {"data"},
    "tool_use": {"id", "name", "input", "cache_control", "caller"},
    "tool_result": {"tool_use_id", "content", "is_error", "cache_control"},
}


def fault_of(request: dict[str, Any]) -> str | None:
    """Return what the API would say is wrong with a request; None if nothing is."""
    return next(faults(request), None)


def faults(request: dict[str, Any]) -> Iterator[str]:
    for name in request.keys() - REQUEST_FIELDS:
        yield f"{name}: Extra inputs are not permitted"
    choice = request.get("tool_choice", {"type": "auto"})["type"]
    if choice not in {"auto", "none"}:
        yield f"tool_choice: type {choice!r} is not supported for this model"
    if request.get("thinking", {"type": "adaptive"})["type"] != "adaptive":
        yield "thinking: is always adaptive for this model"
    yield from faults_of_tools(request.get("tools") or [])
    for block in system_of(request):
        yield from faults_of_block("system", block, {"text"})
    yield from faults_of_messages(request["messages"])
    marked = sum("cache_control" in block for block in flatten(request))
    if marked > MAX_BREAKPOINTS:
        yield f"A maximum of 4 blocks with cache_control may be provided. Found {marked}."
    yield from faults_of_thinking(request)


def faults_of_tools(tools: list[dict[str, Any]]) -> Iterator[str]:
    names = [tool["name"] for tool in tools]
    if len(set(names)) < len(names):
        yield "tools: Tool names must be unique."
    for tool in tools:
        if tool.keys() - TOOL_FIELDS:
            yield f"tools.{tool['name']}: Extra inputs are not permitted"
        if not NAME.match(tool["name"]) or tool["input_schema"].get("type") != "object":
            yield f"tools.{tool['name']}: its name or schema is not permitted"


def faults_of_messages(messages: list[dict[str, Any]]) -> Iterator[str]:
    if not messages:
        yield "messages: at least one message is required"
        return
    if messages[0]["role"] != "user":
        yield "messages: first message must use the user role"
    if messages[-1]["role"] != "user":
        yield "This model does not support assistant message prefill. The conversation must end with a user message."
    asked: list[str] = []
    used: set[str] = set()
    for place, message in enumerate(messages):
        where = f"messages.{place}"
        if message.keys() - {"role", "content"} or message["role"] not in {"user", "assistant"}:
            yield f"{where}: Extra inputs are not permitted"
        blocks = blocks_of(message)
        if not blocks:
            yield f"{where}: all messages must have non-empty content"
        allowed = (
            {"text", "tool_result"} if message["role"] == "user" else set(BLOCK_FIELDS) - {"tool_result"}
        )
        for block in blocks:
            yield from faults_of_block(where, block, allowed)
        if place and messages[place - 1]["role"] == message["role"]:
            yield f"{where}: (this double wants roles to take turns)"
        yield from faults_of_results(where, asked, blocks)
        asked = [block["id"] for block in blocks if block["type"] == "tool_use"]
        if used & set(asked) or len(set(asked)) < len(asked):
            yield f"{where}: `tool_use` ids must be unique"
        used |= set(asked)


def faults_of_results(where: str, asked: list[str], blocks: list[dict[str, Any]]) -> Iterator[str]:
    kinds = [block["type"] == "tool_result" for block in blocks]
    given = [block["tool_use_id"] for block in blocks if block["type"] == "tool_result"]
    if set(asked) - set(given):
        yield f"{where}: `tool_use` ids were found without `tool_result` blocks immediately after"
    if set(given) - set(asked) or len(set(given)) < len(given):
        yield f"{where}: unexpected `tool_use_id` found in `tool_result` blocks"
    if kinds != sorted(kinds, reverse=True):
        yield f"{where}: `tool_result` blocks must come first"


def faults_of_block(where: str, block: dict[str, Any], allowed: set[str]) -> Iterator[str]:
    kind = block["type"]
    if kind not in allowed:
        yield f"{where}: {kind!r} blocks are not permitted here"
        return
    for name in block.keys() - BLOCK_FIELDS[kind] - {"type"}:
        yield f"{where}.{name}: Extra inputs are not permitted"
    if kind == "text" and not block["text"].strip():
        yield f"{where}: text content blocks must contain non-whitespace text"
    if kind == "tool_use" and not (NAME.match(block["name"]) and NAME.match(block["id"])):
        yield f"{where}: tool_use: String should match pattern '{NAME.pattern}'"
    if kind == "tool_use" and not isinstance(block["input"], dict):
        yield f"{where}: tool_use.input: Input should be an object"
    if kind == "tool_result":
        for inner in results_of(block):
            yield from faults_of_block(f"{where}.content", inner, {"text"})
        if block.get("is_error") and not results_of(block):
            yield f"{where}: tool_result: content cannot be empty if `is_error` is true"


def faults_of_thinking(request: dict[str, Any]) -> Iterator[str]:
    """A thinking block is bound to all that stood before it, and to its own text."""
    before: list[dict[str, Any]] = []
    for block in flatten(request):
        if block["type"] == "thinking" and block["signature"] != signature_of(
            request["model"], before, block["thinking"]
        ):
            yield "Invalid `signature` in `thinking` block: the conversation before it was changed"
        before.append(block)


def signature_of(model: str, before: list[dict[str, Any]], thinking: str) -> str:
    known = json.dumps([model, [bare(block) for block in before], thinking], sort_keys=True)
    return hashlib.sha256(known.encode()).hexdigest()


def bare(block: dict[str, Any]) -> dict[str, Any]:
    return {key: value for key, value in block.items() if key != "cache_control"}


def system_of(request: dict[str, Any]) -> list[dict[str, Any]]:
    system = request.get("system") or []
    return [{"type": "text", "text": system}] if isinstance(system, str) else list(system)


def blocks_of(message: dict[str, Any]) -> list[dict[str, Any]]:
    content = message["content"]
    return [{"type": "text", "text": content}] if isinstance(content, str) else list(content)


def results_of(block: dict[str, Any]) -> list[dict[str, Any]]:
    content = block.get("content") or []
    return [{"type": "text", "text": content}] if isinstance(content, str) else list(content)


def flatten(request: dict[str, Any]) -> Iterator[dict[str, Any]]:
    """Yield the blocks of a request in the order in which they are cached: tools, system, messages."""
    for tool in request.get("tools") or ():
        yield {"type": "tool", **tool}
    yield from system_of(request)
    for message in request["messages"]:
        for block in blocks_of(message):
            yield {"role": message["role"], **block}
