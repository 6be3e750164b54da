"""
What a dream engine is: how the dream runner hands it sessions and a store, and what it gives back.

The runner owns the lifecycle (clone, status, limits, persistence, resume); an engine owns the thinking.
A dream runs in two steps, as an orchestrator with sub-agents does:

1. ``read_session`` once per transcript, in parallel. Its ``Findings`` are stored before the next step, so a
   dream that is taken up again after a crash reads only the transcripts that were not finished.
2. ``consolidate`` once, over all findings, writing through ``StoreFiles`` to the cloned store.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any, Protocol

from include.managed_agents.usage import Usage

__all__ = [
    "Brief",
    "DreamEngine",
    "EngineFailure",
    "Findings",
    "Message",
    "StoreFiles",
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
    usage: Usage = field(default_factory=Usage)


@dataclass(frozen=True)
class Brief:
    """What the dream was asked: the model, the caller's instructions (may be None), and the dream's own time."""

    model: str
    instructions: str | None
    now: datetime
    #: Gives the store as it was cloned, content by path, for engines whose sub-agents check against it.
    memories: Callable[[], Mapping[str, str]] = dict
    #: All tokens that the dream has used before this process took it up.
    tokens_spent: int = 0


class EngineFailure(Exception):
    """The engine gives up. The message is shown to the caller, so it must quote neither memories nor transcripts."""


class StoreFiles(Protocol):
    """The cloned store. Every write is a memory version by the dream's session and an event in its log."""

    def read_all(self) -> Mapping[str, str]:
        """Return content by path, of every memory now in the store."""
        ...

    def write(self, path: str, content: str) -> None:
        """Create or replace the memory at ``path``. Writing what already stands does nothing."""
        ...

    def delete(self, path: str) -> None:
        """Delete the memory at ``path``, if there is one."""
        ...


class DreamEngine(Protocol):
    """Thinks for a dream. Implementations hold no state between calls, so that a dream can be resumed."""

    name: str

    async def read_session(self, transcript: Transcript, brief: Brief) -> Findings: ...

    async def consolidate(self, files: StoreFiles, findings: Sequence[Findings], brief: Brief) -> Usage: ...
