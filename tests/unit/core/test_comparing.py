"""Comparing two stores: what happened to each memory, and to each line that is not where it was."""

from __future__ import annotations

import random
from collections.abc import Mapping

import pytest
from hypothesis import given
from hypothesis import strategies as st

from dreamflow.core.changes import compare, lines_of
from dreamflow.core.comparing import Compared, compare_stores, fates_of, joined, memory_of
from dreamflow.core.review import Change
from tests.support.bodies import KnownTexts, compared
from tests.unit.support import listing_of

WORDS = "seat refund flight booking card gate meal upgrade voucher delay route crew bag visa".split()  # noqa: SIM905


def facts(name: str, count: int = 10, seed: int = 0) -> list[str]:
    """Return lines that say something each, unlike those of other names."""
    chance = random.Random(f"{name} {seed}")
    return [f"- {name} {n}: " + " ".join(chance.choices(WORDS, k=8)) + "\n" for n in range(count)]


ANA, BEN, CARL = (facts(name) for name in ("Ana", "Ben", "Carl"))


def by_path(found: Compared) -> dict[str, Change]:
    return {change.path: change for change in found.changes}


def only(before: Mapping[str, str], after: Mapping[str, str]) -> Change:
    (change,) = compared(before, after).changes
    return change


class TestKinds:
    def test_a_memory_with_the_same_bytes_elsewhere_was_renamed_or_moved_and_is_not_read(self) -> None:
        before = {"/a.md": "".join(ANA), "/b.md": "".join(BEN)}
        after = {"/anna.md": "".join(ANA), "/people/b.md": "".join(BEN)}
        texts = KnownTexts(before), KnownTexts(after)
        found = by_path(compare_stores(listing_of(before), listing_of(after), *texts))
        assert {path: (one.kind, one.origins) for path, one in found.items()} == {
            "/anna.md": ("renamed", ("/a.md",)),
            "/people/b.md": ("moved", ("/b.md",)),
        }
        assert not texts[0].read
        assert not texts[1].read

    def test_a_renamed_memory_is_known_by_its_lines_where_some_were_edited(self) -> None:
        edited = [*ANA[:3], "- a new line\n", *ANA[4:]]
        change = only({"/a.md": "".join(ANA)}, {"/anna.md": "".join(edited)})
        assert (change.kind, change.origins) == ("renamed", ("/a.md",))
        assert (change.lines_added, change.lines_removed) == (1, 1)

    def test_a_renamed_memory_is_known_though_every_line_is_reworded(self) -> None:
        edited = [line.replace("- ", "* ").replace("\n", ".\n") for line in ANA]
        change = only({"/a.md": "".join(ANA)}, {"/people/a.md": "".join(edited)})
        assert (change.kind, change.origins) == ("moved", ("/a.md",))

    def test_a_renamed_memory_is_known_by_its_words_though_every_line_breaks_elsewhere(self) -> None:
        words = "".join(ANA).split()
        wrapped = "\n".join(" ".join(words[n : n + 25]) for n in range(0, len(words), 25))
        change = only({"/a.md": "".join(ANA)}, {"/people/ana.txt": wrapped})
        assert (change.kind, change.origins) == ("moved", ("/a.md",))

    def test_a_memory_whose_lines_are_all_others_is_no_rename(self) -> None:
        found = compared({"/a.md": "".join(ANA)}, {"/b.md": "".join(BEN)}).changes
        assert [(change.kind, change.path) for change in found] == [("removed", "/a.md"), ("added", "/b.md")]

    def test_several_memories_in_a_new_one_were_merged_in_the_order_in_which_they_stand(self) -> None:
        before = {"/a.md": "".join(ANA), "/b.md": "".join(BEN)}
        change = only(before, {"/all.md": "".join([*BEN, *ANA])})
        assert (change.kind, change.origins) == ("merged", ("/b.md", "/a.md"))
        assert (change.lines_added, change.lines_removed) == (0, 0)

    def test_a_memory_in_one_that_was_there_was_merged_into_it(self) -> None:
        before = {"/a.md": "".join(ANA), "/b.md": "".join(BEN)}
        change = only(before, {"/b.md": "".join([*BEN, *ANA])})
        assert (change.kind, change.path, change.origins) == ("merged", "/b.md", ("/b.md", "/a.md"))

    def test_a_memory_in_several_new_ones_was_split(self) -> None:
        found = compared({"/all.md": "".join([*ANA, *BEN])}, {"/a.md": "".join(ANA), "/b.md": "".join(BEN)})
        changes = by_path(found)
        assert (changes["/all.md"].kind, changes["/all.md"].into) == ("split", ("/a.md", "/b.md"))
        assert changes["/all.md"].fates == {"moved": 20}
        assert {changes[path].kind for path in ("/a.md", "/b.md")} == {"added"}

    def test_a_memory_a_part_of_which_is_a_new_one_was_split(self) -> None:
        found = by_path(
            compared({"/a.md": "".join([*ANA, *BEN])}, {"/a.md": "".join(ANA), "/b.md": "".join(BEN)})
        )
        assert (found["/a.md"].kind, found["/a.md"].into) == ("split", ("/b.md",))

    def test_memories_that_are_mostly_alike_went_to_those_of_their_names(self) -> None:
        before = {f"/notes/{n}.md": "".join([*ANA, *BEN, f"- ticket {n}\n"]) for n in range(30)}
        after = {f"/tickets/{n}.md": "".join([*ANA[1:], *BEN, f"- ticket {n}!\n"]) for n in range(30)}
        found = by_path(compared(before, after))
        assert {path: (one.kind, one.origins) for path, one in found.items()} == {
            f"/tickets/{n}.md": ("moved", (f"/notes/{n}.md",)) for n in range(30)
        }

    def test_copies_of_one_memory_were_merged_into_the_one_that_is_left(self) -> None:
        before = {f"/{n:02}.md": "".join(ANA) for n in range(60)}
        change = only(before, {"/ana.md": "".join([*ANA, "- more\n"])})
        assert (change.kind, set(change.origins)) == ("merged", set(before))
        assert change.fates == {"said_again": 590}

    def test_of_very_many_merged_ones_some_are_shown_as_gone_into_it(self) -> None:
        before = {f"/{n:02}.md": "".join(facts("Ana", 1_000)) for n in range(60)}
        found = compared(before, {"/ana.md": "".join([*facts("Ana", 1_000), "- more\n"])}).changes
        assert {(one.kind, one.into) for one in found[:-1]} == {("removed", ("/ana.md",))}
        assert found[-1].kind == "merged"
        assert 1 < len(found[-1].origins) < 60
        assert all(one.gone_bytes == 0 for one in found)

    def test_counts_are_by_path_and_name_what_became_of_them(self) -> None:
        before = {"/a.md": "".join(ANA), "/b.md": "".join(BEN), "/c.md": "".join(CARL), "/same.md": "x"}
        after = {"/ana.md": "".join(ANA), "/all.md": "".join([*BEN, *CARL]), "/same.md": "x"}
        assert compared(before, after).counts() == {
            "added": 2, "changed": 0, "removed": 3, "unchanged": 1,
            "renamed": 1, "moved": 0, "merged": 1, "split": 0,
        }  # fmt: skip


