"""Memories: paths, contents, preconditions, listings."""

from __future__ import annotations

import hashlib
from typing import Any

import pytest
from anthropic import Anthropic, BadRequestError, ConflictError, NotFoundError

from include.managed_agents.access import Actor
from include.managed_agents.memories.schemas import MemoryCreate
from include.managed_agents.memories.service import Memories
from tests.managed_agents.support import contents, store_of


def sha256(content: str) -> str:
    return hashlib.sha256(content.encode()).hexdigest()


def test_a_new_memory_tells_its_hash_and_size_and_hides_its_content_unless_asked(client: Anthropic) -> None:
    store = store_of(client)
    memory = client.beta.memory_stores.memories.create(store.id, path="/a/b.md", content="héllo")
    assert memory.id.startswith("mem_")
    assert memory.memory_version_id.startswith("memver_")
    assert (memory.path, memory.content) == ("/a/b.md", None)
    assert (memory.content_sha256, memory.content_size_bytes) == (sha256("héllo"), 6)
    retrieved = client.beta.memory_stores.memories.retrieve(memory.id, memory_store_id=store.id)
    assert retrieved.content == "héllo"
    shown = client.beta.memory_stores.memories.create(store.id, path="/c.md", content="x", view="full")
    assert shown.content == "x"
    hidden = client.beta.memory_stores.memories.retrieve(shown.id, memory_store_id=store.id, view="basic")
    assert hidden.content is None


def test_a_create_never_overwrites(client: Anthropic) -> None:
    store = store_of(client, a="first")
    with pytest.raises(ConflictError) as caught:
        client.beta.memory_stores.memories.create(store.id, path="/a.md", content="second")
    assert caught.value.type == "memory_path_conflict_error"
    assert contents(client, store.id) == {"/a.md": "first"}


def test_paths_are_case_sensitive(client: Anthropic) -> None:
    store = store_of(client, a="lower", A="upper")
    assert contents(client, store.id) == {"/A.md": "upper", "/a.md": "lower"}


@pytest.mark.parametrize(
    "path",
    [
        "a.md",
        "",
        "/",
        "//a",
        "/a/",
        "/a//b",
        "/./a",
        "/a/../b",
        "/a\x00b",
        "/a\u200bb",
        "/a\u2028b",
        "/a\u2029b",
        "/e\u0301",
        "/" + "a" * 1024,
        "/a" * 21,
    ],
)
def test_a_path_outside_its_rules_is_refused(client: Anthropic, path: str) -> None:
    store = store_of(client)
    with pytest.raises(BadRequestError, match="path"):
        client.beta.memory_stores.memories.create(store.id, path=path, content="x")


@pytest.mark.parametrize(
    "path", ["/a", "/é/ñ.md", "/a b/(c).md", "/..a", "/" + "a" * 1023, "/a" * 20, "/日本.md"]
)
def test_a_path_within_its_rules_is_taken(client: Anthropic, path: str) -> None:
    store = store_of(client)
    assert client.beta.memory_stores.memories.create(store.id, path=path, content="x").path == path


def test_content_may_be_empty_and_at_most_102400_bytes(client: Anthropic) -> None:
    store = store_of(client)
    memories = client.beta.memory_stores.memories
    assert memories.create(store.id, path="/empty", content="").content_size_bytes == 0
    assert memories.create(store.id, path="/full", content="é" * 51_200).content_size_bytes == 102_400
    with pytest.raises(BadRequestError, match="102,400"):
        memories.create(store.id, path="/over", content="x" * 102_401)
    with pytest.raises(BadRequestError, match="content"):
        memories.create(store.id, path="/null", content=None)


def test_content_comes_back_byte_for_byte(client: Anthropic) -> None:
    store = store_of(client)
    content = "\r\n\t\u0000 e\u0301 \U0001f600 trailing \n\n"
    memory = client.beta.memory_stores.memories.create(store.id, path="/a", content=content)
    retrieved = client.beta.memory_stores.memories.retrieve(memory.id, memory_store_id=store.id)
    assert retrieved.content == content
    assert retrieved.content_sha256 == sha256(content)


