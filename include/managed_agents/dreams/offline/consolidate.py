"""Turn a store and the findings of its sessions into the store as it should be."""

from __future__ import annotations

from collections import Counter, defaultdict
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import replace

from .cues import is_update
from .existing import Memory, read_store
from .fold import Folded, adds_nothing, fold, former_value, replaces
from .lines import Fact, merge_before
from .render import INDEX, render_facts, render_index
from .subjects import Subjects

__all__ = ["consolidate_store"]


def consolidate_store(
    contents: Mapping[str, str], findings: Sequence[Mapping[str, object]]
) -> dict[str, str]:
    """
    Return the content of every memory of the store after the dream, by path.

    :param contents: the store as it is.
    :param findings: what ``mine`` found in each session, in any order.
    """
    memories = read_store(contents)
    homes = {fact: memory.path for memory in memories if not memory.is_nameless for fact in memory.facts}
    accounts, mined = _mined(findings)
    facts = [*(fact for memory in memories for fact in memory.facts), *mined]
    facts.sort(key=lambda f: (f.said, is_update(f.text), len(f.text), f.text, f.who), reverse=True)
    folded = fold(facts)
    _fold_units(memories)
    kept = _settle(memories, folded, homes)
    by_path = _file(kept, memories, accounts)
    result: dict[str, str] = {}
    for memory in memories:
        facts_here = by_path.pop(memory.path, [])
        if memory.is_nameless and not facts_here:
            continue
        content = render_facts(memory.path, facts_here, memory.remaining())
        if content.strip():
            result[memory.path] = content
    for path, facts_here in by_path.items():
        result[path] = render_facts(path, facts_here, "")
    result.pop(INDEX, None)
    result[INDEX] = render_index((path, _about(result[path])) for path in sorted(result))
    return result


def _mined(findings: Iterable[Mapping[str, object]]) -> tuple[dict[str, str], list[Fact]]:
    accounts: dict[str, str] = {}
    facts: list[Fact] = []
    for finding in findings:
        session = str(finding["session"])
        accounts[session] = str(finding["account"])
        for fact in finding["facts"]:  # type: ignore[attr-defined]
            facts.append(Fact(text=fact["text"], said=fact["said"], who=fact["who"], sources=(session,)))
    return accounts, facts


def _fold_units(memories: Sequence[Memory]) -> None:
    """Let repeats among the agents' own statements die, in the shorter and worse named memory first."""
    units = [unit for memory in memories for unit in memory.units]
    units.sort(key=lambda u: (-len(u.fact.text), u.fact.sources, u.line))
    by_fact = defaultdict(list)
    for unit in units:
        by_fact[unit.fact].append(unit)
    for folded in fold([unit.fact for unit in units]):
        for dead in folded.absorbed:
            group = by_fact[dead]
            group[-1].alive = False
            if len(group) > 1:
                group.pop()


def _settle(
    memories: Sequence[Memory], folded: Sequence[Folded], homes: Mapping[Fact, str]
) -> list[tuple[Fact, str]]:
    """
    Return the facts that stay, with their home where they have one.

    A fact that an agent's own memory already states is dropped; one that gives it a new value takes its place.
    """
    living = [unit for memory in memories for unit in memory.units if unit.alive]
    kept: list[tuple[Fact, str]] = []
    for item in folded:
        fact = item.merged()
        if any(adds_nothing(unit.fact, item.fact) for unit in living):
            continue
        outdated = [unit for unit in living if replaces(item.fact, unit.fact)]
        home = next((homes[f] for f in (item.fact, *item.absorbed, *item.replaced) if f in homes), "")
        for unit in outdated:
            unit.alive = False
            home = home or unit.fact.sources[0]
        former = [(unit.fact.said[:10], former_value(item.fact, unit.fact)) for unit in outdated]
        kept.append((replace(fact, before=merge_before([*fact.before, *former])), home))
        living = [unit for unit in living if unit.alive]
    return kept


def _file(
    kept: Sequence[tuple[Fact, str]], memories: Sequence[Memory], accounts: Mapping[str, str]
) -> dict[str, list[Fact]]:
    named = [m.path for m in memories if not m.is_nameless]
    subjects = Subjects([m.path for m in memories], named)
    homeless = [fact for fact, home in kept if not home]
    found = iter(subjects.assign(homeless, accounts))
    by_path: dict[str, list[Fact]] = {}
    for fact, home in kept:
        by_path.setdefault(home or next(found), []).append(fact)
    return by_path


def _about(content: str) -> str:
    """Return the words that tell most about a memory."""
    facts = [line for line in content.split("\n") if line.startswith("- ")]
    words = Counter(w for line in facts for w in Fact(line, "", "", ()).wording.names)
    return ", ".join(sorted(words, key=lambda w: (-words[w], w))[:6])
