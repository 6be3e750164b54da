"""A workspace on an embedded server that has one adopted night behind it, and more to dream about."""

from __future__ import annotations

import time
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from anthropic import Anthropic
from anthropic.types.beta import BetaDream

from tests.managed_agents.support import MODEL, import_transcripts, message, store_of, transcript

__all__ = [
    "Workspace",
    "dreams_on",
    "make_workspace",
    "new_sessions",
    "open_stores",
    "say",
    "sessions_of",
    "until",
]

PATIENCE_SECONDS = 120.0


@dataclass(frozen=True)
class Workspace:
    """The ids of what one pipeline works on."""

    agent: str
    deployment: str
    environment: str
    store: str

    def pipeline(self, location: Path, **more: Any) -> dict[str, Any]:
        """Return what the pipeline's file says."""
        return {
            "name": "support",
            "conn_id": "proxied",
            "sessions": {"agent_id": self.agent},
            "targets": [
                {"type": "deployment", "deployment_id": self.deployment},
                {"type": "agent", "agent_id": self.agent},
            ],
            "retire": {"idle_for": "PT0S"},
            "reports": {"location": f"file://{location}"},
            **more,
        }


def make_workspace(client: Anthropic) -> Workspace:
    store = store_of(client, "Support", team="Nadia Ferreira is head of operations.")
    agent = client.beta.agents.create(name="Support", model=MODEL, metadata={"memory_store_id": store.id})
    environment = client.beta.environments.create(name="Support")
    deployment = client.beta.deployments.create(
        name="Support",
        agent=agent.id,
        environment_id=environment.id,
        initial_events=[message("Good morning")],  # type: ignore[list-item]
        resources=[{"type": "memory_store", "memory_store_id": store.id, "access": "read_write"}],
    )
    return Workspace(agent.id, deployment.id, environment.id, store.id)


def new_sessions(client: Anthropic, workspace: Workspace, *names: str, **more: Any) -> list[str]:
    """Import a session of each name; its user has something to remember."""
    recorded = [
        transcript(name, f"The code of {name} is {name.upper()}-4711. Remember it.") for name in names
    ]
    known = {"agent_id": workspace.agent, "memory_store_id": workspace.store, **more}
    return [str(made["session_id"]) for made in import_transcripts(client, recorded, **known)]


def say(client: Anthropic, session_id: str, text: str) -> None:
    """Let the session take another turn, to its end."""
    client.beta.sessions.events.send(session_id, events=[message(text)])  # type: ignore[list-item]
    until(lambda: client.beta.sessions.retrieve(session_id).status == "idle", f"{session_id} to be idle")


def until(reached: Callable[[], bool], what: str) -> None:
    """Wait for something that is bound to come."""
    deadline = time.monotonic() + PATIENCE_SECONDS
    while not reached():
        assert time.monotonic() < deadline, f"waited in vain for {what}"
        time.sleep(0.01)


def dreams_on(client: Anthropic, store_id: str) -> list[BetaDream]:
    """Return every dream over the store, newest first."""
    listed = client.beta.dreams.list(include_archived=True, limit=100)
    return [
        dream for dream in listed if any(getattr(i, "memory_store_id", "") == store_id for i in dream.inputs)
    ]


def sessions_of(dream: BetaDream) -> list[str]:
    """Return the ids of the sessions that the dream reads."""
    return [
        session_id for entry in dream.inputs if entry.type == "sessions" for session_id in entry.session_ids
    ]


def open_stores(client: Anthropic) -> set[str]:
    """Return the stores that are not archived."""
    return {store.id for store in client.beta.memory_stores.list(limit=100)}
