"""Turn a store and the findings of its sessions into the store as it should be."""

from __future__ import annotations

from collections import Counter, defaultdict
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import replace
from typing import Any

from include.managed_agents.dreams.offline.cues import is_small_talk
from include.managed_agents.dreams.offline.existing import Memory, Unit, can_be_emptied, read_store
from include.managed_agents.dreams.offline.fold import (
    Folded,
    adds_nothing,
    fold,
    former_value,
    in_order,
    replaces,
)
from include.managed_agents.dreams.offline.layout import TooManyMemories, lay_out
from include.managed_agents.dreams.offline.lines import Fact, merge_before
from include.managed_agents.dreams.offline.lookalikes import merge_lookalikes
from include.managed_agents.dreams.offline.mine import Worth
from include.managed_agents.dreams.offline.subjects import Session, Subjects

__all__ = ["consolidate_store"]

#: A word of at most so many sessions, or this share of them, tells something about a session.
_RARE_SESSIONS = 3
_RARE_SHARE = 0.03
#: Telling words that a statement without specifics or cue needs to be kept.
_TELLING_WORDS = 2
#: A question or an offer of the assistant must bring a new specific for each so many of its characters.
_TALK_LENGTH = 120
#: Passes until nothing changes: two are the rule (the second finds nothing), more than three were never seen.
_MOST_PASSES = 6
_INSTRUCTIONS_REMARK = (
    "This dream was given instructions. Following them takes a model: this extract keeps an index, absolute dates and "
    "one line a fact, and did nothing else about them."
)


def consolidate_store(
    contents: Mapping[str, str], findings: Sequence[Mapping[str, Any]], *, instructed: bool = False
) -> dict[str, str]:
    """
    Return the content of every memory of the store after the dream, by path.

    A line that took in another one may take in a third: the store is dreamed over until nothing changes any more.

    :param contents: the store as it is.
    :param findings: what ``mine`` found in each session, in any order.
    :param instructed: whether the dream was given instructions: the index then says that they were not followed.
    :raises TooManyMemories: when the store has no room, and no memory that could be emptied into others.
    """
    before = dict(contents)
    for _ in range(_MOST_PASSES):
        after = _dreamed(before, findings, _INSTRUCTIONS_REMARK if instructed else "")
        if after == before:
            break
        before = after
    return before


def _dreamed(
    contents: Mapping[str, str], findings: Sequence[Mapping[str, Any]], remark: str
) -> dict[str, str]:
    emptied: set[str] = set()
    while True:
        memories = read_store(contents, emptied)
        try:
            return _consolidated(memories, findings, remark)
        except TooManyMemories as error:
            smallest = sorted(
                (len(m.content), m.path) for m in memories if m.path not in emptied and can_be_emptied(m)
            )[: error.excess]
            if not smallest:
                raise
            emptied.update(path for _, path in smallest)


def _consolidated(
    memories: Sequence[Memory], findings: Sequence[Mapping[str, Any]], remark: str
) -> dict[str, str]:
    sessions, mined = _mined(findings)
    homes = {fact: memory.path for memory in memories if not memory.is_nameless for fact in memory.facts}
    folded = fold(in_order([*(fact for memory in memories for fact in memory.facts), *mined]))
    _fold_units(memories)
    placed = _settle(memories, folded, homes)
    foreign = {memory.path: memory.remaining() for memory in memories}
    foreign = {path: text for path, text in foreign.items() if text.strip()}
    others = [line for text in foreign.values() for line in text.split("\n") if line.strip()]
    by_path = merge_lookalikes(_by_path(placed, memories, sessions), others)
    return lay_out(foreign, by_path, remark)


def _mined(findings: Iterable[Mapping[str, Any]]) -> tuple[dict[str, Session], list[Fact]]:
    """Return the sessions by id, and the facts worth keeping."""
    sessions: dict[str, Session] = {}
    by_worth: dict[Worth, list[Fact]] = {worth: [] for worth in Worth}
    for finding in sorted(findings, key=lambda f: str(f["session"])):
        session = str(finding["session"])
        sessions[session] = Session(str(finding["account"]), str(finding["title"]))
        for place, item in enumerate(finding["facts"]):
            fact = Fact(item["text"], item["said"], item["who"], (session,), place=place)
            by_worth[Worth(item["worth"])].append(fact)
    sure = by_worth[Worth.SURE]
    sure = [*sure, *_adding(by_worth[Worth.RECAP], sure, sessions)]
    return sessions, [*sure, *_telling(by_worth[Worth.SPARE], sure, len(sessions))]


