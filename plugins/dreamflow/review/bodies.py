"""Texts of memories, kept while they are looked at: a version never changes, so one that was read stays right."""

from __future__ import annotations

from collections import OrderedDict
from collections.abc import Mapping
from threading import Lock
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from dreamflow.core.objects import MemoryEntry
    from dreamflow.hooks.managed_agents import ManagedAgentsHook

__all__ = ["BODIES", "Bodies"]

#: Bytes of text that one web server process keeps.
_KEPT_BYTES = 32_000_000


class Bodies:
    """
    The texts that were read last.

    :param limit: bytes that are kept, at most; what was not asked for the longest goes first.
    """

    def __init__(self, limit: int = _KEPT_BYTES) -> None:
        self._limit, self._bytes = limit, 0
        self._texts: OrderedDict[tuple[str, str], tuple[str, int]] = OrderedDict()
        self._lock = Lock()

    def read(
        self, hook: ManagedAgentsHook, store_id: str, entries: Mapping[str, MemoryEntry]
    ) -> dict[str, str | None]:
        """Return the entries' texts by path; None for one that was redacted, and is not to be read any more."""
        known = {path: self._known((store_id, entry.version_id)) for path, entry in entries.items()}
        missing = {path: entry for path, entry in entries.items() if known[path] is None}
        if missing:
            for path, text in hook.each_body(store_id, missing, skip_redacted=True):
                self._keep((store_id, entries[path].version_id), text)
                known[path] = text
        return known

    def _known(self, key: tuple[str, str]) -> str | None:
        with self._lock:
            if key not in self._texts:
                return None
            self._texts.move_to_end(key)
            return self._texts[key][0]

    def _keep(self, key: tuple[str, str], text: str) -> None:
        size = len(text.encode())
        with self._lock:
            self._bytes += size - self._texts.pop(key, ("", 0))[1]
            self._texts[key] = (text, size)
            while self._bytes > self._limit and len(self._texts) > 1:
                _, (_, gone) = self._texts.popitem(last=False)
                self._bytes -= gone


#: Those of this process.
BODIES = Bodies()
