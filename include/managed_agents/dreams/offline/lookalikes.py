"""
Merge facts whose lines would look alike: the last look at a store, before it is written.

Statements that differ enough for two facts may still make lines that a reader can't tell apart, such as a long sentence
about two bookings. Such lines become one, which names behind ``also`` what only the others named.
"""

from __future__ import annotations

import math
import re
from collections import Counter, defaultdict
from collections.abc import Mapping, Sequence
from dataclasses import replace

from include.managed_agents.dreams.offline.lines import (
    MAX_ALSO,
    Fact,
    merge_also,
    merge_before,
    merge_sources,
    render_line,
)
from include.managed_agents.dreams.offline.render import lines_of

__all__ = ["LOOKALIKE", "merge_lookalikes", "tokens_of"]

#: Token-set likeness of two lines (shared tokens over all tokens of both) from which they are alike.
LOOKALIKE = 0.9
#: Merging changes a line; that it looks like yet another one then is rare, more than a few rounds of it unheard of.
_ROUNDS = 8
_TOKEN = re.compile(r"\w+")

_Line = tuple[str, tuple[Fact, ...]]


def merge_lookalikes(by_path: Mapping[str, Sequence[Fact]], foreign: Sequence[str]) -> dict[str, list[Fact]]:
    """
    Return the facts of each path such that no two lines are alike. Of two that are, the later said takes in the other.

    :param foreign: lines of others. A line that looks like one of them and names nothing more is dropped.
    """
    current = {path: list(facts) for path, facts in by_path.items()}
    for _ in range(_ROUNDS):
        lines = [(path, group) for path, facts in current.items() for group in lines_of(facts)]
        lines.sort(
            key=lambda line: (line[1][0].said, len(line[1][0].text), line[1][0].text, line[0]), reverse=True
        )
        merged = _merge_once(lines, [tokens_of(line) for line in foreign])
        if len(merged) == len(lines):
            break
        current = {}
        for path, group in merged:
            current.setdefault(path, []).extend(group)
    return current


def tokens_of(line: str) -> frozenset[str]:
    """Return the tokens by which lines are compared."""
    return frozenset(token.lower() for token in _TOKEN.findall(line))


def _merge_once(lines: Sequence[_Line], foreign: Sequence[frozenset[str]]) -> list[_Line]:
    tokens = [*(tokens_of(render_line(group)) for _, group in lines), *foreign]
    frequency = Counter(token for own in tokens for token in own)
    places: defaultdict[str, list[int]] = defaultdict(list)
    for number in range(len(lines), len(tokens)):
        for token in _rarest(tokens[number], frequency):
            places[token].append(number)
    kept: dict[int, _Line] = {}
    for number, (path, group) in enumerate(lines):
        near = sorted({n for token in _rarest(tokens[number], frequency) for n in places[token]})
        twin = next((n for n in near if _alike(tokens[number], tokens[n])), None)
        if twin in kept and (joined := _joined(kept[twin][1], group)):
            kept[twin] = (kept[twin][0], joined)
        elif twin is None or twin in kept or not _says_nothing_more(group, tokens[twin]):
            kept[number] = (path, group)
            for token in _rarest(tokens[number], frequency):
                places[token].append(number)
    return list(kept.values())


def _says_nothing_more(group: Sequence[Fact], line: frozenset[str]) -> bool:
    return all(tokens_of(specific.text) <= line for fact in group for specific in fact.wording.stated)


def _joined(hosts: Sequence[Fact], twins: Sequence[Fact]) -> tuple[Fact, ...] | None:
    """Return the hosts with each twin in the most alike of them; None where that would name too much besides."""
    joined = list(hosts)
    for twin in twins:
        at = max(range(len(joined)), key=lambda n: (len(joined[n].stems & twin.stems), -n))
        host = joined[at]
        also = {*host.also, *_named_alone(host, twin)}
        if len(also) > MAX_ALSO:
            return None
        joined[at] = replace(
            host,
            sources=merge_sources([*host.sources, *twin.sources]),
            also=merge_also(also),
            before=merge_before([*host.before, *twin.before]),
        )
    return tuple(joined)


def _named_alone(host: Fact, twin: Fact) -> list[str]:
    """Return what the twin's line names and the host's text does not."""
    if twin.text == host.text:
        return list(twin.also)
    known = tokens_of(host.text)
    own = [*(specific.text for specific in twin.wording.stated), *twin.wording.stated_words]
    return [*twin.also, *(value for value in own if not tokens_of(value) <= known)]


def _rarest(tokens: frozenset[str], frequency: Counter[str]) -> list[str]:
    """Return the tokens of which two alike lines share at least one."""
    ranked = sorted(tokens, key=lambda token: (frequency[token], token))
    return ranked[: len(ranked) - math.ceil(LOOKALIKE * len(ranked) - 1e-9) + 1]


def _alike(a: frozenset[str], b: frozenset[str]) -> bool:
    union = len(a | b)
    return union == 0 or len(a & b) / union >= LOOKALIKE - 1e-9
