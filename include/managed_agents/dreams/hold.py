"""A dream under way: what its steps and its engine write through, and how they learn that it is over."""

from __future__ import annotations

import logging
import threading
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from typing import TypeVar

from sqlalchemy.exc import OperationalError, SQLAlchemyError

from include.managed_agents.database import Database, Unit
from include.managed_agents.dreams.engine import DreamOver
from include.managed_agents.dreams.models import DreamRow
from include.managed_agents.dreams.repository import DreamRepository
from include.managed_agents.dreams.service import Dreams
from include.managed_agents.memory_stores.repository import MemoryStoreRepository
from include.managed_agents.sessions.repository import SessionRepository
from include.managed_agents.usage import Usage, add_usage

__all__ = ["DreamFailed", "Hold"]

logger = logging.getLogger(__name__)

T = TypeVar("T")

#: How long a step of a dream waits for a database that fails, as on a full disk, before the dream fails.
PATIENCE_SECONDS = 60.0
RETRY_SECONDS = 0.2


class DreamFailed(Exception):
    """The dream can't go on. ``type`` is one of the API's dream errors."""

    def __init__(self, error_type: str, message: str) -> None:
        super().__init__(message)
        self.type = error_type
        self.message = message


class Hold:
    """
    Holds one dream while it is worked on. Any thread may use it.

    :param is_interrupted: whether the dream was canceled, or the server stops.
    """

    def __init__(self, database: Database, dream_id: str, is_interrupted: Callable[[], bool]) -> None:
        self.database = database
        self.dream_id = dream_id
        self._is_interrupted = is_interrupted
        self._let_go = threading.Event()
        self._writing = threading.RLock()
        #: Tokens that no unit of work has written yet.
        self._uncounted = Usage()

    def check(self) -> None:
        """:raises DreamOver: once the dream was canceled, the server stops, or the work on it has ended."""
        if self._let_go.is_set() or self._is_interrupted():
            raise DreamOver

    def let_go(self) -> None:
        """End the work: threads of the engine that still run learn it from `check`."""
        self._let_go.set()

    @contextmanager
    def reading(self) -> Iterator[tuple[Unit, DreamRow]]:
        """Give a snapshot and the dream in it. :raises DreamOver: where it runs no more."""
        with self.database.read() as unit:
            yield unit, self._require_going(unit)

    def write(self, do: Callable[[Unit, DreamRow], T]) -> T:
        """
        Do one unit of work, which holds only while the dream runs and its inputs are there.

        It keeps every other writer waiting: whoever has much to write does so in many of them.

        :raises DreamOver: where the dream runs no more.
        :raises DreamFailed: where an input has gone.
        """
        return self.persist(lambda unit: do(unit, self._require_going(unit)))

    def persist(self, do: Callable[[Unit], T]) -> T:
        """
        Do one unit of work. Where the database fails, as on a full disk, it is tried again for a while.

        :param do: may run more than once.
        """
        give_up = time.monotonic() + PATIENCE_SECONDS
        is_told = False
        while True:
            self.check()
            try:
                with self.unit() as unit:
                    return do(unit)
            except OperationalError as error:
                if time.monotonic() > give_up:
                    raise
                if not is_told:
                    logger.warning("%s: the database fails, trying again: %s", self.dream_id, error.orig)
                is_told = True
            time.sleep(RETRY_SECONDS)

    @contextmanager
    def unit(self) -> Iterator[Unit]:
        """Give a unit of work, whatever has become of the dream. It also writes the usage that waits to be written."""
        with self._writing:
            with self.database.write() as unit:
                if self._uncounted.total:
                    self._add(unit, self._uncounted)
                yield unit
            self._uncounted = Usage()

    def count(self, usage: Usage) -> None:
        """
        Add tokens to the dream and to its session, at once, whatever has become of the dream meanwhile.

        What can't be written now, as on a full disk, is written with the next unit of work.
        """
        with self._writing:
            self._uncounted += usage
            try:
                with self.unit():
                    pass
            except SQLAlchemyError as error:
                logger.warning("%s: usage waits to be written: %s", self.dream_id, type(error).__name__)

    def count_once(self, key: str, usage: Usage) -> None:
        """Add tokens as `count` does, unless the key was counted before, by whatever process."""

        def do(unit: Unit) -> None:
            dream = Dreams(unit).retrieve(self.dream_id)
            if key not in dream.counted:
                dream.counted = [*dream.counted, key]
                self._add(unit, usage)

        self.persist(do)

    def _add(self, unit: Unit, usage: Usage) -> None:
        dream = Dreams(unit).retrieve(self.dream_id)
        session = SessionRepository(unit.session).get(dream.session_id) if dream.session_id else None
        for row in (dream, session):
            if row is not None:
                add_usage(row, usage)

    def _require_going(self, unit: Unit) -> DreamRow:
        dream = Dreams(unit).retrieve(self.dream_id)
        if dream.status != "running":
            raise DreamOver
        require_inputs(unit, dream)
        return dream


def require_inputs(unit: Unit, dream: DreamRow) -> None:
    """Check a dream's inputs. :raises DreamFailed: if one was archived or deleted since the dream was created."""
    store = MemoryStoreRepository(unit.session).get(dream.input_store_id)
    if store is None or store.archived_at is not None:
        state = "deleted" if store is None else "archived"
        raise DreamFailed(
            "input_memory_store_unavailable", f"memory store {dream.input_store_id!r} was {state}"
        )
    archived_at = DreamRepository(unit.session).archived_at(dream.session_ids)
    for session_id in dream.session_ids:
        if session_id not in archived_at:
            raise DreamFailed("input_session_unavailable", f"session {session_id!r} was deleted")
        # One that was archived before is as good an input as any: its events are all there.
        moment = archived_at[session_id]
        if moment is not None and moment > dream.created_at:
            raise DreamFailed("input_session_unavailable", f"session {session_id!r} was archived")
