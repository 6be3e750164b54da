"""
Play three acts that show what memory does, on a server of its own, and print them as a script.

1. An agent without memory is told something, and asked in a new session: it has no idea.
2. An agent with a memory store is told the same, and asked in a new session: it recalls.
3. A dream tidies the store up, and a new session on its output answers by way of the index.

``python -m include.managed_agents.recall`` needs no key. With ``--model claude`` and ANTHROPIC_API_KEY, Claude plays.
"""

from __future__ import annotations

import argparse
import os
import re
import subprocess
import sys
import tempfile
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

from anthropic import Anthropic
from rich.console import Console
from rich.markup import escape

from include.managed_agents.access import KeyRing

__all__ = ["main"]

MODEL = "claude-opus-4-8"
TOLD = (
    "Ana Petrova prefers an aisle seat; on the last trip she took 14C.",
    "Her order AB-1234 goes to Lisbon on 2026-12-01.",
    "Correction: Ana Petrova now prefers a window seat.",
)
ASKED = "Which seat does Ana Petrova prefer?"
PATIENCE_SECONDS = 600.0
#: No paths of this machine, and no ids that differ from run to run, in what is shown.
SHOWN_TOOL_INPUT = ("file_path", "path", "pattern")


class Stage:
    """Plays and prints. Memory text is printed as it is: markup in it means nothing."""

    def __init__(self, client: Anthropic, console: Console) -> None:
        self._client = client
        self._console = console
        self._agent = client.beta.agents.create(
            name="Travel desk", model=MODEL, tools=[{"type": "agent_toolset_20260401"}]
        )
        self._environment = client.beta.environments.create(name="Recall")

    def act(self, title: str) -> None:
        self._console.rule(title, align="left")

    def session(self, *memory_store_ids: str) -> str:
        resources: Any = [
            {"type": "memory_store", "memory_store_id": store_id} for store_id in memory_store_ids
        ]
        created = self._client.beta.sessions.create(
            agent=self._agent.id, environment_id=self._environment.id, resources=resources
        )
        return created.id

    def say(self, session_id: str, text: str) -> str:
        """Say something to a session, print what happens, and return the answer."""
        sent: Any = {"type": "user.message", "content": [{"type": "text", "text": text}]}
        before = len(list(self._client.beta.sessions.events.list(session_id)))
        self._client.beta.sessions.events.send(session_id, events=[sent])
        self._wait(lambda: self._client.beta.sessions.retrieve(session_id).status != "running", "the agent")
        answer = ""
        for event in list(self._client.beta.sessions.events.list(session_id))[before:]:
            answer = self._show(event) or answer
        return answer

    def dream(self, memory_store_id: str, *session_ids: str) -> str:
        """Dream over sessions, and return the store that comes out."""
        dream = self._client.beta.dreams.create(
            model=MODEL,
            inputs=[
                {"type": "memory_store", "memory_store_id": memory_store_id},
                {"type": "sessions", "session_ids": list(session_ids)},
            ],
        )
        self._console.print(f"[dim]dream over {len(session_ids)} session(s)[/dim]")
        running = {"pending", "running"}
        self._wait(lambda: self._client.beta.dreams.retrieve(dream.id).status not in running, "the dream")
        dream = self._client.beta.dreams.retrieve(dream.id)
        if dream.status != "completed":
            raise SystemExit(
                f"the dream has {dream.status}: {dream.error.message if dream.error else 'no reason'}"
            )
        output = dream.outputs[0].memory_store_id
        for memory in self._client.beta.memory_stores.memories.list(output, view="full"):
            if memory.type == "memory":
                self._console.print(f"[dim]{escape(memory.path)}[/dim]\n{escape(memory.content or '')}")
        return output

    def _show(self, event: Any) -> str | None:
        """Print one event; return its text if it is the agent's answer."""
        if event.type == "user.message":
            self._console.print(f"[bold]user[/bold]   {escape(event.content[0].text)}")
        elif event.type == "agent.tool_use":
            call = {key: value for key, value in event.input.items() if key in SHOWN_TOOL_INPUT}
            told = ", ".join(f"{key}={readable(value)}" for key, value in call.items())
            self._console.print(f"[dim]{event.name:<6} {escape(told)}[/dim]")
        elif event.type == "agent.message":
            text = "\n".join(block.text for block in event.content if block.type == "text")
            self._console.print(f"[green]agent[/green]  {escape(text)}")
            return text
        elif event.type == "session.error":
            raise SystemExit(f"the session failed: {event.error.message}")
        return None

    def _wait(self, is_done: Any, what: str) -> None:
        deadline = time.monotonic() + PATIENCE_SECONDS
        while not is_done():
            if time.monotonic() > deadline:
                raise SystemExit(f"gave up: {what} took over {PATIENCE_SECONDS:.0f} seconds")
            time.sleep(0.05)


def readable(value: object) -> str:
    """Shorten what differs from run to run, such as the name of a file of notes."""
    return re.sub(r"/notes/\w+\.md", "/notes/….md", str(value))


def play(client: Anthropic, console: Console) -> tuple[str, str, str]:
    """Play all three acts, and return the three answers."""
    stage = Stage(client, console)
    stage.act("Act 1: no memory")
    told = stage.session()
    stage.say(told, TOLD[0])
    without = stage.say(stage.session(), ASKED)

    stage.act("Act 2: a memory store")
    store = client.beta.memory_stores.create(
        name="Travellers", description="What travellers like and where they go"
    )
    told = stage.session(store.id)
    for text in TOLD:
        stage.say(told, text)
    recalled = stage.say(stage.session(store.id), ASKED)

    stage.act("Act 3: after a dream")
    output = stage.dream(store.id, told)
    dreamed = stage.say(stage.session(output), ASKED)
    return without, recalled, dreamed


@contextmanager
def server(model: str) -> Iterator[Anthropic]:
    """Run a server of our own in a process of its own, for as long as the play lasts."""
    key = KeyRing.new_key()
    with tempfile.TemporaryDirectory(prefix="managed-agents-recall-") as folder:
        command = [sys.executable, "-m", "include.managed_agents", "serve", "--port", "0", "--model", model]
        command += ["--database", f"sqlite:///{Path(folder) / 'recall.db'}"]
        environment = {**os.environ, "AGENTS_API_KEY": key}
        process = subprocess.Popen(command, stdout=subprocess.PIPE, text=True, env=environment)  # noqa: S603
        assert process.stdout is not None
        try:
            line = process.stdout.readline().split()
            if not line:
                raise SystemExit("the server did not start; its message is above")
            with Anthropic(api_key=key, base_url=line[-1]) as client:
                yield client
        finally:
            process.terminate()
            process.wait()
            process.stdout.close()


def main() -> int:
    parser = argparse.ArgumentParser(
        prog="python -m include.managed_agents.recall",
        description="Show what memory and dreams do for an agent, in three acts, on a server of its own.",
    )
    parser.add_argument(
        "--model", choices=("offline", "claude"), default="offline", help="who plays the agent"
    )
    options = parser.parse_args()
    with server(options.model) as client:
        play(client, Console(highlight=False))
    return 0


if __name__ == "__main__":
    sys.exit(main())
