"""
Mine one transcript: who speaks, and every sentence that could be worth a line, with what says how much it is worth.

Text is data: what gives orders to the machine that reads it is left out, as is what an agent says of its own memory,
for that is no news. What is left stands as it was said, without openers such as "Well," and with its dates worked out.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator
from typing import Any

from include.managed_agents.dreams.engine import Message, Transcript
from include.managed_agents.dreams.offline.cues import gives_orders, lays_down, tells_of_memory, weigh
from include.managed_agents.dreams.offline.dates import disarm, resolve_dates
from include.managed_agents.dreams.offline.parties import Party, find_party
from include.managed_agents.dreams.offline.records import find_record
from include.managed_agents.dreams.offline.specifics import specifics_of
from include.managed_agents.dreams.offline.text import clauses, statements
from include.managed_agents.dreams.offline.words import terse, vocatives, words_of

__all__ = ["mine"]

#: The share of a conversation's bytes that its lines may fill, with what stands around them.
SHARE = 0.325
#: By these an agent looks after its own files and memory: a session with no others is a conversation.
_OWN_TOOLS = {"bash", "edit", "glob", "grep", "read", "write"}


def mine(transcript: Transcript, check: Callable[[], None] = lambda: None) -> dict[str, Any]:
    """Return the findings of a session, as the package's docstring shows them. What ``check`` raises ends the work."""
    party = find_party(transcript)
    found = list(_statements(transcript, party, check))
    # What an agent says to somebody unknown helps nobody later.
    heard = {"user", "assistant"} if party.account or party.names else {"user"}
    room = int(SHARE * sum(len(m.text.encode()) for m in transcript.messages if m.role in heard))
    asked = {call.get("name") for message in transcript.messages for call in message.tool_calls}
    if not asked | {m.tool_name for m in transcript.messages if m.role == "tool"} <= _OWN_TOOLS:
        # What matters is in the specifics, the talk around them is procedure; but people say how they want things. The
        # room that this leaves is not for others to fill.
        for statement in found:
            if statement["who"].startswith("Agent") or not lays_down(statement["text"]):
                statement["weight"] = 0.0
        room = min(room, sum(len(s["text"].encode()) for s in found if s["weight"]))
    started = transcript.started_at.date().isoformat()
    if party.account and (record := find_record(transcript, party.account)):
        found.append(_statement(record, started, "Record", party.account, 0.0))
    return {"started": started, "account": party.account, "room": room, "statements": found}


def _statements(transcript: Transcript, party: Party, check: Callable[[], None]) -> Iterator[dict[str, Any]]:
    called = vocatives(party.names)
    asked = ""
    for message in transcript.messages:
        check()
        if message.role == "tool" or not message.text:
            continue
        day = (message.created_at or transcript.started_at).date()
        who, text = party.speaker_of(message)
        said = list(_said(message, text, check))
        for place, statement in enumerate(said):
            check()
            told = resolve_dates(disarm(terse(statement, called)), day)
            if words_of(told):
                weight = weigh(told, answers=asked not in ("", who), takes_leave=0 < place == len(said) - 1)
                yield _statement(told, day.isoformat(), who, party.of(who), weight)
            asked = ""
        asked = who if said and said[-1].endswith("?") else ""


def _said(message: Message, text: str, check: Callable[[], None]) -> Iterator[str]:
    for statement in statements(text):
        check()
        if not gives_orders(statement) and not (message.role == "assistant" and tells_of_memory(statement)):
            yield from clauses(statement)


def _statement(text: str, day: str, who: str, party: str, weight: float) -> dict[str, Any]:
    keys, weight = sorted(specifics_of(text)), round(weight, 3)
    return {"text": text, "day": day, "who": who, "party": party, "specifics": keys, "weight": weight}
