"""What a dream made of a text: where its lines stand now, and which are the dream's own."""

from __future__ import annotations

from collections import defaultdict, deque
from collections.abc import Iterable
from functools import cached_property

from dreamflow.core.text_lines import LOOK_AT, Path, Text, align, moved, specific, tells

__all__ = ["Output"]


class Output:
    """
    The output, and what became of the base in it.

    A *region* is what lies between two lines of the base that stand in the output in order. It is named by the index
    of the first of the two in the output, or -1.

    :ivar places: where each line of the base stands in the output, moved ones included.
    :ivar moved: those of them that were moved.
    :ivar refiled: those of them that stand below other headings now.
    :ivar before: for each gap of the base the nearest line before it that stands in order, or None.
    :ivar after: the same, after it.
    """

    def __init__(self, base: Text, text: Text) -> None:
        self.text = text
        places = align(base.forms, text.forms)
        kept = {i: j for i, j in enumerate(places) if j is not None}
        come = set(range(len(text))) - set(kept.values())
        self.moved = moved(base, (i for i, j in enumerate(places) if j is None), text, come)
        self.places = kept | self.moved
        self.before = _nearest(kept, range(len(base)))
        self.after = _nearest(kept, range(len(base) - 1, -1, -1))[::-1]
        self.refiled = {i for i, j in self.moved.items() if base.paths[i] != text.paths[j]}
        self._own = come - set(self.moved.values())
        self._name_regions(set(kept.values()))
        self._index_own()

    def _name_regions(self, kept: set[int]) -> None:
        self._regions: list[int] = []
        self._ends: dict[int, int] = {}
        region = -1
        for n in range(len(self.text)):
            if n in kept:
                self._ends[region] = n
                region = n
            self._regions.append(region)
        self._ends[region] = len(self.text)

    def _index_own(self) -> None:
        self._taken: set[int] = set()
        self._by_region: dict[tuple[int, Path, str], deque[int]] = defaultdict(deque)
        self._by_path: dict[tuple[Path, str], deque[int]] = defaultdict(deque)
        self._rules: dict[int, set[str]] = defaultdict(set)
        self._speaking: set[int] = set()
        for n in sorted(self._own):
            form, path = self.text.forms[n], self.text.paths[n]
            if tells(form):
                self._by_region[self._regions[n], path, form].append(n)
                self._speaking.add(self._regions[n])
            else:
                self._rules[self._regions[n]].add(form)
            if specific(form):
                self._by_path[path, form].append(n)

    @cached_property
    def own_forms(self) -> list[str]:
        """The lines that the output's side added, as they are compared by likeness."""
        forms = (self.text.forms[n] for n in sorted(self._own))
        return [form[:LOOK_AT] for form in forms if tells(form)]

    def is_own(self, n: int, form: str) -> bool:
        """Tell whether line ``n`` is one that the output's side added, and reads so."""
        return n in self._own and self.text.forms[n] == form

    def only_removed(self, index: int) -> bool:
        """Tell whether nothing of the output's own stands where a line of the base did."""
        return self.region_after(self.before[index]) not in self._speaking

    def region_of(self, n: int) -> int:
        """Return the region of a line put right before line ``n``."""
        return self._regions[n - 1] if n else -1

    def region_after(self, index: int | None) -> int:
        """Return the region after a line of the base that stands in order; None: before the first."""
        return -1 if index is None else self.places[index]

    def end_of(self, region: int) -> int:
        """Return the index of the first line after a region."""
        return self._ends[region]

    def take(self, form: str, paths: set[Path], regions: set[int]) -> int | None:
        """
        Return the index of a line that the output's side added too, each once; None where there is none.

        :param paths: the headings that may stand above the line.
        :param regions: where any such line will do; elsewhere it must be a specific one.
        """
        in_order = sorted(paths)
        found = [self._by_region.get((region, path, form)) for region in sorted(regions) for path in in_order]
        found += [self._by_path.get((path, form)) for path in in_order]
        for indexes in found:
            while indexes:
                n = indexes.popleft()
                if n not in self._taken:
                    self._taken.add(n)
                    return n
        return None

    def has_rules(self, forms: set[str], regions: set[int] | None = None) -> bool:
        """Tell whether the output's side added these lines, which tell nothing, in these regions; None: anywhere."""
        known = self._rules.values() if regions is None else (self._rules[region] for region in regions)
        return forms <= set().union(*known)


def _nearest(kept: dict[int, int], indexes: Iterable[int]) -> list[int | None]:
    """Return for each gap on a way along the base which kept line was passed last."""
    nearest: list[int | None] = [None]
    for i in indexes:
        nearest.append(i if i in kept else nearest[-1])
    return nearest
