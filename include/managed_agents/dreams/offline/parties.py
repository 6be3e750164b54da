"""Find who speaks in a session: names that people give or are called by, or the account that it is about."""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Iterator
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

    ``name`` is the user's, ``account`` the id of their account; both may be empty. The messages of the roles in
    ``labeled`` name their speaker themselves, as in "Ada: good morning"; ``names`` are all names of speakers.
    """

    name: str = ""
    account: str = ""
    labeled: frozenset[str] = frozenset()
    names: frozenset[str] = frozenset()

    def speaker_of(self, message: Message) -> tuple[str, str]:
        """Return who says a message, as lines show it, and what they say."""
        text = _text_of(message)
        if message.role in self.labeled and (match := _LABEL.match(text)):
            return speaker(match["name"]), text[match.end() :]
        if message.role == "user":
            return ("Customer" if self.account else self.name or "User"), text
        return (f"Agent to {self.name}" if self.name and not self.account else "Agent"), text

    def of(self, who: str) -> str:
        """Return whom it is about, what one of the speakers says: the account, a person, or an empty string."""
        return self.account or (who if who in self.names else self.name)


_ACCOUNT_KEYS = ("user_id", "customer_id", "account_id", "member_id", "username", "user", "customer")
_TOLD = re.compile(rf'"(?:{"|".join(_ACCOUNT_KEYS)})": ?"(?=[^"]*[\d_@])([\w.@+-]{{4,64}})"')
_ID = r"(?<![\w@.])(?=[\w.@-]{0,63}[\d_@])(?P<id>[A-Za-z][\w.@-]{3,63})"
_NEAR = r"\b(?:(?!reservation|order|booking|ticket|number|and)[^\n]){0,30}?"
_KINDS = (
    r"(?:(?:user|customer|account|member|profile|client)(?:ship)?[ _]?(?:id|name|number)?|id|username|login)"
)
_MY_ACCOUNT = (
    re.compile(rf"\bmy (?:own )?{_KINDS}{_NEAR}{_ID}", re.IGNORECASE),
    re.compile(
        rf"\b(?:user|customer|account|member)[ _]?(?:id|name|number)\s{{0,3}}(?:is|:|=)\s{{0,3}}[\"'(]{{0,2}}{_ID}",
        re.IGNORECASE,
    ),
)
_YOUR_ACCOUNT = (re.compile(rf"\byour {_KINDS}{_NEAR}{_ID}", re.IGNORECASE),)
_NAME = r"[A-Z](?:[^\W\d_]|['-]){1,30}"
_N = rf"(?P<name>{_NAME}(?: {_NAME}){{0,2}})"
_HELLO = r"(?:(?i:hi|hello|hey|good \w+|morning|evening)(?: there)?[,.! ]+)?"
_OWN_NAME = (
    re.compile(rf"^{_HELLO}(?i:it's|this is|i'm|i am|my name is) {_N}(?=[,.! ]|$)"),
    re.compile(rf"^{_HELLO}{_N} (?:here|again)\b"),
    re.compile(rf"^{_N}(?:, [a-z][\w -]{{2,40}})?\.(?=\s|$)"),
    re.compile(rf"\b(?i:my name is) {_N}"),
)
_GREETED = re.compile(
    rf"^(?:(?i:hi|hello|hey|dear|welcome|thanks|thank you|(?:good )?(?:morning|evening|afternoon))[, ]+{_N}[,.!]"
    rf"|{_N.replace('name', 'called')}, \w)"
)
_LABEL = re.compile(rf"(?P<name>{_NAME}(?: {_NAME})?): +(?=\S)")
_NO_NAME_WORDS = """
thanks thank yes no ok okay sure great good morning evening hello hi hey right fine please sorry done approved careful
it this that i not so well perfect alright just looking noted understood unfortunately unlike note update here there
now then also and but correction decision question answer subject from to cc re fwd warning error uh um uhm er erm hmm
oh ah aha wow yeah yep nope yay gosh oops ugh huh mhm eh phew congrats cool nice awesome absolutely definitely exactly
certainly honestly actually alas anyway maybe perhaps back new user agent assistant customer system yesterday today
tomorrow tonight first next last however meanwhile since if when as after before while for in on at monday tuesday
wednesday thursday friday saturday sunday
"""
_NO_NAMES = frozenset(_NO_NAME_WORDS.split())


def find_party(transcript: Transcript) -> Party:
    """Return the party of a session: the account that tools were asked about or the user gave, and the user's name."""
    labels = {role: _labels_of(transcript, role) for role in ("user", "assistant")}
    # One message that begins with a word and a colon is no proof: some name must come again, in either role.
    if not any(names and 2 * len(names) <= names.total() for names in labels.values()):
        labels = {}
    names = labels.get("user")
    own = min(names, key=lambda n: (-names[n], n)) if names else ""
    name = own or _named_by_themselves(transcript) or _greeted(transcript)
    known = {speaker(label) for found in labels.values() for label in found} | {speaker(name)}
    return Party(
        speaker(name),
        _from_tools(transcript) or _from_words(transcript),
        frozenset(role for role in labels if labels[role]),
        frozenset(known - {""}),
    )


