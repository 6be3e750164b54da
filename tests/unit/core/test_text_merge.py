"""Three ways, line by line: nothing that a side added is lost, what one removed goes, nothing comes twice."""

from __future__ import annotations

from collections import Counter
from collections.abc import Sequence

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from dreamflow.core import text_lines, text_merge, text_output
from dreamflow.core.changes import BoundedMatcher
from dreamflow.core.text_lines import compared
from dreamflow.core.text_merge import Hunk, Merged, hunks_of, lines_of, merge

#: Lines as agents write them: facts, items below others, headings, rules, fences, quotes, table rows, log lines.
FACTS = [
    f"- {name} {does} {what} now"
    for name in ("Ann", "Bob")
    for does in ("likes", "wants")
    for what in ("tea", "ham")
]
LINES = [
    *FACTS,
    *[
        "",
        "",
        "---",
        "```",
        "> quoted",
        "- ok",
        "  - indented",
        "| a | b |",
        "|---|---|",
        "2026-11-20 called back",
    ],
    *["# Notes", "## Ann", "## Bob", "### Log"],
]
ENDS = st.sampled_from(["\n", "\n", "\n", "\r\n", " \n"])


def formed(lines: Sequence[str]) -> list[str]:
    return [line.rstrip(" \t\r\n") for line in lines]


def saying(text: str) -> list[str]:
    """Return the lines of a text that are not blank, as they are compared."""
    return [form for form in formed(lines_of(text)) if form]


def counts(text: str) -> Counter[str]:
    return Counter(saying(text))


def everything(merged: Merged) -> Counter[str]:
    """Count the lines of a merge, those included that were left."""
    return counts(merged.text) + Counter(form for hunk in merged.left for form in formed(hunk.added) if form)


@st.composite
def texts(draw: st.DrawFn, lines: Sequence[str] = LINES, most: int = 12) -> str:
    text = "".join(draw(st.sampled_from(lines)) + draw(ENDS) for _ in range(draw(st.integers(0, most))))
    return text.removesuffix("\n") if draw(st.booleans()) else text


@st.composite
def edits(draw: st.DrawFn, base: str, lines: Sequence[str] = LINES) -> str:
    """Return a text as a writer may leave it: with lines gone, come, changed, moved, doubled."""
    left = lines_of(base)
    for _ in range(draw(st.integers(0, 5))):
        at = draw(st.integers(0, len(left)))
        kind = draw(st.sampled_from(["add", "add", "remove", "change", "move"]))
        gone = [] if kind == "add" else left[at : at + draw(st.integers(1, 3))]
        left[at : at + len(gone)] = []
        if kind == "move":
            to = draw(st.integers(0, len(left)))
            left[to:to] = gone
        elif kind != "remove":
            left[at:at] = lines_of(draw(texts(lines, 3)))
    return "".join(line if line.endswith("\n") else line + "\n" for line in left[:-1]) + "".join(left[-1:])


@st.composite
def three(draw: st.DrawFn, lines: Sequence[str] = LINES) -> tuple[str, str, str]:
    base = draw(texts(lines))
    return base, draw(edits(base, lines)), draw(edits(base, lines))


def without_repeats(text: str) -> str:
    kept = {form: line for line in reversed(lines_of(text)) if (form := compared(line))}
    return "".join(reversed(kept.values()))


@given(three())
def test_no_line_that_any_side_added_is_lost(sides: tuple[str, str, str]) -> None:
    base, current, output = map(counts, sides)
    found = everything(merge(*sides))
    for side in (current, output):
        assert not {line for line in side if side[line] > base[line]} - found.keys()


@given(three())
def test_no_line_that_neither_side_removed_is_lost(sides: tuple[str, str, str]) -> None:
    base, current, output = map(counts, sides)
    found = counts(merge(*sides).text)
    for line in FACTS:
        if base[line] == current[line] == output[line] == 1:
            assert found[line] == 1


@given(three())
def test_a_delete_on_one_side_and_no_change_on_the_other_deletes(sides: tuple[str, str, str]) -> None:
    base, current, output = map(counts, sides)
    found = everything(merge(*sides))
    for line in FACTS:
        if base[line] == 1 and {current[line], output[line]} == {0, 1}:
            assert line not in found


@given(three())
def test_swapped_writers_give_the_same_set_of_lines(sides: tuple[str, str, str]) -> None:
    base, one, other = sides
    assert everything(merge(base, one, other)).keys() == everything(merge(base, other, one)).keys()


@given(three(FACTS))
def test_no_line_comes_twice_because_both_sides_added_it(sides: tuple[str, str, str]) -> None:
    base, current, output = map(counts, sides)
    assert everything(merge(*sides)) <= base | current | output


@given(three(FACTS))
def test_merging_again_adds_nothing(sides: tuple[str, str, str]) -> None:
    """Where each line says something of its own: of others the texts don't tell which were merged already."""
    base, current, output = map(without_repeats, sides)
    once = merge(base, current, output)
    again = merge(base, current, once.text, hunks_of(base, current))
    assert counts(again.text) == counts(once.text)
    assert {hunk for hunk in again.left if hunk.added} <= set(once.left)


@given(three())
def test_hunks_merged_in_parts_lose_nothing_either(sides: tuple[str, str, str]) -> None:
    base, current, output = sides
    hunks = hunks_of(base, current)
    first = merge(base, current, output, hunks[::2])
    second = merge(base, current, first.text, hunks[1::2])
    found = everything(second) + everything(Merged("", first.left))
    assert not {line for line in counts(current) if counts(current)[line] > counts(base)[line]} - found.keys()


@given(three())
def test_a_side_that_did_nothing_leaves_the_other_as_it_is_byte_for_byte(sides: tuple[str, str, str]) -> None:
    base, text, _ = sides
    assert merge(base, base, text) == merge(base, text, base) == merge(base, text, text) == Merged(text, ())


@given(three())
def test_hunks_are_all_that_differs(sides: tuple[str, str, str]) -> None:
    base, current, _ = sides
    lines = lines_of(base)
    for hunk in reversed(hunks_of(base, current)):
        assert tuple(lines[hunk.start : hunk.start + len(hunk.removed)]) == hunk.removed
        lines[hunk.start : hunk.start + len(hunk.removed)] = hunk.added
    assert formed(lines) == formed(lines_of(current))
