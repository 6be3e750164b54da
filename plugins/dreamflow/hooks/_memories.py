"""The calls on memories and their versions."""

from __future__ import annotations

import hashlib
from collections.abc import Mapping
from contextlib import suppress
from datetime import datetime
from typing import Any

from dreamflow.core.objects import MemoryEntry
from dreamflow.errors import Conflict, NotFound
from dreamflow.hooks._connection import Connected
from dreamflow.hooks._convert import conflicting_memory_of, entry_of, translated
from dreamflow.hooks.asynchronous import PAGE

__all__ = ["MemoryCalls"]


class MemoryCalls(Connected):
    """Read, write and list the memories of a store, and look its deletions up."""

    def list_memories(self, store_id: str, below: str | None = None) -> dict[str, MemoryEntry]:
        """
        Return every memory of the store by path, without contents.

        :param below: only those in this folder, which ends with ``/``.
        """
        listing: dict[str, MemoryEntry] = {}
        only: Any = {"path_prefix": below} if below else {}
        with translated(f"list the memories of {store_id}"):
            for item in self.client.beta.memory_stores.memories.list(
                store_id, view="basic", limit=PAGE, **only
            ):
                if item.type == "memory":
                    listing[item.path] = entry_of(item)
        return listing

    def read_bodies(self, store_id: str, entries: Mapping[str, MemoryEntry]) -> dict[str, str]:
        """Return contents by path, of exactly the versions that the entries name, whatever changed since."""
        bodies = self._each(lambda entry: self._read_body(store_id, entry), entries.values())
        return dict(zip(entries, bodies, strict=True))

    def _read_body(self, store_id: str, entry: MemoryEntry) -> str:
        what, stores = f"read memory {entry.memory_id} of {store_id}", self.client.beta.memory_stores
        with suppress(NotFound), translated(what):
            memory = stores.memories.retrieve(entry.memory_id, memory_store_id=store_id, view="full")
            if memory.content_sha256 == entry.sha256 and memory.content is not None:
                return memory.content
        with translated(what):
            version = stores.memory_versions.retrieve(entry.version_id, memory_store_id=store_id, view="full")
        if version.content is None:
            raise NotFound(
                f"version {entry.version_id} of memory {entry.memory_id} in {store_id} was redacted: "
                "what it said can't be compared any more. Trigger a new run."
            )
        return version.content

    def write_memory(self, store_id: str, path: str, content: str, held: MemoryEntry | None) -> None:
        """
        Create or update the memory, if and only if the path holds what a listing told. Repeating it is harmless.

        :param held: the path's entry in the listing; None where it had none.
        :raises Conflict: the path holds something else.
        """
        memories = self.client.beta.memory_stores.memories
        try:
            with translated(f"write {path!r} to {store_id}"):
                if held is None:
                    memory = memories.create(store_id, path=path, content=content)
                else:
                    only: Any = {"type": "content_sha256", "content_sha256": held.sha256}
                    memory = memories.update(
                        held.memory_id, memory_store_id=store_id, content=content, precondition=only
                    )
                stands = memory.path == path
        except (Conflict, NotFound) as e:
            # The reply to a write that stands may have been lost, and the SDK's second try was told of a conflict.
            there = self._held(store_id, path, conflicting_memory_of(e) or (held.memory_id if held else None))
            stands = there is not None and there.sha256 == hashlib.sha256(content.encode()).hexdigest()
        if not stands:
            raise Conflict(
                f"could not write {path!r} to {store_id}: it changed since it was read.", status=409
            )

    def delete_memory(self, store_id: str, path: str, held: MemoryEntry) -> None:
        """
        Delete the memory if and only if it holds what a listing told; one that is gone is no error.

        :param held: the path's entry in the listing.
        :raises Conflict: the path holds something else.
        """
        try:
            with translated(f"delete {path!r} from {store_id}"):
                self.client.beta.memory_stores.memories.delete(
                    held.memory_id, memory_store_id=store_id, expected_content_sha256=held.sha256
                )
        except NotFound as e:
            if self._held(store_id, path, None) is not None:
                raise Conflict(
                    f"could not delete {path!r} from {store_id}: another memory has its place since it was read.",
                    status=409,
                ) from e

    def _held(self, store_id: str, path: str, memory_id: str | None) -> MemoryEntry | None:
        """Return what the path holds now: likely the memory of that id, and to list a folder may take 20 requests."""
        memories = self.client.beta.memory_stores.memories
        what = f"look for {path!r} in {store_id}"
        if memory_id is not None:
            with suppress(NotFound), translated(what):
                memory = memories.retrieve(memory_id, memory_store_id=store_id, view="basic")
                if memory.path == path:
                    return entry_of(memory)
        folder = path.rsplit("/", 1)[0] + "/"
        with translated(what):
            for item in memories.list(store_id, path_prefix=folder, depth=1, view="basic", limit=PAGE):
                if item.type == "memory" and item.path == path:
                    return entry_of(item)
        return None

    def deleted_after(self, store_id: str, moment: datetime) -> dict[str, MemoryEntry]:
        """Return, by path, the memories that were deleted after the moment, as they were before."""
        with translated(f"list the deletions in {store_id}"):
            deletions = self.client.beta.memory_stores.memory_versions.list(
                store_id, operation="deleted", created_at_gte=moment, view="basic", limit=PAGE
            )
            memory_ids = {version.memory_id for version in deletions if version.created_at > moment}
        held = (self._newest_content(store_id, memory_id) for memory_id in sorted(memory_ids))
        return dict(entry for entry in held if entry is not None)

    def _newest_content(self, store_id: str, memory_id: str) -> tuple[str, MemoryEntry] | None:
        """Return path and entry of a deleted memory's last version that held something."""
        with translated(f"list the versions of memory {memory_id} in {store_id}"):
            for version in self.client.beta.memory_stores.memory_versions.list(
                store_id, memory_id=memory_id, view="basic", limit=PAGE
            ):
                if version.operation == "deleted":
                    continue
                if not version.path or not version.content_sha256:
                    return None  # redacted: what it said is to be gone, and an older word is not its last
                size = version.content_size_bytes or 0
                return version.path, MemoryEntry(memory_id, version.content_sha256, version.id, size)
        return None
