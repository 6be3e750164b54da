"""
Fold facts: near-copies into one, an earlier statement of the same fact into the later one.

Facts are taken latest first; each is either kept, its text unchanged from then on, or absorbed by a kept one, which
takes over its sources. Because kept texts never change, folding what was folded changes nothing.
"""

from __future__ import annotations

import math
from collections import Counter, defaultdict
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field, replace

from include.managed_agents.dreams.offline.claims import Claim, claims_of, is_account
from include.managed_agents.dreams.offline.cues import is_update
from include.managed_agents.dreams.offline.lines import RECORD, Fact, merge_also, merge_before, merge_sources

__all__ = ["Folded", "adds_nothing", "fold", "former_value", "in_order", "replaces"]

#: Token-set likeness (shared content words over all content words of both) from which two statements are near-copies.
ALIKE = 0.7
#: The same for a statement all of whose specifics the other holds: little is left to be lost.
ALIKE_WITH_SPECIFICS = 0.5
#: The same, with values masked, for a statement that gives a fact a new value.
SAME_FACT = 0.75
#: The share of the shorter statement's words, values masked, that an announced change must have in common with the old.
SAME_FACT_ANNOUNCED = 0.6
_COMMON_WORDS = 3
#: The same for what two claims are about.
_COMMON_KEY = 2
_CONTAINED_FROM = 3


@dataclass
class Folded:
    """A kept fact with those that it absorbed: near-copies, and earlier statements with another value."""

    fact: Fact
    absorbed: list[Fact] = field(default_factory=list)
    replaced: list[Fact] = field(default_factory=list)

    def merged(self) -> Fact:
        """Return the kept fact with the sources and former values of what it absorbed."""
        family = [self.fact, *self.absorbed, *self.replaced]
        former = [(old.said[:10], former_value(self.fact, old)) for old in self.replaced]
        return replace(
            self.fact,
            sources=merge_sources(source for member in family for source in member.sources),
            also=merge_also(value for member in family for value in member.also),
            before=merge_before([*(pair for member in family for pair in member.before), *former]),
        )


def in_order(facts: Iterable[Fact]) -> list[Fact]:
    """Return the facts latest first. Within a minute, announced changes and the longer statements come first."""
    return sorted(facts, key=lambda f: (f.said, is_update(f.text), len(f.text), f.text, f.who), reverse=True)


