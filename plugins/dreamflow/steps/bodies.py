"""Texts of memories, kept while they are looked at: a version never changes, so one that was read stays right."""

from __future__ import annotations

from collections import OrderedDict
from collections.abc import Mapping
from threading import Lock
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from dreamflow.core.objects import MemoryEntry
    from dreamflow.hooks.managed_agents import ManagedAgentsHook

__all__ = ["BODIES", "KEPT_BYTES", "Bodies"]

#: Bytes of text that one process keeps.
KEPT_BYTES = 32_000_000


class Bodies:
    """
    The texts that were read last, in any thread.

    :param limit: bytes that are kept, at most; what was not asked for the longest goes first.
    """

    def __init__(self, limit: int = KEPT_BYTES) -> None:
        self.limit = limit
        self._bytes = 0
        self._texts: OrderedDict[tuple[str, str], tuple[str, int]] = OrderedDict()
        self._lock = Lock()

    def read(
        self, hook: ManagedAgentsHook, store_id: str, entries: Mapping[str, MemoryEntry]
    ) -> dict[str, str | None]:
        """Return the entries' texts by path; None for one that was redacted, and is not to be read any more."""
        known: dict[str, str | None] = {**dict.fromkeys(entries), **self.known(store_id, entries)}
        missing = {path: entry for path, entry in entries.items() if known[path] is None}
        if missing:
            for path, text in hook.each_body(store_id, missing, skip_redacted=True):
                self.keep(store_id, entries[path], text)
                known[path] = text
        return known

    def known(self, store_id: str, entries: Mapping[str, MemoryEntry]) -> dict[str, str]:
        """Return the texts that are kept, by path."""
        known: dict[str, str] = {}
        with self._lock:
            for path, entry in entries.items():
                key = store_id, entry.version_id
                if key in self._texts:
                    self._texts.move_to_end(key)
                    known[path] = self._texts[key][0]
        return known

    def keep(self, store_id: str, entry: MemoryEntry, text: str) -> None:
        key, size = (store_id, entry.version_id), len(text.encode("utf-8", "surrogatepass"))
        with self._lock:
            self._bytes += size - self._texts.pop(key, ("", 0))[1]
            self._texts[key] = (text, size)
            while self._bytes > self.limit and len(self._texts) > 1:
                _, (_, gone) = self._texts.popitem(last=False)
                self._bytes -= gone


#: Those of this process.
BODIES = Bodies()
