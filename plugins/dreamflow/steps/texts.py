"""The texts of one store's memories: fetched as they are asked for, and kept while there is room."""

from __future__ import annotations

from collections import OrderedDict
from collections.abc import Iterator, Sequence
from concurrent.futures import ThreadPoolExecutor
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from dreamflow.core.objects import Listing
    from dreamflow.hooks.managed_agents import ManagedAgentsHook

__all__ = ["Texts"]

#: Memories that are fetched at a time: 2 MB at most. Bytes of texts that are kept for whoever asks next.
_CHUNK = 20
_ROOM = 32_000_000


class Texts:
    """
    Reads the versions that a listing names, whatever changed since.

    :param skip_redacted: read a version that is not to be read any more as an empty text, and note it.
    :ivar fetched: how many bodies were fetched. :ivar redacted: paths of those that were redacted.
    """

    def __init__(
        self,
        hook: ManagedAgentsHook,
        store_id: str,
        listing: Listing,
        *,
        room: int = _ROOM,
        skip_redacted: bool = False,
    ) -> None:
        self.fetched = 0
        self.redacted: set[str] = set()
        self._skip_redacted = skip_redacted
        self._hook, self._store_id, self._listing, self._room = hook, store_id, listing, room
        self._kept: OrderedDict[str, str] = OrderedDict()
        self._bytes = 0

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
                    self._keep(path, read[path])
                    yield path, read[path]

    def _read(self, paths: Sequence[str]) -> dict[str, str]:
        known = {path: text for path in paths if (text := self._kept.get(path)) is not None}
        missing = {path: self._listing[path] for path in paths if path not in known}
        self.fetched += len(missing)
        return known | dict(self._bodies(missing))

    def any_order(self, paths: Sequence[str]) -> Iterator[tuple[str, str]]:
        """Yield (path, text) of many memories, with fewer requests where they are most of the store; none is kept."""
        known = {path: self._kept[path] for path in paths if path in self._kept}
        yield from known.items()
        missing = {path: self._listing[path] for path in paths if path not in known}
        self.fetched += len(missing)
        yield from self._bodies(missing, among=len(self._listing))

    def _bodies(self, missing: Listing, among: int | None = None) -> Iterator[tuple[str, str]]:
        left = dict(missing)
        if left:
            skip = self._skip_redacted
            for path, text in self._hook.each_body(self._store_id, missing, among=among, skip_redacted=skip):
                del left[path]
                yield path, text
        for path in left:
            self.redacted.add(path)
            yield path, ""

    def _keep(self, path: str, text: str) -> None:
        if path in self._kept:
            self._kept.move_to_end(path)
            return
        self._kept[path] = text
        self._bytes += self._listing[path].size
        while self._bytes > self._room and self._kept:
            old, _ = self._kept.popitem(last=False)
            self._bytes -= self._listing[old].size
