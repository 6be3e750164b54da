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
from include.demo.interrupts import INTERRUPTS

__all__ = ["Program", "Programs", "Tell", "end_noted", "noted_alive", "silently", "wait_until"]

#: Seconds that programs get to stop by themselves. Their databases outlive a kill.
_GRACE = 10.0
#: Seconds between two looks at what is still there.
_LOOK_EVERY = 0.1

Tell = Callable[[str], None]


def silently(_line: str) -> None:
    pass


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
        end_trees({self.process.pid: self.name})
        _reap(self.process)


class Programs:
    """
    What runs, and a note of it on disk.

    The note lets ``make clean`` end what a killed demo could not.

    :param tell: is given a line for each step of an end, which takes seconds.
    """

    def __init__(self, note: Path, tell: Tell = silently) -> None:
        self.note = note
        self.tell = tell
        self.running: list[Program] = []

    def start(self, program: Callable[[], Program]) -> Program:
        with INTERRUPTS.held():
            started = program()
            self.running.append(started)
            self.note.write_text(json.dumps([_identity(p.process.pid) for p in self.running]))
        return started

    def stop(self) -> None:
        """End everything, all at the same time. A signal that comes now doesn't interrupt that: it kills at once."""
        INTERRUPTS.ending = True
        named = {program.process.pid: program.name for program in self.running}
        if named:
            _tell(self.tell, f"Stopping {' and '.join(named.values())}; Ctrl-C kills them at once")
        end_trees(named, self.tell)
        while self.running:
            _reap(self.running.pop().process)
        self.note.unlink(missing_ok=True)


def _reap(process: subprocess.Popen[bytes]) -> None:
    """Take note that a program which was killed has ended: on a busy machine that may be a moment later."""
    with contextlib.suppress(subprocess.TimeoutExpired):
        process.wait(_GRACE)


def end_noted(note: Path) -> int:
    """End what a note names and still runs; return how many programs that were."""
    try:
        identities = json.loads(note.read_text())
    except (FileNotFoundError, ValueError):
        return 0
    alive = {pid: f"process {pid}" for pid, started in identities if _identity(pid) == [pid, started]}
    end_trees(alive)
    note.unlink(missing_ok=True)
    return len(alive)


def noted_alive(note: Path) -> bool:
    """Tell whether a program of the note still runs."""
    try:
        return any(_identity(pid) == [pid, started] for pid, started in json.loads(note.read_text()))
    except (FileNotFoundError, ValueError):
        return False


def end_trees(named: Mapping[int, str], tell: Tell = silently) -> None:
    """
    Ask process groups and all descendants to stop, all at the same time; kill what is there after the grace.

    :param named: the leaders of the groups, and what people call them.
    """
    trees = {pid: _family(pid) for pid in named}
    for pid in trees:
        _signal_group(pid, signal.SIGTERM)
    deadline = time.monotonic() + _GRACE
    while trees:
        over = INTERRUPTS.hurry or time.monotonic() > deadline
        for pid, family in list(trees.items()):
            alive = _alive(family)
            trees[pid] = [*alive, *_children_of(alive)]
            if alive and not over:
                continue
            _kill(pid, trees.pop(pid))
            _tell(tell, f"  {named[pid]} {'was killed' if alive else 'has stopped'}")
        time.sleep(_LOOK_EVERY)


def _family(pid: int) -> list[psutil.Process]:
    try:
        parent = psutil.Process(pid)
    except psutil.NoSuchProcess:
        return []
    return [parent, *_children_of([parent])]


def _children_of(parents: Sequence[psutil.Process]) -> list[psutil.Process]:
    """Return all descendants that are not among the parents."""
    found: list[psutil.Process] = []
    for parent in parents:
        with contextlib.suppress(psutil.NoSuchProcess):
            found += [c for c in parent.children(recursive=True) if c not in parents and c not in found]
    return found


def _alive(family: Sequence[psutil.Process]) -> list[psutil.Process]:
    """Return those that still do something: an orphan that has ended may stay on the list until init looks."""
    alive = []
    for process in family:
        with contextlib.suppress(psutil.NoSuchProcess):
            if process.is_running() and process.status() != psutil.STATUS_ZOMBIE:
                alive.append(process)
    return alive


def _kill(pid: int, family: Sequence[psutil.Process]) -> None:
    """Kill the group, which may have grown since it was looked at, and the rest of the family."""
    _signal_group(pid, signal.SIGKILL)
    for process in family:
        with contextlib.suppress(psutil.NoSuchProcess):
            process.kill()
    deadline = time.monotonic() + _GRACE
    while _alive(family) and time.monotonic() < deadline:
        time.sleep(_LOOK_EVERY)


def _signal_group(pid: int, number: int) -> None:
    with contextlib.suppress(ProcessLookupError, PermissionError):
        os.killpg(pid, number)


def _tell(tell: Tell, line: str) -> None:
    # Where the terminal is gone, there is nobody to tell, and still something to end.
    with contextlib.suppress(OSError):
        tell(line)


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
