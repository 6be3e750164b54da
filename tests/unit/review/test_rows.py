"""A memory's diff in parts and views: every line stands on one of them, once."""

from __future__ import annotations

from hypothesis import given
from hypothesis import strategies as st

from dreamflow.review.rows import PAGE_ROWS, Gap, ShownRow, diff_page, gap_rows

LINES = st.lists(st.sampled_from(["one", "two", "three", "four", ""]), max_size=25)


def joined(lines: list[str]) -> str:
    return "".join(f"{line}\n" for line in lines)


def numbers(rows: list[ShownRow], side: str) -> list[int]:
    cells = [row.before if side == "before" else row.after for row in rows]
    return [cell.number for cell in cells if cell is not None]


@given(LINES, LINES, st.sampled_from(["split", "unified"]))
def test_every_line_of_both_sides_is_shown_or_folded_once(old: list[str], new: list[str], view: str) -> None:
    before, after = joined(old), joined(new)
    page = diff_page(before, after, view=view)  # type: ignore[arg-type]
    rows: list[ShownRow] = []
    gaps = [hunk.gap for hunk in page.hunks if hunk.gap] + ([page.tail] if page.tail else [])
    for hunk in page.hunks:
        rows += hunk.rows
    for gap in gaps:
        unfolded, rest = gap_rows(before, after, gap)
        assert len(unfolded) == gap.count
        assert rest is None
        rows += unfolded
    if before != after:
        assert sorted(numbers(rows, "before")) == list(range(1, len(old) + 1))
        assert sorted(numbers(rows, "after")) == list(range(1, len(new) + 1))


def test_in_one_column_what_went_stands_above_what_came() -> None:
    page = diff_page("a 1 x\nb 1 x\n", "a 2 x\nb 2 x\n", view="unified")
    assert [row.kind for row in page.hunks[0].rows] == ["gone", "gone", "new", "new"]
    assert all(row.in_words for row in page.hunks[0].rows)


def test_a_part_has_a_bounded_number_of_rows_and_a_line_finds_its_part() -> None:
    text = joined([f"line {n}" for n in range(1, 1001)])
    for view in ("split", "unified"):
        page = diff_page("", text, view=view, at=("after", 801))
        assert (page.page, page.pages) == (3, 3)
        assert numbers(list(page.hunks[0].rows), "after")[0] == 2 * PAGE_ROWS + 1


def test_a_gap_that_is_not_there_unfolds_to_nothing() -> None:
    assert gap_rows("a\n", "a\n", Gap(900, 900, 10)) == ([], None)
