"""Noticing that a store was changed, cheaply: many people may look at one review, and ask every few seconds."""

from __future__ import annotations

import time
from collections.abc import Callable
from dataclasses import dataclass, field
from threading import Lock
from typing import TYPE_CHECKING

from dreamflow.core.changes import digest
from dreamflow.errors import ServiceUnavailable

if TYPE_CHECKING:
    from dreamflow.hooks.managed_agents import ManagedAgentsHook

__all__ = ["WATCH", "Watch"]

#: Seconds for which an answer holds, whoever asks; and for which a service that did not answer is left alone.
_HOLDS = 2.0
_FAILS = 15.0
#: Stores that are watched at a time.
_STORES = 64


@dataclass
class _Seen:
    """What was seen of one store: its newest version, and its digest then; or why nothing could be."""

    newest: str = ""
    digest: str = ""
    at: float = float("-inf")
    failed_at: float = float("-inf")
    why: str = ""
    lock: Lock = field(default_factory=Lock)


class Watch:
    """
    The digests of stores, as of a moment ago.

    A store that has no newer version is as it was: that takes one request, and at most one every two seconds, however
    many ask. While one looks, others get what was seen before: they must not wait in line, each with a thread of the
    web server, for a service that does not answer.
    """

    def __init__(self, clock: Callable[[], float] = time.monotonic) -> None:
        self._clock, self._seen = clock, dict[str, _Seen]()
        self._lock = Lock()

    def digest(self, hook: ManagedAgentsHook, store_id: str, *, at_once: bool = False) -> str:
        """
        Return the store's digest.

        :param at_once: look now, whatever was seen a moment ago.
        :raises ServiceUnavailable: the service did not answer, now or a moment ago.
        """
        with self._lock:
            if store_id not in self._seen and len(self._seen) >= _STORES:
                self._seen.pop(next(iter(self._seen)))
            seen = self._seen.setdefault(store_id, _Seen())
        if not seen.lock.acquire(blocking=at_once or not seen.digest):
            return seen.digest
        try:
            if at_once or self._clock() - seen.at > _HOLDS:
                self._look(hook, store_id, seen, at_once=at_once)
            return seen.digest
        finally:
            seen.lock.release()

    def _look(self, hook: ManagedAgentsHook, store_id: str, seen: _Seen, *, at_once: bool) -> None:
        if not at_once and self._clock() - seen.failed_at < _FAILS:
            raise ServiceUnavailable(seen.why)
        try:
            # Asked before the listing: what is written in between is seen the next time.
            newest = next((version.id for version in hook.list_versions(store_id)), "none")
            if newest != seen.newest or not seen.digest:
                seen.digest = digest(hook.list_memories(store_id))
                seen.newest = newest
        except ServiceUnavailable as e:
            seen.failed_at, seen.why = self._clock(), str(e)
            raise
        seen.at = self._clock()

    def forget(self) -> None:
        """Look at every store anew, whatever was seen a moment ago."""
        with self._lock:
            self._seen.clear()


#: That of this process.
WATCH = Watch()
