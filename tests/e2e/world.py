"""What a pipeline works on: an agent, its deployment, a memory store, and sessions of its own."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any

from anthropic import Anthropic

from include.demo.seed import seed
from include.demo.settings import PROJECT
from include.demo.stack import Stack
from tests.managed_agents.support import MODEL, contents, import_transcripts, message, store_of, transcript

__all__ = ["Member", "World", "demo_world", "fleet_world", "small_world"]

_MEMORIES = {
    "/people/tom.md": "Tom Okafor, warehouse lead in Leeds. Reach him on Slack @tom.\n",
    "/suppliers/etiq.md": "Etiq prints our return labels, 5,000 pieces for £210. We are customer 88123 there.\n",
    "/payments/paylane.md": "The Paylane webhook is https://hooks.example.com/paylane/v1\n",
    "/notes.md": "- Stock sync runs at 02:15 UTC every night\n- Nadia Ferreira is head of operations\n",
    "/notes (copy).md": "- Stock sync runs at 02:15 UTC every night\n",
}
_SESSIONS = [
    ["We moved the Paylane webhook. It is https://hooks.example.com/paylane/v2 now, please remember that."],
    ["Order LK-48213 is lost. Nordfracht tracking is NF7781209GB. The customer prefers a refund of £84.50."],
    ["We decided that heavy parcels go with Bluevan from 2026-12-01. Marek Dudek owns the contract."],
]


@dataclass(frozen=True)
class Member:
    """One member of a fleet, and the store that it had before the night."""

    client: Anthropic
    deployment: str
    store: str

    def live_store(self) -> str:
        (entry,) = self.client.beta.deployments.retrieve(self.deployment).resources
        return str(entry.memory_store_id)  # type: ignore[union-attr]

    def is_archived(self) -> bool:
        return self.client.beta.memory_stores.retrieve(self.store).archived_at is not None


@dataclass(frozen=True)
class World:
    """
    One pipeline's own objects on the embedded server, and how they are now.

    :ivar members: of a fleet, by name.
    :ivar reference: a second store that the deployment mounts, ``read_only``; no pipeline may touch it.
    """

    client: Anthropic
    agent: str
    deployment: str
    store: str
    reference: str | None = None
    sessions: tuple[str, ...] = ()
    members: Mapping[str, Member] = field(default_factory=dict)

    def live_stores(self) -> tuple[str, str]:
        """Return the store that the deployment mounts ``read_write``, and the one that the agent names."""
        mounted = [entry["memory_store_id"] for entry in self.resources() if entry["access"] == "read_write"]
        (writable,) = mounted
        named = self.client.beta.agents.retrieve(self.agent).metadata["memory_store_id"]
        return writable, named

    def resources(self) -> list[dict[str, Any]]:
        """Return the memory stores among the deployment's resources, as they are listed."""
        listed = self.client.beta.deployments.retrieve(self.deployment).resources
        return [entry.model_dump(mode="json", exclude_none=True) for entry in listed]

    def memories(self, store_id: str) -> dict[str, str]:
        """Return a store's contents by path."""
        return contents(self.client, store_id)

    def is_archived(self, store_id: str) -> bool:
        return self.client.beta.memory_stores.retrieve(store_id).archived_at is not None

    def write(self, path: str, content: str) -> None:
        """Create or update a memory in the input, as an agent at work does."""
        self.put(self.store, path, content)

    def put(self, store_id: str, path: str, content: str) -> None:
        """Create or update a memory in a store, as anybody may with a key."""
        held = self._held(path, store_id)
        memories = self.client.beta.memory_stores.memories
        if held is None:
            memories.create(store_id, path=path, content=content)
        else:
            memories.update(held, memory_store_id=store_id, content=content)

    def delete(self, path: str) -> None:
        held = self._held(path)
        assert held is not None, f"{path} is not in {self.store}"
        self.client.beta.memory_stores.memories.delete(held, memory_store_id=self.store)

    def set_status(self, session_id: str, status: str) -> None:
        """Let a session be at work, or idle again."""
        self.client.post(f"/_control/sessions/{session_id}/status", body={"status": status}, cast_to=object)

    def _held(self, path: str, store_id: str = "") -> str | None:
        listed = self.client.beta.memory_stores.memories.list(store_id or self.store, view="basic")
        return next((m.id for m in listed if m.type == "memory" and m.path == path), None)


