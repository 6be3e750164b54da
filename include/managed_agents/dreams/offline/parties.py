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
from include.managed_agents.dreams.offline.words import STOP_WORDS

__all__ = ["Party", "find_party"]

_ACCOUNT_KEYS = ("user_id", "customer_id", "account_id", "member_id", "username", "user", "customer")
_ID = re.compile(r"(?=.*[\d_@])[\w.@+-]{4,64}")
_TOLD = re.compile(rf'"(?:{"|".join(_ACCOUNT_KEYS)})": ?"(?=[^"]*[\d_@])([\w.@+-]{{4,64}})"')
#: "My user id is mia_li_3668" of the user, "your user id is" of the assistant.
_ACCOUNT = (
    r"\b{} (?:own )?(?:(?:user|customer|account|member|profile|client)(?:ship)?[ _]?(?:id|name|number)?|id|login)\b"
    r"(?:(?!reservation|order|booking|ticket|number|and)[^\n]){{0,30}}?"
    r"(?<![\w@.])(?=[\w.@-]{{0,63}}[\d_@])([A-Za-z][\w.@-]{{3,63}})"
)
_NAME = r"[A-Z](?:[^\W\d_]|['-]){1,30}"
_NAMES = rf"({_NAME}(?: {_NAME}){{0,2}})"
_GREETING = r"(?i:hi|hello|hey|dear|welcome|thanks|thank you|(?:good )?(?:morning|evening|afternoon))"
_OWN_NAME = re.compile(
    rf"^(?:{_GREETING}(?: there)?[,.! ]+)?(?:(?i:it's|this is|i'm|i am) {_NAMES}(?=[,.! ]|$)|{_NAMES} (?:here|again)\b)"
    rf"|^{_NAMES}(?:, [a-z][\w -]{{2,40}})?\.$|\b(?i:my name is) {_NAMES}"
)
_GREETED = re.compile(rf"^(?:{_GREETING}[, ]+{_NAMES}[,.!]|{_NAMES}, \w)")
_LABEL = re.compile(rf"({_NAME}(?: {_NAME})?): +(?=\S)")
_NO_NAME_WORDS = """
no great good morning evening hey fine sorry approved careful not perfect alright looking unlike note update correction
decision question answer subject cc re fwd warning error uh um uhm er erm hmm oh ah aha wow yeah yep nope yay gosh oops
ugh huh mhm eh phew congrats cool nice awesome alas anyway maybe perhaps back new user agent assistant customer system
yesterday today tomorrow tonight first next last however meanwhile since monday tuesday wednesday thursday friday
saturday sunday unfortunately absolutely definitely exactly certainly honestly apparently finally probably hopefully
"""
_NO_NAMES = STOP_WORDS.union(_NO_NAME_WORDS.split())


@dataclass(frozen=True)
class Party:
    """
    Who speaks.

    ``name`` is the user's, ``account`` the id of their account; both may be empty. The messages of the roles in
    ``labeled`` name their speaker themselves, as in "Ada: good morning"; ``names`` are all names of speakers.
    """

    name: str
    account: str
    labeled: frozenset[str]
    names: frozenset[str]

    def speaker_of(self, message: Message) -> tuple[str, str]:
        """Return who says a message, as lines show it, and what they say."""
        text = _text_of(message)
        if message.role in self.labeled and (match := _LABEL.match(text)):
            return speaker(match[1]), text[match.end() :]
        if message.role == "user":
            return ("Customer" if self.account else self.name or "User"), text
        return (f"Agent to {self.name}" if self.name and not self.account else "Agent"), text

    def of(self, who: str) -> str:
        """Return whom it is about, what one of the speakers says: the account, a person, or an empty string."""
        return self.account or (who if who in self.names else self.name)


def find_party(transcript: Transcript) -> Party:
    """Return the party of a session: the account that tools were asked about or the user gave, and the user's name."""
    labels = {role: _labels_of(transcript, role) for role in ("user", "assistant")}
    # One message that begins with a word and a colon is no proof: some name must come again, in either role.
    if not any(names and 2 * len(names) <= names.total() for names in labels.values()):
        labels = {}
    own = min(labels.get("user", ()), key=lambda label: (-labels["user"][label], label), default="")
    name = speaker(own or next(_names_in(transcript), ""))
    labeled = frozenset(role for role, found in labels.items() if found)
    names = frozenset({name, *(speaker(label) for found in labels.values() for label in found)} - {""})
    return Party(name, _from_tools(transcript) or _from_words(transcript), labeled, names)


def _labels_of(transcript: Transcript, role: str) -> Counter[str]:
    """Return the names that a role's messages begin with, as in "Ada: good morning"; none unless all of them do."""
    matches = [_LABEL.match(text) for text in _texts_of(transcript, role)]
    names = [match[1] for match in matches if match and match[1].split()[0].lower() not in _NO_NAMES]
    return Counter(names if len(names) == len(matches) else ())


def _text_of(message: Message) -> str:
    return clean(message.text).replace("’", "'").lstrip()  # noqa: RUF001


def _texts_of(transcript: Transcript, role: str) -> list[str]:
    return [_text_of(m) for m in transcript.messages if m.role == role and m.text.strip()]


def _names_in(transcript: Transcript) -> Iterator[str]:
    """Yield names that the user gives, then those that the assistant greets them by, save common words."""
    said = [s for t in _texts_of(transcript, "user")[:2] for s in re.split(r"(?<=[.!?])\s+|\n", t[:1000])[:3]]
    matches = [*map(_OWN_NAME.search, said), *map(_GREETED.match, _texts_of(transcript, "assistant")[:3])]
    for name in (next(filter(None, match.groups())) for match in matches if match):
        first = name.split()[0].lower()
        small = re.compile(rf"(?<![\w@./-]){re.escape(first)}(?![\w@-])")
        spoken = (message.text for message in transcript.messages if message.role != "tool")
        if first not in _NO_NAMES and not gives_orders(name) and not any(map(small.search, spoken)):
            yield name


def _from_tools(transcript: Transcript) -> str:
    """Return the account that the tools were asked about most, or else the only one that they told of."""
    given = (call.get("input") for message in transcript.messages for call in message.tool_calls)
    values = [i.get(key) for i in given if isinstance(i, dict) for key in _ACCOUNT_KEYS]
    seen = Counter(value for value in values if isinstance(value, str) and _ID.fullmatch(value))
    if seen:
        return min(seen, key=lambda value: (-seen[value], value))
    told = {value for text in _texts_of(transcript, "tool") for value in _TOLD.findall(text)}
    return told.pop() if len(told) == 1 else ""


def _from_words(transcript: Transcript) -> str:
    """Return the account that the user names as their own, or else the assistant as theirs."""
    for role, whose in (("user", "my"), ("assistant", "your")):
        for text in _texts_of(transcript, role):
            if match := re.search(_ACCOUNT.format(whose), text, re.I):
                line = text[text.rfind("\n", 0, match.start()) + 1 : match.end()]
                if not line.startswith(">") and not gives_orders(line):
                    return match[1].rstrip(".-")
    return ""
