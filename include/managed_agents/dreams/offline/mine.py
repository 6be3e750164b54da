"""
Mine one transcript for statements worth keeping.

What a person says, and what carries a specific (an identifier, a date, a link, an amount), a decision, a preference, a
rule or a follow-up is kept; courtesy, offers and recaps that add nothing are not. Every specific that was said stands
in at least one kept statement. What else is kept says much that is new.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass
from enum import StrEnum
from typing import Any

from include.managed_agents.dreams.engine import Message, Transcript
from include.managed_agents.dreams.offline.cues import Cue, cue_of, gives_orders, is_small_talk
from include.managed_agents.dreams.offline.dates import disarm, resolve_dates
from include.managed_agents.dreams.offline.lines import ASSISTANT, RECORD, TO, USER, minute
from include.managed_agents.dreams.offline.lines import statement as statement_of
from include.managed_agents.dreams.offline.parties import Party, find_party
from include.managed_agents.dreams.offline.records import find_record
from include.managed_agents.dreams.offline.text import clean, continues, plain, statements
from include.managed_agents.dreams.offline.words import Wording

__all__ = ["Worth", "mine"]

#: A statement without specifics or cue is kept where it says something new: so many content words that no kept one has,
#: and this share of its own.
NEW_WORDS = 3
NEW_SHARE = 0.5
#: The share of what was said in a session that its kept statements may fill.
SHARE = 0.8
#: What a line carries besides its text: when, who, where.
_LINE_OVERHEAD = 50
_MAX_TITLE = 120
_MAX_CONTEXT = 100
#: Words that only open a statement. Some need their comma: "No, I do" is not "No refunds".
_OPENERS = re.compile(
    r"^(?:(?:(?:sure|yes|yeah|no|ok|okay|right|well|great|perfect|alright|noted|understood|got it|oh|hi|hello|hey|good|"
    r"good morning|morning|unfortunately|certainly|of course|(?:thanks|thank you)(?! (?:for|so|very)))"
    r"(?: there| thing)?[,.!:]+|and|also|so|but|please note that) +)+(?=\S)",
    re.IGNORECASE,
)
#: The first letter of an ordinary word: "checkout.express" and "v2" stay as they are.
_CAPITAL = re.compile(r"^[a-z](?=[a-z']*(?:[\s,!?;:]|\.(?!\w)|$))")
_STOP_MARK = re.compile(r"(?<!#)#{2,6}\w{1,40}#{2,6}(?!#)")


class Worth(StrEnum):
    """Why a statement was kept, and so when consolidation may drop it."""

    #: Said by a person, or a decision, a preference, a rule, a follow-up.
    SURE = "sure"
    #: Said by the assistant, for the specifics in it: dropped where those stand in other lines about the same account.
    RECAP = "recap"
    #: Kept for its words alone: dropped where those words are common to the sessions.
    SPARE = "spare"


@dataclass
class _Candidate:
    position: int
    text: str
    said: str
    role: str
    wording: Wording
    cue: Cue
    is_question: bool
    is_idle: bool
    worth: Worth = Worth.SURE

    @property
    def is_statement(self) -> bool:
        return not self.is_question and not self.is_idle


def mine(transcript: Transcript) -> dict[str, Any]:
    """
    Return what the transcript tells, as plain JSON.

    ``{"session", "title", "account", "facts": [{"text", "said", "who", "worth"}]}``, facts in the order of the session.
    """
    party = find_party(transcript)
    kept = _select(list(_candidates(transcript, party)), _allowance(transcript))
    facts = [
        {"text": c.text, "said": c.said, "who": _who(c, party), "worth": c.worth}
        for c in sorted(kept, key=lambda c: c.position)
    ]
    record = find_record(transcript, party.name) if party.is_account else ""
    if record:
        facts.append(
            {"text": record, "said": minute(transcript.started_at), "who": RECORD, "worth": Worth.SURE}
        )
    return {
        "session": transcript.session_id,
        "title": plain(clean(transcript.title or "").replace("\n", " "))[:_MAX_TITLE],
        "account": party.name if party.is_account else "",
        "facts": facts,
    }


def _allowance(transcript: Transcript) -> float:
    """
    Return the bytes that the kept statements may fill before those without specifics or cue have to stay out.

    A conversation is all words, and they are what there is to remember. Where an assistant works with tools, what
    matters is in the specifics, and the talk around them is procedure: what the tools returned is taken off the share.
    """
    said = sum(len(m.text.encode()) for m in transcript.messages if m.role != "tool")
    returned = sum(len(m.text.encode()) for m in transcript.messages if m.role == "tool")
    return SHARE * said - returned


def _candidates(transcript: Transcript, party: Party) -> Iterator[_Candidate]:
    position = 0
    previous = ""
    for message in transcript.messages:
        if message.role == "tool" or not message.text:
            continue
        moment = message.created_at or transcript.started_at
        context, previous = previous, ""
        for statement in _statements_of(message, party):
            text = statement_of(resolve_dates(disarm(statement), moment.date()))
            if message.role == "user" and context and continues(text):
                text = f"{text} (on: {context})"
            context = ""
            wording = Wording(text)
            if not wording.words:
                continue
            position += 1
            yield _Candidate(
                position=position,
                text=text,
                said=minute(moment),
                role=message.role,
                wording=wording,
                cue=cue_of(text),
                is_question=statement.endswith("?"),
                is_idle=is_small_talk(statement),
            )
            previous = "" if len(text) > _MAX_CONTEXT or is_small_talk(statement) else text


def _statements_of(message: Message, party: Party) -> Iterator[str]:
    text = message.text
    for label in sorted(party.labels):
        text = text.removeprefix(f"{label}: ")
    for statement in statements(_STOP_MARK.sub("", text)):
        if gives_orders(statement):
            continue
        trimmed = _OPENERS.sub("", statement)
        yield _CAPITAL.sub(lambda m: m[0].upper(), trimmed) if trimmed else statement


def _select(candidates: list[_Candidate], allowance: float) -> list[_Candidate]:
    kept: dict[int, _Candidate] = {}
    specifics: set[str] = set()
    stems: set[str] = set()

    def keep(candidate: _Candidate, worth: Worth) -> None:
        nonlocal allowance
        allowance -= len(candidate.text.encode()) + _LINE_OVERHEAD
        candidate.worth = worth
        kept[candidate.position] = candidate
        specifics.update(candidate.wording.weighty)
        stems.update(candidate.wording.stems)

    for candidate in candidates:
        adds = candidate.wording.weighty - specifics
        signals = candidate.cue is not Cue.FACT and len(candidate.wording.stems) >= NEW_WORDS
        if candidate.role == "user" and candidate.is_statement and (adds or signals):
            keep(candidate, Worth.SURE)
    # The last summary of an agent holds the most: later ones first, earlier ones only for what they add.
    for candidate in reversed(candidates):
        if candidate.position not in kept and candidate.wording.weighty - specifics:
            sure = candidate.role == "user" or (candidate.is_statement and candidate.cue is not Cue.FACT)
            keep(candidate, Worth.SURE if sure else Worth.RECAP)
    rest = [c for c in candidates if c.position not in kept and c.is_statement]
    for candidate in sorted(rest, key=lambda c: (-len(c.wording.stems), c.position)):
        new = len(candidate.wording.stems - stems)
        if allowance > 0 and new >= NEW_WORDS and new >= NEW_SHARE * len(candidate.wording.stems):
            keep(candidate, Worth.SPARE)
    return list(kept.values())


def _who(candidate: _Candidate, party: Party) -> str:
    if candidate.role == "user":
        return party.name or USER
    return party.assistant or (TO + party.name if party.name else ASSISTANT)
