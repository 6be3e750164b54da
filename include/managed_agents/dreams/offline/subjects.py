"""
File facts by subject.

A fact of an account's session goes to that account's file. Any other goes to the memory whose name it speaks of, else to
a subject that enough facts share, found by taking, again and again, the term that covers most of what is left.
"""

from __future__ import annotations

import re
from collections import Counter, defaultdict
from collections.abc import Mapping, Sequence

from .lines import Fact
from .words import stem

__all__ = ["Subjects"]

PEOPLE = "people"
TOPICS = "topics"
REST = "other"
#: A term makes a subject from this many facts on.
_SMALLEST = 4
#: A term in a larger share of the facts is no subject: it says nothing about any of them.
_TOO_COMMON = 0.25
_MOST = 60


class Subjects:
    """Assigns facts to paths. ``taken`` are the paths of the store; ``named`` those whose names tell a subject."""

    def __init__(self, taken: Sequence[str], named: Sequence[str]) -> None:
        self._folders = {folder: _free_folder(folder, taken) for folder in (PEOPLE, TOPICS)}
        self._by_stem: defaultdict[str, list[tuple[frozenset[str], str]]] = defaultdict(list)
        for path in named:
            self._learn(path)

    def assign(self, facts: Sequence[Fact], accounts: Mapping[str, str]) -> list[str]:
        """Return a path for each fact. ``accounts`` gives the account of a session, where it has one."""
        paths = [self._known(fact, accounts) for fact in facts]
        open_facts = [n for n, path in enumerate(paths) if not path]
        for number, path in self._cluster([facts[n] for n in open_facts]).items():
            paths[open_facts[number]] = path
        return [path or self._path(TOPICS, REST) for path in paths]

    def _known(self, fact: Fact, accounts: Mapping[str, str]) -> str:
        account = next((accounts[s] for s in fact.sources if accounts.get(s)), "")
        if account:
            return self._path(PEOPLE, account)
        return self._named_by(fact)

    def _named_by(self, fact: Fact) -> str:
        best: tuple[int, str] | None = None
        for word in fact.wording.stems:
            for stems, path in self._by_stem.get(word, ()):
                if stems <= fact.wording.stems and (best is None or (-len(stems), path) < best):
                    best = (-len(stems), path)
        return best[1] if best else ""

    def _cluster(self, facts: Sequence[Fact]) -> dict[int, str]:
        terms = [_terms(fact) for fact in facts]
        places: defaultdict[str, set[int]] = defaultdict(set)
        for number, own in enumerate(terms):
            for term in own:
                places[term].add(number)
        limit = max(_SMALLEST, int(_TOO_COMMON * len(facts)))
        found: dict[int, str] = {}
        for _ in range(_MOST):
            candidates = [(len(p) * _weight(t), t) for t, p in places.items() if _SMALLEST <= len(p) <= limit]
            if not candidates:
                break
            _, term = min((-score, t) for score, t in candidates)
            path = self._path(TOPICS, _surface(term, [facts[n] for n in sorted(places[term])]))
            for number in sorted(places[term]):
                found[number] = path
                for other in terms[number]:
                    if other != term:
                        places[other].discard(number)
            del places[term]
        return found

    def _path(self, folder: str, name: str) -> str:
        return f"/{self._folders[folder]}/{_slug(name)}.md"

    def _learn(self, path: str) -> None:
        name = re.sub(r"\.\w{1,5}$", "", path.rsplit("/", 1)[-1])
        stems = frozenset(stem(w) for w in re.findall(r"[^\W_]+", name.lower()))
        if stems and name != REST:
            for word in stems:
                self._by_stem[word].append((stems, path))


def _terms(fact: Fact) -> frozenset[str]:
    """Single words and pairs of neighbours. Numbers and dates are no subjects."""
    words = [
        w for w in fact.wording.words if not w.replace(":", "").replace("-", "").replace(".", "").isdigit()
    ]
    singles = {stem(w) for w in words if len(w) > 2}
    pairs = {f"{stem(a)} {stem(b)}" for a, b in zip(words, words[1:], strict=False)}
    return frozenset(singles | pairs)


def _weight(term: str) -> float:
    return (1.6 if " " in term else 1.0) * (1.3 if any(c.isdigit() for c in term) else 1.0)


def _surface(term: str, facts: Sequence[Fact]) -> str:
    """Return the words that most facts use for ``term``."""
    wanted = term.split(" ")
    seen: Counter[str] = Counter()
    for fact in facts:
        words = fact.wording.words
        for n in range(len(words) - len(wanted) + 1):
            if [stem(w) for w in words[n : n + len(wanted)]] == wanted:
                seen[" ".join(words[n : n + len(wanted)])] += 1
    return min(seen, key=lambda s: (-seen[s], s)) if seen else term


def _slug(name: str) -> str:
    slug = re.sub(r"[^a-z0-9_]+", "-", name.lower()).strip("-_")[:60].strip("-_")
    return slug or REST


def _free_folder(folder: str, taken: Sequence[str]) -> str:
    name, number = folder, 2
    while f"/{name}" in taken:
        name, number = f"{folder}-{number}", number + 1
    return name
