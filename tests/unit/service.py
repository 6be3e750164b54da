"""The embedded server as the product meets it: over HTTP, through the SDK, with a wire that can be cut."""

from __future__ import annotations

import time
from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass, field
from typing import Any

import httpx2
from anthropic import Anthropic

from dreamflow.hooks.managed_agents import ManagedAgentsHook

MODEL = "claude-opus-4-8"


@dataclass
class Service:
    """Short ways to set the service up and to look at it, apart from the code under test."""

    client: Anthropic

    def store(self, contents: Mapping[str, str] | None = None, name: str = "Notes", **more: Any) -> str:
        store_id = self.client.beta.memory_stores.create(name=name, **more).id
        for path, content in (contents or {}).items():
            self.create(store_id, path, content)
        return store_id

    def create(self, store_id: str, path: str, content: str) -> None:
        self.client.beta.memory_stores.memories.create(store_id, path=path, content=content)

    def contents(self, store_id: str) -> dict[str, str]:
        listed = self.client.beta.memory_stores.memories.list(store_id, view="full")
        return {item.path: item.content or "" for item in listed if item.type == "memory"}

    def put(self, store_id: str, path: str, content: str) -> None:
        """Write as an agent would: whatever stands there."""
        memory_id = self.memory_id(store_id, path)
        if memory_id is None:
            self.create(store_id, path, content)
        else:
            self.client.beta.memory_stores.memories.update(
                memory_id, memory_store_id=store_id, content=content
            )

    def remove(self, store_id: str, path: str) -> None:
        memory_id = self.memory_id(store_id, path)
        assert memory_id is not None
        self.client.beta.memory_stores.memories.delete(memory_id, memory_store_id=store_id)

    def memory_id(self, store_id: str, path: str) -> str | None:
        listed = self.client.beta.memory_stores.memories.list(store_id, view="basic")
        return next((item.id for item in listed if item.type == "memory" and item.path == path), None)

    def rename(self, store_id: str, path: str, to: str) -> None:
        memory_id = self.memory_id(store_id, path)
        assert memory_id is not None
        self.client.beta.memory_stores.memories.update(memory_id, memory_store_id=store_id, path=to)

    def is_archived(self, store_id: str) -> bool:
        return self.client.beta.memory_stores.retrieve(store_id).archived_at is not None

    def agent(self, **metadata: str) -> str:
        return self.client.beta.agents.create(name="Agent", model=MODEL, metadata=metadata).id

    def agent_metadata(self, agent_id: str) -> dict[str, str]:
        return dict(self.client.beta.agents.retrieve(agent_id).metadata)

    def environment(self) -> str:
        return self.client.beta.environments.create(name="Environment").id

    def session(self, *store_ids: str, access: str = "read_write", status: str = "idle") -> str:
        """Make a session that mounts the stores, and put it into a status."""
        resources: Any = [
            {"type": "memory_store", "memory_store_id": store_id, "access": access} for store_id in store_ids
        ]
        session = self.client.beta.sessions.create(
            agent=self.agent(), environment_id=self.environment(), resources=resources
        )
        self.set_status(session.id, status)
        return session.id

    def talk(self, agent_id: str, *store_ids: str, said: str = "We moved to Leeds.") -> str:
        """Make a session of the agent in which a user has said something and was answered."""
        resources: Any = [{"type": "memory_store", "memory_store_id": store_id} for store_id in store_ids]
        session = self.client.beta.sessions.create(
            agent=agent_id, environment_id=self.environment(), resources=resources
        )
        self.say(session.id, said)
        return session.id

    def say(self, session_id: str, text: str) -> None:
        """Let a user say something, and wait for the answer."""
        event: Any = {"type": "user.message", "content": [{"type": "text", "text": text}]}
        self.client.beta.sessions.events.send(session_id, events=[event])
        while self.client.beta.sessions.retrieve(session_id).status == "running":
            time.sleep(0.01)

    def set_status(self, session_id: str, status: str) -> None:
        self.client.post(f"/_control/sessions/{session_id}/status", cast_to=object, body={"status": status})

    def deployment(self, *resources: Mapping[str, Any], name: str = "Nightly", **more: Any) -> str:
        event: Any = {"type": "user.message", "content": [{"type": "text", "text": "Good morning"}]}
        return self.client.beta.deployments.create(
            name=name,
            agent=self.agent(),
            environment_id=self.environment(),
            initial_events=[event],
            resources=list(resources),  # type: ignore[arg-type]
            **more,
        ).id

    def resources(self, deployment_id: str) -> list[dict[str, Any]]:
        shown = self.client.beta.deployments.retrieve(deployment_id).resources
        return [resource.model_dump(mode="json", exclude_none=True) for resource in shown]


def mounted(store_id: str, **more: Any) -> dict[str, Any]:
    """Return a deployment's resource that mounts a store, as the service shows it."""
    return {"type": "memory_store", "memory_store_id": store_id, "access": "read_write", **more}


class Killed(BaseException):
    """The process is gone: nothing catches this, as nothing catches a kill -9."""


@dataclass
class Wire(httpx2.BaseTransport):
    """
    What lies between a hook and the service.

    :ivar before: is called with each request and its number, from 0, before it is sent; may raise.
    :ivar after: the same, once the service has answered, before the answer arrives.
    """

    before: Callable[[int, httpx2.Request], None] = lambda number, request: None
    after: Callable[[int, httpx2.Request], None] = lambda number, request: None
    requests: list[str] = field(default_factory=list)
    inner: httpx2.BaseTransport = field(default_factory=httpx2.HTTPTransport)

    def handle_request(self, request: httpx2.Request) -> httpx2.Response:
        number = len(self.requests)
        self.requests.append(f"{request.method} {request.url.path}")
        self.before(number, request)
        response = self.inner.handle_request(request)
        response.read()
        self.after(number, request)
        return response

    def close(self) -> None:
        self.inner.close()


def lose_one_reply(method: str) -> Callable[[int, httpx2.Request], None]:
    """Return what cuts the wire after the first request of the method was served."""
    lost: list[str] = []

    def lose(number: int, request: httpx2.Request) -> None:
        if request.method == method and not lost:
            lost.append(request.url.path)
            raise httpx2.ReadError("the connection was cut", request=request)

    return lose


#: Wires that tests have opened; a fixture closes them.
OPEN_WIRES: list[httpx2.Client] = []


def wired(wire: Wire, *, conn_id: str = "anthropic_default", max_retries: int = 2) -> ManagedAgentsHook:
    """Return a hook that reaches the service over the wire, by its connection."""
    hook = ManagedAgentsHook(conn_id=conn_id)
    http = httpx2.Client(transport=wire)
    OPEN_WIRES.append(http)
    hook.client = hook.client.with_options(http_client=http, max_retries=max_retries)
    return hook


def writes(requests: Iterable[str]) -> list[str]:
    """Return the requests that can change something."""
    return [request for request in requests if not request.startswith("GET ")]
