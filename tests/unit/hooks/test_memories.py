"""Memories through the hook: read as they were listed, and written so that a write can be repeated."""

from __future__ import annotations

from concurrent.futures import ThreadPoolExecutor

import pytest

from dreamflow.core.objects import MemoryEntry, Place
from dreamflow.errors import Conflict, NotFound, RequestRejected
from dreamflow.hooks import _memories
from dreamflow.hooks.managed_agents import ManagedAgentsHook
from tests.unit.service import Service, Wire, lose_one_reply, wired
from tests.unit.support import sha


class TestReading:
    def test_a_listing_has_every_memory_of_every_page(
        self, service: Service, hook: ManagedAgentsHook, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        monkeypatch.setattr(_memories, "PAGE", 2)
        contents = {"/a.md": "one", "/deep/b.md": "two", "/deep/er/c.md": "Zürich", "/e.md": "", "/f.md": "x"}
        listing = hook.list_memories(service.store(contents))
        assert {path: (entry.sha256, entry.size) for path, entry in listing.items()} == {
            path: (sha(content), len(content.encode())) for path, content in contents.items()
        }

    def test_bodies_are_those_of_the_listing_even_where_the_memory_changed_since(
        self, service: Service, hook: ManagedAgentsHook
    ) -> None:
        store_id = service.store({"/same.md": "same", "/changed.md": "old", "/gone.md": "was here"})
        listing = hook.list_memories(store_id)
        service.put(store_id, "/changed.md", "new")
        service.remove(store_id, "/gone.md")
        assert hook.read_bodies(store_id, listing) == {
            "/same.md": "same",
            "/changed.md": "old",
            "/gone.md": "was here",
        }

    def test_a_version_that_was_redacted_can_not_be_compared_and_is_said_so(
        self, service: Service, hook: ManagedAgentsHook
    ) -> None:
        store_id = service.store({"/a.md": "secret"})
        listing = hook.list_memories(store_id)
        service.put(store_id, "/a.md", "public")
        service.client.beta.memory_stores.memory_versions.redact(
            listing["/a.md"].version_id, memory_store_id=store_id
        )
        with pytest.raises(NotFound, match="was redacted"):
            hook.read_bodies(store_id, listing)

    @pytest.mark.parametrize(("wanted", "pages"), [(3, 0), (5, 3)])
    def test_many_bodies_of_a_store_are_read_page_by_page_where_that_takes_fewer_requests(
        self, service: Service, wanted: int, pages: int
    ) -> None:
        contents = {f"/{n:02}.md": f"memory {n}" for n in range(60)}
        store_id = service.store(contents)
        wire = Wire()
        hook = wired(wire)
        listing = hook.list_memories(store_id)
        service.put(store_id, "/00.md", "changed since")
        wire.requests.clear()
        some = {path: listing[path] for path in sorted(listing)[:wanted]}
        assert hook.read_bodies(store_id, some, among=60) == {path: contents[path] for path in some}
        listed = [request for request in wire.requests if request.endswith("/memories")]
        assert len(listed) == pages
        assert len(wire.requests) <= wanted + 1


class TestVersions:
    def test_who_wrote_what_newest_first(self, service: Service, hook: ManagedAgentsHook) -> None:
        store_id = service.store({"/a.md": "one"})
        service.rename(store_id, "/a.md", "/b.md")
        service.remove(store_id, "/b.md")
        versions = list(hook.list_versions(store_id))
        assert [(v.operation, v.path, v.sha256) for v in versions] == [
            ("deleted", "/b.md", None),
            ("modified", "/b.md", sha("one")),
            ("created", "/a.md", sha("one")),
        ]
        assert {v.by for v in versions} == {versions[0].by}
        assert versions[0].by.startswith("API key apikey_")
        assert versions[0].place is None
        entry = MemoryEntry(versions[2].memory_id, sha("one"), versions[2].id, 3)
        assert versions[2].place == Place("/a.md", entry)
        assert list(hook.list_versions(store_id, operation="deleted")) == versions[:1]

    @pytest.mark.parametrize("depth", [3, 25])
    def test_two_versions_of_a_memory_are_read_with_one_request_if_they_fit_a_page(
        self, service: Service, depth: int
    ) -> None:
        store_id = service.store({"/a.md": "text 0"})
        for n in range(1, depth):
            service.put(store_id, "/a.md", f"text {n}")
        wire = Wire()
        hook = wired(wire)
        ids = [version.id for version in hook.list_versions(store_id)]
        memory_id = service.memory_id(store_id, "/a.md")
        assert memory_id is not None
        wire.requests.clear()
        read = hook.read_history(store_id, memory_id, [ids[0], ids[-1]], depth)
        assert read == {ids[0]: f"text {depth - 1}", ids[-1]: "text 0"}
        assert len(wire.requests) == (1 if depth == 3 else 2)

    def test_what_was_redacted_is_left_out(self, service: Service, hook: ManagedAgentsHook) -> None:
        store_id = service.store({"/a.md": "secret"})
        service.put(store_id, "/a.md", "public")
        new, old = hook.list_versions(store_id)
        service.client.beta.memory_stores.memory_versions.redact(old.id, memory_store_id=store_id)
        assert hook.read_history(store_id, new.memory_id, [new.id, old.id], 2) == {new.id: "public"}
        assert [version.place is None for version in hook.list_versions(store_id)] == [False, True]


class TestRenaming:
    def test_it_is_repeatable_and_may_change_the_content_too(
        self, service: Service, hook: ManagedAgentsHook
    ) -> None:
        store_id = service.store({"/a.md": "one", "/b.md": "two"})
        one, two = (Place(*row) for row in hook.list_memories(store_id).items())
        for _ in range(2):
            hook.move_memory(store_id, "/c.md", None, one)
            hook.move_memory(store_id, "/d.md", "2", two)
        assert service.contents(store_id) == {"/c.md": "one", "/d.md": "2"}

    def test_a_rename_whose_reply_was_lost_stands(self, service: Service) -> None:
        store_id = service.store({"/a.md": "one"})
        hook = wired(Wire(after=lose_one_reply("POST")))
        (held,) = hook.list_memories(store_id).items()
        hook.move_memory(store_id, "/b.md", "two", Place(*held))
        assert service.contents(store_id) == {"/b.md": "two"}

    @pytest.mark.parametrize("theirs", ["at the path", "in the memory", "renamed", "deleted"])
    @pytest.mark.parametrize("ours", ["ours", None])
    def test_what_somebody_else_did_is_left_as_it_is(
        self, service: Service, hook: ManagedAgentsHook, theirs: str, ours: str | None
    ) -> None:
        store_id = service.store({"/a.md": "one"})
        held = Place("/a.md", hook.list_memories(store_id)["/a.md"])
        if theirs == "deleted":
            service.remove(store_id, "/a.md")
        elif theirs == "renamed":
            service.rename(store_id, "/a.md", "/theirs.md")
        else:
            service.put(store_id, "/b.md" if theirs == "at the path" else "/a.md", "theirs")
        was = service.contents(store_id)
        with pytest.raises(Conflict, match=r"'/b\.md'.*since it was read"):
            hook.move_memory(store_id, "/b.md", ours, held)
        assert service.contents(store_id) == was


class TestWriting:
    """A write names what a listing told; only one that is refused looks what is there."""

    @pytest.fixture
    def hook(self) -> ManagedAgentsHook:
        """Return a hook without the SDK's retries: it sends a refused write again."""
        return wired(Wire(), max_retries=0)

    def test_a_memory_is_created_updated_and_deleted(self, service: Service, hook: ManagedAgentsHook) -> None:
        store_id = service.store({"/deep/x.md": "neighbour"})
        hook.write_memory(store_id, "/deep/a.md", "one", None)
        hook.write_memory(store_id, "/deep/a.md", "two", hook.list_memories(store_id)["/deep/a.md"])
        assert service.contents(store_id) == {"/deep/a.md": "two", "/deep/x.md": "neighbour"}
        hook.delete_memory(store_id, "/deep/a.md", hook.list_memories(store_id)["/deep/a.md"])
        assert service.contents(store_id) == {"/deep/x.md": "neighbour"}

    def test_ten_writes_into_a_flat_store_take_a_request_each(self, service: Service) -> None:
        store_id = service.store()
        with ThreadPoolExecutor(8) as pool:
            list(pool.map(lambda i: service.create(store_id, f"/{i:03}.md", "old"), range(300)))
        wire = Wire()
        hook = wired(wire)
        held = hook.list_memories(store_id)
        wire.requests.clear()
        for i in range(4):
            hook.write_memory(store_id, f"/new{i}.md", "new", held.get(f"/new{i}.md"))
            hook.write_memory(store_id, f"/29{i}.md", "new", held[f"/29{i}.md"])
        for i in range(2):
            hook.delete_memory(store_id, f"/00{i}.md", held[f"/00{i}.md"])
        assert len(wire.requests) == 10
        after = hook.list_memories(store_id)
        assert len(after) == 302
        assert sum(entry.sha256 == sha("new") for entry in after.values()) == 8

    @pytest.mark.parametrize("known", ["nothing", "what stands", "what stood", "what was deleted"])
    def test_writing_what_stands_already_is_harmless(
        self, service: Service, hook: ManagedAgentsHook, known: str
    ) -> None:
        store_id = service.store({"/a.md": "one" if known == "what stands" else "older"})
        held = hook.list_memories(store_id)["/a.md"]
        if known == "what was deleted":
            service.remove(store_id, "/a.md")
        service.put(store_id, "/a.md", "one")
        hook.write_memory(store_id, "/a.md", "one", None if known == "nothing" else held)
        assert service.contents(store_id) == {"/a.md": "one"}

    @pytest.mark.parametrize("known", ["nothing", "what stood", "what was deleted"])
    def test_a_memory_that_holds_something_else_is_left_as_it_is(
        self, service: Service, hook: ManagedAgentsHook, known: str
    ) -> None:
        store_id = service.store({"/a.md": "older"})
        held = hook.list_memories(store_id)["/a.md"]
        if known == "what was deleted":
            service.remove(store_id, "/a.md")
        service.put(store_id, "/a.md", "theirs")
        with pytest.raises(Conflict, match=r"'/a\.md'.*since it was read"):
            hook.write_memory(store_id, "/a.md", "ours", None if known == "nothing" else held)
        with pytest.raises(Conflict, match=r"'/a\.md'.*since it was read"):
            hook.delete_memory(store_id, "/a.md", held)
        assert service.contents(store_id) == {"/a.md": "theirs"}

    def test_a_memory_that_was_deleted_does_not_come_back(
        self, service: Service, hook: ManagedAgentsHook
    ) -> None:
        store_id = service.store({"/a.md": "one"})
        held = hook.list_memories(store_id)["/a.md"]
        service.remove(store_id, "/a.md")
        with pytest.raises(Conflict, match=r"'/a\.md'"):
            hook.write_memory(store_id, "/a.md", "ours", held)
        hook.delete_memory(store_id, "/a.md", held)
        assert service.contents(store_id) == {}

    def test_a_memory_that_was_renamed_is_not_taken_for_the_one_at_the_path(
        self, service: Service, hook: ManagedAgentsHook
    ) -> None:
        store_id = service.store({"/a.md": "one"})
        held = hook.list_memories(store_id)["/a.md"]
        service.client.beta.memory_stores.memories.update(
            held.memory_id, memory_store_id=store_id, path="/b.md"
        )
        with pytest.raises(Conflict, match=r"'/a\.md'"):
            hook.write_memory(store_id, "/a.md", "ours", held)
        assert "/a.md" not in service.contents(store_id)

    @pytest.mark.parametrize("named", [True, False])
    def test_a_refused_create_reads_the_memory_that_has_its_place_where_it_is_named(
        self, service: Service, named: bool, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        if not named:
            monkeypatch.setattr(_memories, "conflicting_memory_of", lambda error: None)
        store_id = service.store({"/deep/a.md": "one"})
        memories, memory_id = (
            f"/v1/memory_stores/{store_id}/memories",
            service.memory_id(store_id, "/deep/a.md"),
        )
        wire = Wire()
        wired(wire, max_retries=0).write_memory(store_id, "/deep/a.md", "one", None)
        looked = f"GET {memories}/{memory_id}" if named else f"GET {memories}"
        assert wire.requests == [f"POST {memories}", looked]

    def test_a_store_that_is_gone_is_no_conflict(self, hook: ManagedAgentsHook) -> None:
        held = MemoryEntry("mem_1", sha("one"), "memver_1", 3)
        with pytest.raises(NotFound, match="memstore_gone"):
            hook.write_memory("memstore_gone", "/a.md", "two", held)
        with pytest.raises(NotFound, match="memstore_gone"):
            hook.delete_memory("memstore_gone", "/a.md", held)

    def test_an_archived_store_takes_no_writes(self, service: Service, hook: ManagedAgentsHook) -> None:
        store_id = service.store({"/a.md": "one"})
        held = hook.list_memories(store_id)["/a.md"]
        hook.archive_store(store_id)
        with pytest.raises(RequestRejected, match="archived"):
            hook.write_memory(store_id, "/a.md", "two", held)


class TestLostReplies:
    """The write was done, its reply was lost, and the SDK sends it again by itself."""

    def test_an_update_stands(self, service: Service) -> None:
        store_id = service.store({"/a.md": "one"})
        hook = wired(Wire(after=lose_one_reply("POST")))
        hook.write_memory(store_id, "/a.md", "two", hook.list_memories(store_id)["/a.md"])
        assert service.contents(store_id) == {"/a.md": "two"}

    def test_a_create_stands(self, service: Service) -> None:
        store_id = service.store()
        hook = wired(Wire(after=lose_one_reply("POST")))
        hook.write_memory(store_id, "/a.md", "one", None)
        assert service.contents(store_id) == {"/a.md": "one"}

    def test_a_delete_stands(self, service: Service) -> None:
        store_id = service.store({"/a.md": "one"})
        hook = wired(Wire(after=lose_one_reply("DELETE")))
        hook.delete_memory(store_id, "/a.md", hook.list_memories(store_id)["/a.md"])
        assert service.contents(store_id) == {}