class TestFates:
    def fates(
        self, before: Mapping[str, str], after: Mapping[str, str], path: str
    ) -> list[tuple[object, ...]]:
        found = compared(before, after, look=True)
        return [(one.line, one.kind, one.path, one.to_line) for one in found.whereabouts.fates_of(path)]

    def test_a_line_that_came_in_another_memory_moved_there(self) -> None:
        before = {"/a.md": "".join([*ANA, BEN[0]]), "/b.md": "".join(BEN[1:])}
        after = {"/a.md": "".join(ANA), "/b.md": "".join([*BEN[1:], BEN[0]])}
        assert self.fates(before, after, "/a.md") == [(11, "moved", "/b.md", 10)]

    def test_a_line_that_another_memory_says_all_the_same_is_said_again(self) -> None:
        before = {"/a.md": "".join([*ANA, BEN[0]]), "/b.md": "".join(BEN)}
        after = {"/a.md": "".join(ANA), "/b.md": "".join(BEN)}
        assert self.fates(before, after, "/a.md") == [(11, "said_again", "/b.md", 1)]

    def test_a_line_that_another_memory_says_in_other_words_is_said_again(self) -> None:
        before = {"/a.md": "".join([*ANA, BEN[0]]), "/b.md": BEN[0].replace("\n", "!\n")}
        after = {"/a.md": "".join(ANA), "/b.md": before["/b.md"]}
        assert self.fates(before, after, "/a.md") == [(11, "said_again", "/b.md", 1)]

    def test_a_long_line_is_not_said_again_by_one_that_only_begins_as_it_does(self) -> None:
        long = f"- {'the beginning ' * 200}and the end that matters\n"
        before, after = {"/a.md": "".join([*ANA, long])}, {"/a.md": "".join(ANA), "/b.md": long[:450] + "\n"}
        assert self.fates(before, after, "/a.md") == [(11, "gone", "", None)]

    def test_an_edited_line_was_replaced(self) -> None:
        after = {"/a.md": "".join([*ANA[:4], ANA[4].replace("4:", "four:"), *ANA[5:]])}
        assert self.fates({"/a.md": "".join(ANA)}, after, "/a.md") == [(5, "replaced", "/a.md", 5)]

    def test_a_line_that_stands_nowhere_is_gone(self) -> None:
        assert self.fates({"/a.md": "".join(ANA)}, {"/a.md": "".join(ANA[1:])}, "/a.md") == [
            (1, "gone", "", None)
        ]

    def test_all_lines_of_a_memory_that_was_cut_to_a_byte_are_gone(self) -> None:
        assert only({"/a.md": "".join(ANA)}, {"/a.md": "x"}).fates == {"gone": 10}

    def test_the_bytes_of_what_is_gone_are_told(self) -> None:
        before, after = {"/a.md": "".join(ANA), "/b.md": ""}, {"/a.md": "".join(ANA[2:]), "/b.md": ANA[0]}
        change = by_path(compared(before, after))["/a.md"]
        assert change.gone_bytes == len(ANA[1])


