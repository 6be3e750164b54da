"""
File facts by subject.

A fact of an account's session goes to that account's file, a person's preference to that person's. Any other goes
to the memory whose name it speaks of, else to a subject that several facts share, found by taking, again and again,
the term that covers most of what is left. Names of files are made of plain letters, digits and dashes, whatever the
text holds.
"""

from __future__ import annotations

import re
from collections import Counter, defaultdict
from collections.abc import Collection, Iterable, Mapping, Sequence
from dataclasses import dataclass
from functools import cached_property
from itertools import pairwise

from include.managed_agents.dreams.offline.cues import Cue, cue_of
from include.managed_agents.dreams.offline.lines import TO, Fact
from include.managed_agents.dreams.offline.specifics import Kind, find_specifics
from include.managed_agents.dreams.offline.words import stem, words_of

__all__ = ["Session", "Subjects", "telling_words"]

PEOPLE = "people"
TOPICS = "topics"
REST = "other"
#: A term makes a subject from this many facts on.
_SMALLEST = 3
#: A term in a larger share of the facts is no subject: it says nothing about any of them.
_TOO_COMMON = 0.2
#: New subjects a dream may make.
_MOST = 60
_NO_SUBJECT_WORDS = """
monday tuesday wednesday thursday friday saturday sunday yesterday today tomorrow tonight morning
afternoon evening night week weekend month year day days time date next last new old first second
third back still since until ago next soon later early earlier late january february march april may
june july august september october november december go going went gone get getting got give given
make made take taken put say said tell told ask asked know known think thought need needed want
wanted see seen look looking find found use used using work working try trying keep kept let help
come came send sent thing things way lot bit kind sort case part side end start number numbers note
notes one two three four five six seven eight nine ten good great nice best better right left open
closed sure really always never every everything everyone anything something someone currently
available following detail details option options information total additional selected previous
current different successfully proceed provide confirm please recently finally especially love loved
feel feeling happy excited proud amazing awesome cool fun kids friend friends life yeah interesting
super totally couple pretty trip decided decision careful keep kept agreed customer customers people
person guy guys team item items issue problem question answer matter reason
"""
_NO_SUBJECTS = frozenset(stem(word) for word in _NO_SUBJECT_WORDS.split())


@dataclass(frozen=True)
class Session:
    """What filing needs to know of a session: the account it is about and its title, both may be empty."""

    account: str
    title: str

    @cached_property
    def title_stems(self) -> frozenset[str]:
        """The stems of the title's words."""
        return frozenset(stem(word) for word in words_of(self.title))


class Subjects:
    """
    Assigns facts to paths.

    :param taken: the paths of the store.
    :param named: those of them whose names tell a subject.
    :param parties: the names and accounts of everyone who spoke: "Priya" is filed with the only Priya known.
    """

    def __init__(self, taken: Sequence[str], named: Sequence[str], parties: Iterable[str]) -> None:
        self._taken = frozenset(taken)
        self._folders = {folder: _free_folder(folder, taken) for folder in (PEOPLE, TOPICS)}
        self._named: defaultdict[str, list[tuple[frozenset[str], str]]] = defaultdict(list)
        self._full_names: defaultdict[str, set[str]] = defaultdict(set)
        for party in parties:
            if " " in party:
                self._full_names[party.split(" ")[0]].add(party)
        self._people: defaultdict[str, list[tuple[frozenset[str], str]]] = defaultdict(list)
        for path in sorted(named):
            stems = _stems_of(path)
            for word in stems:
                (self._people if f"/{PEOPLE}" in path else self._named)[word].append((stems, path))

    def assign(self, facts: Sequence[Fact], sessions: Mapping[str, Session]) -> list[str]:
        """Return a path for each fact."""
        paths = [self._known(fact, sessions) for fact in facts]
        rest = [n for n, path in enumerate(paths) if not path]
        for number, path in self._by_shared_term([facts[n] for n in rest], sessions).items():
            paths[rest[number]] = path
        of_session = _majorities(facts, paths, self._taken)
        return [
            path or of_session.get(fact.sources[0], self._path(TOPICS, REST))
            for fact, path in zip(facts, paths, strict=True)
        ]

    def _known(self, fact: Fact, sessions: Mapping[str, Session]) -> str:
        account = next(
            (sessions[s].account for s in fact.sources if s in sessions and sessions[s].account), ""
        )
        if account:
            return self._path(PEOPLE, account)
        if (
            fact.party
            and fact.wording.personal
            and cue_of(fact.text) is Cue.PREFERENCE
            and not fact.who.startswith(TO)
        ):
            return self._person(fact.party)
        # What is about one order or one ticket is no part of what a memory on orders or tickets says.
        return "" if fact.wording.things else self._best_named(fact.wording.stems)

    def _person(self, party: str) -> str:
        full = self._full_names.get(party, set())
        name = next(iter(full)) if len(full) == 1 else party
        words = frozenset(stem(w) for w in words_of(name))
        known = sorted(
            {
                path
                for word in words
                for stems, path in self._people.get(word, ())
                if stems <= words or words <= stems
            }
        )
        return known[0] if len(known) == 1 or (known and len(words) > 1) else self._path(PEOPLE, name)

    def _best_named(self, stems: frozenset[str]) -> str:
        """Return the memory of the store all of whose name stands among ``stems``; the longest name wins."""
        found = {
            (-len(name), path) for word in stems for name, path in self._named.get(word, ()) if name <= stems
        }
        return min(found)[1] if found else ""

    def _by_shared_term(self, facts: Sequence[Fact], sessions: Mapping[str, Session]) -> dict[int, str]:
        terms = [_terms(fact) for fact in facts]
        places: defaultdict[str, set[int]] = defaultdict(set)
        for number, own in enumerate(terms):
            for term in own:
                places[term].add(number)
        limit = max(4 * _SMALLEST, int(_TOO_COMMON * len(facts)))
        found: dict[int, str] = {}
        for _ in range(_MOST):
            scores = {
                term: _score(term, [facts[n] for n in numbers], sessions)
                for term, numbers in places.items()
                if _SMALLEST <= len(numbers) <= limit
            }
            if not scores:
                break
            term = min(scores, key=lambda t: (-scores[t], t))
            members = sorted(places.pop(term))
            path = self._known_person(term) or self._path(TOPICS, _surface(term, [facts[n] for n in members]))
            for number in members:
                found[number] = path
                for other in terms[number] - {term}:
                    places[other].discard(number)
        return found

    def _known_person(self, term: str) -> str:
        """Return the memory about the person whom ``term`` names, if there is one."""
        known = sorted(
            (len(stems), path)
            for stems, path in self._people.get(term.split(" ", maxsplit=1)[0], ())
            if set(term.split(" ")) <= stems
        )
        return known[0][1] if known else ""

    def _path(self, folder: str, name: str) -> str:
        return f"/{self._folders[folder]}/{_slug(name)}.md"


