"""
Run long work beside the API: dreams and the turns of sessions.

Each job has a thread and an event loop of its own, so that neither the API nor another job waits for one
that thinks. A few run at a time; the others queue.
"""

from __future__ import annotations

import asyncio
import logging
import threading
from collections import deque
from collections.abc import Awaitable, Callable
from dataclasses import dataclass, field
from pathlib import Path
from traceback import walk_tb
from typing import Protocol

from sqlalchemy.exc import OperationalError

__all__ = ["Queue", "Workers", "first_of", "told_of"]

logger = logging.getLogger(__name__)

OURS = str(Path(__file__).parent)


class Queue(Protocol):
    """Takes long work, named by a key, and interrupts it."""

    def submit(self, key: str, /) -> None: ...

    def interrupt(self, key: str, /) -> None: ...


@dataclass
class Job:
    """A job under way: how to interrupt it from another thread."""

    thread: threading.Thread
    loop: asyncio.AbstractEventLoop | None = None
    task: asyncio.Task[None] | None = None
    #: Work came for the same key while this ran: look again at the end.
    again: bool = False
    is_interrupted: bool = False

    def interrupt(self) -> None:
        self.is_interrupted = True
        if self.loop is None or self.task is None or self.loop.is_closed():
            return
        try:
            self.loop.call_soon_threadsafe(self.task.cancel)
        except RuntimeError:  # it closed between the look and the call: the job is over
            logger.debug("%s ended before it could be interrupted", self.thread.name)


@dataclass
class Workers:
    """
    Runs at most one job for each key, and at most ``limit`` at once.

    :param work: does the job of a key. It handles its own errors, and is cancelled to interrupt it.
    """

    work: Callable[[str], Awaitable[None]]
    limit: int
    _lock: threading.Lock = field(default_factory=threading.Lock)
    _queue: deque[str] = field(default_factory=deque)
    _jobs: dict[str, Job] = field(default_factory=dict)
    _stopping: bool = False

    def submit(self, key: str) -> None:
        """Do the work of ``key`` soon; if it is being done right now, do it once more after that."""
        with self._lock:
            if key in self._jobs:
                self._jobs[key].again = True
            elif key not in self._queue:
                self._queue.append(key)
        self._start_next()

    def interrupt(self, key: str) -> None:
        with self._lock:
            job = self._jobs.get(key)
        if job is not None:
            job.interrupt()

    def is_interrupted(self, key: str) -> bool:
        """Tell whether the job of ``key`` was interrupted: for work that keeps its loop busy, or runs beside it."""
        job = self._jobs.get(key)
        return job is not None and job.is_interrupted

    def stop(self, timeout_seconds: float) -> None:
        """Interrupt all jobs, take no more, and wait a while for their threads to end."""
        with self._lock:
            self._stopping = True
            self._queue.clear()
            jobs = list(self._jobs.values())
        for job in jobs:
            job.interrupt()
        for job in jobs:
            job.thread.join(timeout_seconds)

    def _start_next(self) -> None:
        with self._lock:
            while self._queue and len(self._jobs) < self.limit and not self._stopping:
                key = self._queue.popleft()
                thread = threading.Thread(target=self._run, args=(key,), name=key, daemon=True)
                self._jobs[key] = Job(thread)
                thread.start()

    def _run(self, key: str) -> None:
        try:
            asyncio.run(self._job(key))
        except Exception as error:
            logger.error("%s: %s", key, told_of(error))
        finally:
            with self._lock:
                if self._jobs.pop(key).again and not self._stopping:
                    self._queue.append(key)
            self._start_next()

    async def _job(self, key: str) -> None:
        with self._lock:
            job = self._jobs[key]
            job.loop, job.task = asyncio.get_running_loop(), asyncio.current_task()
            stopping = self._stopping
        if stopping:
            return
        try:
            await self.work(key)
        except asyncio.CancelledError:
            logger.info("%s: interrupted", key)


def first_of(error: BaseException) -> BaseException:
    """Return what went wrong first: tasks that run together fail as a group."""
    while isinstance(error, BaseExceptionGroup):
        error = error.exceptions[0]
    return error


def told_of(error: BaseException) -> str:
    """
    Return what a log may say of an error: its kind, what a database says of itself, and the last line of ours.

    The error's own text may quote memories.
    """
    cause = f" ({error.orig})" if isinstance(error, OperationalError) else ""
    return f"{type(error).__name__}{cause} at {place_of(error)}"


def place_of(error: BaseException) -> str:
    """Return the last line of this server that an error came through, or the last at all."""
    frames = list(walk_tb(error.__traceback__))
    if not frames:
        return "an unknown place"
    ours = [frame for frame in frames if frame[0].f_code.co_filename.startswith(OURS)]
    frame, line = (ours or frames)[-1]
    return f"{frame.f_code.co_filename}:{line}"
