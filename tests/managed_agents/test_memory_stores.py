"""Memory stores: naming, metadata, archiving, deleting."""

from __future__ import annotations

import pytest
from anthropic import Anthropic, BadRequestError, NotFoundError

from tests.managed_agents.support import contents, session_of, store_of


def test_a_new_store_has_empty_defaults(client: Anthropic) -> None:
    store = client.beta.memory_stores.create(name="Notes")
    assert store.id.startswith("memstore_")
    assert (store.description, store.metadata, store.archived_at) == ("", {}, None)
    assert client.beta.memory_stores.retrieve(store.id) == store


def test_an_update_changes_what_it_names(client: Anthropic) -> None:
    store = client.beta.memory_stores.create(name="Notes", description="d", metadata={"a": "1", "b": "2"})
    updated = client.beta.memory_stores.update(store.id, metadata={"a": None, "c": "3"}, description="")
    assert (updated.name, updated.description, updated.metadata) == ("Notes", "", {"b": "2", "c": "3"})
    assert updated.updated_at > store.updated_at
    assert client.beta.memory_stores.update(store.id, name="Notes") == updated


@pytest.mark.parametrize("name", ["", "x" * 256, "a\nb", "\x7f", "   "])
def test_a_name_outside_its_rules_is_refused(client: Anthropic, name: str) -> None:
    with pytest.raises(BadRequestError, match="name"):
        client.beta.memory_stores.create(name=name)


def test_an_archived_store_is_readable_and_takes_deletes_and_nothing_else(client: Anthropic) -> None:
    store = store_of(client, a="one", b="two")
    memory = client.beta.memory_stores.memories.list(store.id).data[0]
    assert memory.type == "memory"
    archived = client.beta.memory_stores.archive(store.id)
    assert archived.archived_at is not None
    assert client.beta.memory_stores.archive(store.id) == archived
    memories = client.beta.memory_stores.memories
    for refused in (
        lambda: memories.create(store.id, path="/c.md", content="three"),
        lambda: memories.update(memory.id, memory_store_id=store.id, content="changed"),
        lambda: client.beta.memory_stores.update(store.id, name="Other"),
        lambda: session_of(client, stores=[store.id]),
    ):
        with pytest.raises(BadRequestError, match="archived"):
            refused()
    assert contents(client, store.id) == {"/a.md": "one", "/b.md": "two"}
    memories.delete(memory.id, memory_store_id=store.id)
    assert contents(client, store.id) == {"/b.md": "two"}


def test_archived_stores_are_listed_only_on_demand(client: Anthropic) -> None:
    live, archived = store_of(client, "live"), store_of(client, "archived")
    client.beta.memory_stores.archive(archived.id)
    assert [store.id for store in client.beta.memory_stores.list()] == [live.id]
    both = client.beta.memory_stores.list(include_archived=True, limit=1)
    assert [store.id for store in both] == [archived.id, live.id]
    since = client.beta.memory_stores.list(include_archived=True, created_at_gte=archived.created_at)
    assert [store.id for store in since] == [archived.id]


def test_a_deleted_store_takes_its_memories_and_versions_along(client: Anthropic) -> None:
    store = store_of(client, a="one")
    version = client.beta.memory_stores.memory_versions.list(store.id).data[0]
    assert client.beta.memory_stores.delete(store.id).type == "memory_store_deleted"
    for gone in (
        lambda: client.beta.memory_stores.retrieve(store.id),
        lambda: client.beta.memory_stores.memories.list(store.id),
        lambda: client.beta.memory_stores.memory_versions.retrieve(version.id, memory_store_id=store.id),
    ):
        with pytest.raises(NotFoundError):
            gone()
