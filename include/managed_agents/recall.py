"""
Play three acts that show what memory does, on a server of its own, and print them as a script.

1. An agent without memory is told when a keynote starts, and asked in a new session: it has no idea.
2. An agent with a memory store is told more, in one session after another, and the time moves. Asked in a new
   session it recalls all of it, from the notes of each session.
3. A dream makes one memory of those notes. A new session on its output finds the same in fewer files.

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
from collections.abc import Callable, Iterable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from anthropic import Anthropic
from rich.console import Console
from rich.markup import escape

from include.managed_agents.access import KeyRing

__all__ = ["Asked", "main", "play"]

MODEL = "claude-opus-4-8"
STORE = "Lisbon conference"
#: What each session is told, and the detail by which an answer shows that it knows.
TOLD = {
    "Programme": ("The keynote of the Lisbon conference starts at 9:30 in the Grand Hall.", "Grand Hall"),
    "Speakers": (
        "Dana Whitfield gives the keynote. She needs a lapel microphone and a glass of water.",
        "lapel",
    ),
    "Catering": ("Coffee is served in the foyer for 300 guests, right after the keynote.", "300"),
    "Change of plan": ("The keynote moves to 10:00, because the doors of the hall open late.", "10:00"),
}
TIMES = ("9:30", "10:00")
WHEN = "When does the keynote start?"
WHAT = "What do we know about the keynote?"
PATIENCE_SECONDS = 600.0
#: A line of what grep found: the file in front.
HIT = re.compile(r"(/.*?):\d+:")


@dataclass(frozen=True)
class Asked:
    """What a session answered, and the files that it read for that."""

    answers: tuple[str, ...]
    files: frozenset[str]

    @property
    def time(self) -> str:
        """The time that the first answer names first."""
        named = [time for time in TIMES if time in self.answers[0]]
        return min(named, key=self.answers[0].index, default="none")

    @property
    def details(self) -> int:
        """How many sessions' details the last answer brings together."""
        return sum(detail in self.answers[-1] for _, detail in TOLD.values())


