"""Three ways, line by line: nothing that a side added is lost, what one removed goes, nothing comes twice."""

from __future__ import annotations

from collections import Counter
from collections.abc import Sequence
from typing import Any

import pytest
from hypothesis import example, given
from hypothesis import strategies as st

from dreamflow.core import text_lines, text_merge
from dreamflow.core.changes import BoundedMatcher
from dreamflow.core.text_lines import compared
from dreamflow.core.text_merge import Hunk, Merged, hunks_of, joined, lines_of, merge

#: Lines as agents write them: facts, items below others, headings, rules, fences, quotes, table rows, log lines.
FACTS = [
    f"- {name} {does} {what} now"
    for name in ("Ann", "Bob")
    for does in ("likes", "wants")
    for what in ("tea", "ham")
]
TEA = "- Ann likes tea now\n"
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


@given(three([line for line in LINES if not line.startswith("#")]))
@example((f"# Ann\n{TEA}{TEA}- a phone\n", f"# Ann\n{TEA}- another\n", f"# Ann, at home\n{TEA}- a phone\n"))
@example((f"# Ann\n{TEA}{TEA}", f"# Ann\n- is new here\n{TEA}", f"# Ann\n{TEA}- Bob\n"))
def test_no_line_that_both_sides_hold_is_lost(sides: tuple[str, str, str]) -> None:
    base, current, output = map(counts, sides)
    found = counts(merge(*sides).text)
    for line in FACTS:
        if current[line] and output[line]:
            assert found[line] == 1 if base[line] == current[line] == output[line] == 1 else found[line], line


@given(three([line for line in LINES if not line.startswith("#")]))
def test_a_delete_on_one_side_and_no_change_on_the_other_deletes(sides: tuple[str, str, str]) -> None:
    base, current, output = map(counts, sides)
    found = everything(merge(*sides))
    for line in FACTS:
        if base[line] == 1 and {current[line], output[line]} == {0, 1}:
            assert line not in found


@example(
    (
        f"{TEA * 8}# Notes\n{TEA * 2}- Ann likes ham now\n",
        f"{TEA * 5}# Notes\n",
        f"{TEA * 5}- Ann likes ham now\n{TEA * 2}# Notes\n",
    )
)
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
    assert merge(base, base, text) == merge(base, text, base) == Merged(text, ())
    assert done(merge(base, text, text)) == (text, ())


@given(three())
def test_hunks_are_all_that_differs(sides: tuple[str, str, str]) -> None:
    base, current, _ = sides
    lines = lines_of(base)
    for hunk in reversed(hunks_of(base, current)):
        assert tuple(lines[hunk.start : hunk.start + len(hunk.removed)]) == hunk.removed
        lines[hunk.start : hunk.start + len(hunk.removed)] = hunk.added
    assert formed(lines) == formed(lines_of(current))


def notes(*lines: str) -> str:
    return "".join(f"{line}\n" for line in lines)


