"""Find the record of the account that a session is about, among what its tools returned, as a statement."""

from __future__ import annotations

import json
import re

from include.managed_agents.dreams.engine import Transcript
from include.managed_agents.dreams.offline.specifics import specifics_of
from include.managed_agents.dreams.offline.text import MAX_STATEMENT, clean, plain

__all__ = ["find_record"]

_MARKS = re.compile(r'[{}\[\]"]')
#: The name of an entry. One with a digit is an id, and stays as it is.
_NAME = re.compile(r'"([^"\d]*)":')


def find_record(transcript: Transcript, account: str) -> str:
    """
    Return the last record that a tool gave when asked for ``account`` alone, as "key: value, key: value"; else "".

    Only objects count: a list is the answer to a search, not to who somebody is.
    """
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
    """Return the entries of a record that fit, those with specifics before those without; "" where none has one."""
    try:
        record = json.loads(answer)
        entries = record.items() if isinstance(record, dict) else ()
        parts = [
            json.dumps({name: value}, ensure_ascii=False) for name, value in entries if value is not None
        ]
    except (ValueError, RecursionError):
        return ""
    text = ""
    named = (_NAME.sub(lambda match: f"{match[1].replace('_', ' ')}:", part) for part in parts)
    told = (plain(clean(_MARKS.sub("", part))) for part in named)
    for part in sorted(told, key=lambda part: not specifics_of(part)):
        if len(text) + len(part) + 2 <= MAX_STATEMENT:
            text = f"{text}, {part}" if text else part
    return text if specifics_of(text) else ""
