"""Which stores came after an ancestor, and what a clone of it is to hold."""

from __future__ import annotations

from dataclasses import replace
from datetime import datetime

import pytest

from dreamflow.core.lineage import Lineage
from dreamflow.core.objects import MemoryEntry, MemoryStore, MemoryVersion
from dreamflow.core.restoring import find_way_back, listing_at, matcher_of, since_only, wanted_of
from dreamflow.errors import StateError
from tests.unit.support import at, listing_of, sha, store


def heir(store_id: str, parent: str, minutes: float, origin: str = "") -> MemoryStore:
    """Return a store that was adopted so many minutes after noon."""
    lineage = Lineage("support", parent, "drm_1", "run", None, at(minutes), "Ada", origin=origin)
    return store(store_id, **lineage.pairs())


FIRST, SECOND, THIRD = store("m_1"), heir("m_2", "m_1", 10, "m_1"), heir("m_3", "m_2", 20, "m_1")


def version(memory_id: str, minutes: float, content: str | None, *, created: bool = False) -> MemoryVersion:
    """Return a change of a memory; to no content is a delete."""
    operation = "deleted" if content is None else "created" if created else "modified"
    checksum = None if content is None else sha(content)
    moment: datetime = at(minutes)
    return MemoryVersion(
        f"v_{memory_id}_{minutes}", memory_id, operation, f"/{memory_id}.md", checksum, 1, "", moment
    )


class TestWayBack:
    def test_what_came_after_is_told_oldest_first(self) -> None:
        way = find_way_back(FIRST, [THIRD, SECOND, FIRST])
        assert ([found.id for found in way.since], way.warnings) == (["m_2", "m_3"], ())
        assert [found.id for found in find_way_back(SECOND, [THIRD, SECOND]).since] == ["m_3"]

    def test_the_first_of_the_line_is_known_where_a_store_between_is_gone(self) -> None:
        way = find_way_back(FIRST, [THIRD])
        assert [found.id for found in way.since] == ["m_3"]
        assert "between m_1 and the live store m_3 is gone" in way.warnings[0]

    @pytest.mark.parametrize(
        ("archived", "since"), [(None, ["m_3"]), (5, ["m_2", "m_3"]), (15, ["m_3"]), (99, ["m_3"])]
    )
    def test_of_a_store_without_relation_what_was_adopted_after_its_archive_came_after(
        self, archived: float | None, since: list[str]
    ) -> None:
        stranger = replace(store("m_9"), archived_at=None if archived is None else at(archived))
        way = find_way_back(stranger, [THIRD, SECOND, FIRST])
        assert [found.id for found in way.since] == since
        assert way.warnings[0].startswith("NOTHING TELLS THAT THE LIVE STORE m_3 CAME OF m_9")

    def test_where_nothing_is_known_of_the_live_store_nothing_came_after(self) -> None:
        way = find_way_back(store("m_9"), [FIRST])
        assert way.since == ()
        assert "looked for in no store" in way.warnings[0]


class TestListingAt:
    VERSIONS = (
        version("a", 9, "later"),
        version("b", 8, None),
        version("c", 7, "new", created=True),
        version("b", 3, "b", created=True),
        version("d", 2, None),
        version("a", 1, "then"),
        version("d", 0, "d", created=True),
        version("a", 0, "first", created=True),
    )

    def current(self, **old: str) -> dict[str, MemoryEntry]:
        """Return what the store holds after the versions, and memories that have none of them any more."""
        held = (place for row in (self.VERSIONS[0], self.VERSIONS[2]) if (place := row.place))
        return {place.path: place.entry for place in held} | listing_of(old)

    def test_it_is_what_the_versions_up_to_then_left(self) -> None:
        listing = listing_at(self.VERSIONS, at(5), self.current())
        assert listing is not None
        assert {path: entry.sha256 for path, entry in listing.items()} == {
            "/a.md": sha("then"),
            "/b.md": sha("b"),
        }
        assert listing["/a.md"].version_id == "v_a_1"

    def test_it_is_not_known_where_the_versions_do_not_reach_back(self) -> None:
        kept = [row for row in self.VERSIONS if row.at > at(2)]
        assert listing_at(kept, at(5), {}) is None

    def test_it_is_not_known_where_a_memory_has_no_versions_any_more(self) -> None:
        """It has not been written to for longer than the service keeps versions: it was there, or came by a copy."""
        assert listing_at(self.VERSIONS, at(5), self.current(old="old")) is None

    def test_a_store_that_was_empty_was_empty(self) -> None:
        assert listing_at(self.VERSIONS, at(-1), self.current()) == {}


class TestWanted:
    ANCESTOR = ("m_1", listing_of({"/a.md": "old", "/b/c.md": "old"}))
    LIVE = ("m_3", listing_of({"/a.md": "new", "/d.md": "new"}))

    def sources(self, *paths: str) -> dict[str, str]:
        return {path: source.store_id for path, source in wanted_of(self.ANCESTOR, self.LIVE, paths).items()}

    def test_without_patterns_it_is_the_ancestor(self) -> None:
        assert self.sources() == {"/a.md": "m_1", "/b/c.md": "m_1"}

    @pytest.mark.parametrize(
        ("paths", "brought"),
        [
            (["/a.md"], {"/a.md"}),
            (["b/"], {"/b/c.md"}),
            (["c.md"], {"/b/c.md"}),
            (["*.md", "!a.md"], {"/b/c.md"}),
        ],
    )
    def test_with_patterns_it_is_the_live_store_with_what_matches(
        self, paths: list[str], brought: set[str]
    ) -> None:
        sources = self.sources(*paths)
        assert {path for path, store_id in sources.items() if store_id == "m_1"} == brought
        assert sources.keys() == {"/a.md", "/d.md", *brought}

    def test_patterns_that_bring_nothing_are_an_error(self) -> None:
        with pytest.raises(StateError, match="none of the 2 memories of m_1 matches"):
            self.sources("# a comment")

    def test_a_path_is_never_a_pattern(self) -> None:
        """Only what the person wrote is; a memory may be called anything."""
        assert not matcher_of(["[a].md"])("/[a].md")
        assert matcher_of([r"\[a\].md"])("/[a].md")


def test_elsewhere_what_a_store_holds_now_counts_as_known() -> None:
    base, current = (
        listing_of({"/a.md": "1", "/b.md": "1"}),
        listing_of({"/a.md": "2", "/b.md": "2", "/c.md": "2"}),
    )
    seen = since_only(base, current, matcher_of(["/a.md"]))
    assert {path: entry.sha256 for path, entry in seen.items()} == {
        "/a.md": sha("1"),
        "/b.md": sha("2"),
        "/c.md": sha("2"),
    }


def test_a_memory_that_left_the_paths_asked_for_is_known_once() -> None:
    base = listing_of({"/a.md": "1"})
    moved = {"/elsewhere.md": base["/a.md"]}
    assert since_only(base, moved, matcher_of(["/a.md"])) == base