MERGES = {
    "what both append stands in the order in which it came": (
        ["- a"],
        ["- a", "- writer"],
        ["- a", "- dream"],
        ["- a", "- dream", "- writer"],
    ),
    "what is appended to a list does not fall into a section that the dream added after it": (
        ["# Log", "- a"],
        ["# Log", "- a", "- b"],
        ["# Log", "- a", "", "# New", "- x"],
        ["# Log", "- a", "- b", "", "# New", "- x"],
    ),
    "a section that is appended goes after the one that the dream appended": (
        ["# Log", "- a"],
        ["# Log", "- a", "", "# Bob", "- b"],
        ["# Log", "- a", "", "# Ann", "- x"],
        ["# Log", "- a", "", "# Ann", "- x", "", "# Bob", "- b"],
    ),
    "a log line after one that the dream reworded stays in its list": (
        ["# Log", "- Bob called about his order"],
        ["# Log", "- Bob called about his order", "- and again"],
        ["# Log", "- Bob called (order 7)", "", "# Next", "- x"],
        ["# Log", "- Bob called (order 7)", "- and again", "", "# Next", "- x"],
    ),
    "a line that the dream moved is replaced where it stands now": (
        ["- Ann likes tea", "- Bob likes tea", "- Zoe likes tea", ""],
        ["- Ann likes ham", "- Bob likes tea", "- Zoe likes tea", ""],
        ["- Bob likes tea", "- Zoe likes tea", "", "- Ann likes tea"],
        ["- Bob likes tea", "- Zoe likes tea", "", "- Ann likes ham"],
    ),
    "a line that the dream moved within its section is removed there": (
        ["# A", "- Ann likes tea", "- b", "# B"],
        ["# A", "- b", "# B"],
        ["# A", "- b", "- Ann likes tea", "# B"],
        ["# A", "- b", "# B"],
    ),
    "a line that the dream filed under another heading is replaced there": (
        ["# A", "- Ann likes tea", "# B", "- b"],
        ["# A", "- Ann likes ham", "# B", "- b"],
        ["# A", "# B", "- b", "- Ann likes tea"],
        ["# A", "# B", "- b", "- Ann likes ham"],
    ),
    "short lines alike in sections of their own are no repetition": (
        ["## Ann", "- tier: silver", "## Bob", "- tier: silver"],
        ["## Ann", "- tier: gold", "## Bob", "- tier: silver"],
        ["## Ann", "- tier: silver", "## Bob", "- tier: gold"],
        ["## Ann", "- tier: gold", "## Bob", "- tier: gold"],
    ),
    "new sections that hold a line alike keep it both": (
        [],
        ["# Log", "", "## Bob", "- tier: gold"],
        ["# Log", "", "## Ann", "- tier: gold"],
        ["# Log", "", "## Ann", "- tier: gold", "## Bob", "- tier: gold"],
    ),
    "one memory that both made has its heading once": (
        [],
        ["# Log", "", "- from the writer"],
        ["# Log", "", "- from the dream"],
        ["# Log", "", "- from the dream", "- from the writer"],
    ),
    "rows of a table go in where they were put": (
        ["| a | b |", "|---|---|", "| 1 | x |", "| 2 | x |"],
        ["| a | b |", "|---|---|", "| 1 | x |", "| 1.5 | x |", "| 2 | x |"],
        ["| a | b |", "|---|---|", "| 0 | x |", "| 1 | x |", "| 2 | y |"],
        ["| a | b |", "|---|---|", "| 0 | x |", "| 1 | x |", "| 1.5 | x |", "| 2 | y |"],
    ),
    "rules and blank lines are not taken for each other's": (
        ["a", "---", "b", "---", "c"],
        ["a", "---", "b", "---", "new", "---", "c"],
        ["a", "---", "c"],
        ["a", "---", "new", "---", "c"],
    ),
    "of neighbouring lines that both edited each has its own": (
        ["one is here", "two is here"],
        ["one is there", "two is here"],
        ["one is here", "two is gone"],
        ["one is there", "two is gone"],
    ),
}


@pytest.mark.parametrize(("base", "current", "output", "expected"), MERGES.values(), ids=MERGES)
def test_a_merge(base: list[str], current: list[str], output: list[str], expected: list[str]) -> None:
    assert merge(notes(*base), notes(*current), notes(*output)) == Merged(notes(*expected), ())


def done(merged: Merged) -> tuple[str, tuple[Hunk, ...]]:
    """Return a merge but for what both sides took out: that is there to be looked for elsewhere."""
    return merged.text, merged.left