def fold(facts: Sequence[Fact]) -> list[Folded]:
    """
    Return the facts that stay, in the order given, each with what it absorbed.

    ``facts`` must come latest first (``in_order``). A fact joins the most alike of those that can absorb it.
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
    return _jaccard(a.wording.stems, b.wording.stems)


def adds_nothing(kept: Fact, other: Fact) -> bool:
    """Whether ``kept`` already says what ``other`` says: near the same words, and every specific and name of it."""
    words, others = kept.stems, other.wording.stems
    common = len(words & others)
    if common < ALIKE_WITH_SPECIFICS * len(others):
        return False
    if not _same_people(kept, other) or kept.wording.negated != other.wording.negated:
        return False
    if not other.wording.specifics <= kept.wording.specifics and not other.wording.specifics <= _named_by(
        kept
    ):
        return False
    if not other.wording.names <= kept.wording.names and not other.wording.names <= _named_by(kept):
        return False
    if common == len(others) >= _CONTAINED_FROM:
        return True
    enough = ALIKE_WITH_SPECIFICS if len(other.wording.specifics) >= _CONTAINED_FROM else ALIKE
    return common >= enough * len(words | others)


def replaces(later: Fact, earlier: Fact) -> bool:
    """Whether ``later`` states the fact of ``earlier`` with another value."""
    if not _is_later(later, earlier) or not _may_speak_of_the_same(later, earlier):
        return False
    if later.who == earlier.who == RECORD:
        return _record_key(later) == _record_key(earlier) and later.text != earlier.text
    return bool(_claimed_anew(later, earlier)) or _gives_new_values(later, earlier)


def former_value(later: Fact, earlier: Fact) -> str:
    """Return what the earlier statement said otherwise: what it claimed and its own specifics, else its own words."""
    known = {specific.key for specific in later.wording.stated}
    claimed = _claimed_anew(later, earlier)
    own = [claimed] if claimed else []
    own += [specific.text for specific in earlier.wording.stated if specific.key not in known]
    if not own:
        words = set(later.wording.words)
        own = [word for word in earlier.wording.stated_words if word not in words]
    return ", ".join(dict.fromkeys(own))[:120]


def _named_by(fact: Fact) -> frozenset[str]:
    """Return everything that the fact names, what it names besides included."""
    named = {value.lower() for value in fact.also} | fact.wording.specifics | fact.wording.names
    return frozenset(named.union(fact.wording.words))


def _can_absorb(kept: Fact, fact: Fact) -> bool:
    return adds_nothing(kept, fact) or replaces(kept, fact)


def _same_people(a: Fact, b: Fact) -> bool:
    """Whether two statements may be of the same people: what says "my" or "your" belongs to those who spoke."""
    return a.party == b.party or not (a.wording.personal or b.wording.personal)


def _is_later(later: Fact, earlier: Fact) -> bool:
    """Whether one is known to have been said after the other. Of two in one minute, the one that announces a change."""
    return bool(later.said) and (
        later.said > earlier.said or (later.said == earlier.said and is_update(later.text))
    )


def _may_speak_of_the_same(later: Fact, earlier: Fact) -> bool:
    if is_account(later.party) or is_account(earlier.party):
        return later.party == earlier.party
    if later.wording.personal or earlier.wording.personal:
        return later.party == earlier.party or is_update(later.text)
    return True


def _claimed_anew(later: Fact, earlier: Fact) -> str:
    """Return what the earlier claimed of something of which the later claims another thing, or ""."""
    for new in claims_of(later.text):
        for old in claims_of(earlier.text):
            if new.head.lower() != old.head.lower() and _is_same_claim(new, old, later, earlier):
                return old.head
    return ""


def _is_same_claim(new: Claim, old: Claim, later: Fact, earlier: Fact) -> bool:
    common = len(new.key & old.key)
    if common < _COMMON_KEY:
        return False
    if new.key == old.key:
        return new.kind is old.kind
    if new.kind is None or new.kind is not old.kind:
        return False
    if new.key < old.key or old.key < new.key:
        return is_update(later.text) or bool(set(later.sources) & set(earlier.sources))
    close = common >= _COMMON_WORDS and common / min(len(new.key), len(old.key)) >= SAME_FACT_ANNOUNCED
    return close and is_update(later.text)


def _gives_new_values(later: Fact, earlier: Fact) -> bool:
    new, old = later.wording, earlier.wording
    if new.things != old.things or new.stated_values == old.stated_values:
        return False
    kinds = {kind for kind, _ in new.stated_values}
    if not kinds or kinds != {kind for kind, _ in old.stated_values}:
        return False
    common = len(new.masked & old.masked)
    if common >= _COMMON_WORDS and common / len(new.masked | old.masked) >= SAME_FACT:
        return True
    if not is_update(later.text) or (earlier.party and earlier.party != later.party):
        return False
    return common >= _COMMON_WORDS and common / min(len(new.masked), len(old.masked)) >= SAME_FACT_ANNOUNCED


def _jaccard(a: frozenset[str], b: frozenset[str]) -> float:
    union = len(a | b)
    return len(a & b) / union if union else 1.0


class _Index:
    """
    Finds every kept fact that could absorb a fact, and few others.

    Two sets that must share k of n words share m of the rarest n - k + m of either. Which words count as rare decides
    how many are looked at, never what is found: folding must not depend on how often a statement is repeated.
    """

    def __init__(self, facts: Iterable[Fact]) -> None:
        self._frequency = Counter(key for fact in facts for key in _all_keys(fact))
        self._places: defaultdict[str, list[int]] = defaultdict(list)
        self._specifics: defaultdict[str, list[int]] = defaultdict(list)
        self._updates: defaultdict[str, list[int]] = defaultdict(list)

    def add(self, number: int, fact: Fact) -> None:
        for key in _all_keys(fact):
            self._places[key].append(number)
        for key in {*fact.wording.specifics, *(value.lower() for value in fact.also)}:
            self._specifics[key].append(number)
        if is_update(fact.text):
            for key in fact.wording.masked:
                self._updates[key].append(number)

    def candidates(self, fact: Fact) -> list[int]:
        """Return the numbers of the kept facts to look at, in order."""
        stems, masked = fact.wording.stems, fact.wording.masked
        found = set(self._sharing(self._places, stems, math.ceil(ALIKE * len(stems))))
        if len(fact.wording.specifics) >= _CONTAINED_FROM:
            found.update(self._sharing(self._specifics, fact.wording.specifics, len(fact.wording.specifics)))
        found.update(self._sharing(self._places, masked, math.ceil(SAME_FACT * len(masked))))
        found.update(self._sharing(self._updates, masked, _COMMON_WORDS))
        for claim in claims_of(fact.text):
            found.update(self._sharing(self._places, claim.key, _COMMON_KEY))
        if fact.who == RECORD:
            found.update(self._places.get(_record_key(fact), ()))
        return sorted(found)

    def _sharing(self, places: Mapping[str, list[int]], keys: frozenset[str], needed: int) -> Iterator[int]:
        """Yield the kept facts that may share ``needed`` of ``keys``: those that share up to two of the rarest."""
        least = max(1, min(needed, 2))
        ranked = sorted(keys, key=lambda key: (self._frequency[key], key))
        seen: Counter[int] = Counter()
        for key in ranked[: len(ranked) - needed + least]:
            seen.update(places.get(key, ()))
        return (number for number, count in seen.items() if count >= least)


def _record_key(fact: Fact) -> str:
    """Return the account that a record is of."""
    return "record of " + fact.text.split(":")[0]


def _all_keys(fact: Fact) -> set[str]:
    keys = {
        *fact.stems,
        *fact.wording.masked,
        *(word for claim in claims_of(fact.text) for word in claim.key),
    }
    return keys | {_record_key(fact)} if fact.who == RECORD else keys
