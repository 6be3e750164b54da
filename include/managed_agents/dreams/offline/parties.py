"""Find who speaks in a session: the name that a person gives, or the customer whose account the session is about."""

from __future__ import annotations

import re
from collections import Counter
from dataclasses import dataclass

from include.managed_agents.dreams.engine import Message, Transcript
from include.managed_agents.dreams.offline.cues import gives_orders
from include.managed_agents.dreams.offline.lines import speaker
from include.managed_agents.dreams.offline.text import clean

__all__ = ["Party", "find_party"]


@dataclass(frozen=True)
class Party:
    """
    Who speaks.

    ``name`` is the user's as lines show it, or the id of their account (``is_account``); ``assistant`` the assistant's.
    Both may be empty. ``labels`` are names that the messages themselves begin with, as in "Ada: good morning".
    """

    name: str = ""
    is_account: bool = False
    assistant: str = ""
    labels: frozenset[str] = frozenset()


_ACCOUNT_KEYS = ("user_id", "customer_id", "account_id", "member_id", "username", "user", "customer")
_ID = r"(?<![\w@.])(?=[\w.@-]*[\d_@])(?P<id>[A-Za-z][\w.@-]{3,63})"
_NEAR = r"\b(?:(?!reservation|order|booking|ticket|number|and)[^\n]){0,30}?"
_KINDS = (
    r"(?:(?:user|customer|account|member|profile|client)(?:ship)?[ _]?(?:id|name|number)?|id|username|login)"
)
_MY_ACCOUNT = (
    re.compile(rf"\bmy (?:own )?{_KINDS}{_NEAR}{_ID}", re.IGNORECASE),
    re.compile(
        rf"\b(?:user|customer|account|member)[ _]?(?:id|name|number)\s*(?:is|:|=)\s*[\"'(]*{_ID}",
        re.IGNORECASE,
    ),
)
_YOUR_ACCOUNT = (re.compile(rf"\byour {_KINDS}{_NEAR}{_ID}", re.IGNORECASE),)
_N = r"(?P<name>[A-Z][\w'-]+(?: [A-Z][\w'-]+){0,2})"
_HELLO = r"(?:(?i:hi|hello|hey|good \w+|morning|evening)(?: there)?[,.! ]+)*"
_OWN_NAME = (
    re.compile(rf"^{_HELLO}(?i:it's|this is|i'm|i am|my name is) {_N}(?=[,.! ]|$)"),
    re.compile(rf"^{_HELLO}{_N} (?:here|again)\b"),
    re.compile(rf"^{_N}(?:, [a-z][\w -]{{2,40}})?\.(?=\s|$)"),
    re.compile(rf"\b(?i:my name is) {_N}"),
)
_GREETED = re.compile(rf"^(?:(?i:hi|hello|hey|dear|(?:good )?(?:morning|evening|afternoon))[, ]+)?{_N}, \w")
_LABEL = re.compile(r"^(?P<name>[A-Z][\w'.-]{1,30}(?: [A-Z][\w'.-]{1,30})?): \S")
_NO_NAME_WORDS = """
thanks thank yes no ok okay sure great good morning hello hi hey right fine please sorry done
approved careful it this that i not so well perfect alright just looking noted understood
unfortunately unlike note update here there now then also and but correction decision question
answer subject from to cc re fwd warning error
"""
_NO_NAMES = frozenset(_NO_NAME_WORDS.split())


def find_party(transcript: Transcript) -> Party:
    """Return the party of a session: the account that tools were asked about or the user gave, else the user's name."""
    labels = {
        role: _label_of([m for m in transcript.messages if m.role == role]) for role in ("user", "assistant")
    }
    known = frozenset(label for label in labels.values() if label)
    account = _from_tools(transcript) or _from_words(transcript)
    name = account or labels["user"] or _named_by_themselves(transcript) or _greeted(transcript)
    return Party(speaker(name), bool(account), speaker(labels["assistant"]), known)


def _label_of(messages: list[Message]) -> str:
    """Return the name that all of the messages begin with."""
    names = set()
    for message in messages:
        match = _LABEL.match(_text_of(message))
        if message.text:
            names.add(match["name"] if match else "")
    return names.pop() if len(names) == 1 and len(messages) > 1 else ""


def _text_of(message: Message) -> str:
    return clean(message.text).replace("’", "'")  # noqa: RUF001


def _named_by_themselves(transcript: Transcript) -> str:
    for message in [m for m in transcript.messages if m.role == "user"][:2]:
        for line in _text_of(message).split("\n")[:2]:
            for piece in (line.strip(), *re.split(r"(?<=[.!?])\s+", line)[1:2]):
                for pattern in _OWN_NAME:
                    if name := _acceptable(pattern.search(piece)):
                        return name
    return ""


def _greeted(transcript: Transcript) -> str:
    for message in transcript.messages[:3]:
        if message.role == "assistant" and (name := _acceptable(_GREETED.match(_text_of(message)))):
            return name
    return ""


def _acceptable(match: re.Match[str] | None) -> str:
    if match is None or match["name"].split()[0].lower() in _NO_NAMES or gives_orders(match["name"]):
        return ""
    return match["name"]


def _from_tools(transcript: Transcript) -> str:
    """Return the account that the tools were asked about most."""
    seen: Counter[str] = Counter()
    for message in transcript.messages:
        for call in message.tool_calls:
            given = call.get("input")
            for value in [given.get(key) for key in _ACCOUNT_KEYS] if isinstance(given, dict) else []:
                if isinstance(value, str) and re.fullmatch(r"(?=.*[\d_@])[\w.@+-]{4,64}", value):
                    seen[value] += 1
    return min(seen, key=lambda value: (-seen[value], value)) if seen else ""


def _from_words(transcript: Transcript) -> str:
    """Return the account that the user names as their own, or else the assistant as theirs."""
    for role, patterns in (("user", _MY_ACCOUNT), ("assistant", _YOUR_ACCOUNT)):
        for message in transcript.messages:
            for line in _text_of(message).split("\n") if message.role == role else []:
                match = next(filter(None, (pattern.search(line) for pattern in patterns)), None)
                if match and not line.startswith(">") and not gives_orders(line):
                    return match["id"].rstrip(".-")
    return ""
