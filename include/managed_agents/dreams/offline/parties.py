"""Who speaks in a session: the name that a person gives, or the customer whose account the session is about."""

from __future__ import annotations

import re
from collections import Counter
from dataclasses import dataclass

from ..engine import Transcript
from .lines import speaker
from .text import clean

__all__ = ["Party", "find_party"]


@dataclass(frozen=True)
class Party:
    """``name`` as lines show it (may be empty); ``account`` tells that it is an account's id rather than a name."""

    name: str = ""
    account: bool = False


_ACCOUNT_KEYS = {"user_id", "customer_id", "account_id", "member_id", "username", "user", "customer"}
_ACCOUNT = re.compile(
    r"\b(?:user|customer|account|member(?:ship)?|client|profile)\s?(?:id|name|number|no\.?)?\s*(?:is|:|=)?\s*[\"“'*`(]*"
    r"(?=[\w.@-]*[\d_@])(?P<id>[A-Za-z][\w.@-]{3,63})",
    re.IGNORECASE,
)
_N = r"(?P<name>[A-Z][\w’'-]+(?: [A-Z][\w’'-]+){0,2})"  # noqa: RUF001
_HELLO = r"(?:(?i:hi|hello|hey|good \w+|morning|evening)(?: there)?[,.! ]+)*"
_NAME = (
    re.compile(rf"^{_HELLO}(?i:it[’']s|this is|i[’']m|i am|my name is) {_N}(?=[,.! ]|$)"),  # noqa: RUF001
    re.compile(rf"^{_HELLO}{_N} (?:here|again)\b"),
    re.compile(rf"^{_N}(?:, [a-z][\w -]{{2,40}})?\.(?=\s|$)"),
    re.compile(rf"\b(?i:my name is) {_N}"),
)
_NOT_A_NAME = {
    "thanks", "thank", "yes", "no", "ok", "okay", "sure", "great", "good", "morning", "hello", "hi", "hey", "right", "fine", "please",
    "sorry", "done", "approved", "careful", "it", "this", "that", "i", "not", "so", "well", "perfect", "alright", "just", "looking",
}  # fmt: skip


def find_party(transcript: Transcript) -> Party:
    """Return the party of a session: the account that the tools were asked about or the user gave, else the user's own name."""
    account = _from_tools(transcript) or _from_words(transcript)
    if account:
        return Party(speaker(account), account=True)
    for message in transcript.messages[:4]:
        if message.role == "user":
            for line in clean(message.text).split("\n")[:2]:
                name = _name_in(line.strip())
                if name:
                    return Party(speaker(name))
    return Party()


def _name_in(line: str) -> str:
    pieces = [line, *re.split(r"(?<=[.!?])\s+", line)[1:2]]
    for pattern in _NAME:
        for piece in pieces:
            match = pattern.search(piece)
            if match and match["name"].split()[0].lower() not in _NOT_A_NAME:
                return match["name"]
    return ""


def _from_tools(transcript: Transcript) -> str:
    seen: Counter[str] = Counter()
    for message in transcript.messages:
        for call in message.tool_calls:
            given = call.get("input")
            if isinstance(given, dict):
                for key in _ACCOUNT_KEYS & given.keys():
                    if isinstance(given[key], str) and re.fullmatch(r"[\w.@+-]{4,64}", given[key]):
                        seen[given[key]] += 1
    return min(seen, key=lambda value: (-seen[value], value)) if seen else ""


def _from_words(transcript: Transcript) -> str:
    for message in transcript.messages:
        if message.role == "user":
            match = _ACCOUNT.search(clean(message.text))
            if match:
                return match["id"].rstrip(".-")
    return ""