class TestConflicts:
    BASE = notes("# Bob", "- Bob likes black tea", "- Bob pays late")

    def test_a_line_that_both_changed_stays_the_dreams_and_the_writers_is_left(self) -> None:
        dreamed = self.BASE.replace("black", "green")
        merged = merge(self.BASE, self.BASE.replace("black", "no"), dreamed)
        assert merged == Merged(dreamed, (Hunk(("- Bob likes black tea\n",), ("- Bob likes no tea\n",), 1),))

    def test_the_same_change_is_none(self) -> None:
        changed = self.BASE.replace("black", "green")
        assert done(merge(self.BASE, changed + "- more\n", changed)) == (changed + "- more\n", ())

    def test_lines_in_part_reworded_go_where_they_stand_and_what_replaces_them_is_left(self) -> None:
        merged = merge(self.BASE, "# Bob\nA line on all of it\n", self.BASE.replace("black", "green"))
        assert merged.text == notes("# Bob", "- Bob likes green tea")
        assert merged.left == (Hunk(tuple(lines_of(self.BASE)[1:]), ("A line on all of it\n",), 1),)

    def test_a_removal_of_what_the_dream_reworded_is_left(self) -> None:
        merged = merge(self.BASE, notes("# Bob", "- Bob pays late"), self.BASE.replace("black", "green"))
        assert merged.left == (Hunk(("- Bob likes black tea\n",), (), 1),)

    def test_what_one_side_removes_where_the_other_files_it_under_another_heading_stays(self) -> None:
        """Both saw that it stood in the wrong place; the next dream is told."""
        base = notes("# Ann", "- pays by card only", "# Bob", "- b")
        gone, filed = notes("# Ann", "# Bob", "- b"), notes("# Ann", "# Bob", "- b", "- pays by card only")
        assert merge(base, gone, filed) == Merged(filed, (Hunk(("- pays by card only\n",), (), 1),))
        assert merge(base, filed, gone) == Merged(filed, ())

    def test_a_removal_of_what_the_dream_removed_is_done(self) -> None:
        gone = notes("# Bob", "- Bob pays late")
        for output in (gone, gone + "other words\n"):
            merged = merge(self.BASE, gone, output)
            assert done(merged) == (output, ())
            assert [hunk.removed for hunk in merged.gone] == [("- Bob likes black tea\n",)]

    def test_neighbours_read_as_one(self) -> None:
        merged = merge(self.BASE, notes("# Bob", "- x", "- y"), notes("# Bob", "- dreamed"))
        assert [hunk.added for hunk in merged.left] == [("- x\n",), ("- y\n",)]
        assert joined(merged.left) == (Hunk(tuple(lines_of(self.BASE)[1:]), ("- x\n", "- y\n"), 1),)

    def test_too_many_to_tell_apart_read_as_one(self) -> None:
        hunks = [Hunk((), (f"{n}\n",), n) for n in range(0, 2000, 2)]
        assert joined(hunks) == (Hunk((), tuple(f"{n}\n" for n in range(0, 2000, 2)), 0),)


class TestLineEnds:
    def test_what_is_merged_has_the_outputs(self) -> None:
        assert merge("a\nb\n", "a\nB\nb\n", "a\r\nb\r\nc\r\n").text == "a\r\nB\r\nb\r\nc\r\n"

    def test_a_change_of_line_ends_alone_is_none(self) -> None:
        assert hunks_of("a\nb", "a \r\nb\r\n") == ()
        assert merge("a\nb\n", "a\r\nb\r\n", "a\nb\nc\n").text == "a\nb\nc\n"

    def test_what_follows_a_last_line_without_one_does_not_run_into_it(self) -> None:
        assert merge("a", "a\nb", "x\na").text == "x\na\nb"
        assert merge("a\r\nb", "a\r\nb\r\nc", "a\r\nb\r\nd").text == "a\r\nb\r\nd\r\nc"

    def test_carriage_returns_within_a_line_stay(self) -> None:
        assert merge("a\n", "a\nb\rc\n", "x\na\n").text == "x\na\nb\rc\n"


@pytest.fixture
def steps(monkeypatch: pytest.MonkeyPatch) -> list[BoundedMatcher]:
    """Collect every matcher that is made."""
    made: list[BoundedMatcher] = []

    class Collected(BoundedMatcher):
        def __init__(self, *args: Any) -> None:
            super().__init__(*args)
            made.append(self)

    monkeypatch.setattr(text_lines, "BoundedMatcher", Collected)
    return made


def test_tables_made_to_be_slow_are_merged_within_bounds(steps: list[BoundedMatcher]) -> None:
    table = "".join(f"| {n * 7919 % 300} |\nok\n" for n in range(9000))
    merged = merge(table, table.replace("ok", "yes"), "new\n" + table.replace("ok", "no"))
    assert all(matcher.steps_left >= 0 for matcher in steps)
    assert merged.text == "new\n" + table.replace("ok", "no")
    assert sum(len(hunk.added) for hunk in merged.left) == 9000


def test_a_search_for_what_became_of_lines_ends(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(text_merge, "_LOOKS", 0)
    merged = merge("gone\nx\n", "x\n", "x\nnothing like it\n")
    assert merged.left == (Hunk(("gone\n",), (), 0),), "what can't be told is told"


def test_one_line_of_100_kb_is_merged_or_left_whole() -> None:
    line = "word " * 20_000
    assert merge(line, line + "more", line + "\nnext\n").text == line + "more\nnext\n"
    assert merge(line, line + "more", line + "other").left == (Hunk((line,), (line + "more",), 0),)
