"""The calls on memories and their versions."""

from __future__ import annotations

import hashlib
from collections.abc import Callable, Collection, Iterable, Iterator, Mapping
from contextlib import suppress
from itertools import islice
from typing import Any, TypeVar

from dreamflow.core.objects import MemoryEntry, MemoryVersion, Place
from dreamflow.core.secrets.masking import mask
from dreamflow.errors import Conflict, NotFound
from dreamflow.hooks._connection import Connected
from dreamflow.hooks._convert import conflicting_memory_of, entry_of, translated, version_of
from dreamflow.hooks.asynchronous import PAGE

__all__ = ["MemoryCalls"]

T = TypeVar("T")
R = TypeVar("R")

#: Memories, or versions, with their contents on one page, at most (memory_version_list_params.py).
FULL_PAGE = 20


class MemoryCalls(Connected):
    """Read, write and list the memories of a store, and their versions."""

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

    def list_versions(self, store_id: str, **filters: Any) -> Iterator[MemoryVersion]:
        """Yield changes of the store's memories, newest first. Filters are those of ``memory_versions.list``."""
        with translated(f"list the memory versions of {store_id}"):
            for version in self.client.beta.memory_stores.memory_versions.list(
                store_id, view="basic", limit=PAGE, **filters
            ):
                yield version_of(version)

    def in_parallel(self, call: Callable[[T], R], items: Iterable[T]) -> list[R]:
        """Call with every item, a few at a time; the first that failed is raised once all have been called."""
        return self._each(call, items)

    def read_bodies(
        self, store_id: str, entries: Mapping[str, MemoryEntry], *, among: int | None = None
    ) -> dict[str, str]:
        """
        Return contents by path, of exactly the versions that the entries name, whatever changed since.

        :param among: how many memories the store holds: where reading all of them takes fewer requests, that is done.
        """
        return dict(self.each_body(store_id, entries, among=among))

    def each_body(
        self,
        store_id: str,
        entries: Mapping[str, MemoryEntry],
        *,
        among: int | None = None,
        skip_redacted: bool = False,
    ) -> Iterator[tuple[str, str]]:
        """
        Yield what ``read_bodies`` returns, a page's worth in memory at a time.

        :param skip_redacted: leave out what is not to be read any more, where its lack does no harm.
        """

        def read(path: str) -> str | None:
            with suppress(*[NotFound] * skip_redacted):
                return self._read_body(store_id, left[path])
            return None

        left = dict(entries)
        if among is not None and among / FULL_PAGE < len(entries):
            wanted = {(entry.memory_id, entry.sha256): path for path, entry in entries.items()}
            with translated(f"read the memories of {store_id}"):
                for item in self.client.beta.memory_stores.memories.list(
                    store_id, view="full", limit=FULL_PAGE
                ):
                    path = wanted.get((item.id, item.content_sha256)) if item.type == "memory" else None
                    if path in left and item.type == "memory" and item.content is not None:
                        del left[path]
                        yield path, item.content
        for paths in _batched(left, FULL_PAGE):
            for path, body in zip(paths, self._each(read, paths), strict=True):
                if body is not None:
                    yield path, body

    def read_history(
        self, store_id: str, memory_id: str, wanted: Collection[str], depth: int
    ) -> dict[str, str]:
        """
        Return contents by version id, of those of the memory's versions that are wanted; redacted ones are left out.

        :param depth: how many of the newest versions hold all that are wanted, as far as is known: they are read with
            one request, if they fit a page.
        """
        read: dict[str, str] = {}
        versions, what = (
            self.client.beta.memory_stores.memory_versions,
            f"read memory {memory_id} of {store_id}",
        )
        if len(wanted) > 1 and depth <= FULL_PAGE:
            with translated(what):
                page = versions.list(store_id, memory_id=memory_id, view="full", limit=depth)
                read = {row.id: row.content for row in page.data or [] if row.content is not None}
        for version_id in wanted:
            if version_id not in read:
                with suppress(NotFound), translated(what):
                    content = versions.retrieve(version_id, memory_store_id=store_id, view="full").content
                    read.update({version_id: content} if content is not None else {})
        return {version_id: read[version_id] for version_id in wanted if version_id in read}

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
                f"could not write {mask(path)!r} to {store_id}: it changed since it was read.", status=409
            )

    def move_memory(self, store_id: str, path: str, content: str | None, held: Place) -> None:
        """
        Give the memory another path, if and only if it is where a listing told, and holds that. Repeating is harmless.

        The service can be asked to compare what a memory holds, but not where it lies. So that is read right before: a
        rename by somebody else is overruled only if it comes between the two requests.

        :param content: what it is to hold there; None where that stays.
        :raises Conflict: it lies elsewhere, holds something else, is gone, or another memory has the path.
        """
        memory_id, sha256 = held.entry.memory_id, held.entry.sha256
        only: Any = {"type": "content_sha256", "content_sha256": sha256}
        changed: Any = {"path": path} if content is None else {"path": path, "content": content}
        wanted = path, sha256 if content is None else hashlib.sha256(content.encode()).hexdigest()
        lies = self._place_of(store_id, memory_id)
        if lies is not None and lies.holds == held.holds:
            try:
                with translated(f"rename a memory of {store_id} to {path!r}"):
                    self.client.beta.memory_stores.memories.update(
                        memory_id, memory_store_id=store_id, precondition=only, **changed
                    )
                return
            except (Conflict, NotFound):
                lies = self._place_of(store_id, memory_id)
        if lies is None or lies.holds != wanted:
            raise Conflict(
                f"could not rename {mask(held.path)!r} of {store_id} to {mask(path)!r}: it changed, or was renamed, "
                "since it was read, or the path is taken.",
                status=409,
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
                    f"could not delete {mask(path)!r} from {store_id}: another memory has its place since it was read.",
                    status=409,
                ) from e

    def find_memory(self, store_id: str, path: str) -> MemoryEntry | None:
        """Return what the path holds now; None where it holds nothing."""
        return self._held(store_id, path, None)

    def _place_of(self, store_id: str, memory_id: str) -> Place | None:
        with suppress(NotFound), translated(f"look for memory {memory_id} of {store_id}"):
            memory = self.client.beta.memory_stores.memories.retrieve(
                memory_id, memory_store_id=store_id, view="basic"
            )
            return Place(memory.path, entry_of(memory))
        return None

    def _held(self, store_id: str, path: str, memory_id: str | None) -> MemoryEntry | None:
        """Return what the path holds now: likely the memory of that id, and to list a folder may take 20 requests."""
        likely = self._place_of(store_id, memory_id) if memory_id is not None else None
        if likely is not None and likely.path == path:
            return likely.entry
        folder = path.rsplit("/", 1)[0] + "/"
        with translated(f"look for {path!r} in {store_id}"):
            for item in self.client.beta.memory_stores.memories.list(
                store_id, path_prefix=folder, depth=1, view="basic", limit=PAGE
            ):
                if item.type == "memory" and item.path == path:
                    return entry_of(item)
        return None


def _batched(items: Iterable[T], size: int) -> Iterator[list[T]]:
    rest = iter(items)
    while batch := list(islice(rest, size)):
        yield batch