def small_world(_stack: object, client: Anthropic, name: str) -> World:
    """Make a few memories and sessions: enough for a dream to add, change, remove and leave something."""
    store = client.beta.memory_stores.create(
        name=f"Memory of {name}", description=f"What {name} knows", metadata={"team": name}
    )
    for path, content in _MEMORIES.items():
        client.beta.memory_stores.memories.create(store.id, path=path, content=content)
    reference = store_of(client, f"Reference of {name}", manual="Read me")
    agent = client.beta.agents.create(
        name=name, model=MODEL, metadata={"memory_store_id": store.id, "owner": "ops"}
    )
    environment = client.beta.environments.create(name=name)
    deployment = client.beta.deployments.create(
        name=name,
        agent=agent.id,
        environment_id=environment.id,
        initial_events=[message("Good morning")],  # type: ignore[list-item]
        resources=[
            {"type": "memory_store", "memory_store_id": reference.id, "access": "read_only"},
            {
                "type": "memory_store",
                "memory_store_id": store.id,
                "access": "read_write",
                "instructions": "Note what you learn.",
            },
        ],
    )
    recorded = [
        transcript(f"{name}-{number}", *said, created_at=f"2026-11-{16 + number}T09:00:00Z")
        for number, said in enumerate(_SESSIONS)
    ]
    imported = import_transcripts(client, recorded, agent_id=agent.id, memory_store_id=store.id)
    return World(
        client,
        agent.id,
        deployment.id,
        store.id,
        reference.id,
        tuple(session["session_id"] for session in imported),
    )


def demo_world(stack: Stack, client: Anthropic, name: str) -> World:
    """Make what the demo dreams about: its text tries to pass for links, images, HTML, headings and orders."""
    transcripts = PROJECT / "include" / "transcripts" / "demo.jsonl"
    seeded = seed(client, url=stack.agents_url, api_key=stack.api_key, transcripts=transcripts)
    return World(client, seeded.agent, seeded.deployment, seeded.input_store)


#: What the members' users say, by member. One has a mail address that no memory holds yet.
_SAID = {
    "ash": "Please remember that we open at nine on Saturdays.",
    "birch": "Please remember that our webhook is https://hooks.example.com/birch/v2 now.",
    "cedar": "Please remember that order LK-48213 was refunded with £84.50.",
    "dogwood": "Please remember that Rosa leads the warehouse now: rosa.lindqvist@example.org.",
}


def fleet_world(stack: Stack, client: Anthropic, name: str) -> World:
    """Make four members, each with a store, a deployment and a session of its own."""
    agent = client.beta.agents.create(name=name, model=MODEL)
    environment = client.beta.environments.create(name=name)
    members = {}
    for called, said in _SAID.items():
        store = store_of(client, f"{name} {called}", hours="We open at ten.")
        deployment = client.beta.deployments.create(
            name=f"{name}-{called}",
            agent=agent.id,
            environment_id=environment.id,
            initial_events=[message("Good morning")],  # type: ignore[list-item]
            resources=[{"type": "memory_store", "memory_store_id": store.id, "access": "read_write"}],
        )
        recorded = [transcript(f"{name}-{called}", said, created_at="2026-11-17T09:00:00Z")]
        import_transcripts(client, recorded, agent_id=agent.id, memory_store_id=store.id)
        members[called] = Member(client, deployment.id, store.id)
    one = members["ash"]
    return World(client, agent.id, one.deployment, one.store, members=members)
