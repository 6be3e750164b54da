"""The hook of a fleet's task: what is listed is listed once for all members."""

from __future__ import annotations

import time
from collections import defaultdict
from collections.abc import Callable, Collection, Iterable, Iterator
from datetime import datetime
from functools import partial
from itertools import takewhile
from threading import Lock
from typing import Any, Generic, TypeVar

from dreamflow.core.objects import Deployment, Dream, Session
from dreamflow.errors import DreamflowError
from dreamflow.hooks.managed_agents import ManagedAgentsHook

__all__ = ["SharedHook"]

T = TypeVar("T")
R = TypeVar("R")

#: Seconds for which a list of dreams or deployments is taken as it was read.
_HOLDS = 60.0


class _Listed(Generic[T]):
    """
    A list that is read once, as far as anybody has looked, by whichever thread is the first to look there.

    :ivar found: what was read so far. :ivar by: the same by the ids of stores that it is about.
    """

    def __init__(self, items: Iterator[T], stores_of: Callable[[T], Iterable[str]]) -> None:
        self.found: list[T] = []
        self.by: dict[str, list[T]] = defaultdict(list)
        self.failure: DreamflowError | None = None
        self._items, self._stores_of, self._lock = items, stores_of, Lock()

    def __iter__(self) -> Iterator[T]:
        place = 0
        while place < len(self.found) or self._read_on(place):
            yield self.found[place]
            place += 1

    def about(self, store_ids: Iterable[str]) -> list[T]:
        """Return what is about any of the stores, each once."""
        while self._read_on(len(self.found)):
            pass
        return list({id(item): item for store_id in store_ids for item in self.by.get(store_id, ())}.values())

    def _read_on(self, place: int) -> bool:
        """
        Read one more, unless somebody did meanwhile; tell whether there is one at the place.

        What could not be read to its end stays so: half a list must not pass for a whole one.
        """
        with self._lock:
            if place < len(self.found):
                return True
            if self.failure is not None:
                raise self.failure
            try:
                item = next(self._items, None)
            except DreamflowError as e:
                self.failure = e
                raise
            if item is None:
                return False
            self.found.append(item)
            for store_id in self._stores_of(item):
                self.by[store_id].append(item)
            return True


class SharedHook(ManagedAgentsHook):
    """
    A hook that many threads use at once, each for another store.

    Sessions are listed once for the life of the hook, dreams and deployments once a minute: what may not be that old is
    asked for ``anew``. What concerns one store is asked for as ever.

    :param parallel: requests under way at once for one member.
    """

    def __init__(self, *args: Any, parallel: int = 1, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self._parallel = parallel
        self._shared: dict[Any, Any] = {}
        self._lock, self._reading = Lock(), Lock()

    def _once(self, key: Any, make: Callable[[], T], *, not_before: float = -float("inf")) -> T:
        """Return what was made for all, unless it failed, or was made before the moment."""
        with self._lock:
            made, at = self._shared.get(key, (None, -float("inf")))
            if made is None or at < not_before or getattr(made, "failure", None):
                made, at = make(), time.monotonic()
                self._shared[key] = made, at
            return made  # type: ignore[no-any-return]

    def _each(self, call: Callable[[T], R], items: Iterable[T]) -> list[R]:
        return super()._each(call, items) if self._parallel > 1 else [call(item) for item in items]

    def service_time(self) -> datetime:
        """Return the service's time at the first call: before anything was listed here."""
        return self._once("time", super().service_time)

    def list_sessions_mounting(self, store_ids: Collection[str], **filters: Any) -> list[Session]:
        since = filters.pop("created_at_gte")
        key = ("sessions", tuple(sorted(filters.items())))
        # Each member asks from its own moment on, a little later than the one before it.
        listed = self._once(key, lambda: self._listed_sessions(created_at_gte=since, **filters))
        return [session for session in listed.about(store_ids) if session.created_at >= since]

    def _listed_sessions(self, **filters: Any) -> _Listed[Session]:
        listing = super().list_sessions
        return _Listed(
            (session for session in listing(**filters) if session.stores),
            lambda session: {mount.memory_store_id for mount in session.stores},
        )

    def list_dreams(
        self, *, in_flight: bool = False, since: datetime | None = None, anew: bool = False
    ) -> Iterator[Dream]:
        """Yield dreams, newest first, from the one list; ``anew``: those first that came since it was begun."""
        dreams = self._dreams_now() if anew else iter(self._dreams(in_flight=in_flight))
        return dreams if since is None else takewhile(lambda dream: dream.created_at > since, dreams)

    def _dreams_now(self) -> Iterator[Dream]:
        listed = self._dreams(in_flight=False)
        newest = next(iter(listed), None)
        yield from takewhile(lambda dream: newest is None or dream.id != newest.id, super().list_dreams())
        yield from listed

    def list_dreams_over(self, store_ids: Collection[str], *, since: datetime) -> list[Dream]:
        listing = super().list_dreams
        listed = self._once(
            "dreams over", lambda: _Listed(listing(since=since), lambda dream: [dream.input_store_id])
        )
        return listed.about(store_ids)

    def _dreams(self, *, in_flight: bool) -> _Listed[Dream]:
        listing = partial(super().list_dreams, in_flight=in_flight)
        return self._once(
            ("dreams", in_flight),
            lambda: _Listed(listing(), lambda dream: [dream.input_store_id]),
            not_before=time.monotonic() - _HOLDS,
        )

    def list_deployments(self) -> Iterator[Deployment]:
        return iter(self._deployments())

    def deployments_mounting(self, store_id: str, *, anew: bool = False) -> list[Deployment]:
        return (self._deployments_now() if anew else self._deployments()).about([store_id])

    def _deployments(self, *, not_before: float | None = None) -> _Listed[Deployment]:
        listing = super().list_deployments
        return self._once(
            "deployments",
            lambda: _Listed(listing(), lambda one: {mount.memory_store_id for mount in one.memory_stores}),
            not_before=time.monotonic() - _HOLDS if not_before is None else not_before,
        )

    def _deployments_now(self) -> _Listed[Deployment]:
        """Return a list that was begun since this was called. Who asks while one is read shares the next."""
        asked = time.monotonic()
        with self._reading:
            listed = self._deployments(not_before=asked)
            listed.about(())
            return listed