LINE = st.sampled_from([*ANA[:4], *BEN[:3], "ok\n", "\n", "---\n", "a\r\n", "x\u2028y\n", "\0\n"])
TEXT = st.builds(
    lambda lines, end: "".join(lines) + end, st.lists(LINE, max_size=8), st.sampled_from(["", "no end"])
)
STORES = st.dictionaries(st.sampled_from([f"/{name}.md" for name in "abcdef"]), TEXT, max_size=6)


@given(STORES, STORES, st.booleans())
def test_every_removed_line_has_exactly_one_fate(
    before: dict[str, str], after: dict[str, str], look: bool
) -> None:
    found = compared(before, after, look=look)
    for change in found.changes:
        texts = [before[path] for path in change.origins]
        memory = memory_of(change, texts, after.get(change.path, ""))
        fates = fates_of(memory, found.whereabouts)
        assert [fate.line for fate in fates] == [line.number for line in memory.removed]
        assert sum(change.fates.values()) == change.lines_removed == len(fates)
        assert change.lines_added == len(memory.added)
        for fate in fates:
            if fate.to_line is not None:
                stands = lines_of(after[fate.path])[fate.to_line - 1]
                if fate.kind == "moved":
                    assert stands.rstrip() == lines_of(joined(texts))[fate.line - 1].rstrip()


@given(STORES, STORES)
def test_every_memory_that_differs_is_in_one_change(before: dict[str, str], after: dict[str, str]) -> None:
    found = compared(before, after)
    paths = compare(listing_of(before), listing_of(after))
    assert {change.path for change in found.changes if change.after} == {*paths.added, *paths.changed}
    gone = [path for change in found.changes for path in change.origins if path in paths.removed]
    assert sorted(gone) == list(paths.removed)
    assert found.unchanged == paths.unchanged
    counts = found.counts()
    assert {kind: counts[kind] for kind in paths.counts()} == paths.counts()


PATHS = st.text(st.characters(codec="utf-8", exclude_characters="\0/"), min_size=1, max_size=12)


@given(PATHS, PATHS, st.integers(0, 9))
def test_a_rename_is_found_whatever_the_path(old: str, new: str, edited: int) -> None:
    lines = [*ANA[:edited], ANA[edited].replace("\n", " too\n"), *ANA[edited + 1 :]]
    if old != new:
        change = only({f"/{old}": "".join(ANA)}, {f"/{new}": "".join(lines)})
        assert (change.kind, change.origins, change.path) == ("renamed", (f"/{old}",), f"/{new}")


@pytest.mark.parametrize("size", [0, 1])
def test_texts_one_after_the_other_stand_on_lines_of_their_own(size: int) -> None:
    assert joined(["a", "", "b\n", "c"][: 4 * size]) == "a\nb\nc" * size


def test_bodies_that_do_not_differ_are_not_read() -> None:
    before = {f"/{n}.md": "".join(facts(f"{n}")) for n in range(20)}
    after = {**before, "/3.md": before["/3.md"] + "- more\n"}
    texts = KnownTexts(before), KnownTexts(after)
    found = compare_stores(listing_of(before), listing_of(after), *texts)
    assert [change.path for change in found.changes] == ["/3.md"]
    assert texts[0].read == texts[1].read == ["/3.md"]
    assert len(found.unread) == 19
