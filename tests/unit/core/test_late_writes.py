"""Which writes are late: by memory and version, not by path; what the dream has seen is not."""

from __future__ import annotations

from datetime import timedelta
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from dreamflow.core.late_writes import (
    Carried,
    Homes,
    LateWrite,
    find_late,
    since_base,
    to_look_at,
    without_carried,
)
from dreamflow.core.objects import MemoryEntry, MemoryVersion, Place, by_memory
from tests.unit.model_store import ModelService, ModelStore
from tests.unit.support import CONTENTS, NOON, PATHS, STORES, at, listing_of, sha

Contents = dict[str, str]


class Stores:
    """An input and an output of the same contents, and what the run keeps of the input."""

    def __init__(self, **contents: str) -> None:
        self.service = ModelService()
        held = {f"/{name}.md": content for name, content in contents.items()}
        self.input = self.service.store(held)
        self.base = by_memory(self.service.list_memories(self.input.id))
        self.output = self.service.store(held)

    def versions(self, store: ModelStore) -> list[MemoryVersion]:
        return list(self.service.list_versions(store.id))

    def late(self, **more: Any) -> list[LateWrite]:
        current = more.pop("current", None) or self.service.list_memories(self.input.id)
        wanted = to_look_at(self.base, by_memory(current)) | set(more.pop("wanted", ()))
        unlisted = more.get("unlisted", False)
        versions = since_base(
            self.versions(self.input), self.base, wanted, more.pop("launched", self.base), unlisted=unlisted
        )
        found, self.held = find_late(self.base, current, versions, self.versions(self.output), **more)
        return list(found)


def told(late: list[LateWrite]) -> list[tuple[str | None, str | None]]:
    """Return path and bytes before and after."""
    return [
        (
            write.base.entry.sha256[:8] if write.base else None,
            write.now.entry.sha256[:8] if write.now else None,
        )
        for write in late
    ]


def test_the_unit_is_the_memory_with_all_that_was_written_to_it_since() -> None:
    stores = Stores(a="one")
    stores.input.put("/a.md", "two", "session sesn_1")
    stores.input.rename("/a.md", "/b.md", by="session sesn_2")
    stores.input.put("/b.md", "three", "session sesn_1")
    (write,) = stores.late()
    assert write.base is not None and write.now is not None
    assert (write.base.holds, write.now.holds) == (("/a.md", sha("one")), ("/b.md", sha("three")))
    assert (write.by, write.writes, write.depth) == ("session sesn_1, session sesn_2", 3, 4)
    assert write.at == stores.versions(stores.input)[0].at


def test_of_many_writers_some_are_named_and_the_rest_counted() -> None:
    stores = Stores(a="one")
    for n in range(6):
        stores.input.put("/a.md", f"text {n}", f"session sesn_{n}")
    assert stores.late()[0].by == "session sesn_5, session sesn_4, session sesn_3 and 3 more"


def test_what_was_written_after_the_listing_is_late_next_time() -> None:
    stores = Stores(a="one")
    stores.input.put("/a.md", "two", "session sesn_1")
    current = stores.service.list_memories(stores.input.id)
    stores.input.put("/a.md", "three", "session sesn_2")
    stores.input.put("/new.md", "new")
    (write,) = stores.late(current=current)
    assert write.now is not None
    assert (write.now.entry.sha256, write.by, write.writes) == (sha("two"), "session sesn_1", 1)


def test_back_to_what_it_was_is_nothing() -> None:
    stores = Stores(a="one")
    stores.input.put("/a.md", "two")
    stores.input.put("/a.md", "one")
    assert stores.late() == []


class TestWhatTheDreamHasSeen:
    def test_what_was_written_before_the_clone_is_its_base(self) -> None:
        stores = Stores(a="one")
        stores.input.put("/a.md", "two")
        stores.output.put("/a.md", "two")
        assert stores.late() == []
        stores.output.put("/a.md", "dreamed")
        stores.input.put("/a.md", "one")
        assert told(stores.late()) == [(sha("two")[:8], sha("one")[:8])]

    def test_what_the_output_held_before_it_was_written_to_the_input_is_no_copy_of_it(self) -> None:
        """The dream made a memory and dropped it; then a session made the same."""
        stores = Stores()
        stores.output.put("/new.md", "the same")
        stores.output.remove("/new.md")
        stores.input.put("/new.md", "the same")
        assert told(stores.late()) == [(None, sha("the same")[:8])]


