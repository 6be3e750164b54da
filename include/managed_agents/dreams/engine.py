"""
What a dream engine is: how the dream runner hands it sessions and a store, and what it gives back.

The runner owns the lifecycle (clone, status, limits, persistence, resume); an engine owns the thinking.
A dream runs in two steps, as an orchestrator with sub-agents does:

1. ``read_session`` once per transcript, in parallel. Its ``Findings`` are stored before the next step, so a
   dream that is taken up again after a crash reads only the transcripts that were not finished.
2. ``consolidate`` once, over all findings, writing through ``StoreFiles`` to the cloned store.

A dream may have 100 sessions of 1 MB and 2,000 memories of 100 kB: both are streamed, and never held whole.
"""

from __future__ import annotations

from collections.abc import Callable, Collection, Iterator, Mapping
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any, Protocol

from include.managed_agents.usage import Usage

__all__ = [
    "Brief",
    "DreamEngine",
    "DreamOver",
    "EngineFailure",
    "Findings",
    "Message",
    "StoreFiles",
    "StoreReader",
    "Transcript",
]


@dataclass(frozen=True)
class Message:
    """One turn of a session. ``role`` is ``user``, ``assistant`` or ``tool``; ``text`` may be empty."""

    role: str
    text: str
    created_at: datetime | None = None
    #: For a tool's message: the tool's name. For an assistant's: None.
    tool_name: str | None = None
    #: For an assistant's message: the calls it made, as ``{"name", "input"}``.
    tool_calls: tuple[Mapping[str, Any], ...] = ()


@dataclass(frozen=True)
class Transcript:
    """A past session as the dream reads it. ``started_at`` anchors relative dates such as "yesterday"."""

    session_id: str
    title: str | None
    started_at: datetime
    messages: tuple[Message, ...]


@dataclass(frozen=True)
class Findings:
    """What one sub-agent brings home from one transcript. ``data`` is plain JSON of the engine's own shape."""

    session_id: str
    data: Any
    #: Why the session could not be read, for people; ``data`` is None then, and `consolidate` never sees it. It must
    #: quote neither memories nor transcripts.
    set_aside: str = ""


class StoreReader(Protocol):
    """The cloned store, to be read in parts."""

    def sizes(self) -> Mapping[str, int]:
        """Return the bytes of every memory now in the store, by path, in order of path."""
        ...

    def read(self, path: str) -> str | None:
        """Return the content of the memory at ``path``, or None where there is none."""
        ...

    def read_all(self) -> Iterator[tuple[str, str]]:
        """
        Yield path and content of every memory, in order of path, a few at a time in memory.

        What is written meanwhile may be among them.
        """
        ...


class EmptyStore:
    """Implements `StoreReader` where there is nothing to read."""

    def sizes(self) -> Mapping[str, int]:
        return {}

    def read(self, path: str) -> str | None:
        return None

    def read_all(self) -> Iterator[tuple[str, str]]:
        return iter(())


@dataclass(frozen=True)
class Brief:
    """What the dream was asked: the model, the caller's instructions (may be None), and the dream's own time."""

    model: str
    instructions: str | None
    now: datetime
    #: The store as it was cloned, for engines whose sub-agents check against it.
    store: StoreReader = field(default_factory=EmptyStore)
    #: Streams the sessions that are still to be read, for engines that estimate before they spend.
    unread: Callable[[], Iterator[Transcript]] = lambda: iter(())
    #: All tokens that the dream has used before this process took it up.
    tokens_spent: int = 0
    #: Adds to what the dream has used, and commits it: to be called after every request, of those that fail too.
    count: Callable[[Usage], None] = lambda usage: None
    #: The same, for an engine whose usage follows from what it reads and is not spent: a key is counted once, though a
    #: server that was killed reads it again.
    count_once: Callable[[str, Usage], None] = lambda key, usage: None
    #: Raises `DreamOver` once the dream was canceled or the server stops. Cheap: to be called in every long loop, at
    #: least every 50 ms of work, on whatever thread.
    check: Callable[[], None] = lambda: None


class EngineFailure(Exception):
    """
    The engine gives up. The message is shown to the caller, so it must quote neither memories nor transcripts.

    :param error_type: the dream's error type, as the API has it.
    """

    def __init__(self, message: str, error_type: str = "internal_error") -> None:
        super().__init__(message)
        self.error_type = error_type


class DreamOver(Exception):
    """The dream has ended already, by a cancel for one, or the server stops. Nothing is left to do."""


class StoreFiles(StoreReader, Protocol):
    """The cloned store. Every write is a memory version by the dream's session and an event in its log."""

    def write(self, path: str, content: str) -> None:
        """
        Create or replace the memory at ``path``. Writing what already stands does nothing.

        :raises ValueError: if the path or the content is not allowed, or the store is full.
        """
        ...

    def delete(self, path: str) -> None:
        """Delete the memory at ``path``, if there is one."""
        ...


class DreamEngine(Protocol):
    """Thinks for a dream. Implementations hold no state between calls, so that a dream can be resumed."""

    name: str
    #: How many transcripts of a dream it reads at once. One, for an engine that is bound by this machine's processor.
    readers: int

    async def read_session(self, transcript: Transcript, brief: Brief) -> Findings: ...

    async def consolidate(self, files: StoreFiles, findings: Collection[Findings], brief: Brief) -> None:
        """
        Write what was found into the store.

        :param findings: of the sessions that could be read, in order of the dream's sessions; each iteration
            streams them anew.
        """
        ...
