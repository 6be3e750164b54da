"""The hook against the embedded server: values and errors of our own, and writes that can be repeated."""

from __future__ import annotations

import json
from datetime import UTC, datetime, timedelta
from typing import get_args

import httpx2
import pytest
from anthropic.types.beta.sessions import BetaManagedAgentsSessionEventType

from dreamflow.core.launching import DreamRequest
from dreamflow.core.objects import MountedStore
from dreamflow.errors import AccessDenied, NotFound, RequestRejected, ServiceUnavailable
from dreamflow.hooks import managed_agents
from dreamflow.hooks.managed_agents import ManagedAgentsHook
from tests.unit.service import MODEL, Service, Wire, lose_one_reply, mounted, wired, writes


class TestStores:
    def test_a_store_is_read_with_everything_that_lineage_needs(
        self, service: Service, hook: ManagedAgentsHook
    ) -> None:
        store_id = service.store(name="Support", description="What we know", metadata={"team": "support"})
        seen = hook.retrieve_store(store_id)
        assert (seen.id, seen.name, seen.description) == (store_id, "Support", "What we know")
        assert seen.metadata == {"team": "support"}
        assert seen.archived_at is None
        assert abs(seen.created_at - datetime.now(UTC)) < timedelta(hours=1)

    def test_updating_sets_name_and_description_and_merges_metadata(
        self, service: Service, hook: ManagedAgentsHook
    ) -> None:
        store_id = service.store(metadata={"keep": "1", "drop": "1"})
        after = hook.update_store(store_id, name="New", description="", metadata={"drop": None, "add": "2"})
        assert (after.name, after.description) == ("New", "")
        assert after.metadata == {"keep": "1", "add": "2"}

    def test_archiving_twice_is_harmless(self, service: Service, hook: ManagedAgentsHook) -> None:
        store_id = service.store()
        first = hook.archive_store(store_id).archived_at
        assert first is not None
        assert hook.archive_store(store_id).archived_at == first

    def test_a_store_that_is_not_there_is_named(self, hook: ManagedAgentsHook) -> None:
        with pytest.raises(
            NotFound, match=r"could not read memory store memstore_gone.*Check the id"
        ) as raised:
            hook.retrieve_store("memstore_gone")
        assert raised.value.status == 404

    def test_looking_for_a_store_finds_it_or_none(self, service: Service, hook: ManagedAgentsHook) -> None:
        store_id = service.store()
        assert hook.find_store(store_id) == hook.retrieve_store(store_id)
        assert hook.find_store("memstore_gone") is None


class TestLostReplies:
    """The request was served, and its reply was lost."""

    def test_an_archive_stands(self, service: Service) -> None:
        store_id = service.store()
        assert wired(Wire(after=lose_one_reply("POST"))).archive_store(store_id).archived_at is not None

    def test_a_dream_is_never_asked_for_twice(self, service: Service) -> None:
        store_id, session_id = service.store({"/a.md": "one"}), service.session()
        wire = Wire(after=lose_one_reply("POST"))
        with pytest.raises(ServiceUnavailable, match="could not create the dream"):
            wired(wire).create_dream(DreamRequest(store_id, (session_id,), MODEL, None))
        assert len(writes(wire.requests)) == 1


class TestSessions:
    def test_sessions_are_listed_with_what_they_mount(
        self, service: Service, hook: ManagedAgentsHook
    ) -> None:
        store_id = service.store()
        writer = service.session(store_id, status="running")
        reader = service.session(store_id, access="read_only")
        listed = {s.id: s for s in hook.list_sessions(memory_store_id=store_id)}
        assert listed.keys() == {writer, reader}
        assert listed[writer].status == "running"
        assert listed[writer].stores == (MountedStore(store_id, "read_write"),)
        assert listed[reader].stores == (MountedStore(store_id, "read_only"),)

    def test_archived_sessions_come_when_they_are_asked_for(
        self, service: Service, hook: ManagedAgentsHook
    ) -> None:
        store_id = service.store()
        session_id = service.session(store_id)
        service.client.beta.sessions.archive(session_id)
        assert list(hook.list_sessions(memory_store_id=store_id)) == []
        (listed,) = hook.list_sessions(memory_store_id=store_id, include_archived=True)
        assert (listed.id, listed.archived_at is not None) == (session_id, True)

    def test_what_was_said_after_a_moment_is_a_turn_and_a_new_title_is_none(
        self, service: Service, hook: ManagedAgentsHook
    ) -> None:
        session_id = service.talk(service.agent())
        moment = service.client.beta.sessions.retrieve(session_id).updated_at
        service.client.beta.sessions.update(session_id, title="Better")
        assert not hook.has_turns_after(session_id, moment)
        service.say(session_id, "One more thing.")
        assert hook.has_turns_after(session_id, moment)

    def test_the_service_tells_its_time(self, hook: ManagedAgentsHook) -> None:
        assert timedelta(0) < datetime.now(UTC) - hook.service_time() < timedelta(minutes=6)

    def test_which_sessions_are_gone_is_told_and_an_archived_one_is_not(
        self, service: Service, hook: ManagedAgentsHook
    ) -> None:
        here, archived, deleted = (service.session() for _ in range(3))
        service.client.beta.sessions.archive(archived)
        service.client.beta.sessions.delete(deleted)
        assert hook.missing_sessions([here, deleted, archived, "sesn_never"]) == {deleted, "sesn_never"}
        assert hook.missing_sessions([]) == set()

    def test_a_service_that_is_down_makes_no_session_a_missing_one(self, service: Service) -> None:
        def cut(number: int, request: httpx2.Request) -> None:
            raise httpx2.ConnectError("refused", request=request)

        hook = wired(Wire(before=cut), max_retries=0)
        with pytest.raises(ServiceUnavailable, match="could not read session sesn_1"):
            hook.missing_sessions(["sesn_1", "sesn_2"])

    def test_every_event_that_people_agents_or_tools_speak_in_makes_a_turn(self) -> None:
        silent = {
            "user.interrupt",
            "user.tool_confirmation",
            "agent.thinking",
            "agent.thread_context_compacted",
        }
        speaking = {
            kind for kind in get_args(BetaManagedAgentsSessionEventType) if kind[:5] in ("user.", "agent")
        }
        assert speaking - silent <= set(managed_agents.TURN_EVENTS)


