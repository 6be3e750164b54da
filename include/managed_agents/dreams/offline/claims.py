"""
What a statement claims, so that a later claim of the same fact can be told from another fact.

A claim has a key, the words that say what it is about, and a value. "The pickup cut-off is 15:30 with them" claims
15:30 of {pickup, cut-off}; "Webhook: https://…" claims the link of {webhook}.
"""

from __future__ import annotations

import re
from dataclasses import dataclass
from functools import lru_cache

from include.managed_agents.dreams.offline.specifics import Kind, find_specifics
from include.managed_agents.dreams.offline.words import Wording, stem

__all__ = ["Claim", "claims_of", "is_account"]

_BE = r"(?:is|are|was|were|stays?|remains?|becomes?|will be)"
_DO = (
    r"(?:runs?|starts?|begins?|ends?|expires?|closes?|opens?|costs?|goes|moves?|comes|lasts?|leaves?)(?: now)?"
    r"(?= (?:at|on|to|from|until|in|for|up|[$€£\d]))"
)
_SENTENCE = re.compile(
    r"(?:^|[:;,(] |\b(?:that|so|and|but) )(?P<subject>(?:[^\W_][\w'./@+-]*,? ){1,9}?)"
    rf"(?:(?P<be>{_BE})|(?P<do>{_DO}))\b"
    r"(?P<value> (?:[^:;]|:(?=\d|//)){1,160})",
    re.IGNORECASE,
)
_LABEL = re.compile(r"^(?P<subject>[^:.!?]{2,50}): (?P<value>\S.{0,160})$")
_NOT_A_SUBJECT = re.compile(
    r"\b(?:i|you|we|they|he|she|it|this|that|these|those|there|here|what|who|which|my|your|our|one)\b", re.I
)
_HEADLESS = {
    "now",
    "only",
    "not",
    "still",
    "from",
    "at",
    "on",
    "to",
    "until",
    "up",
    "also",
    "the",
    "a",
    "an",
    "currently",
    "in",
    "for",
}


@dataclass(frozen=True)
class Claim:
    """``head`` is the first telling word of the value, ``kind`` its kind where it is a specific."""

    key: frozenset[str]
    head: str
    kind: Kind | None


@lru_cache(maxsize=65536)
def claims_of(text: str) -> tuple[Claim, ...]:
    """Return the claims of a statement that are about something named; those about "it" or "you" are left out."""
    found = []
    matches = [*_SENTENCE.finditer(text)]
    label = _LABEL.match(text)
    if label and not matches:
        matches.append(label)
    for match in matches:
        subject = match["subject"].strip(" ,")
        if subject.lower() == "it" and ":" in text[: match.start("subject")]:
            subject = text[: text.index(":")].rsplit(", ", 1)[-1]
        if _NOT_A_SUBJECT.search(subject):
            continue
        key = set(Wording(subject).stems)
        if match.re is _SENTENCE and match["do"]:
            key.add(stem(match["do"].split()[0]))
        head, kind = _head(match["value"])
        if key and head:
            found.append(Claim(frozenset(key), head, kind))
    return tuple(found)


def is_account(party: str) -> bool:
    """Whether a party is an account's id rather than a person's name."""
    return any(c.isdigit() or c in "_@" for c in party)


def _head(value: str) -> tuple[str, Kind | None]:
    specifics = find_specifics(value)
    for word in re.finditer(r"[^\s,;]+", value):
        specific = next((s for s in specifics if s.start <= word.start() < s.end), None)
        if specific:
            return specific.text, specific.kind
        plain = word[0].strip(".!?()\"'")
        if plain.lower() not in _HEADLESS and re.search(r"\w", plain):
            return plain, None
    return "", None
