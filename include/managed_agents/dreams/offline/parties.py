"""Find who speaks in a session: names that people give or are called by, or the account that it is about."""

from __future__ import annotations

import re
from collections import Counter
from dataclasses import dataclass

from include.managed_agents.dreams.engine import Message, Transcript
from include.managed_agents.dreams.offline.cues import gives_orders
from include.managed_agents.dreams.offline.lines import speaker
from include.managed_agents.dreams.offline.text import clean
from include.managed_agents.dreams.offline.words import STOP_WORDS

__all__ = ["Party", "find_party"]

_ACCOUNT_KEYS = ("user_id", "customer_id", "account_id", "member_id", "username", "user", "customer")
_TOLD = re.compile(rf'"(?:{"|".join(_ACCOUNT_KEYS)})": ?"(?=[^"]*[\d_@])([\w.@+-]{{4,64}})"')
#: "My user id is mia_li_3668" of the user, "your user id is" of the assistant.
_ACCOUNT = (
    r"\b{} (?:own )?(?:(?:user|customer|account|member|profile|client)(?:ship)?[ _]?(?:id|name|number)?|id|login)\b"
    r"(?:(?!reservation|order|booking|ticket|number|and)[^\n]){{0,30}}?"
    r"(?<![\w@.])(?=[\w.@-]{{0,63}}[\d_@])([A-Za-z][\w.@-]{{3,63}})"
)
_ACCOUNT_OF = {
    role: re.compile(_ACCOUNT.format(whose), re.IGNORECASE)
    for role, whose in (("user", "my"), ("assistant", "your"))
}
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
saturday sunday unfortunately absolutely definitely exactly certainly honestly apparently finally probably hopefully sadly
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
    names = labels.get("user")
    own = min(names, key=lambda n: (-names[n], n)) if names else ""
    name = speaker(own or _named_by_themselves(transcript) or _greeted(transcript))
    return Party(
        name,
        _from_tools(transcript) or _from_words(transcript),
        frozenset(role for role, found in labels.items() if found),
        frozenset({name, *(speaker(label) for found in labels.values() for label in found)} - {""}),
    )


def _labels_of(transcript: Transcript, role: str) -> Counter[str]:
    """Return the names that a role's messages begin with, as in "Ada: good morning"; none unless all of them do."""
    names: Counter[str] = Counter()
    for text in _texts_of(transcript, role):
        match = _LABEL.match(text)
        if match is None or match[1].split()[0].lower() in _NO_NAMES:
            return Counter()
        names[match[1]] += 1
    return names


def _text_of(message: Message) -> str:
    return clean(message.text).replace("’", "'").lstrip()  # noqa: RUF001


def _texts_of(transcript: Transcript, role: str) -> list[str]:
    return [_text_of(m) for m in transcript.messages if m.role == role and m.text.strip()]


def _named_by_themselves(transcript: Transcript) -> str:
    for text in _texts_of(transcript, "user")[:2]:
        for sentence in re.split(r"(?<=[.!?])\s+|\n", text[:1000])[:3]:
            if name := _acceptable(_OWN_NAME.search(sentence), transcript):
                return name
    return ""


def _greeted(transcript: Transcript) -> str:
    found = (_acceptable(_GREETED.match(t), transcript) for t in _texts_of(transcript, "assistant")[:3])
    return next(filter(None, found), "")


def _acceptable(match: re.Match[str] | None, transcript: Transcript) -> str:
    """Return the name that was found, unless it is a common word: one that the session also writes small."""
    name = next(filter(None, match.groups()), "") if match else ""
    first = name.split()[0].lower() if name else ""
    if not first or first in _NO_NAMES or gives_orders(name):
        return ""
    small = re.compile(rf"(?<![\w@./-]){re.escape(first)}(?![\w@-])")
    return "" if any(small.search(m.text) for m in transcript.messages if m.role != "tool") else name


def _from_tools(transcript: Transcript) -> str:
    """Return the account that the tools were asked about most, or else the only one that they told of."""
    seen: Counter[str] = Counter()
    for call in (call for message in transcript.messages for call in message.tool_calls):
        given = call.get("input")
        for value in map(given.get, _ACCOUNT_KEYS) if isinstance(given, dict) else ():
            if isinstance(value, str) and re.fullmatch(r"(?=.*[\d_@])[\w.@+-]{4,64}", value):
                seen[value] += 1
    if seen:
        return min(seen, key=lambda value: (-seen[value], value))
    told = {value for m in transcript.messages if m.role == "tool" for value in _TOLD.findall(m.text)}
    return told.pop() if len(told) == 1 else ""


def _from_words(transcript: Transcript) -> str:
    """Return the account that the user names as their own, or else the assistant as theirs."""
    for role, pattern in _ACCOUNT_OF.items():
        for text in _texts_of(transcript, role):
            if match := pattern.search(text):
                line = text[text.rfind("\n", 0, match.start()) + 1 : match.end()]
                if not line.startswith(">") and not gives_orders(line):
                    return match[1].rstrip(".-")
    return ""