def test_an_update_changes_content_path_or_both_and_keeps_the_id(client: Anthropic) -> None:
    store = store_of(client, a="one")
    memories = client.beta.memory_stores.memories
    before = memories.list(store.id).data[0]
    assert before.type == "memory"
    renamed = memories.update(before.id, memory_store_id=store.id, path="/b.md")
    assert (renamed.id, renamed.path, renamed.content_sha256) == (before.id, "/b.md", sha256("one"))
    both = memories.update(before.id, memory_store_id=store.id, path="/c.md", content="two", view="full")
    assert (both.path, both.content, both.created_at) == ("/c.md", "two", before.created_at)
    assert contents(client, store.id) == {"/c.md": "two"}


def test_a_rename_onto_another_memory_is_refused(client: Anthropic) -> None:
    store = store_of(client, a="one", b="two")
    memory = client.beta.memory_stores.memories.list(store.id).data[0]
    assert memory.type == "memory"
    with pytest.raises(ConflictError) as caught:
        client.beta.memory_stores.memories.update(memory.id, memory_store_id=store.id, path="/b.md")
    assert caught.value.type == "memory_path_conflict_error"


def test_an_update_with_a_stale_precondition_is_refused(client: Anthropic) -> None:
    store = store_of(client, a="one")
    memory = client.beta.memory_stores.memories.list(store.id).data[0]
    assert memory.type == "memory"
    with pytest.raises(ConflictError) as caught:
        client.beta.memory_stores.memories.update(
            memory.id,
            memory_store_id=store.id,
            content="two",
            precondition={"type": "content_sha256", "content_sha256": sha256("other")},
        )
    assert caught.value.type == "memory_precondition_failed_error"
    assert contents(client, store.id) == {"/a.md": "one"}


def test_an_update_whose_result_already_stands_succeeds_whatever_its_precondition(client: Anthropic) -> None:
    store = store_of(client, a="one")
    memories = client.beta.memory_stores.memories
    memory = memories.list(store.id).data[0]
    assert memory.type == "memory"
    precondition: Any = {"type": "content_sha256", "content_sha256": memory.content_sha256}
    first = memories.update(memory.id, memory_store_id=store.id, content="two", precondition=precondition)
    again = memories.update(memory.id, memory_store_id=store.id, content="two", precondition=precondition)
    assert again == first
    versions = client.beta.memory_stores.memory_versions.list(store.id, memory_id=memory.id)
    assert [version.operation for version in versions] == ["modified", "created"]


def test_a_delete_with_a_stale_hash_deletes_nothing(client: Anthropic) -> None:
    store = store_of(client, a="one")
    memories = client.beta.memory_stores.memories
    memory = memories.list(store.id).data[0]
    assert memory.type == "memory"
    with pytest.raises(ConflictError):
        memories.delete(memory.id, memory_store_id=store.id, expected_content_sha256=sha256("other"))
    deleted = memories.delete(
        memory.id, memory_store_id=store.id, expected_content_sha256=memory.content_sha256
    )
    assert deleted.type == "memory_deleted"
    with pytest.raises(NotFoundError):
        memories.retrieve(memory.id, memory_store_id=store.id)


def test_a_memory_is_found_only_in_its_own_store(client: Anthropic) -> None:
    store, other = store_of(client, a="one"), store_of(client)
    memory = client.beta.memory_stores.memories.list(store.id).data[0]
    assert memory.type == "memory"
    with pytest.raises(NotFoundError):
        client.beta.memory_stores.memories.retrieve(memory.id, memory_store_id=other.id)