def test_looking_for_a_dream_finds_it_or_none(service: Service, hook: ManagedAgentsHook) -> None:
    store_id, session_id = service.store({"/a.md": "one"}), service.session()
    dream = hook.create_dream(DreamRequest(store_id, (session_id,), MODEL, None))
    found = hook.find_dream(dream.id)
    assert found is not None
    assert found.id == dream.id
    assert hook.find_dream("drm_gone") is None
    hook.cancel_dream(dream.id)


class TestTargets:
    def test_a_deployment_tells_what_it_mounts_as_a_request_takes_it(
        self, service: Service, hook: ManagedAgentsHook
    ) -> None:
        rules, notes = service.store(), service.store()
        file: dict[str, str] = {"type": "file", "file_id": "file_1"}
        deployment_id = service.deployment(mounted(rules, access="read_only"), file, mounted(notes))
        seen = hook.retrieve_deployment(deployment_id)
        assert (seen.id, seen.name, seen.archived_at) == (deployment_id, "Nightly", None)
        assert seen.resources == (mounted(rules, access="read_only"), file, mounted(notes))
        assert seen.memory_stores == (MountedStore(rules, "read_only"), MountedStore(notes, "read_write"))
        after = hook.replace_deployment_resources(deployment_id, reversed(seen.resources))
        assert list(after.resources) == service.resources(deployment_id) == [*reversed(seen.resources)]

    def test_every_deployment_of_every_page_is_listed_but_for_archived_ones(
        self, service: Service, hook: ManagedAgentsHook, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        monkeypatch.setattr(managed_agents, "PAGE", 2)
        store_id = service.store()
        made = {service.deployment(mounted(store_id)) for _ in range(5)}
        archived = made.pop()
        service.client.beta.deployments.archive(archived)
        listed = {d.id: d for d in hook.list_deployments() if d.memory_stores == (MountedStore(store_id),)}
        assert listed.keys() == made
        assert hook.retrieve_deployment(archived).archived_at is not None

    def test_an_agent_is_read_with_the_version_that_an_update_needs(
        self, service: Service, hook: ManagedAgentsHook
    ) -> None:
        agent_id = service.agent(memory_store_id="memstore_1")
        seen = hook.retrieve_agent(agent_id)
        assert (seen.id, seen.name, seen.version, seen.archived_at) == (agent_id, "Agent", 1, None)
        after = hook.update_agent_metadata(agent_id, version=1, metadata={"team": "support"})
        assert after.metadata == {"memory_store_id": "memstore_1", "team": "support"}
        assert after == hook.retrieve_agent(agent_id)


class TestConnection:
    def connect(self, monkeypatch: pytest.MonkeyPatch, **connection: str) -> ManagedAgentsHook:
        monkeypatch.setenv("AIRFLOW_CONN_ELSEWHERE", json.dumps({"conn_type": "anthropic", **connection}))
        return wired(Wire(), conn_id="elsewhere", max_retries=0)

    def test_a_wrong_key_is_said_to_be_wrong(self, service_url: str, monkeypatch: pytest.MonkeyPatch) -> None:
        hook = self.connect(monkeypatch, host=service_url, password="wrong-key")
        with pytest.raises(AccessDenied, match=r"401.*Check the API key") as raised:
            hook.retrieve_store("memstore_1")
        assert "wrong-key" not in str(raised.value)

    def test_a_server_that_is_down_may_come_back(self, monkeypatch: pytest.MonkeyPatch) -> None:
        hook = self.connect(monkeypatch, host="http://127.0.0.1:9", password="key")
        with pytest.raises(ServiceUnavailable, match=r"no connection.*Check the connection's host"):
            hook.retrieve_store("memstore_1")

    def test_a_host_that_is_no_such_service_is_a_readable_error(
        self, service_url: str, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        hook = self.connect(monkeypatch, host=f"{service_url}/nowhere", password="key")
        with pytest.raises(RequestRejected, match="could not read memory store"):
            hook.retrieve_store("memstore_1")
