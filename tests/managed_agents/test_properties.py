"""Properties: no input gives a 500, and random work on memories equals a simple model."""

from __future__ import annotations

import json
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any
from urllib.parse import quote

import pytest
from anthropic import Anthropic, APIStatusError
from fastapi.testclient import TestClient
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from hypothesis.stateful import Bundle, RuleBasedStateMachine, initialize, invariant, rule

from include.managed_agents.app import create_app
from include.managed_agents.memories.service import sha256_of
from include.managed_agents.settings import Settings
from tests.managed_agents.conftest import sdk
from tests.managed_agents.support import KEY, contents, recorded, store_of

BETAS = "managed-agents-2026-04-01,dreaming-2026-04-21"
HEADERS = {"x-api-key": KEY, "anthropic-beta": BETAS}


@contextmanager
def new_server() -> Iterator[TestClient]:
    with tempfile.TemporaryDirectory() as folder:
        app = create_app(Settings(database=f"sqlite:///{Path(folder) / 'server.db'}", api_key=KEY))
        with TestClient(app, headers=HEADERS) as http:
            yield http


@pytest.fixture(scope="module")
def http() -> Iterator[TestClient]:
    with new_server() as http:
        yield http


@pytest.fixture(scope="module")
def ids(http: TestClient) -> dict[str, str]:
    return one_of_each(http)


@pytest.fixture(scope="module")
def kept() -> Iterator[tuple[TestClient, dict[str, str]]]:
    """A server on which no test deletes anything."""
    with new_server() as http:
        yield http, one_of_each(http)


def one_of_each(http: TestClient) -> dict[str, str]:
    """Make one object of every kind, so that random requests reach past 'not found'."""
    client = sdk("http://testserver", http_client=http)
    session = recorded(client, "Hello")
    store = store_of(client, a="one")
    shown = client.beta.sessions.retrieve(session)
    memory: Any = client.beta.memory_stores.memories.list(store.id).data[0]
    deployment: Any = client.beta.deployments.create(
        agent=shown.agent.id,
        environment_id=shown.environment_id,
        name="Nightly",
        initial_events=[{"type": "user.message", "content": [{"type": "text", "text": "Hello"}]}],
    )
    return {
        "agent_id": shown.agent.id,
        "environment_id": shown.environment_id,
        "session_id": session,
        "memory_store_id": store.id,
        "memory_id": memory.id,
        "memory_version_id": memory.memory_version_id,
        "deployment_id": deployment.id,
        "deployment_run_id": client.beta.deployments.run(deployment.id).id,
        "dream_id": "drm_unknown",
    }


def words(text: str) -> st.SearchStrategy[str]:
    return st.sampled_from(text.split())


TEXTS = st.text(max_size=20) | st.sampled_from(
    ["/a.md", "x" * 2000, "\x00", "0 9 * * *", "text", "user.message"]
)
KEYS = words(
    """name model metadata system tools skills mcp_servers version description config path content precondition agent
    agent_id environment_id resources initial_events title budget schedule vault_ids events type text inputs
    memory_store_id session_ids instructions output_behavior transcripts id messages role status expression timezone
    networking packages content_sha256 scheduled_at created_at"""
)
JSON = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats(allow_nan=False, allow_infinity=False) | TEXTS,
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(KEYS | TEXTS, inner, max_size=4),
    max_leaves=12,
)
NAMES = words(
    """limit page order statuses statuses[] types created_at[gte] created_at[lt] include_archived memory_store_id
    agent_id view depth path_prefix operation memory_id session_id version beta has_error status x"""
)
VALUES = TEXTS | st.sampled_from(
    ["1", "0", "-1", "true", "page_W10", "asc", "idle", "full", "9" * 30, "2026-01-01"]
)


def endpoints(http: TestClient) -> list[tuple[str, str]]:
    app: Any = http.app
    return sorted(
        (method, route.path) for route in app.routes for method in getattr(route, "methods", None) or ()
    )