def test_a_prefix_matches_whole_segments(client: Anthropic) -> None:
    store = store_of(client)
    for path in ("/notes/todo.md", "/notes/deep/er.md", "/notes-archive/todo.md", "/notes.md"):
        client.beta.memory_stores.memories.create(store.id, path=path, content="x")

    def listed(**query: Any) -> list[str]:
        return [item.path for item in client.beta.memory_stores.memories.list(store.id, limit=1, **query)]

    assert listed(path_prefix="/notes/") == ["/notes/deep/er.md", "/notes/todo.md"]
    assert listed(path_prefix="/notes/", depth=1) == ["/notes/deep/", "/notes/todo.md"]
    assert listed(depth=1) == ["/notes-archive/", "/notes.md", "/notes/"]
    assert listed() == ["/notes-archive/todo.md", "/notes.md", "/notes/deep/er.md", "/notes/todo.md"]
    assert listed(path_prefix="/none/") == []
    with pytest.raises(BadRequestError, match="path_prefix"):
        listed(path_prefix="/notes")


def test_any_path_may_end_a_page(client: Anthropic) -> None:
    store = store_of(client)
    paths = ["/\u00a0.md", "/\ue000/x", "/a b", "/\U0001f600"]
    for path in paths:
        client.beta.memory_stores.memories.create(store.id, path=path, content="x")
    for depth in (0, 1):
        listed = client.beta.memory_stores.memories.list(store.id, limit=1, depth=depth)
        assert len(list(listed)) == len(paths)


def test_a_folder_may_share_its_name_with_a_memory(client: Anthropic) -> None:
    store = store_of(client)
    for path in ("/a", "/a/b"):
        client.beta.memory_stores.memories.create(store.id, path=path, content="x")
    items = client.beta.memory_stores.memories.list(store.id, depth=1)
    assert [(item.type, item.path) for item in items] == [("memory", "/a"), ("memory_prefix", "/a/")]


def test_full_pages_hold_at_most_20_and_basic_ones_at_most_100(client: Anthropic) -> None:
    store = store_of(client, **{f"n{number:03}": "x" for number in range(105)})
    memories = client.beta.memory_stores.memories
    assert len(memories.list(store.id).data) == 20
    assert len(memories.list(store.id, limit=100).data) == 100
    full = memories.list(store.id, limit=100, view="full")
    assert len(full.data) == 20
    assert all(item.type == "memory" and item.content == "x" for item in full.data)
    assert len(list(full)) == 105
    for limit in (0, 101):
        with pytest.raises(BadRequestError, match="limit"):
            memories.list(store.id, limit=limit)


def test_a_store_holds_2000_memories_and_no_more(client: Anthropic) -> None:
    store = store_of(client)
    fill(client, store.id, 2000)
    with pytest.raises(BadRequestError, match="2,000"):
        client.beta.memory_stores.memories.create(store.id, path="/one-more", content="x")
    memory = client.beta.memory_stores.memories.list(store.id).data[0]
    assert memory.type == "memory"
    client.beta.memory_stores.memories.delete(memory.id, memory_store_id=store.id)
    client.beta.memory_stores.memories.create(store.id, path="/one-more", content="x")


def fill(client: Anthropic, memory_store_id: str, count: int) -> None:
    """Create many memories at once, past HTTP: 2,000 requests would only take time."""
    app: Any = client._client.app  # type: ignore[attr-defined]
    with app.state.database.write() as unit:
        memories = Memories(unit, memory_store_id, Actor.api("apikey_test"))
        for number in range(count):
            memories.create(MemoryCreate(path=f"/n{number:04}.md", content="x"))


def test_a_cursor_of_another_list_is_refused(client: Anthropic) -> None:
    store = store_of(client, a="x", b="x")
    client.beta.memory_stores.create(name="other")
    cursor = client.beta.memory_stores.list(limit=1).next_page
    assert cursor is not None
    for page in (cursor, "page_", "nonsense", "page_!!"):
        with pytest.raises(BadRequestError, match="page"):
            client.beta.memory_stores.memories.list(store.id, page=page)
