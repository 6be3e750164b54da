"""One memory's diff as the page shows it: hunks of rows, side by side or one column, a page of them at a time."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from itertools import groupby
from typing import Literal

from dreamflow.core.diffs import Hunk, Piece, Row, hunks_of
from dreamflow.core.review import Fate
from dreamflow.rendering.segments import Mark, MaskedLines, Segment

__all__ = ["Cell", "DiffPage", "Gap", "ShownHunk", "ShownRow", "View", "diff_page", "gap_rows"]

View = Literal["split", "unified"]
#: Rows of one memory on one page, and of one gap that is unfolded.
PAGE_ROWS = 400
#: Returns the specifics of an added line, by its number and its text.
Marks = Callable[[int, str], Sequence[Mark]]


@dataclass(frozen=True)
class Cell:
    """
    One side of a row.

    :ivar number: the line's, from 1. :ivar ends: False for a last line that has no newline.
    :ivar fate: where the line stands now that went from here.
    """

    number: int
    segments: Sequence[Segment]
    ends: bool = True
    fate: Fate | None = None


@dataclass(frozen=True)
class ShownRow:
    """
    :ivar kind: ``same``, ``gone``, ``new`` or ``changed``; the last has both sides and is of the split view alone.
    :ivar in_words: whether a part of the line stayed, so that the words that did not are marked.
    """

    kind: str
    before: Cell | None
    after: Cell | None
    in_words: bool = False


@dataclass(frozen=True)
class Gap:
    """Lines that are the same on both sides, and folded: the first of them on each side, from 1, and how many."""

    before: int
    after: int
    count: int


@dataclass(frozen=True)
class ShownHunk:
    """:ivar begins: whether the hunk begins on this page: it is taken back from there."""

    id: str
    rows: Sequence[ShownRow]
    gap: Gap | None = None
    begins: bool = True


@dataclass(frozen=True)
class DiffPage:
    """:ivar tail: what is folded below the last hunk."""

    hunks: Sequence[ShownHunk]
    page: int
    pages: int
    tail: Gap | None = None


@dataclass(frozen=True)
class _Sides:
    before: MaskedLines
    after: MaskedLines
    marks: Marks
    fates: Mapping[int, Fate]

    def shown(self, row: Row) -> ShownRow:
        before = after = None
        if row.before_no is not None:
            segments = self.before.segments(row.before_no, row.before)
            fate = self.fates.get(row.before_no) if row.kind != "same" else None
            before = Cell(row.before_no, segments, row.before_ends, fate)
        if row.after_no is not None:
            text = "".join(piece.text for piece in row.after)
            marks = self.marks(row.after_no, text) if row.kind != "same" else ()
            after = Cell(row.after_no, self.after.segments(row.after_no, row.after, marks), row.after_ends)
        stayed = any(piece.kind == "same" for piece in (*row.before, *row.after))
        return ShownRow(row.kind, before, after, row.kind != "same" and stayed)


def diff_page(
    before: str,
    after: str,
    *,
    view: View,
    page: int = 1,
    at: tuple[str, int] | None = None,
    marks: Marks = lambda number, line: (),
    fates: Sequence[Fate] = (),
) -> DiffPage:
    """
    Return one page of a memory's diff.

    :param at: a side and a line's number: the page that has it, in place of ``page``.
    :param marks: returns the specifics of an added line.
    """
    hunks = hunks_of(before, after)
    rows = [(position, row) for position, hunk in enumerate(hunks) for row in _in_order(hunk, view)]
    pages = max(1, -(-len(rows) // PAGE_ROWS))
    if at is not None:
        page = next((n // PAGE_ROWS + 1 for n, (_, row) in enumerate(rows) if _is_at(row, at)), page)
    page = min(max(page, 1), pages)
    first = (page - 1) * PAGE_ROWS
    sides = _Sides(MaskedLines(before), MaskedLines(after), marks, {fate.line: fate for fate in fates})
    shown: list[ShownHunk] = []
    for position, group in groupby(rows[first : first + PAGE_ROWS], key=lambda pair: pair[0]):
        hunk, begins = hunks[position], first == 0 or rows[first - 1][0] != position or bool(shown)
        gap = _gap_above(hunk) if begins and hunk.skipped_before else None
        shown.append(ShownHunk(hunk.id, [sides.shown(row) for _, row in group], gap, begins))
    tail = None
    if page == pages and hunks and hunks[-1].skipped_after:
        tail = _gap_below(hunks[-1])
    return DiffPage(shown, page, pages, tail)


def gap_rows(before: str, after: str, gap: Gap) -> tuple[list[ShownRow], Gap | None]:
    """Return the rows of a gap that is unfolded, a page's worth of them, and what is left of it."""
    olds, news = before.split("\n"), after.split("\n")
    count = max(0, min(gap.count, PAGE_ROWS, len(olds) - gap.before + 1, len(news) - gap.after + 1))
    masked = MaskedLines(before), MaskedLines(after)
    rows = []
    for n in range(count):
        old, new = (
            Cell(first + n, side.segments(first + n, (Piece(lines[first + n - 1], "same"),)))
            for first, lines, side in zip((gap.before, gap.after), (olds, news), masked, strict=True)
        )
        rows.append(ShownRow("same", old, new))
    left = gap.count - count
    rest = Gap(gap.before + count, gap.after + count, left) if left > 0 and count else None
    return rows, rest


def _gap_above(hunk: Hunk) -> Gap:
    count = hunk.skipped_before
    return Gap(hunk.before_start - count, hunk.after_start - count, count)


def _gap_below(hunk: Hunk) -> Gap:
    before = sum(row.before_no is not None for row in hunk.rows)
    after = sum(row.after_no is not None for row in hunk.rows)
    return Gap(hunk.before_start + before, hunk.after_start + after, hunk.skipped_after)


def _is_at(row: Row, at: tuple[str, int]) -> bool:
    return (row.before_no if at[0] == "before" else row.after_no) == at[1]


def _in_order(hunk: Hunk, view: View) -> Iterator[Row]:
    """Yield a hunk's rows as the view has them: in one column, what went stands above what came."""
    if view == "split":
        yield from hunk.rows
        return
    for is_same, run in groupby(hunk.rows, key=lambda row: row.kind == "same"):
        rows = list(run)
        if is_same:
            yield from rows
            continue
        for row in rows:
            if row.before_no is not None:
                yield row._replace(kind="gone", after_no=None)
        for row in rows:
            if row.after_no is not None:
                yield row._replace(kind="new", before_no=None)
