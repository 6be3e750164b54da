"""
Fold facts: near-copies into one, an earlier statement of the same fact into the later one.

Facts are taken latest first; each is either kept, its text unchanged from then on, or absorbed by a kept one, which takes
over its sources and what it alone named. Because kept texts never change, folding what was folded changes nothing.
"""

from __future__ import annotations

import math
from collections import Counter, defaultdict
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field, replace

from .cues import is_update
from .lines import Fact, merge_also, merge_before, merge_sources

__all__ = ["Folded", "adds_nothing", "fold", "former_value", "replaces"]

#: Token-set likeness (shared content words over all content words of both) from which two statements are near-copies.
ALIKE = 0.7
#: The same, with values masked, for a statement that gives a fact a new value.
SAME_FACT = 0.75
#: What a statement must have in common with another before the longer one swallows it.
_CONTAINED_FROM = 3


@dataclass
class Folded:
    """A kept fact with those that it absorbed."""

    fact: Fact
    absorbed: list[Fact] = field(default_factory=list)
    replaced: list[Fact] = field(default_factory=list)

    def merged(self) -> Fact:
        """Return the kept fact with the sources and former values of what it absorbed."""
        family = [self.fact, *self.absorbed, *self.replaced]
        return replace(
            self.fact,
            sources=merge_sources(source for member in family for source in member.sources),
            also=merge_also(
                [*self.fact.also, *(v for member in self.absorbed for v in _extra(self.fact, member))]
            ),
            before=merge_before(
                [
                    *(pair for member in family for pair in member.before),
                    *((former.said[:10], former_value(self.fact, former)) for former in self.replaced),
                ]
            ),
        )


def fold(facts: Sequence[Fact]) -> list[Folded]:
    """
    Return the facts that stay, in the order given, each with what it absorbed.

    ``facts`` must come latest first. A fact joins the most alike of those that can absorb it.
    """
    index = _Index(facts)
    kept: list[Folded] = []
    loose: list[tuple[Fact, list[int]]] = []
    for fact in facts:
        hosts = [n for n in index.candidates(fact) if _can_absorb(kept[n].fact, fact)]
        if hosts:
            loose.append((fact, hosts))
        else:
            index.add(len(kept), fact)
            kept.append(Folded(fact))
    for fact, hosts in loose:
        host = kept[max(hosts, key=lambda n: (likeness(kept[n].fact, fact), -n))]
        (host.absorbed if adds_nothing(host.fact, fact) else host.replaced).append(fact)
    return kept


def likeness(a: Fact, b: Fact) -> float:
    """Return the share of content words that two facts have in common, 0 to 1."""
    union = len(a.wording.stems | b.wording.stems)
    return len(a.wording.stems & b.wording.stems) / union if union else 1.0


def adds_nothing(kept: Fact, other: Fact) -> bool:
    """Whether ``kept`` already says what ``other`` says: near the same words, and every specific and name of it."""
    if not _same_people(kept, other) or kept.wording.negated != other.wording.negated:
        return False
    also = {value.lower() for value in kept.also}
    if not (
        other.wording.things <= kept.wording.things | also
        and other.wording.values <= kept.wording.values | also
    ):
        return False
    if not other.wording.names <= kept.wording.names | kept.wording.stems | also | set(kept.wording.words):
        return False
    contained = len(other.wording.stems) >= _CONTAINED_FROM and other.wording.stems <= kept.wording.stems
    return contained or likeness(kept, other) >= ALIKE


def replaces(later: Fact, earlier: Fact) -> bool:
    """Whether ``later`` states the fact of ``earlier`` with another value."""
    if not _same_people(later, earlier) or later.wording.things != earlier.wording.things:
        return False
    if (
        later.wording.values == earlier.wording.values
        or not earlier.wording.values
        or not later.wording.values
    ):
        return False
    same_place = bool(set(later.sources) & set(earlier.sources)) or bool(
        later.party and later.party == earlier.party
    )
    if not same_place and (later.wording.personal or earlier.wording.personal) and not is_update(later.text):
        return False
    common = later.wording.masked & earlier.wording.masked
    union = later.wording.masked | earlier.wording.masked
    return len(common) >= 2 and len(common) / len(union) >= SAME_FACT


def former_value(later: Fact, earlier: Fact) -> str:
    """Return what the earlier statement said otherwise: its own specifics, else its own words."""
    known = later.wording.things | later.wording.values
    own = [value for value in earlier.wording.exact if value.lower() not in known]
    if own:
        return " ".join(dict.fromkeys(own))
    words = set(later.wording.words)
    return " ".join(dict.fromkeys(w for w in earlier.wording.words if w not in words))[:80]


def _can_absorb(kept: Fact, fact: Fact) -> bool:
    return adds_nothing(kept, fact) or replaces(kept, fact)


def _same_people(a: Fact, b: Fact) -> bool:
    if a.party == b.party:
        return (
            bool(a.party)
            or not (a.wording.personal or b.wording.personal)
            or bool(set(a.sources) & set(b.sources))
        )
    return not (a.wording.personal or b.wording.personal)


def _extra(kept: Fact, absorbed: Fact) -> Iterable[str]:
    known = {value.lower() for value in kept.wording.exact}
    return [value for value in (*absorbed.also, *absorbed.wording.exact) if value.lower() not in known]


class _Index:
    """Finds the kept facts that could be alike: those that share one of a fact's rarest words."""

    def __init__(self, facts: Iterable[Fact]) -> None:
        self._frequency = Counter(stem for fact in facts for stem in self._keys(fact))
        self._places: defaultdict[str, list[int]] = defaultdict(list)

    def add(self, number: int, fact: Fact) -> None:
        for key in self._keys(fact):
            self._places[key].append(number)

    def candidates(self, fact: Fact) -> list[int]:
        """Return the numbers of kept facts that share enough rare words, in order."""
        found: set[int] = set()
        for keys in (fact.wording.stems, fact.wording.masked):
            ranked = sorted(keys, key=lambda k: (self._frequency[k], k))
            probes = len(ranked) - math.ceil(min(ALIKE, SAME_FACT) * len(ranked)) + 1
            for key in ranked[:probes]:
                found.update(self._places[key])
        return sorted(found)

    @staticmethod
    def _keys(fact: Fact) -> frozenset[str]:
        return fact.wording.stems | fact.wording.masked
