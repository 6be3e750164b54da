"""What the demo dreams about: an agent with its deployment, a store full of notes, and past sessions."""

from __future__ import annotations

import json
import os
import subprocess
import sys
from dataclasses import dataclass
from pathlib import Path

from anthropic import Anthropic

from include.demo.errors import DemoError
from include.demo.settings import PROJECT

__all__ = ["Seeded", "seed"]

_STORE = PROJECT / "include" / "transcripts" / "demo_store.json"


@dataclass(frozen=True)
class Seeded:
    agent: str
    environment: str
    deployment: str
    input_store: str
    sessions: int


def seed(client: Anthropic, *, url: str, api_key: str, transcripts: Path) -> Seeded:
    """
    Create agent, environment, store and deployment through the SDK, and import the transcripts.

    :raises DemoError: the transcripts can't be imported; nothing of them was.
    """
    content = json.loads(_STORE.read_text(encoding="utf-8"))
    store = client.beta.memory_stores.create(
        name=content["name"], description=content["description"], metadata=content["metadata"]
    )
    for memory in content["memories"]:
        client.beta.memory_stores.memories.create(store.id, path=memory["path"], content=memory["content"])
    agent = client.beta.agents.create(
        name="Operations desk",
        model="claude-opus-4-8",
        system="You answer the operations desk. Look into your memory before you answer, and note what you learn.",
        tools=[{"type": "agent_toolset_20260401"}],
        metadata={"memory_store_id": store.id},
    )
    environment = client.beta.environments.create(name="Operations desk")
    deployment = client.beta.deployments.create(
        name="Operations desk",
        agent=agent.id,
        environment_id=environment.id,
        initial_events=[
            {
                "type": "user.message",
                "content": [{"type": "text", "text": "Work through the open follow-ups."}],
            }
        ],
        resources=[{"type": "memory_store", "memory_store_id": store.id, "access": "read_write"}],
    )
    sessions = _import(transcripts, url, api_key, agent.id, store.id)
    return Seeded(agent.id, environment.id, deployment.id, store.id, sessions)


def _import(transcripts: Path, url: str, api_key: str, agent_id: str, store_id: str) -> int:
    command = [sys.executable, "-m", "include.managed_agents", "import", str(transcripts)]
    options = ["--url", url, "--agent", agent_id, "--memory-store", store_id]
    # Not as an argument: those of a process can be read by everybody on the machine.
    env = {**os.environ, "AGENTS_API_KEY": api_key}
    done = subprocess.run(  # noqa: S603
        [*command, *options], cwd=PROJECT, env=env, capture_output=True, text=True, check=False
    )
    if done.returncode:
        said = [line for line in done.stderr.splitlines() if line.strip()]
        raise DemoError(
            said[-1] if said else f"{transcripts}: the import failed with exit code {done.returncode}"
        )
    return len(done.stdout.split())
