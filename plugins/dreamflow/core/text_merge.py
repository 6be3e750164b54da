"""
Three-way merge of texts, line by line: what a writer changed since a base, brought into what a dream made of it.

Two things hold for whatever is merged. A line that a side added is in the result, or in what is handed back as not
mergeable. And a line that one side removed and the other left alone, moved or not, is gone.

The alignment is difflib's, bounded. merge3 would do a part of this, but it is GPL, and this project Apache-2.0.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field, replace

from rapidfuzz import fuzz, process

from dreamflow.core.changes import lines_of
from dreamflow.core.text_lines import LOOK_AT, Text, align, below, compared, level, line_end, moved, tells
from dreamflow.core.text_output import Output

__all__ = ["Hunk", "Merged", "hunks_of", "lines_of", "merge"]

#: Comparisons of one merge, at most, that look for what became of a line; and the likeness, of 100, of a reworded one.
_LOOKS = 50_000
_REWORDED = 70


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


@dataclass(frozen=True)
class Merged:
    """
    :ivar text: the output with all hunks that could be applied.
    :ivar left: the others, with those added lines that the output does not hold already.
    """

    text: str
    left: tuple[Hunk, ...]


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


def merge(base: str, current: str, output: str, hunks: Sequence[Hunk] | None = None) -> Merged:
    """
    Bring what ``current`` changed since ``base`` into ``output``.

    Lines are compared without line end and trailing blanks, and written as they are, with the output's line end.

    :param hunks: those of ``hunks_of(base, current)`` to apply; None: all.
    """
    if hunks is None:
        if output == base:
            return Merged(current, ())
        if current in (base, output):
            return Merged(output, ())
        hunks = hunks_of(base, current)
    return _Merge(Text(base), Text(current), Output(Text(base), Text(output)), hunks).merged()


def _split(removed: tuple[str, ...], added: tuple[str, ...], start: int, came: int) -> Iterator[Hunk]:
    if len(removed) != len(added):
        yield Hunk(removed, added, start, came)
        return
    for n, (old, new) in enumerate(zip(removed, added, strict=True)):
        yield Hunk((old,), (new,), start + n, came + n)


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

    def __init__(self, base: Text, current: Text, output: Output, hunks: Sequence[Hunk]) -> None:
        self._base, self._current, self._output, self._hunks = base, current, output, hunks
        self._deleted: set[int] = set()
        self._inserted: dict[int, list[str]] = defaultdict(list)
        self._left: list[Hunk] = []
        self._reached: dict[int, int] = {}
        self._looks = _LOOKS
        self._settled = self._settled_moves()

    def merged(self) -> Merged:
        for hunk in self._hunks:
            self._apply(hunk)
        return Merged(self._text(), tuple(self._left))

    def _settled_moves(self) -> dict[int, int]:
        """Return what the writer moved, and the output's side moved or removed: there its word holds."""
        gone = (n for hunk in self._hunks for n in range(hunk.start, hunk.start + len(hunk.removed)))
        known = [hunk for hunk in self._hunks if hunk.came >= 0]
        come = (n for hunk in known for n in range(hunk.came, hunk.came + len(hunk.added)))
        out = self._output
        pairs = moved(self._base, gone, self._current, come)
        return {i: j for i, j in pairs.items() if i not in out.places or i in out.moved}

    def _apply(self, hunk: Hunk) -> None:
        end = hunk.start + len(hunk.removed)
        removed = [i for i in range(hunk.start, end) if i not in self._settled]
        standing = [i for i in removed if i in self._output.places]
        telling = [i for i in removed if tells(self._base.forms[i])]
        gone = [i for i in telling if i not in self._output.places]
        self._deleted.update(self._output.places[i] for i in standing)
        dropped = set(self._settled.values()) if hunk.came >= 0 else set()
        added = [line for n, line in enumerate(hunk.added, hunk.came) if n not in dropped]
        groups = self._fresh(hunk.start, standing, added, anywhere=bool(gone))
        if not gone:
            self._put(hunk.start, end, standing, groups)
        elif rest := tuple(line for group in groups for line in group.lines):
            self._left.append(replace(hunk, added=rest))
        elif not any(tells(compared(line)) for line in added) and self._reworded(gone):
            self._left.append(replace(hunk, added=()))

    def _fresh(
        self, start: int, standing: Sequence[int], added: Sequence[str], anywhere: bool
    ) -> list[_Group]:
        """Return the added lines but those that the output's side added too."""
        out = self._output
        regions = {out.region_after(out.before[start]), *(out.region_of(out.places[i]) for i in standing)}
        path = out.text.opened[
            out.places[standing[0]] if standing else out.region_after(out.before[start]) + 1
        ]
        groups = [_Group(None, [])]
        for line in added:
            form = compared(line)
            above, path = below(path, form)
            taken = out.take(form, above, regions, anywhere) if tells(form) else self._next(groups[-1], form)
            if taken is None:
                groups[-1].lines.append(line)
            else:
                groups.append(_Group(taken, []))
        common = len(groups) > 1
        return [group for group in groups if not self._is_there(group.lines, regions, common)]

    def _next(self, group: _Group, form: str) -> int | None:
        """Return the line after the one that both sides added, where it is another that both added."""
        if group.after is None or group.lines:
            return None
        return group.after + 1 if self._output.is_own(group.after + 1, form) else None

    def _is_there(self, lines: Sequence[str], regions: set[int], common: bool) -> bool:
        """Tell whether lines add nothing: rules that the output's side added too, blank ones beside common lines."""
        forms = {compared(line) for line in lines}
        if any(map(tells, forms)):
            return False
        return self._output.has_rules(forms - {""} if common else forms, regions)

    def _put(self, start: int, end: int, standing: Sequence[int], groups: Sequence[_Group]) -> None:
        out = self._output
        for group in groups:
            if group.after is not None:
                place = self._walk(out.region_of(group.after + 1), group.after + 1, group.lines)
            elif standing:
                place = out.places[standing[0]]
            else:
                place = self._place(start, end, group.lines)
            self._inserted[place] += group.lines

    def _place(self, start: int, end: int, lines: Sequence[str]) -> int:
        """Return before which line of the output to put what stood between two lines of the base."""
        out = self._output
        before, after = out.before[start], out.after[end]
        region = out.region_after(before)
        follows, leads = before is not None and before == start - 1, after is not None and after == end
        if (
            not follows
            and start - 1 in out.moved
            and self._is_item(start - 1) > (leads and self._is_item(end))
        ):
            return out.moved[start - 1] + 1
        if not follows and not leads and end in out.moved:
            return out.moved[end]
        if before is None or (leads and not follows):
            self._reached[region] = out.end_of(region)
        elif follows and not leads and end < len(self._base):
            self._reached.setdefault(region, region + 1)
        else:
            return self._walk(region, region + 1, lines)
        return self._reached[region]

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
            if n not in self._deleted:
                lines += self._output.text.lines[n : n + 1]
        whole = (line if line.endswith("\n") else line + (end or "\n") for line in lines[:-1])
        return "".join([*whole, *lines[-1:]])


def _ended(line: str, end: str | None) -> str:
    """Return a line with another line end, if it has one."""
    return line.rstrip("\r\n") + end if end and line.endswith("\n") else line
