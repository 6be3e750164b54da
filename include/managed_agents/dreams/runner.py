"""
Running dreams beside the API.

Each dream has a thread and an event loop of its own, so that neither the API nor another dream waits for
an engine that thinks. A few run at a time; the others stay pending.
"""

from __future__ import annotations

import asyncio
import logging
import threading
from collections import deque
from collections.abc import Callable
from dataclasses import dataclass, field

from include.managed_agents.database import Database
from include.managed_agents.dreams.engine import DreamEngine
from include.managed_agents.dreams.repository import DreamRepository
from include.managed_agents.dreams.service import Dreams
from include.managed_agents.dreams.work import DreamFailed, DreamOver, DreamWork
from include.managed_agents.settings import Settings

__all__ = ["DreamRunner"]

logger = logging.getLogger(__name__)


@dataclass
class Running:
    """A dream under way: how to interrupt it from another thread."""

    thread: threading.Thread
    loop: asyncio.AbstractEventLoop | None = None
    task: asyncio.Task[None] | None = None

    def interrupt(self) -> None:
        if self.loop is not None and self.task is not None and not self.loop.is_closed():
            try:
                self.loop.call_soon_threadsafe(self.task.cancel)
            except RuntimeError:  # it closed between the look and the call: the dream is over
                logger.debug("a dream ended before it could be interrupted")


@dataclass
class DreamRunner:
    """The queue of dreams, and those that run."""

    database: Database
    settings: Settings
    make_engine: Callable[[], DreamEngine]
    _lock: threading.Lock = field(default_factory=threading.Lock)
    _queue: deque[str] = field(default_factory=deque)
    _running: dict[str, Running] = field(default_factory=dict)
    _ordered_failures: deque[DreamFailed] = field(default_factory=deque)
    _stopping: bool = False

    def resume(self) -> None:
        """Take up what an earlier process left: pending dreams, and running ones where they stood."""
        with self.database.read() as unit:
            unfinished = [row.id for row in DreamRepository(unit.session).unfinished()]
        for dream_id in unfinished:
            self.submit(dream_id)

    def submit(self, dream_id: str) -> None:
        with self._lock:
            if dream_id not in self._running and dream_id not in self._queue:
                self._queue.append(dream_id)
        self._start_next()

    def interrupt(self, dream_id: str) -> None:
        """Wake a dream that was canceled, so that it notices at once."""
        with self._lock:
            running = self._running.get(dream_id)
        if running is not None:
            running.interrupt()

    def fail_next(self, error_type: str, message: str) -> None:
        """Let the next dream that starts fail once it has cloned its input (a test's order)."""
        with self._lock:
            self._ordered_failures.append(DreamFailed(error_type, message))

    def stop(self, timeout_seconds: float = 2.0) -> bool:
        """Interrupt all dreams and leave them as they stand. Returns whether all their threads ended in time."""
        with self._lock:
            self._stopping = True
            self._queue.clear()
            running = list(self._running.values())
        for dream in running:
            dream.interrupt()
        for dream in running:
            dream.thread.join(timeout_seconds)
        return not any(dream.thread.is_alive() for dream in running)

    def _start_next(self) -> None:
        with self._lock:
            while self._queue and len(self._running) < self.settings.dreams_at_a_time and not self._stopping:
                dream_id = self._queue.popleft()
                thread = threading.Thread(target=self._run, args=(dream_id,), name=dream_id, daemon=True)
                self._running[dream_id] = Running(thread)
                thread.start()

    def _run(self, dream_id: str) -> None:
        try:
            asyncio.run(self._dream(dream_id))
        finally:
            with self._lock:
                del self._running[dream_id]
            self._start_next()

    async def _dream(self, dream_id: str) -> None:
        with self._lock:
            running = self._running[dream_id]
            running.loop, running.task = asyncio.get_running_loop(), asyncio.current_task()
            ordered = self._ordered_failures.popleft() if self._ordered_failures else None
        try:
            work = DreamWork(
                self.database,
                self.make_engine(),
                dream_id,
                pace_seconds=self.settings.pace_seconds,
                transcripts_at_a_time=self.settings.transcripts_at_a_time,
            )
            if ordered is not None:
                work.claim()
                work.clone()
                raise ordered
            await work.run()
        except asyncio.CancelledError:
            # A cancel has ended it in the database; a stop leaves it there as running, for the next start.
            logger.info("%s: interrupted", dream_id)
        except Exception as error:
            self._settle(dream_id, error)

    def _settle(self, dream_id: str, error: Exception) -> None:
        cause = first_of(error)
        if isinstance(cause, DreamOver):
            return
        if not isinstance(cause, DreamFailed):
            # Only the kind of error: its text may quote memories.
            logger.error("%s: failed: %s at %s", dream_id, type(cause).__name__, place_of(cause))
            cause = DreamFailed("internal_error", f"the dream engine failed with {type(cause).__name__}")
        with self.database.write() as unit:
            dreams = Dreams(unit)
            dream = dreams.retrieve(dream_id)
            if dream.status in {"pending", "running"}:
                dreams.end(dream, "failed", {"type": cause.type, "message": cause.message})


def first_of(error: BaseException) -> BaseException:
    """Return what went wrong first: sub-agents that run together fail as a group."""
    while isinstance(error, BaseExceptionGroup):
        error = error.exceptions[0]
    return error


def place_of(error: BaseException) -> str:
    traceback = error.__traceback__
    while traceback is not None and traceback.tb_next is not None:
        traceback = traceback.tb_next
    if traceback is None:
        return "an unknown place"
    return f"{traceback.tb_frame.f_code.co_filename}:{traceback.tb_lineno}"
