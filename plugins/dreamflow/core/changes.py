"""What differs between two stores: by checksum first, by line where it is shown to a person."""

from __future__ import annotations

import difflib
import hashlib
import json
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from itertools import accumulate, takewhile

from dreamflow.core.objects import Listing

__all__ = ["BoundedMatcher", "Changes", "compare", "digest", "lines_of", "unified_diff"]

#: Lines, and pairs of equal lines, that one diff looks at, at most. Looking for the longest match is cubic where few
#: lines come again and again: two tables of 28 kB took 10 s, two of 100 kB minutes. Five million steps are half a
#: second; a review has room for a hundred diffs, which makes a minute. Two memories of 100 kB that differ in every
#: third line take 74,000.
_DIFF_STEPS = 5_000_000


@dataclass(frozen=True)
class Changes:
    added: tuple[str, ...]
    changed: tuple[str, ...]
    removed: tuple[str, ...]
    unchanged: int

    def __iter__(self) -> Iterator[tuple[str, str]]:
        """Yield (kind, path): removed first, because they ask for the most care."""
        yield from (("removed", path) for path in self.removed)
        yield from (("changed", path) for path in self.changed)
        yield from (("added", path) for path in self.added)

    def counts(self) -> dict[str, int]:
        return {
            "added": len(self.added),
            "changed": len(self.changed),
            "removed": len(self.removed),
            "unchanged": self.unchanged,
        }


def compare(before: Listing, after: Listing) -> Changes:
    """Compare two listings by path and checksum."""
    common = before.keys() & after.keys()
    changed = sorted(path for path in common if before[path].sha256 != after[path].sha256)
    return Changes(
        added=tuple(sorted(after.keys() - before.keys())),
        changed=tuple(changed),
        removed=tuple(sorted(before.keys() - after.keys())),
        unchanged=len(common) - len(changed),
    )


def digest(listing: Listing) -> str:
    """Return one checksum for every path and byte of a store: what a review's approval is bound to."""
    rows = [[path, listing[path].sha256] for path in sorted(listing)]
    return hashlib.sha256(json.dumps(rows, ensure_ascii=False).encode()).hexdigest()


def unified_diff(path: str, before: str, after: str, *, context: int = 2) -> list[str]:
    """
    Return the unified diff of one memory, without line ends. A side that is not there is an empty text.

    Only a newline ends a line, so that a change of line ends alone shows; a last line without one is said so, as
    ``diff`` does: in a line that begins like none of the text's own.
    """
    shown: list[str] = []
    for line in _hunks(BoundedMatcher(lines_of(before), lines_of(after)), context):
        if line.endswith("\n"):
            shown.append(line[:-1])
        else:
            shown += [line, "\\ No newline at the end"]
    return [f"--- before {path}", f"+++ after {path}", *shown] if shown else []


class BoundedMatcher(difflib.SequenceMatcher[str]):
    """
    Matches as its base does, as far as the steps go that a diff may take.

    A search that would go beyond is not made: that part is matched at its two ends only, and what lies between them
    shows as replaced whole.

    :param steps: how many steps to go, instead of those of a diff.
    :ivar steps_left: how many are left.
    """

    a: Sequence[str]
    b: Sequence[str]
    b2j: dict[str, list[int]]

    def __init__(self, before: Sequence[str], after: Sequence[str], steps: int | None = None) -> None:
        super().__init__(None, before, after)
        costs = (1 + len(self.b2j.get(line, ())) for line in before)
        self._steps_until = list(accumulate(costs, initial=0))
        self.steps_left = _DIFF_STEPS if steps is None else steps

    def find_longest_match(
        self, alo: int = 0, ahi: int | None = None, blo: int = 0, bhi: int | None = None
    ) -> difflib.Match:
        ahi = len(self.a) if ahi is None else ahi
        bhi = len(self.b) if bhi is None else bhi
        steps = self._steps_until[ahi] - self._steps_until[alo]
        if steps > self.steps_left:
            return self._match_at_an_end(alo, ahi, blo, bhi)
        self.steps_left -= steps
        return super().find_longest_match(alo, ahi, blo, bhi)

    def _match_at_an_end(self, alo: int, ahi: int, blo: int, bhi: int) -> difflib.Match:
        length = min(ahi - alo, bhi - blo)
        head = takewhile(lambda n: self.a[alo + n] == self.b[blo + n], range(length))
        if size := sum(1 for _ in head):
            return difflib.Match(alo, blo, size)
        tail = takewhile(lambda n: self.a[ahi - 1 - n] == self.b[bhi - 1 - n], range(length))
        size = sum(1 for _ in tail)
        return difflib.Match(ahi - size, bhi - size, size)


def _hunks(matcher: BoundedMatcher, context: int) -> Iterator[str]:
    """Yield what ``difflib.unified_diff`` does after the names: it takes no matcher but its own."""
    for group in matcher.get_grouped_opcodes(context):
        (_, a_from, _, b_from, _), (_, _, a_to, _, b_to) = group[0], group[-1]
        yield f"@@ -{_range(a_from, a_to)} +{_range(b_from, b_to)} @@\n"
        for kind, alo, ahi, blo, bhi in group:
            if kind == "equal":
                yield from (f" {line}" for line in matcher.a[alo:ahi])
            else:
                yield from (f"-{line}" for line in matcher.a[alo:ahi])
                yield from (f"+{line}" for line in matcher.b[blo:bhi])


def _range(start: int, stop: int) -> str:
    """Return lines as a hunk names them: the first, from 1, and how many; an empty range lies after its line."""
    length = stop - start
    if length == 1:
        return str(start + 1)
    return f"{start + 1 if length else start},{length}"


def lines_of(text: str) -> list[str]:
    """Split at newlines only, and keep them."""
    *lines, rest = text.split("\n")
    return [f"{line}\n" for line in lines] + ([rest] if rest else [])