class TestDeletes:
    def test_a_delete_and_a_create_at_one_path_are_one_edit(self) -> None:
        stores = Stores(a="one")
        stores.input.remove("/a.md", "session sesn_1")
        stores.input.put("/a.md", "two", "session sesn_2")
        (write,) = stores.late()
        assert told([write]) == [(sha("one")[:8], sha("two")[:8])]
        assert (write.by, write.writes, len(write.memory_ids)) == ("session sesn_2, session sesn_1", 2, 2)

    def test_as_is_the_same_text_made_anew(self) -> None:
        stores = Stores(a="one")
        stores.input.remove("/a.md")
        stores.input.put("/a.md", "one")
        assert stores.late() == []

    def test_a_memory_that_was_renamed_while_it_was_listed_is_not_taken_for_deleted(self) -> None:
        stores = Stores(z="one")
        stores.input.rename("/z.md", "/a.md")
        (write,) = stores.late(current={})
        assert write.now is not None
        assert write.now.path == "/a.md"
        assert list(stores.held) == list(write.memory_ids)

    def test_of_what_the_dream_has_seen_and_the_launch_has_not(self) -> None:
        """Made after the launch's listing, before the clone; the output has it."""
        stores = Stores(a="one")
        stores.input.put("/new.md", "new")
        stores.output.put("/new.md", "new")
        stores.input.remove("/new.md", "session sesn_1")
        assert stores.late() == []
        (write,) = stores.late(unlisted=True)
        assert (told([write]), write.by) == ([(sha("new")[:8], None)], "session sesn_1")

    def test_of_what_the_output_never_had_is_nothing_and_stays_so(self) -> None:
        stores = Stores(a="one")
        stores.input.put("/new.md", "new")
        stores.input.remove("/new.md")
        assert stores.late(unlisted=True) == []
        stores.base = stores.held
        stores.output.put("/new.md", "new", "another agent")
        assert stores.late(unlisted=True) == []

    def test_does_not_reach_what_another_memory_has_brought_to_its_place_since(self) -> None:
        stores = Stores(a="one")
        stores.input.put("/new.md", "new")
        stores.input.remove("/new.md")
        launched = stores.base
        stores.input.put("/new.md", "new")
        stores.output.put("/new.md", "new", "the carry, which came no further")
        stores.base = by_memory(stores.service.list_memories(stores.input.id))
        assert stores.late(unlisted=True, launched=launched) == []

    def test_a_memory_that_is_not_listed_is_gone_only_where_a_delete_is_told(self) -> None:
        """The service need not keep old versions for ever."""
        stores = Stores(a="one")
        found, held = find_late(stores.base, {}, (), stores.versions(stores.output))
        assert (found, held) == ((), stores.base)

    def test_of_two_that_had_one_path_the_last_is_joined_with_what_was_made_there_and_none_is_dropped(
        self,
    ) -> None:
        stores = Stores(a="one", b="two")
        (first, second) = stores.base
        stores.input.remove("/a.md")
        stores.input.remove("/b.md")
        stores.input.put("/a.md", "three")
        stores.base[second] = stores.base[second]._replace(path="/a.md")
        late = stores.late()
        assert sorted(told(late), key=str) == sorted(
            [(sha("one")[:8], None), (sha("two")[:8], sha("three")[:8])], key=str
        )
        assert {memory_id for write in late for memory_id in write.memory_ids} >= {first, second}

    @pytest.mark.parametrize(("minutes", "is_late"), [(-1, True), (1, False)])
    def test_a_delete_after_the_archive_is_nobodys_word(self, minutes: float, is_late: bool) -> None:
        stores = Stores(a="one")
        stores.input.put("/a.md", "two")
        stores.input.put("/new.md", "new")
        made = stores.input.held["/new.md"][0]
        for path in ("/a.md", "/new.md"):
            stores.input.remove(path)
        deleted_at = stores.versions(stores.input)[0].at
        found = stores.late(archived_at=deleted_at - timedelta(minutes=minutes), wanted={made})
        expected = (
            [(sha("one")[:8], None)]
            if is_late
            else [(sha("one")[:8], sha("two")[:8]), (None, sha("new")[:8])]
        )
        assert told(found) == expected


