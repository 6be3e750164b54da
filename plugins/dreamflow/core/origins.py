"""
Where memories that are gone went, and where new ones came from: by their bytes, then their lines, then their words.

A memory that is gone went to one that has most of what it said. Where several have parts of it, it was split.
"""

from __future__ import annotations

import re
from collections import Counter, defaultdict
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from heapq import nsmallest
from itertools import accumulate, pairwise

from dreamflow.core.changes import Changes
from dreamflow.core.fates import Whereabouts
from dreamflow.core.objects import Listing

__all__ = ["came_of", "in_other_words", "renamed_as_they_were", "sketch_of", "split_of"]

#: The share of a memory's bytes that must stand in another for it to have gone there; and to count as a part of it.
_MOST, _PART = 0.5, 0.2
#: The share of a new memory that must be an old one's, for it to be that one renamed.
_OWN = 1 / 3
#: Pairs of words that stand for a memory; and the share that two memories must have in common to be one in other words.
_SKETCH, _SKETCH_ALIKE = 128, 0.4
#: Characters of a memory from which those are taken: 2,000 memories of 100 kB would take a minute.
_HEAD = 20_000
#: What more new memories than this have tells nothing; so many of the likest are compared with one that is gone.
_COMMON, _LIKEST = 50, 10
#: Bytes of memories that are shown as merged into one, at most. The others are removed ones, said again there.
_MERGED = 2_000_000


@dataclass
class _Flow:
    """Lines of one memory that came in another: their bytes, how many, and the sum of their numbers there."""

    size: int = 0
    count: int = 0
    numbers: int = 0


#: By the memory that lost them, and the one in which they came.
Flows = dict[str, dict[str, _Flow]]


def renamed_as_they_were(by_path: Changes, before: Listing, after: Listing) -> Iterator[tuple[str, str]]:
    """Yield (new path, old path) of memories that have the same bytes elsewhere; of several, the likest names."""
    went: dict[str, list[str]] = defaultdict(list)
    for path in by_path.removed:
        if before[path].size:
            went[before[path].sha256].append(path)
    came = [path for path in by_path.added if after[path].sha256 in went]
    for by_name in (True, False):
        for path in came[:]:
            olds = went[after[path].sha256]
            origin = next((old for old in olds if not by_name or _name(old) == _name(path)), None)
            if origin is not None:
                olds.remove(origin)
                came.remove(path)
                yield path, origin


def split_of(
    lines: Whereabouts, by_path: Changes, gone: Mapping[str, int]
) -> tuple[dict[str, tuple[str, ...]], Flows]:
    """Return the memories whose lines are in several now, with those; and which lines went where, of all."""
    added, changed = set(by_path.added), set(by_path.changed)
    split: dict[str, tuple[str, ...]] = {}
    flows: Flows = {}
    for path in (*gone, *by_path.changed):
        flows[path] = defaultdict(_Flow)
        went = 0
        for one in lines.outcomes(path):
            went += one.size * one.tells
            if one.tells and one.is_new and one.path != path:
                flow = flows[path][one.path]
                flow.size += one.size
                flow.count += 1
                flow.numbers += one.to_line or 0
        total, _ = lines.sizes(path)
        if not total:
            continue
        parts = {into: flow.size / total for into, flow in flows[path].items()}
        others = tuple(
            sorted(
                into
                for into, share in parts.items()
                if share >= _PART and (path not in changed or into in added)
            )
        )
        stays = 1 - went / total
        is_split = len(others) + (stays >= _PART) > 1 and stays + sum(parts[into] for into in others) >= _MOST
        if others and is_split:
            split[path] = others
    return split, flows


def came_of(
    lines: Whereabouts, by_path: Changes, gone: Mapping[str, int], flows: Flows
) -> dict[str, tuple[str, ...]]:
    """
    Return memories that came of one or several that are gone: their paths, with the origins in their order.

    :param gone: bytes of each memory that is gone.
    """
    groups: dict[str, list[tuple[float, str]]] = defaultdict(list)
    for path in gone:
        total, _ = lines.sizes(path)
        into = max(flows[path], key=lambda home: (flows[path][home].size, home), default=None)
        if into is not None and flows[path][into].size >= _MOST * total:
            groups[into].append((flows[path][into].numbers / flows[path][into].count, path))
    found: dict[str, tuple[str, ...]] = {}
    changed = set(by_path.changed)
    for path, group in groups.items():
        _, own = lines.sizes(path)
        if path in changed:
            group.append((lines.middle(path), path))
        elif len(group) == 1 and flows[group[0][1]][path].size < _OWN * own:
            continue
        group.sort()
        held = accumulate(gone.get(origin, 0) for _, origin in group)
        found[path] = tuple(
            origin for (_, origin), size in zip(group, held, strict=True) if size <= _MERGED or origin == path
        )
    return found


def in_other_words(
    gone: Sequence[str], new: Sequence[str], sketches: Mapping[str, frozenset[int]]
) -> dict[str, tuple[str, ...]]:
    """Return new memories that are old ones by their words, though hardly a line tells."""
    filed: dict[int | str, list[str]] = defaultdict(list)
    for path in new:
        for key in _keys(path, sketches):
            filed[key].append(path)
    likes: list[tuple[float, bool, str, str]] = []
    for origin in gone:
        alike = (filed.get(key, []) for key in _keys(origin, sketches))
        shared = Counter(path for paths in alike if len(paths) <= _COMMON for path in paths)
        for path, _ in shared.most_common(_LIKEST):
            likeness = _resemblance(sketches[origin], sketches[path])
            if likeness >= _SKETCH_ALIKE:
                likes.append((likeness, _name(origin) == _name(path), path, origin))
    found: dict[str, tuple[str, ...]] = {}
    used: set[str] = set()
    for _, _, path, origin in sorted(likes, reverse=True):
        if path not in found and origin not in used:
            found[path] = (origin,)
            used.add(origin)
    return found


def _keys(path: str, sketches: Mapping[str, frozenset[int]]) -> list[int | str]:
    return [*sketches[path], _name(path)]


def _resemblance(one: frozenset[int], other: frozenset[int]) -> float:
    """Return the share of pairs of words that two texts have in common, told from their sketches."""
    smallest = nsmallest(_SKETCH, one | other)
    return sum(word in one and word in other for word in smallest) / len(smallest) if smallest else 0.0


def sketch_of(text: str) -> frozenset[int]:
    words = re.findall(r"\w+", text[:_HEAD].casefold())
    return frozenset(nsmallest(_SKETCH, {hash(pair) for pair in pairwise(words)}))


def _name(path: str) -> str:
    return path.rpartition("/")[2]
