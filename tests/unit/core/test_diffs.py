"""The diff of one memory: rows that reproduce both texts, words that changed, hunks that can be taken back."""

from __future__ import annotations

import time

import pytest
from hypothesis import given
from hypothesis import strategies as st

from dreamflow.core.diffs import Hunk, Piece, hunks_of, pieces_of, take_back
from dreamflow.errors import StateError

#: Texts of few lines that come again and again, with every way to end a line, and none.
LINES = st.sampled_from(
    ["a", "b", "", "---", "a b c", "a b d", "one two three four", "\r", "a\r", "x\u2028y", "\0", "\u202ea"]
)
TEXTS = st.builds(
    lambda lines, end: "\n".join(lines) + end, st.lists(LINES, max_size=12), st.sampled_from(["", "\n"])
) | st.text("ab \n\r\u2028\0", max_size=20)
EVERY_LINE = 10_000_000


def whole(hunks: list[Hunk], side: str) -> str:
    """Return a side's text as its rows show it."""
    ends = f"{side}_ends"
    return "".join(
        "".join(piece.text for piece in getattr(row, side)) + "\n" * getattr(row, ends)
        for hunk in hunks
        for row in hunk.rows
        if getattr(row, f"{side}_no") is not None
    )


@given(TEXTS, TEXTS)
def test_the_rows_reproduce_both_texts_exactly(before: str, after: str) -> None:
    hunks = hunks_of(before, after, EVERY_LINE)
    if before != after:
        assert (whole(hunks, "before"), whole(hunks, "after")) == (before, after)
    assert bool(hunks) == (before != after)


@given(TEXTS, TEXTS, st.integers(0, 3))
def test_every_line_is_shown_once_or_counted_as_skipped(before: str, after: str, context: int) -> None:
    hunks = hunks_of(before, after, context)
    for side, text in (("before", before), ("after", after)):
        numbers: list[int] = []
        for hunk in hunks:
            numbers += [0] * hunk.skipped_before
            numbers += [n for row in hunk.rows if (n := getattr(row, f"{side}_no")) is not None]
        if hunks:
            numbers += [0] * hunks[-1].skipped_after
            lines = text.count("\n") + (not text.endswith("\n") and bool(text))
            assert [n or at for at, n in enumerate(numbers, 1)] == list(range(1, lines + 1))


@given(TEXTS, TEXTS)
def test_taking_back_one_hunk_after_the_other_leaves_what_was(before: str, after: str) -> None:
    text = after
    for _ in range(50):
        if not (hunks := hunks_of(before, text)):
            break
        text = take_back(before, text, hunks[len(hunks) // 2].id)
    assert text == before
    assert take_back(before, after) == before


@given(st.sets(st.integers(0, 39)), st.data())
def test_a_hunk_keeps_its_id_while_others_are_taken_back(edited: set[int], data: st.DataObject) -> None:
    before = "".join(f"fact {n}\n" for n in range(40))
    after = "".join(f"fact {n}{' and more' if n in edited else ''}\n" for n in range(40))
    ids = [hunk.id for hunk in hunks_of(before, after)]
    if ids:
        taken = data.draw(st.sampled_from(ids))
        left = [hunk.id for hunk in hunks_of(before, take_back(before, after, taken))]
        assert left == [name for name in ids if name != taken]


@given(TEXTS, TEXTS)
def test_no_two_hunks_of_a_memory_have_one_id(before: str, after: str) -> None:
    ids = [hunk.id for hunk in hunks_of(before, after)]
    assert len(set(ids)) == len(ids)


def test_a_hunk_that_is_not_there_any_more_can_not_be_taken_back() -> None:
    (hunk,) = hunks_of("a\n", "b\n")
    with pytest.raises(StateError, match="edited meanwhile"):
        take_back("a\n", "c\n", hunk.id)


@given(st.text("ab ,\r\u2028", max_size=30), st.text("ab ,\r\u2028", max_size=30))
def test_the_pieces_of_a_line_are_the_line(old: str, new: str) -> None:
    before, after = pieces_of(old, new)
    assert ("".join(p.text for p in before), "".join(p.text for p in after)) == (old, new)
    assert {p.kind for p in before} <= {"same", "gone"}
    assert {p.kind for p in after} <= {"same", "new"}
    assert [p.text for p in before if p.kind == "same"] == [p.text for p in after if p.kind == "same"] or (
        "".join(p.text for p in before if p.kind == "same")
        == "".join(p.text for p in after if p.kind == "same")
    )


def test_the_word_that_changed_is_shown_in_its_line() -> None:
    (hunk,) = hunks_of("- flight HAT136 on 8 May\n", "- flight HAT136 on 9 May\n")
    (row,) = hunk.rows
    assert row.kind == "changed"
    assert row.before == (
        Piece("- flight HAT136 on ", "same"),
        Piece("8", "gone"),
        Piece(" May", "same"),
    )
    assert row.after[1] == Piece("9", "new")


def test_a_reworded_line_stands_beside_what_it_was_whatever_came_between() -> None:
    before = "- Ana likes aisle seats\n- Ben pays by card\n"
    after = "- Carl is vegetarian\n- Ana likes window seats\n- Ben pays by invoice\n"
    (hunk,) = hunks_of(before, after)
    assert [(row.kind, row.before_no, row.after_no) for row in hunk.rows] == [
        ("new", None, 1),
        ("changed", 1, 2),
        ("changed", 2, 3),
    ]


def test_a_missing_newline_at_the_end_is_told() -> None:
    (hunk,) = hunks_of("one\n", "one")
    (row,) = hunk.rows
    assert (row.kind, row.before_ends, row.after_ends) == ("changed", True, False)


def test_a_rewritten_paragraph_is_one_hunk_in_spite_of_its_blank_lines() -> None:
    before = "# A\nkept\nold one\n\nold two\nkept too\n"
    after = "# A\nkept\nquite different\n\nnothing alike here\nkept too\n"
    assert len(hunks_of(before, after)) == 1


@pytest.mark.parametrize(
    ("before", "after"),
    [
        ("a" * 1_000_000, "a" * 999_999 + "b"),
        ("x " * 500_000, "y " * 500_000),
        ("a\n" * 51_200, "b\na\n" * 25_600),
        ("\n" * 102_400, "\r\n" * 51_200),
        ("".join(f"{n % 7}\n" for n in range(51_200)), "".join(f"{n % 5}\n" for n in range(51_200))),
        ("a,b;" * 5_000, "b;a," * 5_000),
    ],
    ids=["a line of a megabyte", "of words", "the same line", "blank lines", "few lines", "a long line"],
)
def test_texts_made_to_be_slow_are_shown_within_bounds(before: str, after: str) -> None:
    began = time.process_time()
    hunks = hunks_of(before, after, EVERY_LINE)
    assert time.process_time() - began < 5
    assert (whole(hunks, "before"), whole(hunks, "after")) == (before, after)
