"""Where two texts differ, as hunks of lines."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass, field, replace

from dreamflow.core.changes import lines_of
from dreamflow.core.text_lines import align, compared

__all__ = ["Hunk", "hunks_of", "joined"]

#: More hunks of one text than this are not shown one by one.
_HUNKS = 50


@dataclass(frozen=True)
class Hunk:
    """
    One place where a text differs from its base.

    :ivar removed: raw lines of the base that went, with their line ends.
    :ivar added: raw lines of the text that came.
    :ivar start: index of the first removed line in the base; of a pure insertion, of the line before which it stands.
    :ivar came: index of the first added line in the text; -1 where that is not known.
    """

    removed: tuple[str, ...]
    added: tuple[str, ...]
    start: int
    came: int = field(default=-1, compare=False, repr=False)


def hunks_of(base: str, current: str) -> tuple[Hunk, ...]:
    """Return where ``current`` differs from ``base``; as many lines for as many are one hunk each."""
    before, after = lines_of(base), lines_of(current)
    places = align([compared(line) for line in before], [compared(line) for line in after])
    hunks: list[Hunk] = []
    i = j = 0
    for n, place in enumerate([*places, len(after)]):
        if place is not None:
            hunks += _split(tuple(before[i:n]), tuple(after[j:place]), i, j)
            i, j = n + 1, place + 1
    return tuple(hunks)


def joined(hunks: Iterable[Hunk]) -> tuple[Hunk, ...]:
    """Return hunks with neighbours joined, for a person to read; all of them, where they are too many to tell apart."""
    together: list[list[Hunk]] = []
    for hunk in hunks:
        last = together[-1][-1] if together else None
        if last is not None and last.start + len(last.removed) == hunk.start:
            together[-1].append(hunk)
        else:
            together.append([hunk])
    if len(together) > _HUNKS:
        together = [[hunk for group in together for hunk in group]]
    return tuple(_as_one(group) for group in together)


def _as_one(hunks: Sequence[Hunk]) -> Hunk:
    removed = tuple(line for hunk in hunks for line in hunk.removed)
    return replace(hunks[0], removed=removed, added=tuple(line for hunk in hunks for line in hunk.added))


def _split(removed: tuple[str, ...], added: tuple[str, ...], start: int, came: int) -> Iterator[Hunk]:
    if len(removed) != len(added):
        yield Hunk(removed, added, start, came)
        return
    for n, (old, new) in enumerate(zip(removed, added, strict=True)):
        yield Hunk((old,), (new,), start + n, came + n)
