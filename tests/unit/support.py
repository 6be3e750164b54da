"""What the unit tests share: short ways to write down stores, sessions and dreams as plain values."""

from __future__ import annotations

import hashlib
from collections.abc import Mapping
from datetime import UTC, datetime, timedelta
from typing import Any

from hypothesis import strategies as st

from dreamflow.core.objects import Dream, MemoryEntry, MemoryStore, MountedStore, Session

NOON = datetime(2026, 11, 20, 12, 0, tzinfo=UTC)


def at(minutes: float) -> datetime:
    """Return the moment so many minutes after noon."""
    return NOON + timedelta(minutes=minutes)


def sha(content: str) -> str:
    return hashlib.sha256(content.encode()).hexdigest()


def listing_of(contents: Mapping[str, str]) -> dict[str, MemoryEntry]:
    """Return the listing of a store that holds these contents by path."""
    return {
        path: MemoryEntry(f"mem_{path}", sha(content), f"memver_{path}_{content}", len(content.encode()))
        for path, content in contents.items()
    }


def store(store_id: str = "memstore_1", **metadata: str) -> MemoryStore:
    return MemoryStore(store_id, "Notes", "What we know", metadata, NOON)


def session(
    session_id: str = "sesn_1",
    *,
    status: str = "idle",
    updated: float = 0,
    mounts: Mapping[str, str] | None = None,
    archived: bool = False,
) -> Session:
    """Return a session; ``updated`` is in minutes after noon, ``mounts`` is access by store id."""
    return Session(
        session_id,
        status,
        created_at=NOON - timedelta(days=1),
        updated_at=at(updated),
        archived_at=at(updated) if archived else None,
        stores=tuple(MountedStore(*mount) for mount in (mounts or {}).items()),
    )


def dream(dream_id: str = "drm_1", status: str = "running", **more: Any) -> Dream:
    known: dict[str, Any] = {
        "created_at": NOON,
        "input_store_id": "memstore_1",
        "session_ids": ("sesn_1",),
        "model": "claude-opus-4-8",
    }
    return Dream(dream_id, status, **{**known, **more})


#: A handful of paths and contents, so that random stores meet each other.
PATHS = st.sampled_from([f"/{name}.md" for name in "abcde"])
CONTENTS = st.sampled_from(["one", "two", "three"])
STORES = st.dictionaries(PATHS, CONTENTS, max_size=5)
