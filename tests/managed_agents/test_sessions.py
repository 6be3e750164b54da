"""Sessions: what they mount, how they are listed, changed and ended."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from typing import Any

import pytest
from anthropic import Anthropic, BadRequestError, NotFoundError

from tests.managed_agents.support import (
    MODEL,
    import_transcripts,
    recorded,
    session_of,
    store_of,
    transcript,
)


def set_status(client: Anthropic, session_id: str, status: str) -> None:
    client.post(f"/_control/sessions/{session_id}/status", cast_to=object, body={"status": status})


def test_a_new_session_is_idle_and_shows_its_agent_as_it_was(client: Anthropic) -> None:
    session = session_of(client, title="First", metadata={"team": "desk"})
    assert session.id.startswith("sesn_")
    assert (session.status, session.title, session.metadata) == ("idle", "First", {"team": "desk"})
    assert (session.agent.version, session.agent.name) == (1, "Agent")
    client.beta.agents.update(session.agent.id, name="Renamed")
    assert client.beta.sessions.retrieve(session.id).agent.name == "Agent"


def test_a_session_pins_the_version_it_names(client: Anthropic) -> None:
    agent = client.beta.agents.create(name="One", model=MODEL)
    client.beta.agents.update(agent.id, name="Two")
    environment = client.beta.environments.create(name="Environment")
    latest = client.beta.sessions.create(agent=agent.id, environment_id=environment.id)
    pinned = client.beta.sessions.create(
        agent={"type": "agent", "id": agent.id, "version": 1}, environment_id=environment.id
    )
    assert (latest.agent.name, pinned.agent.name) == ("Two", "One")
    by_version = client.beta.sessions.list(agent_id=agent.id, agent_version=1)
    assert [session.id for session in by_version] == [pinned.id]


def test_a_session_may_replace_parts_of_its_agent(client: Anthropic) -> None:
    agent = client.beta.agents.create(name="Agent", model=MODEL, system="Be kind.")
    environment = client.beta.environments.create(name="Environment")
    session = client.beta.sessions.create(
        agent={"type": "agent_with_overrides", "id": agent.id, "system": None, "model": "offline"},
        environment_id=environment.id,
    )
    assert (session.agent.system, session.agent.model.id) == (None, "offline")
    assert client.beta.agents.retrieve(agent.id).system == "Be kind."


def test_a_mounted_store_tells_its_path_and_what_it_was_called(client: Anthropic) -> None:
    store = client.beta.memory_stores.create(name="Customer Notes (EU)", description="Who likes what")
    agent = client.beta.agents.create(name="Agent", model=MODEL)
    environment = client.beta.environments.create(name="Environment")
    session = client.beta.sessions.create(
        agent=agent.id,
        environment_id=environment.id,
        resources=[
            {
                "type": "memory_store",
                "memory_store_id": store.id,
                "access": "read_only",
                "instructions": "Look first.",
            }
        ],
    )
    client.beta.memory_stores.update(store.id, name="Renamed")
    (mounted,) = client.beta.sessions.retrieve(session.id).resources
    assert mounted.type == "memory_store"
    assert mounted.mount_path == "/mnt/memory/customer-notes-eu-"
    assert (mounted.access, mounted.instructions) == ("read_only", "Look first.")
    assert (mounted.name, mounted.description) == ("Customer Notes (EU)", "Who likes what")


def test_stores_of_one_name_get_paths_of_their_own(client: Anthropic) -> None:
    stores = [store_of(client, "Notes").id for _ in range(3)]
    mounted = [resource.mount_path for resource in session_of(client, stores=stores).resources]
    assert mounted == ["/mnt/memory/notes", "/mnt/memory/notes-2", "/mnt/memory/notes-3"]


def test_a_session_mounts_at_most_8_stores_each_once(client: Anthropic) -> None:
    stores = [store_of(client).id for _ in range(9)]
    session_of(client, stores=stores[:8])
    with pytest.raises(BadRequestError, match="at most 8"):
        session_of(client, stores=stores)
    with pytest.raises(BadRequestError, match="twice"):
        session_of(client, stores=[stores[0], stores[0]])
    with pytest.raises(NotFoundError):
        session_of(client, stores=["memstore_unknown"])


def test_a_repository_is_echoed_without_its_token_and_a_file_is_not_found(client: Anthropic) -> None:
    agent = client.beta.agents.create(name="Agent", model=MODEL)
    environment = client.beta.environments.create(name="Environment")
    session = client.beta.sessions.create(
        agent=agent.id,
        environment_id=environment.id,
        resources=[
            {
                "type": "github_repository",
                "url": "https://github.com/example/tools",
                "authorization_token": "ghp_secret",
                "checkout": {"type": "branch", "name": "main"},
            }
        ],
    )
    (repository,) = session.resources
    assert repository.type == "github_repository"
    assert repository.mount_path == "/workspace/tools"
    assert "ghp_secret" not in session.to_json()
    with pytest.raises(NotFoundError, match="no Files API"):
        client.beta.sessions.create(
            agent=agent.id, environment_id=environment.id, resources=[{"type": "file", "file_id": "file_1"}]
        )


def test_sessions_are_filtered(client: Anthropic) -> None:
    store, other = store_of(client), store_of(client)
    first = session_of(client, stores=[store.id])
    second = session_of(client, stores=[store.id, other.id])
    third = session_of(client)

    def listed(**query: Any) -> list[str]:
        return [session.id for session in client.beta.sessions.list(limit=1, **query)]

    assert listed() == [third.id, second.id, first.id]
    assert listed(order="asc") == [first.id, second.id, third.id]
    assert listed(memory_store_id=store.id) == [second.id, first.id]
    assert listed(memory_store_id=other.id) == [second.id]
    assert listed(agent_id=third.agent.id) == [third.id]
    assert listed(created_at_gt=first.created_at) == [third.id, second.id]
    assert listed(created_at_gte=first.created_at, created_at_lt=third.created_at) == [second.id, first.id]
    assert listed(created_at_lte=first.created_at) == [first.id]
    set_status(client, second.id, "running")
    set_status(client, third.id, "rescheduling")
    assert listed(statuses=["running", "rescheduling"]) == [third.id, second.id]
    assert listed(statuses=["idle"], memory_store_id=store.id) == [first.id]


def test_pages_lead_both_ways(client: Anthropic) -> None:
    ids = [session_of(client).id for _ in range(5)][::-1]
    first = client.beta.sessions.list(limit=2)
    second = first.get_next_page()
    third = second.get_next_page()
    assert [session.id for page in (first, second, third) for session in page.data] == ids
    assert (first.prev_page, third.next_page) == (None, None)
    assert third.prev_page is not None
    back = client.beta.sessions.list(limit=2, page=third.prev_page)
    assert [session.id for session in back.data] == ids[2:4]
    assert back.prev_page is not None
    start = client.beta.sessions.list(limit=2, page=back.prev_page)
    assert [session.id for session in start.data] == ids[:2]
    assert start.prev_page is None
    assert start.next_page is not None
    with pytest.raises(BadRequestError, match="page"):
        client.beta.sessions.list(limit=2, page=first.next_page or "", order="asc")


def test_an_update_is_told_in_an_event(client: Anthropic) -> None:
    session = session_of(client, title="Old", metadata={"a": "1"})
    updated = client.beta.sessions.update(session.id, title="New", metadata={"a": None, "b": "2"})
    assert (updated.title, updated.metadata) == ("New", {"b": "2"})
    assert updated.updated_at > session.updated_at
    (event,) = client.beta.sessions.events.list(session.id, types=["session.updated"])
    assert event.type == "session.updated"
    assert (event.title, event.metadata, event.agent) == ("New", {"b": "2"}, None)
    assert client.beta.sessions.update(session.id, title="New").updated_at == updated.updated_at


def test_only_tools_and_servers_of_a_sessions_agent_change_and_not_while_it_runs(client: Anthropic) -> None:
    session = session_of(client)
    tools: Any = [{"type": "agent_toolset_20260401"}]
    updated = client.beta.sessions.update(session.id, agent={"tools": tools})
    assert [tool.type for tool in updated.agent.tools] == ["agent_toolset_20260401"]
    assert client.beta.agents.retrieve(session.agent.id).tools == []
    set_status(client, session.id, "running")
    with pytest.raises(BadRequestError, match="running"):
        client.beta.sessions.update(session.id, agent={"tools": []})


def test_a_budget_is_set_at_creation_or_never(client: Anthropic) -> None:
    limit: Any = {"type": "limit", "max_list_cost": {"amount": "2500", "currency": "USD"}}
    more: Any = {"type": "limit", "max_list_cost": {"amount": "5000", "currency": "USD"}}
    capped, free = session_of(client, budget=limit), session_of(client)
    assert client.beta.sessions.update(capped.id, budget=more).budget is not None
    assert client.beta.sessions.update(capped.id, budget=None).budget is None
    for session in (capped, free):
        with pytest.raises(BadRequestError, match="budget_create_only"):
            client.beta.sessions.update(session.id, budget=limit)


def test_an_archived_session_has_ended_and_keeps_its_events(client: Anthropic) -> None:
    session = session_of(client, "Hello")
    archived = client.beta.sessions.archive(session.id)
    assert archived.archived_at is not None
    assert archived.status == "terminated"
    assert client.beta.sessions.archive(session.id).archived_at == archived.archived_at
    assert list(client.beta.sessions.list()) == []
    assert [other.id for other in client.beta.sessions.list(include_archived=True)] == [session.id]
    types = [event.type for event in client.beta.sessions.events.list(session.id)]
    assert types[0] == "user.message"
    assert types[-1] == "session.status_terminated"
    with pytest.raises(BadRequestError, match="ended"):
        client.beta.sessions.update(session.id, title="New")


def test_a_running_session_is_neither_archived_nor_deleted(client: Anthropic) -> None:
    session = session_of(client)
    set_status(client, session.id, "running")
    for refused in (client.beta.sessions.archive, client.beta.sessions.delete):
        with pytest.raises(BadRequestError, match="running"):
            refused(session.id)
    set_status(client, session.id, "idle")
    assert client.beta.sessions.delete(session.id).type == "session_deleted"
    with pytest.raises(NotFoundError):
        client.beta.sessions.retrieve(session.id)


def test_an_imported_session_is_listed_by_its_own_time(client: Anthropic) -> None:
    moment = datetime(2026, 11, 3, 9, 30, tzinfo=UTC)
    new = recorded(client, "Hello")
    old = import_transcripts(client, [transcript("old", "Hello", created_at=moment.isoformat())])[0][
        "session_id"
    ]
    before = client.beta.sessions.list(created_at_lt=moment + timedelta(seconds=1))
    assert [session.id for session in before] == [old]
    assert [session.id for session in client.beta.sessions.list()] == [new, old]


def test_resources_are_reached_one_by_one(client: Anthropic) -> None:
    store = store_of(client)
    agent = client.beta.agents.create(name="Agent", model=MODEL)
    environment = client.beta.environments.create(name="Environment")
    resources: Any = [
        {"type": "memory_store", "memory_store_id": store.id},
        {"type": "github_repository", "url": "https://github.com/example/tools.git"},
    ]
    session = client.beta.sessions.create(agent=agent.id, environment_id=environment.id, resources=resources)
    listed = list(client.beta.sessions.resources.list(session.id, limit=1))
    assert [resource.type for resource in listed] == ["memory_store", "github_repository"]
    repository = listed[1]
    assert repository.type == "github_repository"
    found = client.beta.sessions.resources.retrieve(repository.id, session_id=session.id)
    assert found == repository
    rotated = client.beta.sessions.resources.update(
        repository.id, session_id=session.id, authorization_token="ghp_secret"
    )
    assert "ghp_secret" not in rotated.to_json()
    deleted = client.beta.sessions.resources.delete(repository.id, session_id=session.id)
    assert deleted.type == "session_resource_deleted"
    assert [resource.type for resource in client.beta.sessions.retrieve(session.id).resources] == [
        "memory_store"
    ]
    with pytest.raises(NotFoundError):
        client.beta.sessions.resources.retrieve(repository.id, session_id=session.id)
    with pytest.raises(NotFoundError, match="no Files API"):
        client.beta.sessions.resources.add(session.id, file_id="file_1", type="file")


def test_a_session_has_one_thread_whose_events_are_its_own(client: Anthropic) -> None:
    session = session_of(client, "Hello")
    threads = client.beta.sessions.threads
    (thread,) = threads.list(session.id)
    assert (thread.session_id, thread.parent_thread_id, thread.status) == (session.id, None, "idle")
    assert threads.retrieve(thread.id, session_id=session.id).id == thread.id
    assert list(threads.list(session.id, statuses=["running"])) == []
    events = list(threads.events.list(thread.id, session_id=session.id, limit=2))
    assert events == list(client.beta.sessions.events.list(session.id))
    with pytest.raises(BadRequestError, match="archive its session"):
        threads.archive(thread.id, session_id=session.id)
    with pytest.raises(NotFoundError):
        threads.retrieve("sthr_other", session_id=session.id)
