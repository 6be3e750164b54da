"""
The processes of a part, as a container would hold them: all that its first process started, orphans included.

Each part is started as the leader of a session of its own, and nothing of Airflow's leaves its session.
"""

from __future__ import annotations

import contextlib
import os
import signal
import time
from collections.abc import Callable, Mapping

import psutil

__all__ = ["end_sessions", "kill_session", "members"]

_LOOK_EVERY = 0.1
#: Seconds that the kernel may need to take a killed process off its list.
_REAPING = 10.0


def members(leader: int) -> list[psutil.Process]:
    """Return what still runs in the session, whether its leader does or not."""
    found = []
    for process in psutil.process_iter():
        with contextlib.suppress(ProcessLookupError, PermissionError, psutil.Error):
            if os.getsid(process.pid) == leader and process.status() != psutil.STATUS_ZOMBIE:
                found.append(process)
    return found


def kill_session(leader: int) -> None:
    """End everything in the session at once, and wait until it is gone."""
    deadline = time.monotonic() + _REAPING
    while (left := members(leader)) and time.monotonic() < deadline:
        for process in left:
            with contextlib.suppress(psutil.Error):
                process.kill()
        time.sleep(_LOOK_EVERY)


def end_sessions(
    leaders: Mapping[int, tuple[signal.Signals, float]], hurry: Callable[[], bool], reap: Callable[[], None]
) -> None:
    """
    Ask each leader to stop, all at the same time; kill what is there after its grace.

    :param leaders: by process, the signal that asks and the seconds of grace.
    :param hurry: tells whether to wait no longer.
    :param reap: is called while waiting, so that ended children don't stay on the list.
    """
    for leader, (number, _) in leaders.items():
        with contextlib.suppress(ProcessLookupError, PermissionError):
            os.kill(leader, number)
    started = time.monotonic()
    waiting = dict(leaders)
    while waiting:
        reap()
        for leader, (_, grace) in list(waiting.items()):
            if not members(leader) or hurry() or time.monotonic() > started + grace:
                del waiting[leader]
        time.sleep(_LOOK_EVERY)
    for leader in leaders:
        kill_session(leader)
