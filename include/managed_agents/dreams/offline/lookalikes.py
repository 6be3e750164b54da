"""
The last look at the lines as they will stand: no two of them may be alike.

Statements that differ enough for two facts may still make lines that a reader can't tell apart, such as a long sentence
about two bookings. Such lines become one, which names behind ``also`` what only the others named.
"""

from __future__ import annotations

import math
import re
from collections import Counter, defaultdict
from collections.abc import Sequence
from dataclasses import replace

from include.managed_agents.dreams.offline.lines import (
    Fact,
    merge_also,
    merge_before,
    merge_sources,
    render_line,
)

__all__ = ["LOOKALIKE", "merge_lookalikes", "tokens_of"]

#: Token-set likeness of two lines (shared tokens over all tokens of both) from which they are alike.
LOOKALIKE = 0.9
#: Merging changes a line; that it looks like yet another one then is rare, more than a few rounds of it unheard of.
_ROUNDS = 8
_TOKEN = re.compile(r"\w+")


def merge_lookalikes(placed: Sequence[tuple[Fact, str]], foreign: Sequence[str]) -> list[tuple[Fact, str]]:
    """
    Return the facts, with their homes, such that no two lines are alike.

    :param placed: facts in order, each with its path (may be empty); an earlier one takes in a later one.
    :param foreign: lines of others. A fact whose line looks like one of them and names nothing more is dropped.
    """
    kept = list(placed)
    for _ in range(_ROUNDS):
        merged = _merge_once(kept, foreign)
        if merged == kept:
            break
        kept = merged
    return kept


def tokens_of(line: str) -> frozenset[str]:
    """Return the tokens by which lines are compared."""
    return frozenset(token.lower() for token in _TOKEN.findall(line))


def _merge_once(placed: Sequence[tuple[Fact, str]], foreign: Sequence[str]) -> list[tuple[Fact, str]]:
    others = [tokens_of(line) for line in foreign]
    lines = [tokens_of(render_line([fact])) for fact, _ in placed]
    frequency = Counter(token for tokens in (*others, *lines) for token in tokens)
    places: defaultdict[str, list[int]] = defaultdict(list)
    for number, tokens in enumerate(others):
        for token in _rarest(tokens, frequency):
            places[token].append(-1 - number)
    kept: list[tuple[Fact, str]] = []
    where: dict[int, int] = {}
    for number, (fact, home) in enumerate(placed):
        tokens = lines[number]
        rare = _rarest(tokens, frequency)
        near = sorted({n for token in rare for n in places[token]}, reverse=True)
        twin = next((n for n in near if _alike(tokens, lines[n] if n >= 0 else others[-1 - n])), None)
        if twin is None or (
            twin < 0 and not tokens_of(" ".join(s.text for s in fact.wording.stated)) <= others[-1 - twin]
        ):
            for token in rare:
                places[token].append(number)
            where[number] = len(kept)
            kept.append((fact, home))
        elif twin >= 0:
            host, host_home = kept[where[twin]]
            kept[where[twin]] = (_joined(host, fact), host_home or home)
    return kept


def _joined(host: Fact, twin: Fact) -> Fact:
    known = tokens_of(host.text)
    own = [*(s.text for s in twin.wording.stated), *twin.wording.words] if twin.text != host.text else []
    return replace(
        host,
        sources=merge_sources([*host.sources, *twin.sources]),
        also=merge_also([*host.also, *twin.also, *(value for value in own if not tokens_of(value) <= known)]),
        before=merge_before([*host.before, *twin.before]),
    )


def _rarest(tokens: frozenset[str], frequency: Counter[str]) -> list[str]:
    """Return the tokens of which two alike lines share at least one."""
    ranked = sorted(tokens, key=lambda token: (frequency[token], token))
    return ranked[: len(ranked) - math.ceil(LOOKALIKE * len(ranked) - 1e-9) + 1]


def _alike(a: frozenset[str], b: frozenset[str]) -> bool:
    union = len(a | b)
    return union == 0 or len(a & b) / union >= LOOKALIKE - 1e-9
