"""
Memory stores as a few lines of Python, for properties that need thousands of examples.

They keep memories and versions as the service does, and offer what a carry calls. What the service itself does is
tested elsewhere, against the embedded server.
"""

from __future__ import annotations

from collections.abc import Callable, Collection, Iterable, Iterator, Mapping
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from typing import Any

from dreamflow.core.objects import MemoryEntry, MemoryStore, MemoryVersion, Place
from dreamflow.errors import Conflict
from tests.unit.service import Killed
from tests.unit.support import NOON, sha

__all__ = ["ModelFiles", "ModelService", "ModelStore"]


@dataclass
class ModelStore:
    """:ivar held: memory id and content by path. :ivar versions: newest last, each with its content."""

    service: ModelService
    id: str
    held: dict[str, tuple[str, str]] = field(default_factory=dict)
    versions: list[tuple[MemoryVersion, str]] = field(default_factory=list)

    @property
    def contents(self) -> dict[str, str]:
        return {path: content for path, (_, content) in self.held.items()}

    def _note(self, operation: str, memory_id: str, path: str, content: str | None, by: str) -> None:
        checksum = None if content is None else sha(content)
        n = self.service.tick()
        version = MemoryVersion(
            f"memver_{n}",
            memory_id,
            operation,
            path,
            checksum,
            len(content or ""),
            by,
            NOON + timedelta(seconds=n),
        )
        self.versions.append((version, content or ""))

    def put(self, path: str, content: str, by: str = "session sesn_1") -> None:
        known = self.held.get(path)
        if known and known[1] == content:
            return
        memory_id = known[0] if known else f"mem_{self.service.tick()}"
        self.held[path] = (memory_id, content)
        self._note("modified" if known else "created", memory_id, path, content, by)

    def remove(self, path: str, by: str = "session sesn_1") -> None:
        memory_id, _ = self.held.pop(path)
        self._note("deleted", memory_id, path, None, by)

    def rename(self, path: str, to: str, content: str | None = None, by: str = "session sesn_1") -> None:
        memory_id, held = self.held.pop(path)
        self.held[to] = (memory_id, held if content is None else content)
        self._note("modified", memory_id, to, self.held[to][1], by)


@dataclass
class ModelService:
    """
    The service, and a hook that reaches it.

    :ivar deeds: writes left until the process is killed; None: it lives. :ivar meets: is called then, instead.
    """

    stores: dict[str, ModelStore] = field(default_factory=dict)
    deeds: int | None = None
    meets: Callable[[], None] | None = None
    clock: int = 0

    def tick(self) -> int:
        self.clock += 1
        return self.clock

    def store(self, contents: Mapping[str, str]) -> ModelStore:
        store = ModelStore(self, f"memstore_{len(self.stores)}")
        self.stores[store.id] = store
        for path, content in contents.items():
            store.put(path, content)
        return store

    def burn(self) -> None:
        if self.deeds is not None:
            if self.deeds == 0 and self.meets is None:
                raise Killed
            self.deeds -= 1
            if self.deeds < 0 and self.meets is not None:
                self.deeds = None
                self.meets()

    # What a carry, or an edit, calls

    def find_store(self, store_id: str) -> MemoryStore | None:
        return MemoryStore(store_id, "", "", {}, datetime.now(UTC)) if store_id in self.stores else None

    def retrieve_store(self, store_id: str) -> MemoryStore:
        store = self.find_store(store_id)
        assert store is not None
        return store

    def find_memory(self, store_id: str, path: str) -> MemoryEntry | None:
        return self.list_memories(store_id).get(path)

    def list_memories(self, store_id: str) -> dict[str, MemoryEntry]:
        store = self.stores[store_id]
        newest = {version.memory_id: version for version, _ in store.versions}
        return {
            path: MemoryEntry(memory_id, sha(content), newest[memory_id].id, len(content))
            for path, (memory_id, content) in sorted(store.held.items())
        }

    def list_versions(self, store_id: str, **filters: Any) -> Iterator[MemoryVersion]:
        assert not filters
        return (version for version, _ in reversed(self.stores[store_id].versions))

    def in_parallel(self, call: Callable[[Any], Any], items: Iterable[Any]) -> list[Any]:
        return [call(item) for item in items]

    def read_bodies(
        self, store_id: str, entries: Mapping[str, MemoryEntry], *, among: int | None = None
    ) -> dict[str, str]:
        bodies = {version.id: content for version, content in self.stores[store_id].versions}
        return {path: bodies[entry.version_id] for path, entry in entries.items()}

    def each_body(
        self,
        store_id: str,
        entries: Mapping[str, MemoryEntry],
        *,
        among: int | None = None,
        skip_redacted: bool = False,
    ) -> Iterator[tuple[str, str]]:
        yield from self.read_bodies(store_id, entries).items()

    def read_history(
        self, store_id: str, memory_id: str, wanted: Collection[str], depth: int
    ) -> dict[str, str]:
        own = [
            (v.id, content)
            for v, content in reversed(self.stores[store_id].versions)
            if v.memory_id == memory_id
        ]
        assert len(wanted) == 1 or {version_id for version_id, _ in own[:depth]} >= set(wanted)
        return {version_id: content for version_id, content in own if version_id in wanted}

    def write_memory(self, store_id: str, path: str, content: str, held: MemoryEntry | None) -> None:
        self.burn()
        store = self.stores[store_id]
        there = store.held.get(path)
        if (there is None) != (held is None) or (there and held and (there[0], sha(there[1])) != held[:2]):
            raise Conflict(f"could not write {path!r}")
        store.put(path, content, "API key apikey_1")

    def move_memory(self, store_id: str, path: str, content: str | None, held: Place) -> None:
        self.burn()
        store = self.stores[store_id]
        there = store.held.get(held.path)
        if there is None or (there[0], sha(there[1])) != held.entry[:2] or path in store.held:
            raise Conflict(f"could not rename to {path!r}")
        store.rename(held.path, path, content, "API key apikey_1")

    def delete_memory(self, store_id: str, path: str, held: MemoryEntry) -> None:
        self.burn()
        there = self.stores[store_id].held.get(path)
        if there is None or (there[0], sha(there[1])) != held[:2]:
            raise Conflict(f"could not delete {path!r}")
        self.stores[store_id].remove(path, "API key apikey_1")


@dataclass
class ModelFiles:
    """Run files in memory; to write one is a deed too."""

    service: ModelService
    files: dict[str, str] = field(default_factory=dict)

    def read_text(self, uri: str, /) -> str:
        if uri not in self.files:
            raise FileNotFoundError(uri)
        return self.files[uri]

    def write_text(self, uri: str, text: str, /) -> None:
        self.service.burn()
        self.files[uri] = text

    def create_text(self, uri: str, text: str, /) -> None:
        if uri in self.files:
            raise FileExistsError(uri)
        self.write_text(uri, text)

    def delete(self, uri: str, /) -> None:
        self.files.pop(uri, None)

    def delete_folder(self, uri: str, /) -> None: ...

    def list_names(self, uri: str, /) -> list[str]:
        return [name.rpartition("/")[2] for name in self.files if name.rpartition("/")[0] == uri]

    def modified_at(self, uri: str, /) -> datetime | None:
        return None

    def version_of(self, uri: str, /) -> None: ...