def _labels_of(transcript: Transcript, role: str) -> Counter[str]:
    """Return the names that a role's messages begin with, as in "Ada: good morning"; none unless all of them do."""
    names: Counter[str] = Counter()
    for message in transcript.messages:
        if message.role == role and message.text.strip():
            match = _LABEL.match(_text_of(message))
            if match is None or match["name"].split()[0].lower() in _NO_NAMES:
                return Counter()
            names[match["name"]] += 1
    return names


def _text_of(message: Message) -> str:
    return clean(message.text).replace("’", "'").lstrip()  # noqa: RUF001


def _named_by_themselves(transcript: Transcript) -> str:
    for message in [m for m in transcript.messages if m.role == "user"][:2]:
        for line in _text_of(message)[:1000].split("\n")[:2]:
            for piece in (line.strip(), *re.split(r"(?<=[.!?])\s+", line)[1:2]):
                for pattern in _OWN_NAME:
                    if name := _acceptable(pattern.search(piece), transcript):
                        return name
    return ""


def _greeted(transcript: Transcript) -> str:
    for message in transcript.messages[:6]:
        if message.role == "assistant" and (
            name := _acceptable(_GREETED.match(_text_of(message)), transcript)
        ):
            return name
    return ""


def _acceptable(match: re.Match[str] | None, transcript: Transcript) -> str:
    """Return the name that was found, unless it is a common word: one that the session also writes small."""
    name = next(filter(None, match.groups()), "") if match else ""
    first = name.split()[0].lower() if name else ""
    if not first or first in _NO_NAMES or first.endswith("ly") or gives_orders(name):
        return ""
    small = re.compile(rf"(?<![\w@./-]){re.escape(first)}(?![\w@-])")
    return "" if any(small.search(message.text) for message in _spoken(transcript)) else name


def _spoken(transcript: Transcript) -> Iterator[Message]:
    return (message for message in transcript.messages if message.role != "tool")


def _from_tools(transcript: Transcript) -> str:
    """Return the account that the tools were asked about most, or else the only one that they told of."""
    seen: Counter[str] = Counter()
    for message in transcript.messages:
        for call in message.tool_calls:
            given = call.get("input")
            for value in [given.get(key) for key in _ACCOUNT_KEYS] if isinstance(given, dict) else []:
                if isinstance(value, str) and re.fullmatch(r"(?=.*[\d_@])[\w.@+-]{4,64}", value):
                    seen[value] += 1
    if seen:
        return min(seen, key=lambda value: (-seen[value], value))
    told = {value for m in transcript.messages if m.role == "tool" for value in _TOLD.findall(m.text)}
    return told.pop() if len(told) == 1 else ""


def _from_words(transcript: Transcript) -> str:
    """Return the account that the user names as their own, or else the assistant as theirs."""
    for role, patterns in (("user", _MY_ACCOUNT), ("assistant", _YOUR_ACCOUNT)):
        for message in _spoken(transcript):
            text = _text_of(message) if message.role == role else ""
            for match in (m for pattern in patterns if (m := pattern.search(text))):
                start = text.rfind("\n", 0, match.start()) + 1
                line = text[start : match.end()]
                if not line.startswith(">") and not gives_orders(line):
                    return match["id"].rstrip(".-")
    return ""