@settings(max_examples=600, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(data=st.data())
def test_no_request_gives_a_500(http: TestClient, ids: dict[str, str], data: st.DataObject) -> None:
    method, path = data.draw(
        st.sampled_from([e for e in endpoints(http) if e[0] in {"GET", "POST", "DELETE"}])
    )
    if path.endswith("/stream"):
        return
    for name, known in ids.items():
        chosen = data.draw(st.sampled_from([known, known, known, "unknown"]) | TEXTS.filter(bool))
        path = path.replace(f"{{{name}}}", quote(chosen, safe=""))
    # Deleting the shared objects would leave nothing to find.
    if method == "DELETE" or path.endswith("/archive"):
        path = path.replace(ids["session_id"], "gone").replace(ids["memory_store_id"], "gone")
    query = data.draw(st.dictionaries(NAMES, VALUES, max_size=3))
    body = data.draw(st.binary(max_size=30) | JSON.map(lambda value: json.dumps(value).encode()))
    answer = http.request(method, path, params=query, content=body if method == "POST" else None)
    assert answer.status_code < 500, answer.text
    if answer.status_code >= 400:
        assert set(answer.json()["error"]) >= {"type", "message"}


def valid_requests(ids: dict[str, str]) -> dict[str, Any]:
    """One valid body for every endpoint that takes one."""
    text = {"type": "text", "text": "Hello"}
    tools = [
        {"type": "agent_toolset_20260401", "configs": [{"name": "read", "enabled": True}]},
        {
            "type": "custom",
            "name": "x",
            "description": "d",
            "input_schema": {"type": "object", "required": ["a"]},
        },
    ]
    agent = {"name": "A", "model": {"id": "m", "effort": "low"}, "tools": tools, "metadata": {"a": "b"}}
    store = {"type": "memory_store", "memory_store_id": ids["memory_store_id"], "access": "read_only"}
    money = {"type": "limit", "max_list_cost": {"amount": "100", "currency": "USD"}}
    document = {"type": "document", "source": {"type": "text", "media_type": "text/plain", "data": "x"}}
    message = {"type": "user.message", "content": [text, document]}
    started = {"agent": ids["agent_id"], "environment_id": ids["environment_id"], "resources": [store]}
    sessions = {"type": "sessions", "session_ids": [ids["session_id"]]}
    spoken = {"role": "user", "content": "x", "created_at": "2026-11-03T09:00:00Z"}
    called = {
        "role": "assistant",
        "content": None,
        "tool_calls": [{"id": "c", "name": "n", "arguments": "{}"}],
    }
    answered = {"role": "tool", "content": "x", "tool_call_id": "c", "name": "n"}
    networking = {"type": "limited", "allowed_hosts": ["example.com"]}
    at = {name: f"/v1/{kind}/{ids[name]}" for name, kind in KINDS.items()}
    return {
        "/v1/agents": agent,
        at["agent_id"]: {**agent, "version": 1, "skills": [{"type": "anthropic", "skill_id": "x"}]},
        "/v1/environments": {"name": "E", "config": {"type": "cloud", "networking": networking}},
        at["environment_id"]: {
            "metadata": {"a": None},
            "config": {"type": "cloud", "packages": {"pip": ["x"]}},
        },
        "/v1/sessions": {**started, "budget": money, "title": "T", "metadata": {"a": "b"}},
        at["session_id"]: {"title": "T", "metadata": {"a": None}, "agent": {"tools": tools}, "budget": None},
        f"{at['session_id']}/events": {"events": [message, {"type": "system.message", "content": [text]}]},
        f"{at['session_id']}/resources": {"type": "file", "file_id": "file_1", "mount_path": "/x"},
        "/v1/memory_stores": {"name": "S", "description": "d", "metadata": {"a": "b"}},
        at["memory_store_id"]: {"name": "S", "metadata": {"a": None}},
        f"{at['memory_store_id']}/memories": {"path": "/x/y.md", "content": "x"},
        f"{at['memory_store_id']}/memories/{ids['memory_id']}": {
            "content": "x",
            "path": "/z.md",
            "precondition": {"type": "content_sha256", "content_sha256": "0" * 64},
        },
        "/v1/deployments": {
            **started,
            "name": "D",
            "initial_events": [message],
            "schedule": {"type": "cron", "expression": "0 9 * * 1-5", "timezone": "UTC"},
        },
        at["deployment_id"]: {
            "agent": {"type": "agent", "id": ids["agent_id"], "version": 1},
            "resources": [store],
        },
        "/v1/dreams": {"model": "m", "inputs": [{k: v for k, v in store.items() if k != "access"}, sessions]},
        "/_control/sessions/import": {"transcripts": [{"id": "t", "messages": [spoken, called, answered]}]},
    }


KINDS = {
    "agent_id": "agents",
    "environment_id": "environments",
    "session_id": "sessions",
    "memory_store_id": "memory_stores",
    "deployment_id": "deployments",
}


def places(value: Any, path: tuple[Any, ...] = ()) -> Iterator[tuple[Any, ...]]:
    yield path
    inner = value.items() if isinstance(value, dict) else enumerate(value) if isinstance(value, list) else ()
    for key, part in inner:
        yield from places(part, (*path, key))


def changed(value: Any, path: tuple[Any, ...], part: Any) -> Any:
    if not path:
        return part
    copy = dict(value) if isinstance(value, dict) else list(value)
    copy[path[0]] = changed(copy[path[0]], path[1:], part)
    return copy


def test_the_valid_requests_are_valid(kept: tuple[TestClient, dict[str, str]]) -> None:
    http, ids = kept
    expected = {f"/v1/sessions/{ids['session_id']}/resources": 404}
    expected[f"/v1/memory_stores/{ids['memory_store_id']}/memories/{ids['memory_id']}"] = 409
    for path, body in valid_requests(ids).items():
        answer = http.post(path, json=body)
        assert answer.status_code == expected.get(path, 200), (path, answer.text)


@settings(max_examples=400, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(data=st.data())
def test_no_request_that_is_wrong_in_one_place_gives_a_500(
    kept: tuple[TestClient, dict[str, str]], data: st.DataObject
) -> None:
    http, ids = kept
    requests = valid_requests(ids)
    path = data.draw(st.sampled_from(sorted(requests)))
    place = data.draw(st.sampled_from(list(places(requests[path]))))
    answer = http.post(path, json=changed(requests[path], place, data.draw(JSON | st.just("x" * 5000))))
    assert answer.status_code < 500, answer.text


class MemoriesAgainstAModel(RuleBasedStateMachine):
    """Whatever is done to a store, it holds what a dictionary would hold, and its history tells how."""

    memories = Bundle("memories")
    paths = st.sampled_from(["/a.md", "/b.md", "/n/a.md", "/n/b.md", "/n/m/c.md"])
    texts = st.text(alphabet=st.characters(exclude_categories=["Cs"]), max_size=10)

    @initialize()
    def start(self) -> None:
        self.server = new_server()
        self.client: Anthropic = sdk("http://testserver", http_client=self.server.__enter__())
        self.store = store_of(self.client).id
        self.model: dict[str, tuple[str, str]] = {}
        self.changes = 0

    def teardown(self) -> None:
        if hasattr(self, "server"):
            self.server.__exit__(None, None, None)

    def attempt(self, work: Any) -> Any:
        try:
            return work(), None
        except APIStatusError as error:
            return None, error.type

    @rule(target=memories, path=paths, content=texts)
    def create(self, path: str, content: str) -> str:
        memories = self.client.beta.memory_stores.memories
        made, error = self.attempt(lambda: memories.create(self.store, path=path, content=content))
        taken = path in {taken for taken, _ in self.model.values()}
        assert error == ("memory_path_conflict_error" if taken else None)
        if made is None:
            return "mem_unknown"
        self.model[made.id] = (path, content)
        self.changes += 1
        return str(made.id)

    @rule(memory=memories, path=st.none() | paths, content=st.none() | texts, expected=st.none() | texts)
    def update(self, memory: str, path: str | None, content: str | None, expected: str | None) -> None:
        change: dict[str, Any] = {}
        if path is not None:
            change["path"] = path
        if content is not None:
            change["content"] = content
        if expected is not None:
            change["precondition"] = {"type": "content_sha256", "content_sha256": sha256_of(expected)}
        memories = self.client.beta.memory_stores.memories
        _, error = self.attempt(lambda: memories.update(memory, memory_store_id=self.store, **change))
        if memory not in self.model:
            assert error == "not_found_error"
            return
        before = self.model[memory]
        after = (path if path is not None else before[0], content if content is not None else before[1])
        others = {taken for other, (taken, _) in self.model.items() if other != memory}
        if after == before:
            assert error is None
        elif expected is not None and expected != before[1]:
            assert error == "memory_precondition_failed_error"
        elif after[0] in others:
            assert error == "memory_path_conflict_error"
        else:
            assert error is None
            self.model[memory] = after
            self.changes += 1

    @rule(memory=memories, expected=st.none() | texts)
    def delete(self, memory: str, expected: str | None) -> None:
        condition: Any = {} if expected is None else {"expected_content_sha256": sha256_of(expected)}
        memories = self.client.beta.memory_stores.memories
        _, error = self.attempt(lambda: memories.delete(memory, memory_store_id=self.store, **condition))
        if memory not in self.model:
            assert error == "not_found_error"
        elif expected is not None and expected != self.model[memory][1]:
            assert error == "memory_precondition_failed_error"
        else:
            assert error is None
            del self.model[memory]
            self.changes += 1

    @invariant()
    def the_store_holds_what_the_model_holds(self) -> None:
        if hasattr(self, "model"):
            assert contents(self.client, self.store) == dict(self.model.values())

    @invariant()
    def every_change_is_one_version(self) -> None:
        if hasattr(self, "model"):
            assert len(list(self.client.beta.memory_stores.memory_versions.list(self.store))) == self.changes


TestMemoriesAgainstAModel = MemoriesAgainstAModel.TestCase
TestMemoriesAgainstAModel.settings = settings(max_examples=15, stateful_step_count=20, deadline=None)
