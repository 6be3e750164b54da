"""Which lines of a text stay, which go and come, and which of those are one line reworded: the ground of every diff."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from itertools import chain, count, filterfalse
from typing import NamedTuple

from rapidfuzz import fuzz
from rapidfuzz.distance import Indel

from dreamflow.core.changes import BoundedMatcher
from dreamflow.core.text_lines import LOOK_AT, STEPS, tells

__all__ = ["Pair", "Run", "equal_parts", "pairs_of", "runs_of"]

#: Cells of the matrix in which the longest common part is looked for, a bit each: 50 MB.
_CELLS = 400_000_000
#: The likeness, of 100, from which a line passes for another one reworded.
_ALIKE = 50.0


class Run(NamedTuple):
    """Lines that went, and those that came in their place, as far as no line between them stays; indexes from 0."""

    before_start: int
    before_end: int
    after_start: int
    after_end: int


class Pair(NamedTuple):
    """A line that went and the one that took its place, by their indexes; ``is_alike``: one is the other, reworded."""

    before: int
    after: int
    is_alike: bool


def runs_of(before: Sequence[str], after: Sequence[str]) -> list[Run]:
    """
    Return where two texts differ, in order.

    As many lines as can be stay. Blank lines and rules stay only beside one that says something: a rewritten
    paragraph is shown as one, not in pieces around the blank lines that it has in common with the old one.
    """
    runs: list[Run] = []
    i = j = 0
    for a, b, size in [*_staying(before, after), (len(before), len(after), 0)]:
        if a > i or b > j:
            runs.append(Run(i, a, j, b))
        i, j = a + size, b + size
    return runs


def equal_parts(before: Sequence[int], after: Sequence[int]) -> Iterator[tuple[int, int, int]]:
    """Yield the longest common part of two sequences, in blocks: (index, index, size)."""
    if len(before) * len(after) <= _CELLS:
        for code in Indel.opcodes(before, after):
            if code.tag == "equal":
                yield code.src_start, code.dest_start, code.src_end - code.src_start
        return
    matcher = BoundedMatcher([*map(str, before)], [*map(str, after)], STEPS)
    yield from ((block.a, block.b, block.size) for block in matcher.get_matching_blocks() if block.size)


def _staying(before: Sequence[str], after: Sequence[str]) -> Iterator[tuple[int, int, int]]:
    """Yield the lines that stay, in blocks: (index, index, size). Two blocks may touch, and one be empty."""
    head = _same(before, after, 0, len(before), 0, len(after))
    tail = _same_at_end(before, after, head, len(before), head, len(after))
    a_end, b_end = len(before) - tail, len(after) - tail
    yield 0, 0, head
    yield from _between(before, after, (head, a_end), (head, b_end))
    yield a_end, b_end, tail


def _between(
    before: Sequence[str], after: Sequence[str], a_span: tuple[int, int], b_span: tuple[int, int]
) -> Iterator[tuple[int, int, int]]:
    if a_span[0] == a_span[1] or b_span[0] == b_span[1]:
        return
    olds, news = before[slice(*a_span)], after[slice(*b_span)]
    # A number for each line that says something: the same for the same line.
    numbers = dict(zip(dict.fromkeys(chain(olds, news)), count(), strict=False))
    for silent in [*filterfalse(tells, numbers)]:
        del numbers[silent]
    a_told, a_forms = _numbered(olds, a_span[0], numbers)
    b_told, b_forms = _numbered(news, b_span[0], numbers)
    blocks = (
        block
        for a, b, size in equal_parts(a_forms, b_forms)
        for block in _solid(before, after, a_told[a : a + size], b_told[b : b + size])
    )
    i, j = a_span[0], b_span[0]
    for a, b, size in [*blocks, (a_span[1], b_span[1], 0)]:
        # Between two blocks, only what touches one stays: blank lines, mostly.
        head = _same(before, after, i, a, j, b)
        tail = _same_at_end(before, after, i + head, a, j + head, b)
        yield i, j, head
        yield a - tail, b - tail, tail + size
        i, j = a + size, b + size


def _numbered(lines: Sequence[str], start: int, numbers: Mapping[str, int]) -> tuple[list[int], list[int]]:
    """Return the indexes of the lines that say something, and the number of each."""
    told = [n for n, line in enumerate(lines) if line in numbers]
    return [start + n for n in told], [numbers[lines[n]] for n in told]


def _solid(
    before: Sequence[str], after: Sequence[str], a_told: Sequence[int], b_told: Sequence[int]
) -> Iterator[tuple[int, int, int]]:
    """Yield lines that say the same on both sides; with those between them, where they are the same too."""
    (a, a_end), (b, b_end) = ((told[0], told[-1] + 1) for told in (a_told, b_told))
    if before[a:a_end] == after[b:b_end]:
        yield a, b, a_end - a
    else:
        yield from ((i, j, 1) for i, j in zip(a_told, b_told, strict=True))


def _same(a: Sequence[str], b: Sequence[str], i: int, i_end: int, j: int, j_end: int) -> int:
    """Return how many lines are the same from the starts on."""
    length = min(i_end - i, j_end - j)
    return next((n for n in range(length) if a[i + n] != b[j + n]), length)


def _same_at_end(a: Sequence[str], b: Sequence[str], i: int, i_end: int, j: int, j_end: int) -> int:
    length = min(i_end - i, j_end - j)
    return next((n for n in range(length) if a[i_end - 1 - n] != b[j_end - 1 - n]), length)


def pairs_of(removed: Sequence[str], added: Sequence[str], *, block: int = 40) -> list[Pair]:
    """
    Return which added line takes the place of which removed one, in order, by likeness.

    As many for as many between two such pairs are paired too, unlike as they are.

    :param block: lines that are compared each with each: effort grows with its square.
    """
    pairs: list[Pair] = []
    i = j = 0
    alike = _alike(removed, added, block) if len(removed) != 1 or len(added) != 1 else []
    for a, b in [*alike, (len(removed), len(added))]:
        if a - i == b - j:
            pairs += (Pair(i + n, j + n, _likeness(removed[i + n], added[j + n]) > 0) for n in range(a - i))
        if a < len(removed):
            pairs.append(Pair(a, b, True))
        i, j = a + 1, b + 1
    return pairs


def _alike(removed: Sequence[str], added: Sequence[str], block: int) -> Iterator[tuple[int, int]]:
    for start in range(0, min(len(removed), len(added)), block):
        end = start + block
        for a, b in _best(removed[start:end], added[start:end]):
            yield start + a, start + b


def _best(removed: Sequence[str], added: Sequence[str]) -> list[tuple[int, int]]:
    """Return the pairs, in order, that are most alike taken together."""
    gains = [[_likeness(old, new) for new in added] for old in removed]
    best = [[0.0] * (len(added) + 1) for _ in range(len(removed) + 1)]
    for a, row in enumerate(gains):
        for b, gain in enumerate(row):
            with_pair = best[a][b] + gain if gain else 0.0
            best[a + 1][b + 1] = max(best[a][b + 1], best[a + 1][b], with_pair)
    pairs: list[tuple[int, int]] = []
    a, b = len(removed), len(added)
    while a and b:
        if best[a][b] == best[a - 1][b]:
            a -= 1
        elif best[a][b] == best[a][b - 1]:
            b -= 1
        else:
            a, b = a - 1, b - 1
            pairs.append((a, b))
    return pairs[::-1]


def _likeness(old: str, new: str) -> float:
    """Return by how much, of 100, two lines are more alike than what passes for reworded; 0 where they are less."""
    score = fuzz.ratio(old[:LOOK_AT], new[:LOOK_AT], score_cutoff=_ALIKE)
    return score - _ALIKE + 1 if score else 0.0
