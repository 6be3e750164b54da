"""
A second process for a large review: it hears the sessions and measures the stores (``core/reckoning.py``).

The first one fetches texts, gives them to it through a pipe, and looks for itself at what changed. It is a plain child
that runs this module: nothing is forked, nothing of the parent is imported again, and it works where the parent may
have no children of ``multiprocessing``, as in Airflow's workers. It holds no secret key, asks no service, and ends
when the pipe does, whatever ended the parent.
"""

from __future__ import annotations

import os
import pickle
import subprocess
import sys
from collections.abc import Collection, Generator, Iterator
from concurrent.futures import Future, ThreadPoolExecutor
from contextlib import closing, suppress
from queue import Empty, Full, Queue
from threading import BoundedSemaphore
from typing import IO, Any

from dreamflow.core.reckoning import Reckoned, Reckoning, Spoken
from dreamflow.core.skimming import Skimmed

__all__ = ["Apart", "Lost", "apart", "cores", "main"]

#: Memories that may wait until the sessions were heard: all that a store may hold, 200 MB.
_AHEAD = 2_000
#: Memories that are given at once: 2 MB at most.
_AT_ONCE = 20
#: Seconds after which one that gives looks whether anybody takes.
_LOOK = 1.0
#: Processes of one process: each of a fleet's members may have a large review.
_MOST = 4
#: It finds modules where this process does, in the same order.
_PROGRAM = f"import sys; sys.path[:] = sys.argv[1:]; from {__name__} import main; main()"


class Lost(Exception):
    """The second process did not do its work. It can be done in this one."""


def cores() -> int:
    """Return how many cores this process may use."""
    return len(os.sched_getaffinity(0)) if hasattr(os, "sched_getaffinity") else os.cpu_count() or 1


_places = BoundedSemaphore(min(cores(), _MOST))


def apart(
    wanted: Collection[str],
    size: int,
    sessions: Generator[tuple[str, list[Spoken]], None, None],
    count: int = 1,
) -> Apart:
    """
    Begin to hear sessions in a process apart.

    :param count: how many sessions there are.
    :raises Lost: there is one core only, there are enough processes, or none can be started. No session was taken.
    """
    if cores() < 2:
        raise Lost("there is one core")
    if not _places.acquire(blocking=False):
        raise Lost("as many other processes are under way as there may be")
    try:
        return Apart((wanted, size, count), sessions)
    except BaseException as e:
        _places.release()
        if isinstance(e, (OSError, RuntimeError)):  # no process, or no thread
            raise Lost(f"it could not be started: {e}") from e
        raise


class Apart:
    """The second process, from without. What it is given while it is lost is passed over; ``reckoned`` tells."""

    def __init__(
        self,
        what: tuple[Collection[str], int, int],
        sessions: Generator[tuple[str, list[Spoken]], None, None],
    ) -> None:
        self._process = _started()
        self._jobs: Queue[tuple[Any, ...] | None] = Queue(_AHEAD)
        self._pool = ThreadPoolExecutor(1, thread_name_prefix="apart")
        try:
            self._answer: Future[Reckoned] = self._pool.submit(self._pump, what, sessions)
        except BaseException:
            self._end()
            raise

    @property
    def pid(self) -> int:
        return self._process.pid

    def draw(self, text: str) -> None:
        self._give(("draw", text))

    def add(self, text: Skimmed, *, before: bool, after: bool) -> None:
        self._give(("add", text.text, before, after))

    def reckoned(self) -> Reckoned:
        """
        Wait for what it finds.

        :raises Lost: it was killed, or the sessions could not be read to their end.
        """
        self._give(None)
        try:
            return self._answer.result()
        except Exception as e:
            raise Lost(f"it ended early ({type(e).__name__})") from e

    def close(self) -> None:
        """End it, whatever it is at."""
        self._process.kill()
        while not self._answer.done():  # it ends as it writes, or as there is nothing more to write
            with suppress(Full):
                self._jobs.put(None, timeout=_LOOK)
        self._pool.shutdown()
        self._end()
        _places.release()

    def _end(self) -> None:
        self._process.kill()
        self._process.wait()
        for pipe in (self._process.stdin, self._process.stdout):
            with suppress(OSError):
                pipe.close()  # type: ignore[union-attr]

    def _give(self, job: tuple[Any, ...] | None) -> None:
        while not self._answer.done():
            with suppress(Full):
                self._jobs.put(job, timeout=_LOOK)
                return

    def _pump(self, what: object, sessions: Generator[tuple[str, list[Spoken]], None, None]) -> Reckoned:
        """Give the process what it is to do: the sessions before all memories."""
        to, from_ = self._process.stdin, self._process.stdout
        assert to is not None
        assert from_ is not None
        with closing(sessions):
            _write(what, to)
            for session_id, events in sessions:
                _write([("hear", session_id, [tuple(event) for event in events])], to)
        while (jobs := self._waiting())[-1] is not None:
            _write(jobs, to)
        _write(jobs, to)
        to.flush()
        answer: Reckoned = pickle.load(from_)  # noqa: S301 -- what our own process wrote
        return answer

    def _waiting(self) -> list[tuple[Any, ...] | None]:
        """
        Return jobs that wait, some at once, once there are any; the last of all is None.

        This thread has to wait for the others at each write, whether of one job or of some.
        """
        jobs = [self._jobs.get()]
        with suppress(Empty):
            while len(jobs) < _AT_ONCE and jobs[-1] is not None:
                jobs.append(self._jobs.get_nowait())
        return jobs


def _started() -> subprocess.Popen[bytes]:
    """Start this module as a program, with nothing in its environment that it has no use for: no keys."""
    kept = {name: value for name, value in os.environ.items() if name in ("PATH", "LD_LIBRARY_PATH", "LANG")}
    return subprocess.Popen(  # noqa: S603 -- this interpreter, this module
        [sys.executable, "-I", "-c", _PROGRAM, *filter(None, sys.path)],
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
        env=kept,
    )


def _write(what: object, to: IO[bytes]) -> None:
    to.write(pickle.dumps(what, protocol=pickle.HIGHEST_PROTOCOL))


def _jobs(source: IO[bytes]) -> Iterator[tuple[Any, ...]]:
    """Yield what there is to do, until there is no more."""
    while True:
        for job in pickle.load(source):  # noqa: S301 -- what our own process wrote
            if job is None:
                return
            yield job


def _work(source: IO[bytes], sink: IO[bytes]) -> None:
    """Do what is read until there is no more; then write what was found."""
    reckoning = Reckoning(*pickle.load(source))  # noqa: S301 -- what our own process wrote
    for job in _jobs(source):
        match job:
            case ("hear", session_id, events):
                reckoning.hear(session_id, list(map(Spoken._make, events)))
            case ("draw", text):
                reckoning.scoring.draw(text)
            case ("add", text, before, after):
                reckoning.scoring.add(text, before=before, after=after)
    _write(reckoning.reckoned(), sink)
    sink.flush()


def main() -> None:
    """Do what the process is for that started this one."""
    sink, sys.stdout = sys.stdout.buffer, sys.stderr
    with suppress(EOFError, BrokenPipeError, pickle.UnpicklingError):  # whoever asked has gone
        _work(sys.stdin.buffer, sink)
    os._exit(0)  # what it holds need not be freed piece by piece
