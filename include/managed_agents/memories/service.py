"""What can be done with memories."""

from __future__ import annotations

import hashlib
from collections.abc import Sequence
from dataclasses import dataclass

from include.managed_agents.access import Actor
from include.managed_agents.database import Unit
from include.managed_agents.errors import InvalidRequest, NotFound, PathConflict, PreconditionFailed
from include.managed_agents.ids import new_id
from include.managed_agents.memories.models import MemoryRow, MemoryVersionRow
from include.managed_agents.memories.repository import MemoryRepository, past
from include.managed_agents.memories.schemas import MemoryCreate, MemoryList, MemoryUpdate
from include.managed_agents.memory_stores.service import MemoryStores
from include.managed_agents.paging import decode_cursor, encode_cursor

__all__ = ["MAX_MEMORIES", "Listing", "Memories", "sha256_of"]

MAX_MEMORIES = 2_000


@dataclass(frozen=True)
class Listing:
    """One page: memories, and the prefixes that stand for deeper ones, in path order."""

    items: Sequence[MemoryRow | str]
    next_page: str | None


class Memories:
    """
    The memories of one store.

    :param actor: who is named as the author of what this object changes.
    """

    def __init__(self, unit: Unit, memory_store_id: str, actor: Actor) -> None:
        self._unit = unit
        self._store_id = memory_store_id
        self._actor = actor
        self._rows = MemoryRepository(unit.session)
        self._stores = MemoryStores(unit)

    def create(self, request: MemoryCreate) -> MemoryRow:
        """Make a memory. :raises PathConflict: if the path is taken: a create never overwrites."""
        self._stores.require_writable(self._store_id)
        self._refuse_occupied(request.path)
        if self._rows.count(self._store_id) >= MAX_MEMORIES:
            raise InvalidRequest(
                f"memory store {self._store_id!r} holds {MAX_MEMORIES:,} memories, the maximum; delete some first"
            )
        version = self._version("created", new_id("mem"), request.path, request.content)
        memory = MemoryRow(
            id=version.memory_id, memory_store_id=self._store_id, created_at=version.created_at
        )
        return self._point(memory, version)

    def retrieve(self, memory_id: str) -> MemoryRow:
        self._stores.retrieve(self._store_id)
        memory = self._rows.get(self._store_id, memory_id)
        if memory is None:
            raise NotFound.of("memory", memory_id)
        return memory

    def content_of(self, memory: MemoryRow) -> str:
        return self._rows.content_of(memory)

    def contents_of(self, memories: Sequence[MemoryRow]) -> dict[str, str]:
        return self._rows.contents_of(memories)

    def page(self, query: MemoryList) -> Listing:
        self._stores.retrieve(self._store_id)
        prefix = query.path_prefix or "/"
        start, include_start = self._start_of(query, prefix)
        items: list[MemoryRow | str] = []
        if query.depth == 0:
            items += self._rows.from_path(
                self._store_id, start, past(prefix), query.page_size + 1, include_start=include_start
            )
        else:
            items += self._children(prefix, start, include_start, query.page_size + 1)
        more, items = len(items) > query.page_size, items[: query.page_size]
        last = items[-1] if more else None
        if last is None:
            return Listing(items, None)
        return Listing(items, encode_cursor(["memories", last if isinstance(last, str) else last.path]))

    def _start_of(self, query: MemoryList, prefix: str) -> tuple[str, bool]:
        """Return where the page starts, and whether a memory right there belongs to it."""
        if query.page is None:
            return prefix, False
        match decode_cursor(query.page):
            case ["memories", str(last)] if last.startswith(prefix):
                return (past(last), True) if last.endswith("/") else (last, False)
        raise InvalidRequest(
            "page: not a cursor of this list; pass next_page of an earlier response unchanged"
        )

    def _children(self, prefix: str, start: str, include_start: bool, limit: int) -> list[MemoryRow | str]:
        """Skip from child to child: what lies below a folder is never read, however much it is."""
        children: list[MemoryRow | str] = []
        while len(children) < limit:
            found = self._rows.from_path(self._store_id, start, past(prefix), 1, include_start=include_start)
            if not found:
                break
            name, slash, _ = found[0].path[len(prefix) :].partition("/")
            if slash:
                folder = f"{prefix}{name}/"
                children.append(folder)
                start, include_start = past(folder), True
            else:
                children.append(found[0])
                start, include_start = found[0].path, False
        return children

    def update(self, memory_id: str, request: MemoryUpdate) -> MemoryRow:
        """
        Change content, path or both.

        A request whose result already stands succeeds whatever its precondition says, so that one that is
        sent again after a lost reply does no harm.

        :raises PreconditionFailed: if the content is not the one the caller expected.
        :raises PathConflict: if another memory has the new path.
        """
        memory = self.retrieve(memory_id)
        self._stores.require_writable(self._store_id)
        path = request.path if request.path is not None else memory.path
        sha256 = memory.content_sha256 if request.content is None else sha256_of(request.content)
        if (path, sha256) == (memory.path, memory.content_sha256):
            return memory
        self._expect(memory, request.expected_sha256)
        if path != memory.path:
            self._refuse_occupied(path)
        content = self._rows.content_of(memory) if request.content is None else request.content
        return self._point(memory, self._version("modified", memory.id, path, content))

    def delete(self, memory_id: str, expected_sha256: str | None = None) -> None:
        """Delete a memory; its versions stay. An archived store allows it."""
        memory = self.retrieve(memory_id)
        self._expect(memory, expected_sha256)
        self._rows.delete(memory, self._version("deleted", memory.id, memory.path, None))

    def write(self, path: str, content: str) -> MemoryRow | None:
        """Create or replace what is at ``path``. Returns None where that already stands."""
        existing = self._rows.get_at(self._store_id, path)
        if existing is None:
            return self.create(MemoryCreate(path=path, content=content))
        if existing.content_sha256 == sha256_of(content):
            return None
        return self.update(existing.id, MemoryUpdate(content=content))

    def delete_at(self, path: str) -> bool:
        """Delete what is at ``path``. Returns whether there was something."""
        existing = self._rows.get_at(self._store_id, path)
        if existing is not None:
            self.delete(existing.id)
        return existing is not None

    def at(self, path: str) -> MemoryRow | None:
        return self._rows.get_at(self._store_id, path)

    def heads(self) -> Sequence[MemoryRow]:
        """Return every memory of the store, without its content, in path order."""
        self._stores.retrieve(self._store_id)
        return self._rows.from_path(self._store_id, "/", None, MAX_MEMORIES, include_start=True)

    def some_with_content(self, after: str | None, limit: int) -> list[tuple[str, str]]:
        """Return paths and contents of the memories behind a path, in order of path."""
        self._stores.retrieve(self._store_id)
        return self._rows.some_with_content(self._store_id, after, limit)

    def _point(self, memory: MemoryRow, version: MemoryVersionRow) -> MemoryRow:
        self._rows.add(version)  # first: the memory points at it
        assert version.path is not None
        assert version.content_sha256 is not None
        assert version.content_size_bytes is not None
        memory.memory_version_id = version.id
        memory.path = version.path
        memory.content_sha256 = version.content_sha256
        memory.content_size_bytes = version.content_size_bytes
        memory.updated_at = version.created_at
        self._rows.add(memory)
        return memory

    def _version(self, operation: str, memory_id: str, path: str, content: str | None) -> MemoryVersionRow:
        return MemoryVersionRow(
            id=new_id("memver"),
            memory_store_id=self._store_id,
            memory_id=memory_id,
            operation=operation,
            created_at=self._unit.clock.now(),
            actor_kind=self._actor.kind,
            actor_id=self._actor.id,
            path=path,
            content=content,
            content_sha256=None if content is None else sha256_of(content),
            content_size_bytes=None if content is None else len(content.encode()),
        )

    def _expect(self, memory: MemoryRow, sha256: str | None) -> None:
        if sha256 is not None and sha256 != memory.content_sha256:
            raise PreconditionFailed(
                f"memory {memory.id!r} has changed: its content_sha256 is {memory.content_sha256}, not {sha256}; "
                "read it again and apply the change to what it is now"
            )

    def _refuse_occupied(self, path: str) -> None:
        existing = self._rows.get_at(self._store_id, path)
        if existing is not None:
            raise PathConflict(
                f"path {path!r} is taken by memory {existing.id!r}; update that one or choose another path",
                details={"conflicting_memory_id": existing.id, "conflicting_path": path},
            )


def sha256_of(content: str) -> str:
    return hashlib.sha256(content.encode()).hexdigest()
