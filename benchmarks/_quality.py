"""What the quality of a dreamed store is, as measures over its text and the transcripts' text. No engine in here."""

from __future__ import annotations

import json
import re
from collections import Counter, defaultdict
from collections.abc import Collection, Iterable, Mapping, Sequence
from dataclasses import dataclass
from itertools import pairwise
from urllib.parse import unquote

from benchmarks._said import ROLES, Said
from dreamflow.core.alike import alike_pairs as alike
from dreamflow.core.specifics import Kind, Specific, is_words, keys_of, plain, specifics_of
from include.managed_agents.dreams.engine import Transcript

__all__ = [
    "Findable",
    "Grounds",
    "WordCount",
    "alike_pairs",
    "findable",
    "missing_from_index",
    "nameless",
    "said_twice",
    "talk_of",
]

_SMALL = re.compile(r"\b[a-z]{6}\b")
_WORD = re.compile(r"[^\W_]+(?:'[^\W_]+)*")
#: How people say who they are: "Caroline: …", "I'm Priya", "my user ID is mia_li_3668"; and how they open a session:
#: "Morning. Tom Okafor here, …", "Marek Dudek. …".
_NAMED = re.compile(
    r"^[A-Z][\w'-]+(?: [A-Z][\w'-]+)?: |\b(?:[Mm]y name is|[Tt]his is|[Ii]t's|I'm|I am) [A-Z]\w+"
    r"|\b(?i:user|customer|account|member)(?i: id| number| name)? (?:is )?\S*\d"
)
_OPENING = re.compile(
    r"(?:\w+[.,!] )?(?!(?:Good|Hello|Hey|Hi|Morning|No|Ok|Okay|Sorry|Sure|Thanks|Well|Yes)\b)"
    r"[A-Z][\w'-]+(?: [A-Z][\w'-]+)?(?: here| again)?[.,:]"
)
#: How an engine would say that one thing took another's place. A line may only say so as often as its sources do.
_CHANGE = re.compile(
    r"\b(?:before|also|formerly|previously|superseded|was):|"
    r"\b(?:replac(?:es|ed|ing)|supersed(?:es|ed|ing)|changed (?:from|to)|instead of|no longer|used to be)\b",
    re.I,
)


def talk_of(transcript: Transcript) -> Iterable[str]:
    """Return what people and agents say. Tools say nothing."""
    return (message.text for message in transcript.messages if message.role != "tool" and message.text)


@dataclass(frozen=True)
class Findable:
    """What a transcript's people and agents state, once a session: how much, how much of it is found and where."""

    stated: int = 0
    anywhere: int = 0
    beside: int = 0
    lost: tuple[tuple[str, str], ...] = ()


def findable(
    transcripts: Sequence[Transcript], store: Mapping[str, str], said: Collection[Said]
) -> dict[Kind, Findable]:
    """Return by kind what is found in the store, and what in a line that names the session that states it."""
    words = {word for t in transcripts for text in talk_of(t) for word in _SMALL.findall(text)}
    anywhere = set().union(*map(_said_by, store.values()))
    beside: defaultdict[str, set[str]] = defaultdict(set)
    for line in said:
        keys = _said_by(f"{line.account} {line.body}")
        for source in line.sources:
            beside[source] |= keys
    counts: dict[Kind, list[int]] = {kind: [0, 0, 0] for kind in Kind}
    lost: dict[Kind, list[tuple[str, str]]] = {kind: [] for kind in Kind}
    for transcript in transcripts:
        stated = {(s.kind, s.key) for text in talk_of(transcript) for s in _exact(text)}
        for kind, key in sorted(stated):
            # Six capitals are a booking's code, but for a word that people also say without shouting.
            if kind is Kind.IDENTIFIER and key.isalpha() and key in words:
                continue
            found = (True, key in anywhere, key in beside[transcript.session_id])
            counts[kind] = [count + one for count, one in zip(counts[kind], found, strict=True)]
            if not found[2]:
                lost[kind].append((transcript.session_id, key))
    return {
        kind: Findable(stated, anywhere, beside, tuple(lost[kind]))
        for kind, (stated, anywhere, beside) in counts.items()
    }


class Grounds:
    """What the engine was given, to hold its lines against: the sessions that a line names, and the store before."""

    def __init__(self, transcripts: Iterable[Transcript], before: Mapping[str, str]) -> None:
        self._sessions = {t.session_id: Ground(_texts_of(t)) for t in transcripts}
        self._days = {
            t.session_id: {m.created_at.date() for m in t.messages if m.created_at} | {t.started_at.date()}
            for t in transcripts
        }
        self._before = Ground([*before, *before.values()])

    def made_up(self, said: Said) -> list[str]:
        """Return the specifics of a line that no session that it names holds, and dates that do not follow."""
        grounds = self._grounds(said)
        specifics = {
            s.key: s for part in [*said.parts, *said.speakers, said.account] for s in specifics_of(part)
        }
        wrong = [key for key in sorted(specifics) if not any(g.says(specifics[key]) for g in grounds)]
        days = set().union(*(self._days.get(source, set()) for source in said.sources))
        if said.day is not None and said.day not in days:
            wrong.append(said.day.isoformat())
        return wrong + said.wrong_dates

    def words(self, said: Said) -> WordCount:
        """Count the words of a line, and their pairs, against the session that the most of them stand in."""
        parts = [words_of(part) for part in [*said.parts, said.account]]
        best = WordCount()
        for ground in self._grounds(said):
            count = WordCount(
                sum(map(len, parts)),
                tuple(word for part in parts for word in part if word not in ground.words),
                sum(max(0, len(part) - 1) for part in parts),
                sum(pair in ground.pairs for part in parts for pair in pairwise(part)),
            )
            best = max(best, count, key=lambda c: (c.words > 0, c.together))
        return best

    def claims_change(self, said: Said) -> list[str]:
        """Return words of a line that say one thing took another's place, where no session that it names says them."""
        texts = [ground.text for ground in self._grounds(said)]
        return [
            match[0]
            for match in _CHANGE.finditer(said.line)
            if not any(match[0].lower() in text for text in texts)
        ]

    def _grounds(self, said: Said) -> list[Ground]:
        """The sessions that a line names; where it names none of them, the store that it may have come from."""
        return [self._sessions[s] for s in said.sources if s in self._sessions] or [self._before]


