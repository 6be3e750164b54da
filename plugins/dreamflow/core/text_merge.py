"""
Three-way merge of texts, line by line: what a writer changed since a base, brought into what a dream made of it.

Three things hold for whatever is merged. A line that a side added is in the result, or in what is handed back as not
mergeable. A line that one side removed and the other left alone, or moved below the same headings, is gone. And a line
that both sides still hold below its headings is in the result, whichever of its copies each of them took out.

The alignment is difflib's, bounded. merge3 would do a part of this, but it is GPL, and this project Apache-2.0.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, replace

from rapidfuzz import fuzz, process

from dreamflow.core.changes import lines_of
from dreamflow.core.text_hunks import Hunk, hunks_of, joined
from dreamflow.core.text_lines import (
    LOOK_AT,
    Path,
    Text,
    below,
    compared,
    level,
    line_end,
    tells,
)
from dreamflow.core.text_output import Output

__all__ = ["Hunk", "Merged", "hunks_of", "joined", "lines_of", "merge"]

#: Comparisons of one merge, at most, that look for what became of a line; and the likeness, of 100, of a reworded one.
_LOOKS = 50_000
_REWORDED = 70


@dataclass(frozen=True)
class Merged:
    """
    :ivar text: the output with all hunks that could be applied.
    :ivar left: the others, with those added lines that the output does not hold already.
    :ivar gone: lines that both sides took out, a hunk each: the output's side may have put them elsewhere.
    """

    text: str
    left: tuple[Hunk, ...]
    gone: tuple[Hunk, ...] = ()


def merge(base: str, current: str, output: str, hunks: Sequence[Hunk] | None = None) -> Merged:
    """
    Bring what ``current`` changed since ``base`` into ``output``.

    Lines are compared without line end and trailing blanks, and written as they are, with the output's line end.

    :param hunks: those of ``hunks_of(base, current)`` to apply; None: all.
    """
    if hunks is None:
        if output == base:
            return Merged(current, ())
        if current == base:
            return Merged(output, ())
        hunks = hunks_of(base, current)
    before = Text(base)
    if current == output:
        removed = (n for hunk in hunks for n in range(hunk.start, hunk.start + len(hunk.removed)))
        return Merged(output, (), _gone(before, Text(current), removed))
    return _Merge(before, Output(before, Text(current)), Output(before, Text(output)), hunks).merged()


@dataclass
class _Group:
    """
    Added lines to put together.

    :ivar after: the output's own line to put them after, which the writer added too; None: at the hunk's place.
    """

    after: int | None
    lines: list[str]


class _Merge:
    """Applies hunks to an output, one after the other."""

    def __init__(self, base: Text, current: Output, output: Output, hunks: Sequence[Hunk]) -> None:
        self._base, self._current, self._output, self._hunks = base, current, output, hunks
        self._deleted: set[int] = set()
        self._stay: set[int] = set()
        self._inserted: dict[int, list[str]] = defaultdict(list)
        self._left: list[Hunk] = []
        self._gone: list[int] = []
        #: By region: up to where it is filled, and the headings that are open there.
        self._reached: dict[int, int] = {}
        self._opened: dict[int, set[Path]] = {}
        self._looks = _LOOKS
        self._moved = self._moves()
        self._settled = set(filter(self._is_settled, self._moved.values()))

    def merged(self) -> Merged:
        for hunk in self._hunks:
            self._apply(hunk)
        self._keep_one_of_copies()
        return Merged(self._text(), tuple(self._left), _gone(self._base, self._current.text, self._gone))

    def _keep_one_of_copies(self) -> None:
        """Keep a line of which each side took out another copy below the same headings: both still say it."""
        copies = defaultdict[tuple[Path, str], list[int]](list)
        for i, form in enumerate(self._base.forms):
            copies[self._base.paths[i], form].append(i)
        come = {compared(line) for added in self._inserted.values() for line in added}
        gone = self._deleted - self._stay
        for (_, form), indexes in copies.items():
            held = sorted(self._output.places[i] for i in indexes if i in self._output.places)
            is_left = form in come or not gone.issuperset(held)
            if held and not is_left and tells(form) and not self._current.places.keys().isdisjoint(indexes):
                self._stay.add(held[0])

    def _moves(self) -> dict[int, int]:
        """Return which lines of the base the hunks only move: their index by the one they have in ``current``."""
        gone = {n for hunk in self._hunks for n in range(hunk.start, hunk.start + len(hunk.removed))}
        known = [hunk for hunk in self._hunks if hunk.came >= 0]
        come = {n for hunk in known for n in range(hunk.came, hunk.came + len(hunk.added))}
        return {j: i for i, j in self._current.moved.items() if i in gone and j in come}

    def _is_settled(self, index: int) -> bool:
        """
        Tell of a line that the writer moved whether the output has the say on it: it moved it too, or changed it.

        Or removed it; but not where the writer filed it below another heading. A line that one side takes from where
        it is wrong, and the other puts where it is right, is right.
        """
        out = self._output
        if index in out.places:
            return index in out.moved
        return index not in self._current.refiled or not out.only_removed(index)

    def _apply(self, hunk: Hunk) -> None:
        out, places = self._output, self._output.places
        removed = [i for i in range(hunk.start, hunk.start + len(hunk.removed)) if i not in self._settled]
        refiled = [i for i in removed if i in out.refiled and self._current.only_removed(i)]
        standing = [places[i] for i in removed if i in places and i not in refiled]
        gone = [i for i in removed if i not in places and tells(self._base.forms[i])]
        self._deleted.update(standing)
        groups = self._fresh(hunk, standing, conflicts=bool(gone))
        rest = tuple(line for group in groups for line in group.lines)
        if not gone:
            self._put(hunk, standing, groups)
        if gone and any(map(compared, rest)):
            self._left.append(replace(hunk, added=rest))
        elif refiled or (gone and not self._replaces(hunk) and self._reworded(gone)):
            self._left.append(replace(hunk, added=()))
        else:
            self._gone += gone

    def _replaces(self, hunk: Hunk) -> bool:
        """Tell whether a hunk has more to say than that lines are gone."""
        added = enumerate(hunk.added)
        return any(tells(compared(line)) and self._came_from(hunk, n) is None for n, line in added)

    def _fresh(self, hunk: Hunk, standing: Sequence[int], *, conflicts: bool) -> list[_Group]:
        """Return the added lines but those that the output's side added too, or that stay where it has them."""
        out = self._output
        region = out.region_after(out.before[hunk.start])
        anchor = standing[0] if standing else self._moved_anchor(hunk)
        regions = {region, *map(out.region_of, standing if anchor is None else [*standing, anchor])}
        paths = self._open_paths(hunk, region) if anchor is None else {out.text.opened[anchor]}
        groups = [_Group(None, [])]
        for n, line in enumerate(hunk.added):
            form = compared(line)
            above = {below(path, form)[0] for path in paths} | self._path_of(hunk, n)
            paths = {below(path, form)[1] for path in paths}
            came_from = self._came_from(hunk, n)
            if came_from is not None and (conflicts or came_from in self._settled):
                taken = out.places.get(came_from)
                if taken is not None:
                    self._stay.add(taken)
                elif came_from in self._settled:
                    continue
            else:
                taken = out.take(form, above, regions) if tells(form) else self._next(groups[-1], form)
            if taken is None:
                groups[-1].lines.append(line)
            else:
                groups.append(_Group(taken, []))
        if anchor is None:
            self._opened[region] = paths
        where = None if conflicts else regions
        return [group for group in groups if not self._is_there(group.lines, where, common=len(groups) > 1)]

    def _path_of(self, hunk: Hunk, n: int) -> set[Path]:
        return {self._current.text.paths[hunk.came + n]} if hunk.came >= 0 else set()

    def _came_from(self, hunk: Hunk, n: int) -> int | None:
        """Return which line of the base an added line is, where the writer only moved it."""
        return self._moved.get(hunk.came + n) if hunk.came >= 0 else None

    def _open_paths(self, hunk: Hunk, region: int) -> set[Path]:
        """Return the headings below which lines put into a region may come to stand, as far as can be told."""
        if region in self._opened:
            return self._opened[region]
        out = self._output
        at_its_end = {out.text.opened[out.end_of(region)]} if self._goes_last(hunk) else set()
        return {out.text.opened[region + 1]} | at_its_end

    def _next(self, group: _Group, form: str) -> int | None:
        """Return the line after the one that both sides added, where it is another that both added."""
        if group.after is None or group.lines:
            return None
        return group.after + 1 if self._output.is_own(group.after + 1, form) else None

    def _is_there(self, lines: Sequence[str], regions: set[int] | None, *, common: bool) -> bool:
        """Tell whether lines add nothing: rules that the output's side added too, blank ones beside common lines."""
        forms = {compared(line) for line in lines}
        if any(map(tells, forms)):
            return False
        return self._output.has_rules(forms - {""} if common else forms, regions)

    def _put(self, hunk: Hunk, standing: Sequence[int], groups: Sequence[_Group]) -> None:
        out = self._output
        for group in groups:
            if group.after is not None:
                place = self._walk(out.region_of(group.after + 1), group.after + 1, group.lines)
            elif standing:
                place = standing[0]
            else:
                place = self._place(hunk, group.lines)
            self._inserted[place] += group.lines

    def _place(self, hunk: Hunk, lines: Sequence[str]) -> int:
        """Return before which line of the output to put what stood between two lines of the base."""
        out = self._output
        region = out.region_after(out.before[hunk.start])
        anchor = self._moved_anchor(hunk)
        if anchor is not None:
            return anchor
        follows, leads = self._stand_in_order(hunk)
        end = hunk.start + len(hunk.removed)
        if self._goes_last(hunk):
            self._reached[region] = out.end_of(region)
        elif follows and not leads and end < len(self._base):
            self._reached.setdefault(region, region + 1)
        else:
            return self._walk(region, region + 1, lines)
        return self._reached[region]

    def _moved_anchor(self, hunk: Hunk) -> int | None:
        """Return the place beside a neighbour that the output's side moved, where that tells more than the order."""
        before, after = hunk.start - 1, hunk.start + len(hunk.removed)
        follows, leads = self._stand_in_order(hunk)
        elsewhere = self._output.moved
        if not follows and before in elsewhere and self._is_item(before) > (leads and self._is_item(after)):
            return elsewhere[before] + 1
        return elsewhere.get(after) if not follows and not leads else None

    def _stand_in_order(self, hunk: Hunk) -> tuple[bool, bool]:
        """Tell of the lines right before and right after a hunk whether they stand in the output, unmoved."""
        end = hunk.start + len(hunk.removed)
        before, after = self._output.before[hunk.start], self._output.after[end]
        return before is not None and before == hunk.start - 1, after is not None and after == end

    def _goes_last(self, hunk: Hunk) -> bool:
        """Tell whether a hunk's lines go to the end of their region: there only what follows them is known."""
        follows, leads = self._stand_in_order(hunk)
        return self._output.before[hunk.start] is None or (leads and not follows)

    def _is_item(self, index: int) -> bool:
        form = self._base.forms[index]
        return tells(form) and level(form) == 7

    def _walk(self, region: int, start: int, lines: Sequence[str]) -> int:
        """
        Return where in a region to put lines: after what the output's side put there, as far as it belongs together.

        A new section of the output's side is not entered, nor a new paragraph, unless the lines begin one themselves.
        """
        forms = [compared(line) for line in lines]
        own = level(next(filter(None, forms), ""))
        place = start = max(start, self._reached.get(region, 0))
        end = self._output.end_of(region)
        theirs = self._output.text.forms
        while place < end and level(theirs[place]) >= own and (theirs[place] or not forms[0] or own < 7):
            place += 1
        if place < end and not forms[0]:
            while place > start and not theirs[place - 1]:
                place -= 1
        self._reached[region] = place
        return place

    def _reworded(self, gone: Sequence[int]) -> bool:
        """Tell whether the output's side reworded one of the lines; where that takes too long to tell, say so."""
        own = self._output.own_forms
        for i in gone:
            self._looks -= len(own)
            if self._looks < 0:
                return True
            form = self._base.forms[i][:LOOK_AT]
            if process.extractOne(form, own, scorer=fuzz.ratio, score_cutoff=_REWORDED):
                return True
        return False

    def _text(self) -> str:
        lines: list[str] = []
        end = line_end(self._output.text.lines)
        for n in range(len(self._output.text) + 1):
            lines += (_ended(added, end) for added in self._inserted.get(n, ()))
            if n not in self._deleted or n in self._stay:
                lines += self._output.text.lines[n : n + 1]
        whole = (line if line.endswith("\n") else line + (end or "\n") for line in lines[:-1])
        return "".join([*whole, *lines[-1:]])


def _gone(base: Text, current: Text, removed: Iterable[int]) -> tuple[Hunk, ...]:
    """Return those of some lines of the base that the writer's text says no more, a hunk each."""
    said = set(current.forms)
    gone = (n for n in removed if tells(base.forms[n]) and base.forms[n] not in said)
    return tuple(Hunk((base.lines[n],), (), n) for n in gone)


def _ended(line: str, end: str | None) -> str:
    """Return a line with another line end, if it has one."""
    return line[:-1].removesuffix("\r") + end if end and line.endswith("\n") else line
