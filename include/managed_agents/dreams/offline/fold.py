"""
Fold near-copies: of two statements that say the same, the later one stays and names the sessions of both.

Only what is about one account or person is compared. Two statements whose words are alike share one of their rarest
words, so that each is compared with few others, however many there are.
"""

from __future__ import annotations

import math
import re
import sys
from collections import Counter, defaultdict
from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass, field
from datetime import date
from functools import lru_cache
from typing import TypeVar

from include.managed_agents.dreams.offline.lines import MAX_SOURCES, Line, turns
from include.managed_agents.dreams.offline.specifics import find_specifics
from include.managed_agents.dreams.offline.text import sentences
from include.managed_agents.dreams.offline.words import stem, words_of

__all__ = ["Part", "checked", "fold", "parts_of"]

#: Token-set likeness (shared content words over all content words of both) from which two statements are near-copies.
ALIKE = 0.7
#: Others that a statement is compared with for each of its rarest words, at most: the latest.
_MOST_COMPARED = 20
_NEGATION = re.compile(r"\b(?:no|not|never|none|cannot|without|unable|neither|nor)\b|n['’]t\b", re.I)  # noqa: RUF001
_NAME = re.compile(r"(?<![.!?:;] )(?<!^)\b[A-Z][a-zà-ÿ]+\b")
_PERSONAL = re.compile(r"\b(?:i|me|my|mine|we|us|our|yours?|you)\b", re.I)
_T = TypeVar("_T")


@dataclass(eq=False, slots=True)
class Part:
    """
    A statement of a session: what is filed, folded and packed into lines.

    ``party`` is whom it is about, ``order`` (day, whether it stands in the store, start of session, session, place),
    ``sources`` the sessions that its line names, ``into`` a later statement that says it too.
    """

    text: str
    who: str
    party: str
    order: tuple[date, bool, str, str, int]
    sources: set[str]
    account: str = ""
    into: Part | None = None
    stems: tuple[str, ...] = field(init=False)

    def __post_init__(self) -> None:
        self.stems = tuple({sys.intern(stem(word)) for word in words_of(self.text)})

    def says(self, other: Part) -> bool:
        """Whether this says what ``other`` says: near the same words, and every specific and name of it."""
        common = len(set(self.stems).intersection(other.stems))
        if not common or common < ALIKE * (len(self.stems) + len(other.stems) - common):
            return False
        (mine, i_deny, _), (its, it_denies, personal) = _wording(self.text), _wording(other.text)
        return its <= mine and i_deny == it_denies and (self.who == other.who or not personal)


@lru_cache(maxsize=4096)
def _wording(text: str) -> tuple[frozenset[str], bool, bool]:
    """Return the specifics and names in a text, whether it denies something, and whether it speaks of "me" or "you"."""
    named = {specific.key for specific in find_specifics(text)} | set(_NAME.findall(text))
    return frozenset(named), _NEGATION.search(text) is not None, _PERSONAL.search(text) is not None


def fold(parts: Iterable[Part], check: Callable[[], None]) -> None:
    """Fold each new part into a later one that says it and has room for its sources; one in the store learns which."""
    latest_first = sorted(parts, key=lambda part: part.order, reverse=True)
    frequency = Counter(word for part in latest_first for word in part.stems)
    places: defaultdict[str, list[int]] = defaultdict(list)
    for number, part in enumerate(checked(latest_first, check)):
        ranked = sorted(part.stems, key=lambda word: (frequency[word], word))
        rarest = ranked[: len(ranked) - math.ceil(ALIKE * len(ranked)) + 1]  # A near-copy has one of them.
        stands = part.order[1]
        for host in (latest_first[n] for n in sorted({n for word in rarest for n in places[word]})):
            fits = len(host.sources | part.sources) <= MAX_SOURCES and not (stands and host.order[1])
            if fits and host.says(part):
                part.into = host
                break
        if part.into is not None and not stands:
            part.into.sources |= part.sources
        else:
            for word in rarest:
                if len(places[word]) < _MOST_COMPARED:
                    places[word].append(number)


def checked(items: Iterable[_T], check: Callable[[], None]) -> Iterator[_T]:
    """Yield the items, and call ``check`` before each: what it raises ends the work."""
    for item in items:
        check()
        yield item


def parts_of(line: Line) -> list[Part]:
    """Return the statements of a line in the store, for comparison. They share one set of sources."""
    said = [(who, text) for who, told in turns(line.text) for text in sentences(told)] or [("", line.text)]
    sources, order = set(line.sources), (line.day, True, "", "")
    return [Part(text, who, "", (*order, n), sources, line.account) for n, (who, text) in enumerate(said)]