class Ground:
    """What one session, or the store before the dream, holds."""

    def __init__(self, texts: Iterable[str]) -> None:
        self.text = "\n".join(texts).lower()
        # In each text the case counts: a month is told from a verb by it.
        self.keys = set().union(*map(keys_of, texts))
        self._plain = f" {plain(self.text)} "
        words = words_of(self.text)
        self.words = set(words)
        self.pairs = set(pairwise(words))

    def says(self, specific: Specific) -> bool:
        return specific.key in self.keys or (is_words(specific) and f" {specific.key} " in self._plain)


@dataclass(frozen=True)
class WordCount:
    """Words, those that stand nowhere in the source, adjacent pairs, and those that stand side by side there too."""

    words: int = 0
    nowhere: tuple[str, ...] = ()
    pairs: int = 0
    together: int = 0


def words_of(text: str) -> list[str]:
    """Return the words of ``text`` in lower case; an underscore parts words."""
    return [word.lower() for word in _WORD.findall(text.replace("’", "'"))]  # noqa: RUF001


def nameless(said: Iterable[Said], transcripts: Iterable[Transcript]) -> tuple[list[Said], int]:
    """
    Return the lines that name no account and no speaker, only roles, and out of how many.

    Only lines of sessions whose user gives a name or an account count: where nobody is named, no line can name them.
    """
    known = {
        t.session_id for t in transcripts if _gives_a_name([m.text for m in t.messages if m.role == "user"])
    }
    asked = [line for line in said if known.intersection(line.sources)]
    return [line for line in asked if not line.account and not _named(line)], len(asked)


def _gives_a_name(texts: Sequence[str]) -> bool:
    return any(map(_NAMED.search, texts)) or any(map(_OPENING.match, texts[:1]))


def _named(said: Said) -> set[str]:
    return {word.lower() for speaker in said.speakers for word in speaker.split()} - ROLES - {"to"}


def said_twice(said: Iterable[Said]) -> list[str]:
    """Return the sentences of six words or more that stand in several lines about the same account."""
    seen: Counter[tuple[str, str]] = Counter()
    for line in said:
        sentences = {" ".join(words_of(s)) for part in line.parts for s in re.split(r"(?<=[.!?]) ", part)}
        seen.update((line.account, sentence) for sentence in sentences if sentence.count(" ") >= 5)
    return [sentence for (_, sentence), count in seen.items() if count > 1]


def alike_pairs(said: Sequence[Said], threshold: float = 0.9) -> list[tuple[float, str, str]]:
    """
    Return pairs of lines about the same account that say the same, most alike first.

    They share ``threshold`` of the words of both, and all their specifics: where a number differs, both are needed.
    """
    lines = [
        (frozenset(w for part in line.parts for w in words_of(part)), (line.account, frozenset(_keys(line))))
        for line in said
    ]
    return sorted(
        ((like, said[i].line, said[j].line) for like, i, j in alike(lines, threshold)), reverse=True
    )


def missing_from_index(store: Mapping[str, str]) -> list[str]:
    """Return the memories to which no index leads."""
    reached: set[str] = set()
    todo = ["/index.md"]
    while todo:
        path = todo.pop()
        if path in reached:
            continue
        reached.add(path)
        if path.startswith("/index"):
            todo += [unquote(link) for link in re.findall(r"\]\((/[^)\s]*)\)", store.get(path, ""))]
    return sorted(set(store) - reached)


def _said_by(text: str) -> set[str]:
    """Return the keys of a text, and its words: a code of letters only may stand without what it is known by."""
    return keys_of(text) | set(filter(str.isalpha, plain(text).split(" ")))


def _exact(text: str) -> Iterable[Specific]:
    """Return the specifics that are written out: names and quotations are another measure's."""
    return (s for s in specifics_of(text) if s.kind not in (Kind.NAME, Kind.QUOTATION))


def _keys(said: Said) -> set[str]:
    return {s.key for part in said.parts for s in _exact(part)}


def _texts_of(transcript: Transcript) -> list[str]:
    """Everything that a line about the session may hold: what was said, what tools were asked and gave, its title."""
    calls = (call for message in transcript.messages for call in message.tool_calls)
    return [
        transcript.session_id,
        transcript.title or "",
        *(message.text for message in transcript.messages),
        *(json.dumps(call, ensure_ascii=False) for call in calls),
    ]
