"""
Texts of memories, kept while they are looked at: a version never changes.

But it may be redacted, as one is that holds a leaked key or a person's data. So a text is kept for a moment only, and
read again after it.
"""

from __future__ import annotations

import time
from collections import OrderedDict
from collections.abc import Callable, Mapping
from threading import Lock
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from dreamflow.core.objects import MemoryEntry
    from dreamflow.hooks.managed_agents import ManagedAgentsHook

__all__ = ["BODIES", "KEPT_BYTES", "Bodies"]

#: Bytes of text that one process keeps.
KEPT_BYTES = 32_000_000
#: Seconds for which what was read is shown, and the text of a version that was redacted since may be.
HOLDS = 60.0


class Bodies:
    """
    The texts that were read last, in any thread.

    :param limit: bytes that are kept, at most; what was not asked for the longest goes first.
    :param holds: seconds for which a text is kept since it was read; None: for as long as there is room, as in one
        comparison of two stores.
    """

    def __init__(
        self,
        limit: int = KEPT_BYTES,
        holds: float | None = None,
        clock: Callable[[], float] = time.monotonic,
    ) -> None:
        self.limit = limit
        self._holds, self._clock = holds, clock
        self._bytes = 0
        #: Text, bytes, and when it was read.
        self._texts: OrderedDict[tuple[str, str], tuple[str, int, float]] = OrderedDict()
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
        since = self._clock() - self._holds if self._holds is not None else float("-inf")
        with self._lock:
            for path, entry in entries.items():
                key = store_id, entry.version_id
                if key not in self._texts:
                    continue
                if self._texts[key][2] < since:
                    self._bytes -= self._texts.pop(key)[1]
                    continue
                self._texts.move_to_end(key)
                known[path] = self._texts[key][0]
        return known

    def keep(self, store_id: str, entry: MemoryEntry, text: str) -> None:
        key, size = (store_id, entry.version_id), len(text.encode("utf-8", "surrogatepass"))
        with self._lock:
            self._bytes += size - self._texts.pop(key, ("", 0, 0.0))[1]
            self._texts[key] = (text, size, self._clock())
            while self._bytes > self.limit and len(self._texts) > 1:
                _, (_, gone, _) = self._texts.popitem(last=False)
                self._bytes -= gone


#: Those of this process.
BODIES = Bodies(holds=HOLDS)
