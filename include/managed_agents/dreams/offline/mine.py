"""
Mine one transcript: who speaks, and every sentence that could be worth a line, with what says how much it is worth.

Text is data: what gives orders to the machine that reads it is left out, as is what an agent says of its own memory,
for that is no news. What is left stands as it was said, without openers such as "Well," and with its dates worked out.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator
from typing import Any

from include.managed_agents.dreams.engine import Message, Transcript
from include.managed_agents.dreams.offline.cues import gives_orders, lays_down, tells_of_memory, weigh
from include.managed_agents.dreams.offline.dates import disarm, resolve_dates
from include.managed_agents.dreams.offline.parties import Party, find_party
from include.managed_agents.dreams.offline.records import find_record
from include.managed_agents.dreams.offline.text import clean, plain, statements
from include.managed_agents.dreams.offline.words import specifics_of, terse, vocatives, words_of

__all__ = ["mine"]

#: The share of a conversation's bytes that its lines may fill, with what stands around them.
SHARE = 0.325
_MAX_TITLE = 120
#: Characters of a message that are read at once.
_PIECE = 16_000
#: By these an agent looks after its own files and memory: a session with no others is a conversation.
_OWN_TOOLS = {"bash", "edit", "glob", "grep", "read", "write"}
_STOP_MARK = re.compile(r"(?<!#)#{2,6}\w{1,40}#{2,6}(?!#)")


def mine(transcript: Transcript, check: Callable[[], None] = lambda: None) -> dict[str, Any]:
    """
    Return the findings of a session, plain JSON of the shape that the package's docstring shows.

    :param check: called at least for every message and every ``_PIECE`` characters; what it raises ends the work.
    """
    party = find_party(transcript)
    found = list(_statements(transcript, party, check))
    room = _room(transcript, party)
    if _works_with_tools(transcript):
        # What matters is in the specifics, the talk around them is procedure; but people say how they want things.
        for statement in found:
            if statement["who"].startswith("Agent") or not lays_down(statement["text"]):
                statement["weight"] = 0.0
    started = transcript.started_at.date().isoformat()
    if party.account and (record := find_record(transcript, party.account)):
        found.append(_statement(record, started, "Record", party.account, 0.0))
    return {
        "session": transcript.session_id,
        "title": plain(clean(transcript.title or "").replace("\n", " "))[:_MAX_TITLE],
        "started": started,
        "account": party.account,
        "party": party.name,
        "room": room,
        "statements": found,
    }


def _works_with_tools(transcript: Transcript) -> bool:
    asked = {call.get("name") for message in transcript.messages for call in message.tool_calls}
    return not asked | {m.tool_name for m in transcript.messages if m.role == "tool"} <= _OWN_TOOLS


def _room(transcript: Transcript, party: Party) -> int:
    """
    Return the bytes that lines should fill.

    A conversation is all words, and they are what there is to remember. What an agent says to somebody unknown helps
    nobody later.
    """
    heard = {"user", "assistant"} if party.name or party.account or party.labeled else {"user"}
    return int(SHARE * sum(len(m.text.encode()) for m in transcript.messages if m.role in heard))


def _statements(transcript: Transcript, party: Party, check: Callable[[], None]) -> Iterator[dict[str, Any]]:
    called = vocatives(party.names)
    asked = ""
    for message in transcript.messages:
        if message.role == "tool" or not message.text:
            continue
        day = (message.created_at or transcript.started_at).date()
        who, text = party.speaker_of(message)
        last = ""
        for statement in _said(message, text, check):
            # Of people's talk, a third has to hold what there is to remember: every word counts.
            told = resolve_dates(disarm(terse(statement, called, articles=not party.labeled)), day)
            if words_of(told):
                weight = weigh(told, answers=asked not in ("", who))
                yield _statement(told, day.isoformat(), who, party.of(who), weight)
            asked = ""
            last = statement
        asked = who if last.endswith("?") else ""


def _said(message: Message, text: str, check: Callable[[], None]) -> Iterator[str]:
    is_agent = message.role == "assistant"
    for piece in _pieces(_STOP_MARK.sub("", text)):
        check()
        for statement in statements(piece):
            if not gives_orders(statement) and not (is_agent and tells_of_memory(statement)):
                yield statement


def _pieces(text: str) -> Iterator[str]:
    """Yield the text in pieces that end with a line, or else with a word."""
    start = 0
    while len(text) - start > _PIECE:
        middle, end = start + _PIECE // 2, start + _PIECE
        cut = max(text.rfind("\n", middle, end), middle)
        cut = cut if cut > middle else max(text.rfind(" ", middle, end), middle)
        yield text[start:cut] if cut > middle else text[start:end]
        start = cut if cut > middle else end
    yield text[start:]


def _statement(text: str, day: str, who: str, party: str, weight: float) -> dict[str, Any]:
    return {
        "text": text,
        "day": day,
        "who": who,
        "party": party,
        "specifics": sorted(specifics_of(text)),
        "weight": round(weight, 3),
    }
