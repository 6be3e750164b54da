"""What differs between two stores."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

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
