"""Think without a model beside the API, which shares the processor and Python's lock with whoever thinks."""

from __future__ import annotations

import asyncio
import gc
import threading
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from typing import ParamSpec, TypeVar

__all__ = ["think"]

P = ParamSpec("P")
T = TypeVar("T")

#: One at a time in this process: more would make none faster, and every request slower by a turn of each.
_TURN = threading.Lock()
CHECK_SECONDS = 0.1
#: More collections of the middle generation than there will be.
NEVER = 1_000_000_000


async def think(check: Callable[[], None], work: Callable[P, T], *args: P.args, **kwargs: P.kwargs) -> T:
    """
    Do work that is bound by the processor, in a thread, once nobody else in this process does any.

    :param check: raises where the dream is over (see `Brief`): called while waiting, as the work must call it itself.
    """

    def run() -> T:
        while not _TURN.acquire(timeout=CHECK_SECONDS):
            check()
        try:
            with no_full_collections():
                return work(*args, **kwargs)
        finally:
            _TURN.release()

    return await asyncio.to_thread(run)


@contextmanager
def no_full_collections() -> Iterator[None]:
    """
    Let no search for garbage go through all that a dream holds.

    With hundreds of megabytes it takes a second, in which no request is answered. What is young is searched still.
    """
    usual = gc.get_threshold()
    gc.set_threshold(usual[0], usual[1], NEVER)
    try:
        yield
    finally:
        gc.set_threshold(*usual)
