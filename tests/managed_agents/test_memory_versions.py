"""Memory versions: history, authors, filters, redaction."""

from __future__ import annotations

import pytest
from anthropic import Anthropic, BadRequestError, NotFoundError
from anthropic.types.beta import BetaManagedAgentsMemoryStore

from tests.managed_agents.support import contents, dream_of, ended, recorded, store_of


@pytest.fixture
def history(client: Anthropic) -> BetaManagedAgentsMemoryStore:
    """A store with a memory that was created, changed, renamed and deleted."""
    store = store_of(client)
    memories = client.beta.memory_stores.memories
    memory = memories.create(store.id, path="/a.md", content="one")
    memories.update(memory.id, memory_store_id=store.id, content="two")
    memories.update(memory.id, memory_store_id=store.id, path="/b.md")
    memories.delete(memory.id, memory_store_id=store.id)
    return store


def test_every_change_is_a_version_newest_first(
    client: Anthropic, history: BetaManagedAgentsMemoryStore
) -> None:
    versions = list(client.beta.memory_stores.memory_versions.list(history.id, view="full", limit=2))
    assert [(v.operation, v.path, v.content) for v in versions] == [
        ("deleted", "/b.md", None),
        ("modified", "/b.md", "two"),
        ("modified", "/a.md", "two"),
        ("created", "/a.md", "one"),
    ]
    assert len({version.memory_id for version in versions}) == 1
    deleted = versions[0]
    assert (deleted.content_sha256, deleted.content_size_bytes) == (None, None)


def test_versions_name_the_api_key_that_wrote_them(
    client: Anthropic, history: BetaManagedAgentsMemoryStore
) -> None:
    version = client.beta.memory_stores.memory_versions.list(history.id).data[0]
    assert version.created_by is not None
    assert version.created_by.type == "api_actor"
    key = version.created_by.api_key_id
    assert len(list(client.beta.memory_stores.memory_versions.list(history.id, api_key_id=key))) == 4
    assert list(client.beta.memory_stores.memory_versions.list(history.id, api_key_id="apikey_other")) == []
    assert list(client.beta.memory_stores.memory_versions.list(history.id, service_account_id=key)) == []


def test_versions_name_the_session_that_wrote_them(client: Anthropic) -> None:
    store = store_of(client, a="one")
    dream = ended(client, dream_of(client, store.id, recorded(client, "My order is AB-1234.")))
    output = dream.outputs[0].memory_store_id
    assert dream.session_id is not None
    written = list(client.beta.memory_stores.memory_versions.list(output, session_id=dream.session_id))
    assert {version.path for version in written} >= set(contents(client, output))
    assert all(version.created_by and version.created_by.type == "session_actor" for version in written)


def test_versions_are_filtered(client: Anthropic, history: BetaManagedAgentsMemoryStore) -> None:
    other = client.beta.memory_stores.memories.create(history.id, path="/other.md", content="x")
    versions = client.beta.memory_stores.memory_versions
    assert [v.memory_id for v in versions.list(history.id, memory_id=other.id)] == [other.id]
    assert [v.path for v in versions.list(history.id, operation="created")] == ["/other.md", "/a.md"]
    oldest = list(versions.list(history.id))[-1]
    assert [v.id for v in versions.list(history.id, created_at_lte=oldest.created_at)] == [oldest.id]
    assert len(list(versions.list(history.id, created_at_gte=other.created_at))) == 1


def test_a_redacted_version_is_blank_and_says_who_and_when(
    client: Anthropic, history: BetaManagedAgentsMemoryStore
) -> None:
    versions = client.beta.memory_stores.memory_versions
    oldest = list(versions.list(history.id))[-1]
    redacted = versions.redact(oldest.id, memory_store_id=history.id)
    again = versions.redact(oldest.id, memory_store_id=history.id)
    assert again == redacted
    shown = versions.retrieve(oldest.id, memory_store_id=history.id)
    assert (shown.content, shown.path, shown.content_sha256, shown.content_size_bytes) == (None,) * 4
    assert shown.redacted_at is not None
    assert shown.redacted_by is not None
    assert shown.created_by == oldest.created_by


def test_the_content_of_a_live_memory_is_not_redacted(client: Anthropic) -> None:
    store = store_of(client, a="one")
    version = client.beta.memory_stores.memory_versions.list(store.id).data[0]
    with pytest.raises(BadRequestError, match="current content"):
        client.beta.memory_stores.memory_versions.redact(version.id, memory_store_id=store.id)
    assert contents(client, store.id) == {"/a.md": "one"}


def test_a_version_is_found_only_in_its_own_store(
    client: Anthropic, history: BetaManagedAgentsMemoryStore
) -> None:
    version = client.beta.memory_stores.memory_versions.list(history.id).data[0]
    with pytest.raises(NotFoundError):
        client.beta.memory_stores.memory_versions.retrieve(version.id, memory_store_id=store_of(client).id)