def telling_words(text: str) -> list[str]:
    """Return the words of ``text`` that may name a subject: no specifics, no words that fit everything."""
    return [word for piece in _pieces(text) for word in words_of(piece) if _is_telling(word)]


def _terms(fact: Fact) -> frozenset[str]:
    """Return what a fact may be filed under: single words, pairs of neighbours, identifiers."""
    found = {s.text.lower() for s in find_specifics(fact.text) if s.kind is Kind.IDENTIFIER}
    for piece in _pieces(fact.text):
        words = words_of(piece)
        found.update(stem(w) for w in words if _is_telling(w))
        pairs = pairwise(words)
        found.update(f"{stem(a)} {stem(b)}" for a, b in pairs if _is_telling(a) and _is_telling(b))
    return frozenset(found)


def _pieces(text: str) -> list[str]:
    """Return ``text`` cut at its specifics and its punctuation."""
    out: list[str] = []
    at = 0
    for specific in find_specifics(text):
        out.append(text[at : specific.start])
        at = specific.end
    return [piece for part in (*out, text[at:]) for piece in re.split(r"[^\w\s'-]+", part)]


def _is_telling(word: str) -> bool:
    return len(word) > 2 and not word.isdigit() and stem(word) not in _NO_SUBJECTS


def _score(term: str, facts: Sequence[Fact], sessions: Mapping[str, Session]) -> float:
    sources = {source for fact in facts for source in fact.sources}
    weight = 1.8 if " " in term else 1.0
    if any(c.isdigit() for c in term) or any(term in fact.wording.names for fact in facts):
        weight *= 1.3
    words = frozenset(term.split(" "))
    if any(words <= sessions[source].title_stems for source in sources if source in sessions):
        weight *= 1.5
    return len(facts) * weight * (1.0 if len(sources) > 1 else 0.6)


def _majorities(facts: Sequence[Fact], paths: Sequence[str], agents_own: Collection[str]) -> dict[str, str]:
    """
    Return the subject of most facts of a session, for the facts of it that have none of their own.

    A memory that an agent wrote needs two facts of the session to draw in the rest.
    """
    votes: defaultdict[str, Counter[str]] = defaultdict(Counter)
    for fact, path in zip(facts, paths, strict=True):
        if path and not path.startswith(f"/{PEOPLE}"):
            votes[fact.sources[0]][path] += 1
    best = {s: min(count, key=lambda p: (-count[p], p)) for s, count in votes.items()}
    return {s: path for s, path in best.items() if votes[s][path] > 1 or path not in agents_own}


def _surface(term: str, facts: Sequence[Fact]) -> str:
    """Return the words that most facts use for ``term``."""
    wanted = term.split(" ")
    seen: Counter[str] = Counter()
    for fact in facts:
        words = words_of(fact.text)
        for n in range(len(words) - len(wanted) + 1):
            if [stem(w) for w in words[n : n + len(wanted)]] == wanted:
                seen[" ".join(words[n : n + len(wanted)])] += 1
    return min(seen, key=lambda s: (-seen[s], s)) if seen else term


def _stems_of(path: str) -> frozenset[str]:
    name = re.sub(r"\.\w{1,5}$", "", path.rsplit("/", 1)[-1])
    stems = frozenset(stem(w) for w in re.findall(r"[^\W_]+", name.lower()) if not w.isdigit())
    return frozenset() if name == REST else stems


def _slug(name: str) -> str:
    slug = re.sub(r"[^a-z0-9_]+", "-", name.lower()).strip("-_")[:60].strip("-_")
    return slug or REST


def _free_folder(folder: str, taken: Sequence[str]) -> str:
    name, number = folder, 2
    while f"/{name}" in taken:
        name, number = f"{folder}-{number}", number + 1
    return name