class TestReadingBack:
    def version(self, n: int, memory_id: str, minutes: float, operation: str = "modified") -> MemoryVersion:
        return MemoryVersion(f"memver_{n}", memory_id, operation, "/a.md", sha(str(n)), 1, "", at(minutes))

    def test_it_ends_once_every_base_was_met(self) -> None:
        base = {"mem_1": Place("/a.md", MemoryEntry("mem_1", "", "memver_7", 1))}
        versions = [self.version(n, "mem_1", n) for n in range(9, 0, -1)]
        assert [version.id for version in since_base(versions, base, {"mem_1"}, base)] == [
            "memver_9",
            "memver_8",
            "memver_7",
        ]

    def test_a_base_from_long_ago_is_not_looked_for_once_what_was_listed_with_it_was_met(self) -> None:
        base = {
            "mem_1": Place("/a.md", MemoryEntry("mem_1", "", "memver_0", 1)),
            "mem_2": Place("/b.md", MemoryEntry("mem_2", "", "memver_500", 1)),
        }
        old = [self.version(n, "mem_3", n) for n in range(499, 0, -1)]
        versions = [
            self.version(501, "mem_1", 501),
            self.version(500, "mem_2", 500),
            *old,
            self.version(0, "mem_1", 0),
        ]
        read = list(since_base(versions, base, {"mem_1"}, base))
        assert 60 <= len(read) <= 65

    def test_it_goes_back_to_the_launch_where_only_some_memories_were_carried_since(self) -> None:
        """A newer base of one memory tells nothing of how far back what came to another lies."""
        launched = {
            "mem_1": Place("/a.md", MemoryEntry("mem_1", "", "memver_1", 1)),
            "mem_2": Place("/b.md", MemoryEntry("mem_2", "", "memver_2", 1)),
        }
        base = {**launched, "mem_2": Place("/b.md", MemoryEntry("mem_2", "", "memver_500", 1))}
        versions = [
            self.version(501, "mem_1", 501, "deleted"),
            self.version(500, "mem_2", 500),
            self.version(3, "mem_1", 3),
            self.version(2, "mem_2", 2),
            self.version(1, "mem_1", 1),
        ]
        assert list(since_base(versions, base, {"mem_1"}, launched)) == versions
        _, held = find_late(base, {}, versions, (), at(500.5))
        assert held["mem_1"].entry.sha256 == sha("3")

    def test_for_what_was_made_and_deleted_since_it_goes_back_to_the_launch_and_no_further(self) -> None:
        base = {"mem_1": Place("/a.md", MemoryEntry("mem_1", "", "memver_3", 1))}
        versions = [
            self.version(5, "mem_2", 5, "deleted"),
            self.version(4, "mem_2", 4, "created"),
            self.version(3, "mem_1", 3),
            self.version(2, "mem_1", 2),
        ]
        assert list(since_base(versions, base, (), base)) == []
        assert list(since_base(versions, base, (), base, unlisted=True)) == versions[:3]

    def test_a_new_memory_is_followed_to_where_it_was_made(self) -> None:
        versions = [
            self.version(3, "mem_1", 3),
            self.version(2, "mem_1", 2, "created"),
            self.version(1, "mem_0", 1),
        ]
        assert len(list(since_base(versions, {}, {"mem_1"}, {}))) == 2


class TestHomes:
    def test_a_memory_is_where_the_dream_has_put_it(self) -> None:
        stores = Stores(a="one")
        stores.output.rename("/a.md", "/b.md")
        stores.output.put("/b.md", "dreamed")
        stores.output.put("/a.md", "another")
        homes = Homes(stores.service.list_memories(stores.output.id), stores.versions(stores.output))
        (base,) = stores.base.values()
        assert homes.of(base) == "/b.md"

    def test_else_at_its_path_else_nowhere(self) -> None:
        stores = Stores(a="one")
        stores.output.remove("/a.md")
        (base,) = stores.base.values()

        def home() -> str | None:
            return Homes(stores.service.list_memories(stores.output.id), stores.versions(stores.output)).of(
                base
            )

        assert home() is None
        stores.output.put("/a.md", "dreamed anew")
        assert home() == "/a.md"
        assert Homes({}, ()).of(None) is None


@given(STORES, STORES, st.lists(st.tuples(PATHS, st.none() | CONTENTS), max_size=6))
def test_without_what_was_carried_a_store_is_as_it_was_however_far_the_carry_came(
    reviewed: Contents, other: Contents, writes: list[tuple[str, str | None]]
) -> None:
    """Also where a path is written more than once."""
    held = dict(listing_of(reviewed))
    states, rows = [dict(held)], []
    for path, content in writes:
        before = held[path].sha256 if path in held else None
        after = None if content is None else sha(content)
        if before == after:
            continue
        rows.append(Carried(path, before, after))
        if content is None:
            del held[path]
        else:
            held[path] = listing_of({path: content})[path]
        states.append(dict(held))
    want = {path: entry.sha256 for path, entry in listing_of(reviewed).items()}
    for state in states:
        assert {path: entry.sha256 for path, entry in without_carried(state, rows).items()} == want


@given(st.builds(Carried, st.text(), st.none() | st.text(), st.none() | st.text()))
def test_a_noted_write_comes_back_as_it_was(write: Carried) -> None:
    assert Carried(**write.to_json()) == write


def test_the_clock_of_these_tests_is_the_services() -> None:
    stores = Stores(a="one")
    assert stores.versions(stores.input)[0].at > NOON
