"""Finding what a folder's programs left running, whoever their parent is by now."""

from __future__ import annotations

import os
import time
from pathlib import Path

import psutil

__all__ = ["KEEP_ENVIRONMENT", "processes_of"]

#: Set for Airflow's processes: they retitle themselves, and would write their title over their environment.
KEEP_ENVIRONMENT = {"SPT_NOENV": "1"}
#: Seconds that the kernel may need to take a killed process off its list.
_REAPING = 5.0


def processes_of(folder: Path) -> list[str]:
    """
    Return the processes that name the folder in their command line or environment, one line each.

    Everything that works in a folder has been told so in one of the two, and a child inherits its environment.
    """
    deadline = time.monotonic() + _REAPING
    while (found := _processes_of(str(folder))) and time.monotonic() < deadline:
        time.sleep(0.2)
    return found


def _processes_of(folder: str) -> list[str]:
    found = []
    for process in psutil.process_iter():
        try:
            told = [*process.cmdline(), *process.environ().values()]
            if process.pid != os.getpid() and any(folder in word for word in told):
                found.append(f"{process.pid} {process.status()} {' '.join(process.cmdline())}")
        except (psutil.NoSuchProcess, psutil.AccessDenied):
            continue
    return found
