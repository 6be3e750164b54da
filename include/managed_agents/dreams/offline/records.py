"""Find the record of the account that a session is about, among what its tools returned, as a statement."""

from __future__ import annotations

import json
import re
from collections.abc import Iterator
from typing import Any

from include.managed_agents.dreams.engine import Transcript
from include.managed_agents.dreams.offline.specifics import specifics_of
from include.managed_agents.dreams.offline.text import MAX_STATEMENT, clean, plain

__all__ = ["find_record"]


def find_record(transcript: Transcript, account: str) -> str:
    """Return the last record, no list of a search, that a tool gave when asked for ``account`` alone; else ""."""
    found = asked = ""
    for message in transcript.messages:
        for call in message.tool_calls:
            given = call.get("input")
            alone = isinstance(given, dict) and list(given.values()) == [account]
            asked = str(call.get("name")) if alone else ""
        if message.role == "tool":
            if asked and message.tool_name in {asked, None}:
                found = _told(message.text) or found
            asked = ""
    return found


def _told(answer: str) -> str:
    """Return a record as "key value, key value": what fits of it, parts with specifics before those without."""
    try:
        record = json.loads(answer)
        entries = _entries(record) if isinstance(record, dict) else ()
        parts = [part for name, value in entries for part in _parts(name, value)]
    except (ValueError, RecursionError):
        return ""
    text = ""
    for part in sorted(parts, key=lambda part: not specifics_of(part)):
        if len(text) + len(part) + 2 <= MAX_STATEMENT:
            text = f"{text}, {part}" if text else part
    return text


def _parts(name: str, value: Any) -> Iterator[str]:
    """Yield an entry of the record as text: where it holds only objects, one part each."""
    inner = _entries(value)
    if inner and all(isinstance(item, dict) for _, item in inner):
        for key, item in inner:
            yield from _parts(f"{name} {key}".strip(), item)
    elif text := _flat(value):
        yield f"{name} {text}"


def _flat(value: Any) -> str:
    if isinstance(value, dict | list):
        return " ".join(f"{key} {text}".strip() for key, item in _entries(value) if (text := _flat(item)))
    return "" if value is None or isinstance(value, bool) else plain(clean(str(value)))


def _entries(value: Any) -> list[tuple[str, Any]]:
    """Return what an object or a list holds, with its names as words: one with a digit is an id, and stays."""
    if isinstance(value, list):
        return [("", item) for item in value]
    names = {plain(clean(name)): item for name, item in value.items()} if isinstance(value, dict) else {}
    return [(n if re.search("[0-9]", n) else n.replace("_", " "), item) for n, item in names.items()]
