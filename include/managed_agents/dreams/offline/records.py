"""Find the record of the account that a session is about, among what its tools returned, as statements."""

from __future__ import annotations

import json
from collections.abc import Iterator
from itertools import islice
from typing import Any

from include.managed_agents.dreams.engine import Transcript
from include.managed_agents.dreams.offline.specifics import Kind, find_specifics
from include.managed_agents.dreams.offline.text import MAX_STATEMENT, clean, plain

__all__ = ["find_record"]

_MAX_VALUE = 120
_MAX_DEPTH = 5
_MAX_ITEMS = 20


def find_record(transcript: Transcript, account: str) -> str:
    """
    Return the last record that a tool gave when asked for ``account`` alone, as "key value, key value"; else "".

    Only objects count: a list is the answer to a search, not to who somebody is.
    """
    found = ""
    asked = ""
    for message in transcript.messages:
        for call in message.tool_calls:
            given = call.get("input")
            alone = isinstance(given, dict) and list(given.values()) == [account]
            asked = str(call.get("name")) if alone else ""
        if message.role == "tool":
            if asked and message.tool_name in {asked, None}:
                found = _statement(message.text) or found
            asked = ""
    return found


def _statement(answer: str) -> str:
    """Return the parts of a record that fit, those that name things or days before those that don't."""
    try:
        record = json.loads(answer)
    except (ValueError, RecursionError):
        return ""
    parts = [part for key, value in _items(record) for part in _parts(_words(key), value)]
    parts.sort(
        key=lambda part: not any(s.kind.names_a_thing or s.kind is Kind.DATE for s in find_specifics(part))
    )
    text = ""
    for part in parts:
        if len(text) + len(part) + 2 <= MAX_STATEMENT:
            text = f"{text}, {part}" if text else part
    return text


def _parts(name: str, value: Any, depth: int = 0) -> Iterator[str]:
    """Yield an entry of the record as text: an object below it is one part, several objects one part each."""
    if isinstance(value, list) and depth < _MAX_DEPTH and any(isinstance(item, dict) for item in value):
        for item in value[:_MAX_ITEMS]:
            yield from _parts(name, item, depth + 1)
    elif depth < _MAX_DEPTH and _items(value) and all(_items(inner) for inner in value.values()):
        for key, inner in _items(value):
            yield from _parts(
                f"{name} {_value(key)}", {k: v for k, v in inner.items() if v != key}, depth + 1
            )
    elif text := _flat(value):
        yield f"{name} {text}"


def _flat(value: Any, depth: int = 0) -> str:
    if value is None or isinstance(value, bool) or depth > _MAX_DEPTH:
        return ""
    if isinstance(value, dict):
        told = ((_words(key), _flat(inner, depth + 1)) for key, inner in _items(value))
        return " ".join(f"{key} {text}" for key, text in told if text)
    if isinstance(value, list):
        return " ".join(filter(None, (_flat(inner, depth + 1) for inner in value[:_MAX_ITEMS])))
    return _value(value)


def _items(value: Any) -> list[tuple[str, Any]]:
    return list(islice(value.items(), _MAX_ITEMS)) if isinstance(value, dict) else []


def _words(key: str) -> str:
    return _value(key).replace("_", " ")


def _value(value: Any) -> str:
    return plain(clean(str(value)[: 2 * _MAX_VALUE]).replace("\n", " "))[:_MAX_VALUE]
