"""Find the record of the account that a session is about, among what its tools returned, as statements."""

from __future__ import annotations

import json
from collections.abc import Iterator
from typing import Any

from include.managed_agents.dreams.engine import Transcript
from include.managed_agents.dreams.offline.specifics import Kind, find_specifics
from include.managed_agents.dreams.offline.text import MAX_STATEMENT, clean, plain

__all__ = ["find_record"]

_MAX_RECORD = 300
_MAX_VALUE = 120
_MAX_DEPTH = 5
_MAX_ITEMS = 20


def find_record(transcript: Transcript, account: str) -> list[str]:
    """
    Return the last record that a tool gave when asked for ``account`` alone, as statements "key value, key value".

    Only objects count: a list is the answer to a search, not to who somebody is.
    """
    found: list[str] = []
    asked = ""
    for message in transcript.messages:
        for call in message.tool_calls:
            given = call.get("input")
            asked = (
                str(call.get("name")) if isinstance(given, dict) and list(given.values()) == [account] else ""
            )
        if message.role == "tool":
            record = _object_of(message.text) if asked and message.tool_name in {asked, None} else {}
            found = _statements(record) or found
            asked = ""
    return found


def _object_of(text: str) -> dict[str, Any]:
    try:
        value = json.loads(text)
    except (ValueError, RecursionError):
        return {}
    return value if isinstance(value, dict) else {}


def _statements(record: dict[str, Any]) -> list[str]:
    """Return the parts of a record that fit, those that name things or days before those that don't."""
    parts = [part for key, value in record.items() for part in _parts(_words(key), value)]
    parts.sort(
        key=lambda part: not any(s.kind.names_a_thing or s.kind is Kind.DATE for s in find_specifics(part))
    )
    room = _MAX_RECORD
    packed: list[str] = []
    for part in parts:
        if len(part) > min(room, MAX_STATEMENT):
            continue
        room -= len(part) + 2
        if packed and len(packed[-1]) + len(part) + 2 <= MAX_STATEMENT:
            packed[-1] += f", {part}"
        else:
            packed.append(part)
    return packed


def _parts(name: str, value: Any, depth: int = 0) -> Iterator[str]:
    """Yield an entry of the record as text: an object below it is one part, a list of objects one part each."""
    if depth > _MAX_DEPTH:
        return
    if isinstance(value, list) and any(isinstance(item, dict) for item in value):
        for item in value[:_MAX_ITEMS]:
            yield from _parts(name, item, depth + 1)
    elif isinstance(value, dict) and value and all(isinstance(inner, dict) for inner in value.values()):
        for key, inner in list(value.items())[:_MAX_ITEMS]:
            yield from _parts(
                f"{name} {_value(key)}", {k: v for k, v in inner.items() if v != key}, depth + 1
            )
    elif text := " ".join(_flat(value, 0)):
        yield f"{name} {text}"


def _flat(value: Any, depth: int) -> Iterator[str]:
    if depth > _MAX_DEPTH:
        return
    if isinstance(value, dict):
        for key, inner in list(value.items())[:_MAX_ITEMS]:
            if text := " ".join(_flat(inner, depth + 1)):
                yield f"{_words(key)} {text}"
    elif isinstance(value, list):
        for inner in value[:_MAX_ITEMS]:
            yield from _flat(inner, depth + 1)
    elif value is not None and not isinstance(value, bool) and _value(value):
        yield _value(value)


def _words(key: Any) -> str:
    return _value(key).replace("_", " ")


def _value(value: Any) -> str:
    return plain(clean(str(value)).replace("\n", " "))[:_MAX_VALUE]
