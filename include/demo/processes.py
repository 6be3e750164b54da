"""Programs that the demo starts: each in a process group of its own, and none left behind."""

from __future__ import annotations

import contextlib
import json
import os
import signal
import subprocess
import time
from collections.abc import Callable, Mapping, Sequence
from pathlib import Path

import psutil

from include.demo.errors import DemoError

__all__ = ["Program", "Programs", "wait_until"]

#: Seconds that a program gets to stop by itself.
_GRACE = 15.0


class Program:
    """One program with a log file. Airflow starts children that outlive it, so the whole tree is ended."""

    def __init__(
        self, name: str, command: Sequence[str], env: Mapping[str, str], log: Path, cwd: Path
    ) -> None:
        self.name = name
        self.log = log
        log.parent.mkdir(parents=True, exist_ok=True)
        with log.open("ab") as out:
            self.process = subprocess.Popen(  # noqa: S603 - our own commands
                command,
                env=dict(env),
                stdin=subprocess.DEVNULL,
                stdout=out,
                stderr=out,
                cwd=cwd,
                start_new_session=True,
            )

    def check_alive(self) -> None:
        """:raises DemoError: the program has ended; the message holds the end of its log."""
        code = self.process.poll()
        if code is not None:
            tail = " | ".join(self.log.read_text(errors="replace").splitlines()[-3:])
            raise DemoError(f"{self.name} stopped with exit code {code}: {tail} (all of it: {self.log})")

    def stop(self) -> None:
        """End the program and all that it started."""
        end_tree(self.process.pid)
        with contextlib.suppress(subprocess.TimeoutExpired):
            self.process.wait(_GRACE)


class Programs:
    """
    What runs, and a note of it on disk.

    The note lets ``make clean`` end what a killed demo could not.
    """

    def __init__(self, note: Path) -> None:
        self.note = note
        self.running: list[Program] = []

    def start(self, program: Callable[[], Program]) -> Program:
        started = program()
        self.running.append(started)
        self.note.write_text(json.dumps([_identity(p.process.pid) for p in self.running]))
        return started

    def stop(self) -> None:
        """End everything, the last first."""
        while self.running:
            self.running.pop().stop()
        self.note.unlink(missing_ok=True)


def end_noted(note: Path) -> int:
    """End what a note names and still runs; return how many programs that were."""
    try:
        identities = json.loads(note.read_text())
    except (FileNotFoundError, ValueError):
        return 0
    alive = [pid for pid, started in identities if _identity(pid) == [pid, started]]
    for pid in reversed(alive):
        end_tree(pid)
    note.unlink(missing_ok=True)
    return len(alive)


def noted_alive(note: Path) -> bool:
    """Tell whether a program of the note still runs."""
    try:
        return any(_identity(pid) == [pid, started] for pid, started in json.loads(note.read_text()))
    except (FileNotFoundError, ValueError):
        return False


def end_tree(pid: int) -> None:
    """Ask the process group and all descendants to stop; kill what is there after the grace."""
    try:
        parent = psutil.Process(pid)
        family = [parent, *parent.children(recursive=True)]
    except psutil.NoSuchProcess:
        return
    with contextlib.suppress(ProcessLookupError, PermissionError):
        os.killpg(pid, signal.SIGTERM)
    _, alive = psutil.wait_procs(family, timeout=_GRACE)
    for process in alive:
        with contextlib.suppress(psutil.NoSuchProcess):
            family += [child for child in process.children(recursive=True) if child not in family]
    with contextlib.suppress(ProcessLookupError, PermissionError):
        os.killpg(pid, signal.SIGKILL)
    for process in family:
        with contextlib.suppress(psutil.NoSuchProcess):
            process.kill()
    psutil.wait_procs(family, timeout=_GRACE)


def wait_until(
    ready: Callable[[], bool], *, seconds: float, what: str, alive: Sequence[Program] = ()
) -> None:
    """:raises DemoError: it is not ready in time, or a program that it needs has ended."""
    deadline = time.monotonic() + seconds
    while not ready():
        for program in alive:
            program.check_alive()
        if time.monotonic() > deadline:
            logs = ", ".join(str(program.log) for program in alive)
            raise DemoError(f"waited {seconds:.0f} s for {what}, in vain" + (f"; see {logs}" if logs else ""))
        time.sleep(0.3)


def _identity(pid: int) -> list[float] | None:
    """Return what tells this process from a later one with the same id."""
    try:
        return [pid, psutil.Process(pid).create_time()]
    except psutil.NoSuchProcess:
        return None