class Stage:
    """Plays and prints. Memory text is printed as it is: markup in it means nothing."""

    def __init__(self, client: Anthropic, console: Console) -> None:
        self._client = client
        self._console = console
        self._agent = client.beta.agents.create(
            name="Conference desk", model=MODEL, tools=[{"type": "agent_toolset_20260401"}]
        )
        self._environment = client.beta.environments.create(name="Recall")

    def act(self, title: str) -> None:
        self.line("")
        self._console.rule(f"[bold]{title}[/bold]", align="left")

    def line(self, text: str) -> None:
        self._console.print(escape(text), soft_wrap=True)

    def ask(self, *questions: str, store: str | None = None) -> Asked:
        """Ask a new session, and print what it read and what it answers."""
        session = self._session("Questions", store)
        answers = tuple(self._say(session, question) for question in questions)
        files = frozenset(files_read(self._client.beta.sessions.events.list(session)))
        if store is not None:
            self.line(f"        ({len(files)} files read: {', '.join(map(short, sorted(files)))})")
        return Asked(answers, files)

    def tell(self, title: str, text: str, store: str | None = None) -> str:
        """Tell a new session something, and return its id."""
        session = self._session(title, store)
        self._say(session, text)
        return session

    def dream(self, memory_store_id: str, session_ids: Iterable[str]) -> str:
        """Dream over sessions, print what the dream made of the store, and return the store that comes out."""
        sessions = list(session_ids)
        before = self._contents(memory_store_id)
        dream = self._client.beta.dreams.create(
            model=MODEL,
            inputs=[
                {"type": "memory_store", "memory_store_id": memory_store_id},
                {"type": "sessions", "session_ids": sessions},
            ],
        )
        running = {"pending", "running"}
        self._wait(lambda: self._client.beta.dreams.retrieve(dream.id).status not in running, "the dream")
        dream = self._client.beta.dreams.retrieve(dream.id)
        if dream.status != "completed":
            why = dream.error.message if dream.error else "no reason"
            raise SystemExit(f"the dream has {dream.status}: {why}")
        output = dream.outputs[0].memory_store_id
        # As when it is adopted: it takes the place of the input, under its name.
        self._client.beta.memory_stores.update(output, name=STORE)
        after = self._contents(output)
        self.line(f"dream   over {len(sessions)} sessions: {len(before)} memories before, {len(after)} after")
        for path, content in after.items():
            self.line(f"\n        {path}")
            for line in content.splitlines():
                self.line(f"        | {line}".rstrip())
        self.line("")
        return output

    def _session(self, title: str, store: str | None) -> str:
        resources: Any = [] if store is None else [{"type": "memory_store", "memory_store_id": store}]
        created = self._client.beta.sessions.create(
            agent=self._agent.id, environment_id=self._environment.id, title=title, resources=resources
        )
        return created.id

    def _say(self, session_id: str, text: str) -> str:
        """Say something to a session, print what happens, and return the answer."""
        self.line(f"user    {text}")
        sent: Any = {"type": "user.message", "content": [{"type": "text", "text": text}]}
        before = len(list(self._client.beta.sessions.events.list(session_id)))
        self._client.beta.sessions.events.send(session_id, events=[sent])
        self._wait(lambda: self._client.beta.sessions.retrieve(session_id).status != "running", "the agent")
        told = [
            self._told(event) for event in list(self._client.beta.sessions.events.list(session_id))[before:]
        ]
        answer = "\n".join(text for text in told if text)
        first, *others = answer.splitlines() or [""]
        self._console.print(f"[green]agent[/green]   {escape(short(first))}", soft_wrap=True)
        for line in others:
            self.line(f"        {short(line)}")
        return answer

    def _told(self, event: Any) -> str:
        """Return the text of the agent's answer."""
        if event.type == "session.error":
            raise SystemExit(f"the session failed: {event.error.message}")
        if event.type != "agent.message":
            return ""
        return "\n".join(block.text for block in event.content if block.type == "text")

    def _contents(self, memory_store_id: str) -> dict[str, str]:
        listed = self._client.beta.memory_stores.memories.list(memory_store_id, view="full")
        return {item.path: item.content or "" for item in listed if item.type == "memory"}

    def _wait(self, is_done: Callable[[], bool], what: str) -> None:
        deadline = time.monotonic() + PATIENCE_SECONDS
        while not is_done():
            if time.monotonic() > deadline:
                raise SystemExit(f"gave up: {what} took over {PATIENCE_SECONDS:.0f} seconds")
            time.sleep(0.05)


def files_read(events: Iterable[Any]) -> Iterator[str]:
    """Yield the files that a session's tools showed it, in whole or in part."""
    uses: dict[str, Any] = {}
    for event in events:
        if event.type == "agent.tool_use":
            uses[event.id] = event
        elif event.type == "agent.tool_result" and not event.is_error:
            use = uses[event.tool_use_id]
            text = "\n".join(block.text for block in event.content or () if block.type == "text")
            if use.name == "read":
                yield str(use.input["file_path"])
            elif use.name == "grep":
                yield from (hit[1] for line in text.splitlines() if (hit := HIT.match(line)))


def short(text: str) -> str:
    """Leave out where the store is mounted: there is only one."""
    return re.sub(r"/mnt/memory/[\w-]+(?=/)", "", text)


def play(client: Anthropic, console: Console) -> tuple[Asked, Asked, Asked]:
    """Play all three acts, and return what was answered in each."""
    stage = Stage(client, console)
    stage.act("Act 1: no memory")
    stage.tell("Programme", TOLD["Programme"][0])
    stage.line("        (a new session)")
    without = stage.ask(WHEN)

    stage.act("Act 2: a memory store")
    store = client.beta.memory_stores.create(
        name=STORE, description="What we plan for the conference in Lisbon"
    )
    told = [stage.tell(title, text, store.id) for title, (text, _) in TOLD.items()]
    stage.line("        (a new session)")
    recalled = stage.ask(WHEN, WHAT, store=store.id)

    stage.act("Act 3: after a dream")
    output = stage.dream(store.id, told)
    stage.line("        (a new session)")
    dreamed = stage.ask(WHEN, WHAT, store=output)

    stage.act("What the dream adds")
    for when, asked in (("before it", recalled), ("after it", dreamed)):
        stage.line(
            f"{when:<10}{len(asked.files)} files read; the keynote starts at {asked.time}; "
            f"one answer knows what {asked.details} of {len(TOLD)} sessions were told"
        )
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
