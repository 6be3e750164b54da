"""
Mine one transcript for statements worth keeping.

What a person says, and what carries a specific (an identifier, a date, a link, an amount), a decision, a preference, a
rule or a follow-up is kept; courtesy, offers and recaps that add nothing are not. Every specific that was said stands in
at least one kept statement. What remains of the session's share of bytes goes to the most informative of the others.
"""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Iterable
from dataclasses import dataclass
from typing import Any

from ..engine import Message, Transcript
from .cues import Cue, cue_of, gives_orders, is_small_talk
from .dates import resolve_dates
from .lines import minute
from .parties import Party, find_party
from .text import statements
from .words import Wording

__all__ = ["mine"]

#: The share of a transcript's bytes that its kept statements may fill beyond those that must be kept.
SHARE = 0.10
#: What a line carries besides its text: when, who, where.
_LINE_OVERHEAD = 60
_OPENERS = re.compile(
    r"^(?:(?:sure|yes|yeah|no|ok|okay|right|well|thanks|thank you|great|perfect|alright|noted|understood|got it|oh|and|also|so|but|hi|hello|hey|"
    r"please note that|unfortunately|certainly|of course|good|morning)\b(?: there)?[,.!:]* +)+(?=\S)",
    re.IGNORECASE,
)
_STOP_MARK = re.compile(r"#{2,}\w+#{2,}")


@dataclass
class _Candidate:
    position: int
    text: str
    said: str
    role: str
    wording: Wording
    cue: Cue
    asks: bool
    idle: bool


def mine(transcript: Transcript) -> dict[str, Any]:
    """
    Return what the transcript tells, as plain JSON.

    ``{"session", "started", "account", "facts": [{"text", "said", "who"}]}``, facts in the order in which they were said.
    """
    party = find_party(transcript)
    candidates = list(_candidates(transcript))
    kept = _select(candidates, SHARE * sum(len(m.text.encode()) for m in transcript.messages))
    return {
        "session": transcript.session_id,
        "started": minute(transcript.started_at),
        "account": party.name if party.account else "",
        "facts": [
            {"text": c.text, "said": c.said, "who": _who(c, party)}
            for c in sorted(kept, key=lambda c: c.position)
        ],
    }


def _candidates(transcript: Transcript) -> Iterable[_Candidate]:
    position = 0
    for message in transcript.messages:
        if message.role == "tool" or not message.text:
            continue
        moment = message.created_at or transcript.started_at
        for statement in _statements_of(message):
            text = resolve_dates(statement, moment.date())
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
                asks=text.endswith("?"),
                idle=is_small_talk(text),
            )


def _statements_of(message: Message) -> Iterable[str]:
    for statement in statements(_STOP_MARK.sub("", message.text)):
        if gives_orders(statement):
            continue
        trimmed = _OPENERS.sub("", statement)
        yield trimmed[:1].upper() + trimmed[1:] if trimmed else statement


def _select(candidates: list[_Candidate], allowance: float) -> list[_Candidate]:
    kept: list[_Candidate] = []
    covered: set[str] = set()

    def keep(candidate: _Candidate) -> None:
        nonlocal allowance
        kept.append(candidate)
        covered.update(candidate.wording.weighty)
        allowance -= len(candidate.text.encode()) + _LINE_OVERHEAD

    said_by_people = [c for c in candidates if c.role == "user" and not c.idle]
    for candidate in said_by_people:
        if not candidate.asks and (candidate.cue is not Cue.FACT or candidate.wording.weighty - covered):
            keep(candidate)
    # The last summary of an agent holds the most: later ones first, earlier ones only for what they add.
    for candidate in reversed(candidates):
        if candidate not in kept and candidate.wording.weighty - covered:
            keep(candidate)
    rest = [c for c in candidates if c not in kept and not c.idle and not c.asks]
    for candidate in sorted(rest, key=_worth(candidates)):
        if allowance < len(candidate.text.encode()) + _LINE_OVERHEAD:
            continue
        if any(candidate.wording.stems <= k.wording.stems for k in kept):
            continue
        keep(candidate)
    return kept


def _worth(candidates: list[_Candidate]) -> Any:
    frequency = Counter(stem for c in candidates for stem in c.wording.stems)

    def key(candidate: _Candidate) -> tuple[float, int]:
        rare = sum(1 / frequency[stem] for stem in candidate.wording.stems)
        score = rare + 2 * len(candidate.wording.names) + (3 if candidate.cue is not Cue.FACT else 0)
        score += 2 if candidate.role == "user" else 0
        return -score / (len(candidate.text) + _LINE_OVERHEAD), candidate.position

    return key


def _who(candidate: _Candidate, party: Party) -> str:
    if candidate.role == "user":
        return party.name or "user"
    if party.name and candidate.wording.personal:
        return f"assistant to {party.name}"
    return "assistant"
