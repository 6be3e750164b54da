"""The texts of one store's memories: fetched as they are asked for, and kept while there is room."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from concurrent.futures import ThreadPoolExecutor
from typing import TYPE_CHECKING

from dreamflow.steps.bodies import KEPT_BYTES, Bodies

if TYPE_CHECKING:
    from dreamflow.core.objects import Listing, MemoryEntry
    from dreamflow.hooks.managed_agents import ManagedAgentsHook

__all__ = ["Texts"]

#: Memories that are fetched at a time: 2 MB at most.
_CHUNK = 20


class Texts:
    """
    Reads the versions that a listing names, whatever changed since.

    :param room: bytes of texts that are kept for whoever asks next; ``bodies`` is where, if others keep theirs there.
    :param skip_redacted: read a version that is not to be read any more as an empty text, and note it.
    :ivar fetched: how many bodies were fetched. :ivar redacted: paths of those that were redacted.
    """

    def __init__(
        self,
        hook: ManagedAgentsHook,
        store_id: str,
        listing: Listing,
        *,
        room: int = KEPT_BYTES,
        bodies: Bodies | None = None,
        skip_redacted: bool = False,
    ) -> None:
        self.fetched = 0
        self.redacted: set[str] = set()
        self._hook, self._store_id, self._listing = hook, store_id, listing
        self._bodies, self._skip_redacted = bodies or Bodies(room), skip_redacted

    def get(self, path: str) -> str:
        """:raises KeyError: the listing has no such memory."""
        ((_, text),) = self.each([path])
        return text

    def each(self, paths: Sequence[str]) -> Iterator[tuple[str, str]]:
        """
        Yield (path, text) in the order of the paths; some are fetched at a time, in parallel, while those before them
        are looked at.

        :raises KeyError: the listing has no such memory.
        """
        chunks = [paths[start : start + _CHUNK] for start in range(0, len(paths), _CHUNK)]
        with ThreadPoolExecutor(1, thread_name_prefix="texts") as ahead:
            coming = [ahead.submit(self._read, chunk) for chunk in chunks[:1]]
            for n, chunk in enumerate(chunks):
                read = coming.pop().result()
                coming += [ahead.submit(self._read, following) for following in chunks[n + 1 : n + 2]]
                for path in chunk:
                    yield path, read[path]

    def any_order(self, paths: Sequence[str]) -> Iterator[tuple[str, str]]:
        """Yield (path, text) of many memories, with fewer requests where they are most of the store."""
        entries = {path: self._listing[path] for path in paths}
        # Half of the room is another store's. A store that has none would only push out what is in it.
        keeps = sum(entry.size for entry in self._listing.values()) <= self._bodies.limit / 2
        known = self._bodies.known(self._store_id, entries)
        yield from known.items()
        missing = {path: entry for path, entry in entries.items() if path not in known}
        yield from self._fetch(missing, among=len(self._listing), keeps=keeps)

    def _read(self, paths: Sequence[str]) -> dict[str, str]:
        entries = {path: self._listing[path] for path in paths}
        known = self._bodies.known(self._store_id, entries)
        missing = {path: entry for path, entry in entries.items() if path not in known}
        return known | dict(self._fetch(missing))

    def _fetch(
        self, missing: dict[str, MemoryEntry], *, among: int | None = None, keeps: bool = True
    ) -> Iterator[tuple[str, str]]:
        left = set(missing)
        if missing:
            self.fetched += len(missing)
            bodies = self._hook.each_body(
                self._store_id, missing, among=among, skip_redacted=self._skip_redacted
            )
            for path, text in bodies:
                if keeps:
                    self._bodies.keep(self._store_id, missing[path], text)
                left.discard(path)
                yield path, text
        for path in sorted(left):
            self.redacted.add(path)
            yield path, ""