def _adding(recaps: Sequence[Fact], sure: Sequence[Fact], sessions: Mapping[str, Session]) -> list[Fact]:
    """Return the recaps that add specifics to what is kept about their account or session, the latest first."""
    covered: defaultdict[str, set[str]] = defaultdict(set)

    def scope(fact: Fact) -> str:
        return sessions[fact.sources[0]].account or fact.sources[0]

    for fact in sure:
        covered[scope(fact)] |= fact.wording.weighty
    kept = []
    for fact in in_order(recaps):
        new = fact.wording.weighty - covered[scope(fact)]
        if new and (
            len(new) * _TALK_LENGTH >= len(fact.text)
            or not (fact.text.endswith("?") or is_small_talk(fact.text))
        ):
            kept.append(fact)
            covered[scope(fact)] |= fact.wording.weighty
    return kept


def _telling(spare: Sequence[Fact], sure: Sequence[Fact], sessions: int) -> list[Fact]:
    """Return the spare facts that use words which few of the sessions use: what every session says is no news."""
    users: defaultdict[str, set[str]] = defaultdict(set)
    for fact in (*spare, *sure):
        for word in fact.wording.stems:
            users[word].update(fact.sources)
    most = max(_RARE_SESSIONS, _RARE_SHARE * sessions)
    return [f for f in spare if sum(len(users[word]) <= most for word in f.wording.stems) >= _TELLING_WORDS]


def _fold_units(memories: Sequence[Memory]) -> None:
    """Let repeats among the agents' own statements die: of two, the one that says more stays."""
    units = [unit for memory in memories for unit in memory.units]
    units.sort(key=lambda u: (-len(u.fact.text), u.fact.text, len(u.fact.sources[0]), u.fact.sources, u.line))
    waiting: defaultdict[Fact, list[Unit]] = defaultdict(list)
    for unit in reversed(units):
        waiting[unit.fact].append(unit)
    dead = Counter(fact for folded in fold([u.fact for u in units]) for fact in folded.absorbed)
    for fact, count in dead.items():
        for unit in waiting[fact][:count]:
            unit.alive = False


def _settle(
    memories: Sequence[Memory], folded: Sequence[Folded], homes: Mapping[Fact, str]
) -> list[tuple[Fact, str]]:
    """
    Return the facts that stay, with their home where they have one.

    A fact that an agent's own memory already states is dropped; one that gives it a new value takes its place there.
    """
    units = _UnitIndex(unit for memory in memories for unit in memory.units if unit.alive)
    outdated = [[unit for unit in units.near(item.fact) if replaces(item.fact, unit.fact)] for item in folded]
    for unit in (unit for group in outdated for unit in group):
        unit.alive = False
    placed: list[tuple[Fact, str]] = []
    for item, former in zip(folded, outdated, strict=True):
        fact = item.merged()
        names_more = bool(fact.also or fact.before or former)
        stated = (unit for unit in units.near(item.fact) if unit.alive and adds_nothing(unit.fact, item.fact))
        if not names_more and any(stated):
            continue
        home = next((homes[f] for f in (item.fact, *item.absorbed, *item.replaced) if f in homes), "")
        values = [(unit.fact.said[:10], former_value(item.fact, unit.fact)) for unit in former]
        fact = replace(fact, before=merge_before([*fact.before, *values]))
        placed.append((fact, home or (former[0].fact.sources[0] if former else "")))
    return placed


class _UnitIndex:
    """Finds the agents' statements that share two words with a fact."""

    def __init__(self, units: Iterable[Unit]) -> None:
        self._units = list(units)
        self._places: defaultdict[str, list[int]] = defaultdict(list)
        for number, unit in enumerate(self._units):
            for word in unit.fact.wording.stems | unit.fact.wording.masked:
                self._places[word].append(number)

    def near(self, fact: Fact) -> list[Unit]:
        shared = Counter(
            n for word in fact.wording.stems | fact.wording.masked for n in self._places.get(word, ())
        )
        return [
            self._units[n]
            for n in sorted(shared)
            if shared[n] > 1 or len(self._units[n].fact.wording.stems) == 1
        ]


def _by_path(
    placed: Sequence[tuple[Fact, str]], memories: Sequence[Memory], sessions: Mapping[str, Session]
) -> dict[str, list[Fact]]:
    homes = {home for _, home in placed}
    named = [m.path for m in memories if not m.is_nameless and (m.path in homes or m.remaining().strip())]
    subjects = Subjects(
        [memory.path for memory in memories], named, sorted({fact.party for fact, _ in placed})
    )
    found = iter(subjects.assign([fact for fact, home in placed if not home], sessions))
    by_path: dict[str, list[Fact]] = {}
    for fact, home in placed:
        by_path.setdefault(home or next(found), []).append(fact)
    return by_path
