"""The checks on what became of memories as a whole: protected, removed, shrunk, limits, unseen, unchanged."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from dreamflow.core.checks.limits import Limits
from dreamflow.core.checks.protected import Protected
from dreamflow.core.checks.removed import Removed
from dreamflow.core.checks.shrunk import Shrunk
from dreamflow.core.checks.unchanged import Unchanged
from dreamflow.core.checks.unseen import Unseen
from dreamflow.core.review import Finding, verdict_of
from tests.unit.core.checks.examining import checked

HOSTILE = "/![x](http://evil)"


def paths_of(found: tuple[Finding, ...]) -> set[str]:
    return {path for one in found for path in (one.path, *one.paths) if path}


def text(name: str, lines: int = 12) -> str:
    """Return a memory unlike those of other names."""
    return "".join(f"- {name} said {name[::-1]}{n * 37} of {name * 2} {n * 11}\n" for n in range(lines))


STORE = {f"/{name}.md": text(name) for name in ("ana", "ben", "carl", "dora", "emil", "fred", "gina", "hal")}


class TestProtected:
    @pytest.mark.parametrize(
        ("pattern", "caught"),
        [
            ("/policies/**", {"/policies/a.md", "/policies/deep/b.md", "/policies/new.md"}),
            (
                "policies/",
                {"/policies/a.md", "/policies/deep/b.md", "/policies/new.md", "/team/policies/c.md"},
            ),
            ("*.lock", {"/x.lock"}),
            ("/nothing", set()),
        ],
    )
    def test_protected_memories_that_changed_went_or_came_are_named(
        self, pattern: str, caught: set[str]
    ) -> None:
        paths = ["/policies/a.md", "/policies/deep/b.md", "/team/policies/c.md", "/x.lock", "/notes.md"]
        before = {path: f"{path} old" for path in paths}
        after = {path: f"{path} new" for path in [*paths[1:], "/policies/new.md"]}
        assert paths_of(checked(Protected, before, after, protect=[pattern])) == caught

    def test_one_that_stayed_as_it_was_is_no_finding(self) -> None:
        assert checked(Protected, {"/p/a": "1"}, {"/p/a": "1", "/b": "1"}, protect=["/p/**"]) == ()

    def test_a_later_pattern_may_make_an_exception(self) -> None:
        found = checked(
            Protected, {"/p/a": "1", "/p/b": "1"}, {"/p/a": "2", "/p/b": "2"}, protect=["/p/*", "!/p/b"]
        )
        assert paths_of(found) == {"/p/a"}

    def test_one_that_was_renamed_away_or_merged_into_another_is_named(self) -> None:
        before = {"/p/a.md": text("ana"), "/p/b.md": text("ben"), "/c.md": text("carl")}
        after = {"/a.md": text("ana"), "/c.md": text("carl") + text("ben")}
        found = checked(Protected, before, after, protect=["/p/**"])
        assert {(one.path, one.side) for one in found} == {("/p/a.md", "before"), ("/p/b.md", "before")}

    def test_a_tick_is_for_what_it_was_changed_to(self) -> None:
        (one,), (other,) = (
            checked(Protected, {"/p": "1"}, {"/p": new}, protect=["/p"]) for new in ("2", "3")
        )
        assert one.id != other.id

    def test_a_hundred_are_one_finding_that_names_them_all(self) -> None:
        after = {f"/p/{n}.md": f"{n}" for n in range(100)}
        (found,) = checked(Protected, {}, after, protect=["/p/"])
        assert set(found.paths) == after.keys()


class TestRemoved:
    @given(st.sets(st.sampled_from(sorted(STORE))), st.floats(0, 1))
    def test_removals_are_a_finding_exactly_above_the_share_that_may_go(
        self, gone: set[str], max_removed: float
    ) -> None:
        after = {path: content for path, content in STORE.items() if path not in gone} | {"/x.md": "x"}
        found = checked(Removed, STORE, after, max_removed=max_removed)
        if len(gone) > max_removed * len(STORE):
            (one,) = found
            assert one.message.startswith(f"{len(gone)} of {len(STORE)} ")
            assert set(one.paths) == gone
        else:
            assert found == ()

    def test_every_path_is_named(self) -> None:
        before = {f"/{n}.md": text(f"name{n}") for n in range(60)}
        (found,) = checked(Removed, before, {"/left.md": "x"})
        assert set(found.paths) == before.keys()

    def test_what_was_renamed_moved_merged_split_or_is_said_elsewhere_is_not_gone(self) -> None:
        before = {**STORE, "/copy.md": text("hal"), "/both.md": text("ida") + text("jon")}
        after = {
            "/people/ana.md": text("ana"), "/benjamin.md": text("ben"),
            "/cd.md": text("carl") + text("dora"), "/emil.md": text("emil") + text("fred") + text("gina"),
            "/hal.md": text("hal") + "- and more\n", "/ida.md": text("ida"), "/jon.md": text("jon"),
        }  # fmt: skip
        assert checked(Removed, before, after, max_removed=0) == ()

    def test_an_output_that_holds_nothing_is_a_finding_whatever_may_go(self) -> None:
        (found,) = checked(Removed, {"/a": "1"}, {}, max_removed=1)
        assert found.message == "The output store is empty."
        assert checked(Removed, {}, {}) == ()


#: What a memory said, and as much that says nothing of it.
GUTTED = {
    "prose": (
        "- Prefers an aisle seat on early flights.\n- Asks for receipts in her company's name.\n"
        "- Never wants calls before ten.\n",
        "- The garden by the river is warm and quiet now.\n- The song of a bird comes over the hill.\n"
        "- A lamp stands on the old table.\n",
    ),
    "German": (
        "- Die Kundin möchte immer am Gang sitzen und früh fliegen.\n- Rechnungen gehen an ihre Firma.\n",
        "- Der Garten liegt ruhig am Fluss und es ist warm geworden.\n- Ein Vogel singt über dem Hügel laut.\n",
    ),
    "Chinese": (
        "- 客户喜欢靠窗的座位 早上出发。\n- 发票寄到公司。\n",
        "- 花园很安静 河边天气温暖而明亮。\n- 小鸟在山上唱歌。\n",
    ),
}


class TestShrunk:
    def test_twenty_memories_cut_to_a_byte_each_are_flagged_with_all_paths(self) -> None:
        before = {f"/{n:02}.md": text(f"name{n}") for n in range(20)}
        found = checked(
            Shrunk, before, dict.fromkeys(before, "x") | {"/policies/always-refund.md": "Always.\n"}
        )
        assert set(found[0].paths) == before.keys()
        assert verdict_of(found) == "flagged"
        assert "as a whole" in found[1].message

    @pytest.mark.parametrize("after", ["", "\n", "- ana said anything\n"])
    def test_an_emptied_memory_is_flagged_by_its_path(self, after: str) -> None:
        (found,) = checked(Shrunk, STORE, STORE | {"/ana.md": after})
        assert found.path == "/ana.md"

    def test_lines_that_moved_elsewhere_are_not_lost(self) -> None:
        after = STORE | {"/ana.md": "See people.md.\n", "/people.md": text("ana")}
        assert checked(Shrunk, STORE, after) == ()

    def test_a_long_line_that_went_is_not_made_up_for_by_many_that_moved(self) -> None:
        before = STORE | {"/long.md": text("kim") + "x" * 10_000 + "\n"}
        found, _ = checked(Shrunk, before, STORE | {"/long.md": "", "/kim.md": text("kim")}, max_shrunk=0.6)
        assert found.path == "/long.md"

    def test_a_memory_that_lost_less_than_the_share_is_no_finding(self) -> None:
        after = STORE | {"/ana.md": "".join(text("ana").splitlines(keepends=True)[:7])}
        assert checked(Shrunk, STORE, after) == ()
        assert checked(Shrunk, STORE, after, max_shrunk=0.4)

    @pytest.mark.parametrize(("kept", "filler"), GUTTED.values(), ids=GUTTED)
    def test_a_store_whose_texts_all_gave_way_to_filler_is_flagged_with_all_paths(
        self, kept: str, filler: str
    ) -> None:
        before = {f"/{n:02}.md": f"# Customer {n}\n{kept}" for n in range(20)}
        after = {path: old.replace(kept, filler) for path, old in before.items()}
        found = checked(Shrunk, before, after)
        assert set(found[0].paths) == before.keys()
        assert "as a whole" in found[1].message
        assert verdict_of(found) == "flagged"

    def test_one_memory_whose_text_gave_way_to_as_much_of_another_is_flagged_by_its_path(self) -> None:
        (found,) = checked(Shrunk, STORE, STORE | {"/ana.md": text("zoe")})
        assert found.path == "/ana.md"

    @pytest.mark.parametrize("path", ["/anna.md", "/index.md"])
    def test_what_a_memory_says_in_other_words_is_not_lost(self, path: str) -> None:
        old = (
            "- The customer prefers aisle seats on long flights.\n- She calls back in the morning only.\n"
            "- Her company pays, so each invoice goes to Berlin.\n[Old notes](/notes/old.md)\n"
        )
        new = (
            "Seat preference: aisle, on each longer flight. Call her back mornings.\n"
            "Invoices are paid by the company in Berlin.\n[Old notes](/archive/2026.md)\n"
        )
        assert checked(Shrunk, {path: old}, {path: new}) == ()

    def test_a_short_note_may_say_something_else(self) -> None:
        assert checked(Shrunk, STORE | {"/a.md": "one\n"}, STORE | {"/a.md": "edited\n"}) == ()
        before, after = {"/a.md": "Open: the printer.\n"}, {"/a.md": "All tickets are closed now.\n"}
        assert checked(Shrunk, before, after) == ()

    def test_a_store_of_short_notes_that_all_gave_way_to_filler_is_flagged(self) -> None:
        before = {f"/{n:02}.md": f"Desk{n} prefers seats{n} of aisle{n}.\n" for n in range(20)}
        (found,) = checked(Shrunk, before, dict.fromkeys(before, "The garden is warm and quiet now.\n"))
        assert "as a whole" in found.message

    def test_lines_that_only_name_other_memories_may_name_others(self) -> None:
        before, after = (
            "".join(f"- [{name}](/{folder}/{name}.md)\n" for name in "abc")
            for folder in ("people", "clients")
        )
        assert checked(Shrunk, {"/index.md": before}, {"/index.md": after}) == ()

    def test_a_store_that_lost_its_largest_memories_is_flagged_as_a_whole(self) -> None:
        before = STORE | {"/large.md": text("large", 2_000)}
        (found,) = checked(Shrunk, before, STORE)
        assert "The store as a whole" in found.message

    def test_a_tick_for_a_store_that_shrank_is_none_for_one_that_shrank_more(self) -> None:
        before = STORE | {"/large.md": text("large", 2_000)}
        (half,), (most,) = (checked(Shrunk, before, after) for after in (STORE, {"/ana.md": text("ana")}))
        assert half.id != most.id


class TestLimits:
    def test_what_the_service_does_not_take_can_not_be_adopted(self) -> None:
        long = "/" + "é" * 512
        found = checked(Limits, {}, {"/large.md": "x" * 102_401, "/fits.md": "x" * 102_400, long: "x"})
        assert paths_of(found) == {"/large.md", long}
        assert verdict_of(found) == "blocked"

    def test_more_memories_than_a_store_takes_are_a_finding(self) -> None:
        store = {f"/{n}": f"{n}" for n in range(2_000)}
        assert checked(Limits, store, store) == ()
        (found,) = checked(Limits, store, store | {"/more": "x"})
        assert "2,001 memories" in found.message


def test_a_change_that_no_page_shows_whole_is_flagged() -> None:
    found = checked(Unseen, {"/a.md": "1"}, {"/a.md": "2"}, unseen={"/a.md": "a line is too long"})
    assert [(one.path, one.severity) for one in found] == [("/a.md", "flag")]
    assert "a line is too long" in found[0].message


SAME = {
    "/a.md": "one\ntwo\n",
    "/index.md": "# Index, 2026-11-20\n- /a.md\n",
    "/desk.md": "# May refund\n- Anna\n# May not refund\n- Carla\n",
}


class TestUnchanged:
    @pytest.mark.parametrize(
        "after",
        [
            SAME,
            SAME | {"/a.md": "one \n\ntwo"},
            SAME | {"/index.md": "# Index, 2026-11-21\n- /a.md\n"},
        ],
        ids=["nothing", "blanks", "the date of the index"],
    )
    def test_the_third_night_that_changes_nothing_that_matters_is_told(self, after: dict[str, str]) -> None:
        assert checked(Unchanged, SAME, after, unchanged_nights=1) == ()
        (found,) = checked(Unchanged, SAME, after, unchanged_nights=2)
        assert found.severity == "note"
        assert found.message.startswith("For 3 nights in a row")

    @pytest.mark.parametrize(
        "after",
        [
            SAME | {"/a.md": "one\nthree\n"},
            SAME | {"/a.md": "two\n2026-11-21\n"},
            SAME | {"/desk.md": "# May refund\n- Carla\n# May not refund\n- Anna\n"},
            SAME | {"/b.md": ""},
            {path: SAME[path] for path in ("/index.md", "/desk.md")},
        ],
        ids=["a word", "a date of a memory", "lines that swap headings", "a new memory", "a removed one"],
    )
    def test_a_night_that_changed_something_is_not(self, after: dict[str, str]) -> None:
        assert checked(Unchanged, SAME, after, unchanged_nights=9) == ()


def test_the_words_of_a_finding_hold_no_memory_text() -> None:
    before, after = {HOSTILE: "evil" * 99, "/b": "1"}, {"/b": "1"}
    for check in (Protected, Removed, Shrunk):
        for found in checked(check, before, after, protect=["*"], max_removed=0.0):
            assert "evil" not in found.message
