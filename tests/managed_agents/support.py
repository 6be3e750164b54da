"""What the contract tests share: short ways to make objects, and to wait for a dream."""

from __future__ import annotations

import time
from collections.abc import Iterable
from typing import Any

from anthropic import Anthropic
from anthropic.types.beta import BetaDream, BetaManagedAgentsMemoryStore, BetaManagedAgentsSession

KEY = "test-key"
MODEL = "claude-opus-4-8"
PATIENCE_SECONDS = 120.0


def message(text: str) -> dict[str, Any]:
    return {"type": "user.message", "content": [{"type": "text", "text": text}]}


def store_of(client: Anthropic, name: str = "Notes", **memories: str) -> BetaManagedAgentsMemoryStore:
    """Make a store; each keyword is a memory at ``/<keyword>.md``."""
    store = client.beta.memory_stores.create(name=name)
    for path, content in memories.items():
        client.beta.memory_stores.memories.create(store.id, path=f"/{path}.md", content=content)
    return store


def contents(client: Anthropic, memory_store_id: str) -> dict[str, str]:
    """Return a store's contents by path."""
    listed = client.beta.memory_stores.memories.list(memory_store_id, view="full")
    return {item.path: item.content or "" for item in listed if item.type == "memory"}


def session_of(
    client: Anthropic, *texts: str, stores: Iterable[str] = (), **more: Any
) -> BetaManagedAgentsSession:
    """Make a session of a new agent in which a user has said ``texts``."""
    agent = client.beta.agents.create(name="Agent", model=MODEL)
    environment = client.beta.environments.create(name="Environment")
    resources: Any = [{"type": "memory_store", "memory_store_id": store_id} for store_id in stores]
    session = client.beta.sessions.create(
        agent=agent.id, environment_id=environment.id, resources=resources, **more
    )
    if texts:
        import_into(client, session.id, *texts)
    return session


def import_into(client: Anthropic, session_id: str, *texts: str) -> None:
    """Let a user say ``texts`` in a session, and wait until the agent has answered each."""
    for text in texts:
        client.beta.sessions.events.send(session_id, events=[message(text)])  # type: ignore[list-item]
        wait_until_idle(client, session_id)


def wait_until_idle(client: Anthropic, session_id: str) -> None:
    deadline = time.monotonic() + PATIENCE_SECONDS
    while client.beta.sessions.retrieve(session_id).status == "running":
        assert time.monotonic() < deadline, f"{session_id} is still running"
        time.sleep(0.02)


def dream_of(client: Anthropic, memory_store_id: str, *session_ids: str, **more: Any) -> BetaDream:
    return client.beta.dreams.create(
        model=MODEL,
        inputs=[
            {"type": "memory_store", "memory_store_id": memory_store_id},
            {"type": "sessions", "session_ids": list(session_ids)},
        ],
        **more,
    )


def ended(client: Anthropic, dream: BetaDream) -> BetaDream:
    """Wait until a dream has ended, and return it."""
    deadline = time.monotonic() + PATIENCE_SECONDS
    while dream.status in {"pending", "running"}:
        assert time.monotonic() < deadline, f"{dream.id} is still {dream.status}"
        time.sleep(0.02)
        dream = client.beta.dreams.retrieve(dream.id)
    return dream


def import_transcripts(
    client: Anthropic, transcripts: list[dict[str, Any]], **more: Any
) -> list[dict[str, Any]]:
    """Import through the control endpoint, and return what became of each."""
    body = {"transcripts": transcripts, **more}
    answer: Any = client.post("/_control/sessions/import", cast_to=object, body=body)
    data: list[dict[str, Any]] = answer["data"]
    return data


def transcript(transcript_id: str, *texts: str, **more: Any) -> dict[str, Any]:
    """Return a transcript in which a user says ``texts`` and is answered each time."""
    messages = []
    for text in texts:
        messages += [{"role": "user", "content": text}, {"role": "assistant", "content": "Noted."}]
    return {"id": transcript_id, "messages": messages, **more}


def recorded(client: Anthropic, *texts: str, **more: Any) -> str:
    """Import one session in which a user says ``texts``, and return its id."""
    name = f"t-{time.monotonic_ns()}"
    return str(import_transcripts(client, [transcript(name, *texts)], **more)[0]["session_id"])


TOOLSET: Any = {"type": "agent_toolset_20260401"}


def session_on(
    client: Anthropic, *stores: Any, tools: Any = (TOOLSET,), **more: Any
) -> BetaManagedAgentsSession:
    """Start a session that mounts stores; each is an id, or a resource in full."""
    agent = client.beta.agents.create(name="Agent", model=MODEL, system="Be kind.", tools=list(tools))
    environment = client.beta.environments.create(name="Environment")
    resources: Any = [
        {"type": "memory_store", "memory_store_id": store} if isinstance(store, str) else store
        for store in stores
    ]
    return client.beta.sessions.create(
        agent=agent.id, environment_id=environment.id, resources=resources, **more
    )


def ask(client: Anthropic, session_id: str, text: str) -> str:
    """Say something, wait for the answer, and return it."""
    client.beta.sessions.events.send(session_id, events=[message(text)])  # type: ignore[list-item]
    wait_until_idle(client, session_id)
    answer: Any = list(client.beta.sessions.events.list(session_id, types=["agent.message"]))[-1]
    return "\n".join(block.text for block in answer.content)
