"""What differs between two stores."""

from __future__ import annotations

import difflib
import random
import time

import pytest
from hypothesis import given
from hypothesis import strategies as st

from dreamflow.core import changes
from dreamflow.core.changes import compare, digest, unified_diff
from tests.unit.support import STORES, listing_of


@given(STORES, STORES)
def test_every_memory_of_either_store_is_counted_once(before: dict[str, str], after: dict[str, str]) -> None:
    changes = compare(listing_of(before), listing_of(after))
    assert set(changes.added) == after.keys() - before.keys()
    assert set(changes.removed) == before.keys() - after.keys()
    assert set(changes.changed) == {p for p in before.keys() & after.keys() if before[p] != after[p]}
    assert sum(changes.counts().values()) == len(before.keys() | after.keys())
    assert sorted(path for _, path in changes) == sorted({*changes.added, *changes.changed, *changes.removed})


@given(STORES, STORES)
def test_two_stores_have_one_digest_exactly_where_nothing_differs(
    before: dict[str, str], after: dict[str, str]
) -> None:
    assert (digest(listing_of(before)) == digest(listing_of(after))) == (before == after)


@given(STORES)
def test_the_digest_does_not_depend_on_the_order_of_a_listing(contents: dict[str, str]) -> None:
    listing = listing_of(contents)
    assert digest(dict(reversed(listing.items()))) == digest(listing)


def test_the_digest_does_not_depend_on_ids_that_a_clone_does_not_share() -> None:
    listing = listing_of({"/a.md": "one"})
    clone = {
        path: entry._replace(memory_id="mem_x", version_id="memver_x") for path, entry in listing.items()
    }
    assert digest(clone) == digest(listing)


def test_the_digest_tells_apart_texts_that_move_between_path_and_content() -> None:
    assert digest(listing_of({"/a": "b", "/c": "d"})) != digest(listing_of({"/a": "d", "/c": "b"}))


def test_removals_come_first_because_they_ask_for_the_most_care() -> None:
    changes = compare(listing_of({"/z": "1", "/m": "1"}), listing_of({"/m": "2", "/a": "1"}))
    assert list(changes) == [("removed", "/z"), ("changed", "/m"), ("added", "/a")]


@given(st.text(max_size=40), st.text(max_size=40))
def test_a_diff_has_no_line_ends_of_its_own(before: str, after: str) -> None:
    for line in unified_diff("/a.md", before, after):
        assert "\n" not in line


def test_a_side_that_is_not_there_is_shown_as_all_added_or_all_removed() -> None:
    assert unified_diff("/a.md", "", "one\ntwo\n")[3:] == ["+one", "+two"]
    assert unified_diff("/a.md", "one\ntwo\n", "")[3:] == ["-one", "-two"]


@given(st.text("ab\n\r\u2028", max_size=8), st.text("ab\n\r\u2028", max_size=8))
def test_whatever_differs_is_shown(before: str, after: str) -> None:
    assert bool(unified_diff("/a.md", before, after)) == (before != after)


def test_a_line_that_reads_like_a_missing_line_end_is_shown() -> None:
    assert unified_diff("/a.md", "x", "x\n\\ No newline at the end\n")


@pytest.mark.parametrize(
    ("before", "after"), [("one\n", "one"), ("one\r\ntwo", "one\ntwo"), ("a\u2028b", "a\nb")]
)
def test_a_change_of_line_ends_alone_is_shown(before: str, after: str) -> None:
    assert unified_diff("/a.md", before, after)


LINES = st.lists(st.sampled_from(["a\n", "b\n", "c\n", "\n"]), max_size=30)


@given(LINES, LINES)
def test_an_ordinary_diff_is_what_difflib_makes_of_it(before: list[str], after: list[str]) -> None:
    names = {"fromfile": "before /a.md", "tofile": "after /a.md"}
    expected = difflib.unified_diff(before, after, **names, n=2)
    shown = unified_diff("/a.md", "".join(before), "".join(after))
    assert shown == [line.removesuffix("\n") for line in expected]


def test_memories_made_to_be_slow_are_compared_within_bounds() -> None:
    """Of few lines that come again and again; without a bound this takes 10 s, and minutes at 100 kB."""
    chance = random.Random(1)
    before = "".join(f"{chance.randrange(100, 400)}\nok\n" for _ in range(4000))
    began = time.process_time()
    unified_diff("/a.md", before, before.replace("ok", "OK"))
    assert time.process_time() - began < 4


class TestBeyondTheBound:
    def diff(self, before: str, after: str, context: int = 2) -> list[str]:
        with pytest.MonkeyPatch.context() as patch:
            patch.setattr(changes, "_DIFF_STEPS", 0)
            return unified_diff("/a.md", before, after, context=context)

    def test_the_middle_is_shown_as_replaced_whole(self) -> None:
        shown = self.diff("1\n2\n3\nx\nsame\ny\n7\n8\n9\n", "1\n2\n3\nX\nsame\nY\n7\n8\n9\n")
        middle = ["-x", "-same", "-y", "+X", "+same", "+Y"]
        assert shown[2:] == ["@@ -2,7 +2,7 @@", " 2", " 3", *middle, " 7", " 8"]

    @given(LINES, LINES)
    def test_both_sides_are_shown_whole_all_the_same(self, before: list[str], after: list[str]) -> None:
        shown = self.diff("".join(before), "".join(after), context=99)[3:]
        if before != after:
            assert [line[1:] + "\n" for line in shown if line[0] != "+"] == before
            assert [line[1:] + "\n" for line in shown if line[0] != "-"] == after
