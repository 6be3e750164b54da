"""The checks of a review."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from dreamflow.core.changes import compare
from dreamflow.core.checks import Examined, Finding, run_checks, verdict
from tests.unit.support import STORES, listing_of


def checked(
    before: dict[str, str], after: dict[str, str], *, protect: tuple[str, ...] = (), max_removed: float = 1.0
) -> list[Finding]:
    old, new = listing_of(before), listing_of(after)
    return run_checks(Examined(old, new, compare(old, new), protect, max_removed))


@pytest.mark.parametrize(
    ("pattern", "caught"),
    [
        ("/policies/**", ["/policies/a.md", "/policies/deep/b.md"]),
        ("policies/", ["/policies/a.md", "/policies/deep/b.md", "/team/policies/c.md"]),
        ("*.lock", ["/x.lock"]),
        ("/x.lock", ["/x.lock"]),
        ("/nothing", []),
    ],
)
def test_protected_memories_that_changed_or_went_are_named(pattern: str, caught: list[str]) -> None:
    paths = ["/policies/a.md", "/policies/deep/b.md", "/team/policies/c.md", "/x.lock", "/notes.md"]
    before = dict.fromkeys(paths, "old")
    after = {path: "new" for path in paths if path != "/policies/a.md"}
    found = checked(before, after, protect=(pattern,))
    assert sorted(path for finding in found for path in finding.paths) == sorted(caught)


def test_a_protected_memory_that_is_new_or_the_same_is_no_finding() -> None:
    assert (
        checked({"/policies/a": "1"}, {"/policies/a": "1", "/policies/b": "1"}, protect=("/policies/**",))
        == []
    )


def test_a_later_pattern_may_make_an_exception() -> None:
    before, after = {"/p/a": "1", "/p/b": "1"}, {"/p/a": "2", "/p/b": "2"}
    (finding,) = checked(before, after, protect=("/p/*", "!/p/b"))
    assert finding.paths == ("/p/a",)


@given(STORES, STORES, st.floats(0, 1))
def test_removals_are_a_finding_exactly_above_the_share_that_may_go(
    before: dict[str, str], after: dict[str, str], max_removed: float
) -> None:
    gone = before.keys() - after.keys()
    found = [f.what for f in checked(before, after, max_removed=max_removed) if "memories are gone" in f.what]
    if before and len(gone) / len(before) > max_removed:
        (what,) = found
        assert what.startswith(f"{len(gone)} of {len(before)} ")
    else:
        assert found == []


def test_an_output_that_holds_nothing_is_a_finding_whatever_may_go() -> None:
    assert [finding.what for finding in checked({"/a": "1"}, {})] == ["The output store is empty."]
    assert checked({}, {}) == []


def test_the_words_of_a_finding_hold_no_memory_text() -> None:
    hostile = "/![x](http://evil)"
    found = checked({hostile: "1", "/b": "1"}, {"/b": "1"}, protect=("*",), max_removed=0.0)
    assert len(found) == 2
    assert all("evil" not in finding.what for finding in found)
    assert {path for finding in found for path in finding.paths} == {hostile}


def test_one_finding_flags_a_review() -> None:
    assert verdict([]) == "clean"
    assert verdict([Finding("something")]) == "flagged"
