"""
The plain values that the decisions are made on.

They mirror the Managed Agents API's objects (anthropic/types/beta) as far as a decision needs them, and
travel as JSON between tasks and into the report location.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import asdict, dataclass, field
from datetime import datetime
from typing import Any, NamedTuple

__all__ = [
    "ENDED",
    "IN_FLIGHT",
    "MEMORY_BYTES",
    "NO_HOME",
    "Agent",
    "Deployment",
    "Dream",
    "Listing",
    "MemoryEntry",
    "MemoryStore",
    "MemoryVersion",
    "MountedStore",
    "Place",
    "SaidText",
    "Session",
    "TokenUsage",
    "by_memory",
    "listing_from_json",
    "listing_to_json",
]

IN_FLIGHT = frozenset({"pending", "running"})
ENDED = frozenset({"completed", "failed", "canceled"})


#: Bytes of UTF-8 that one memory can hold (the Managed Agents memory guide).
MEMORY_BYTES = 102_400


class MemoryEntry(NamedTuple):
    """One memory as a listing shows it: identity and checksum, without its content."""

    memory_id: str
    sha256: str
    version_id: str
    size: int


#: A store's memories by path.
Listing = Mapping[str, MemoryEntry]


def listing_to_json(listing: Listing) -> dict[str, list[Any]]:
    """Return the listing as plain JSON, paths in order."""
    return {path: list(listing[path]) for path in sorted(listing)}


def listing_from_json(data: Mapping[str, Sequence[Any]]) -> dict[str, MemoryEntry]:
    """Read what ``listing_to_json`` wrote."""
    return {path: MemoryEntry(*row) for path, row in data.items()}


NO_HOME = ("", "")


class Place(NamedTuple):
    """
    A memory, and the path at which it lies.

    ``home`` is where another store has it, as a carry left it there: path and checksum. It is ``NO_HOME`` where that
    store has no memory of its own for it, and None where that is not known.
    """

    path: str
    entry: MemoryEntry
    home: tuple[str, str] | None = None

    @property
    def holds(self) -> tuple[str, str]:
        """Return path and checksum: all that a reader of the store sees of it."""
        return self.path, self.entry.sha256


def by_memory(listing: Listing) -> dict[str, Place]:
    """Return the memories by id, each with its path: a rename keeps the id."""
    return {entry.memory_id: Place(path, entry) for path, entry in listing.items()}


class MemoryVersion(NamedTuple):
    """
    One change of a memory: ``created``, ``modified`` or ``deleted``.

    ``path`` and ``sha256`` are None where it was redacted, ``sha256`` also where it is a deletion. ``by`` says who, in
    words; it is empty where nobody noted it.
    """

    id: str
    memory_id: str
    operation: str
    path: str | None
    sha256: str | None
    size: int
    by: str
    at: datetime

    @property
    def place(self) -> Place | None:
        """Return the memory as this change left it; None where nothing of it is left to read."""
        if self.path is None or self.sha256 is None:
            return None
        return Place(self.path, MemoryEntry(self.memory_id, self.sha256, self.id, self.size))


@dataclass(frozen=True)
class MemoryStore:
    id: str
    name: str
    description: str
    metadata: Mapping[str, str]
    created_at: datetime
    archived_at: datetime | None = None


@dataclass(frozen=True)
class MountedStore:
    memory_store_id: str
    access: str = "read_write"


@dataclass(frozen=True)
class Session:
    id: str
    status: str
    created_at: datetime
    updated_at: datetime
    agent_id: str = ""
    archived_at: datetime | None = None
    stores: tuple[MountedStore, ...] = ()


@dataclass(frozen=True)
class SaidText:
    """
    What one event of a session says. Transcript text: hostile.

    :ivar role: ``user``, ``agent`` or ``tool``, whoever said it. :ivar tool: the tool that an agent used, else empty;
        ``tool_input`` is what it was given, and ``text`` the same as JSON.
    """

    event_id: str
    role: str
    at: datetime | None
    text: str
    tool: str = ""
    tool_input: Mapping[str, Any] = field(default_factory=dict)


@dataclass(frozen=True)
class Deployment:
    """
    What runs an agent, and names the memory store that its sessions mount.

    :ivar resources: what is mounted, as a request takes it, but for the secrets, which the service does not tell.
    """

    id: str
    name: str
    archived_at: datetime | None = None
    resources: tuple[Mapping[str, Any], ...] = ()
    metadata: Mapping[str, str] = field(default_factory=dict)

    @property
    def memory_stores(self) -> tuple[MountedStore, ...]:
        return tuple(
            MountedStore(str(entry["memory_store_id"]), str(entry.get("access", "read_write")))
            for entry in self.resources
            if entry.get("type") == "memory_store"
        )

    @property
    def written_stores(self) -> tuple[str, ...]:
        """Return the ids of the stores that it mounts ``read_write``: where it is one, that is the live store."""
        return tuple(store.memory_store_id for store in self.memory_stores if store.access == "read_write")


@dataclass(frozen=True)
class Agent:
    """An agent's latest version."""

    id: str
    name: str
    version: int
    metadata: Mapping[str, str]
    archived_at: datetime | None = None


@dataclass(frozen=True)
class TokenUsage:
    input_tokens: int = 0
    output_tokens: int = 0
    cache_read_input_tokens: int = 0
    cache_creation_input_tokens: int = 0

    @property
    def input_total(self) -> int:
        return self.input_tokens + self.cache_read_input_tokens + self.cache_creation_input_tokens

    @property
    def total(self) -> int:
        return self.input_total + self.output_tokens

    @property
    def cache_read_share(self) -> float | None:
        """Share of input tokens that came from the prompt cache, 0 to 1; None where nothing was read."""
        return self.cache_read_input_tokens / self.input_total if self.input_total else None

    @property
    def priced(self) -> float:
        """Return the tokens, each counted by its price beside an uncached input token's, as in the public list."""
        cache = 1.25 * self.cache_creation_input_tokens + 0.1 * self.cache_read_input_tokens
        return self.input_tokens + 5 * self.output_tokens + cache

    def to_json(self) -> dict[str, int]:
        return asdict(self)


@dataclass(frozen=True)
class Dream:
    id: str
    status: str
    created_at: datetime
    input_store_id: str
    session_ids: tuple[str, ...]
    model: str
    instructions: str | None = None
    ended_at: datetime | None = None
    output_store_id: str | None = None
    session_id: str | None = None
    error_type: str | None = None
    error_message: str | None = None
    usage: TokenUsage = field(default_factory=TokenUsage)
