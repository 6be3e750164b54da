"""The demo's end: it says what it stops, leaves nothing, and a second Ctrl-C only makes it quicker."""

from __future__ import annotations

import os
import pty
import signal
import subprocess
import sys
import time
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from pathlib import Path

import psutil
import pytest

from include.demo.interrupts import Interrupts
from include.demo.processes import Program, Programs
from include.demo.settings import PROJECT

#: Seconds until a program of a few lines has started, on a busy machine.
PATIENCE = 60.0
#: Notes its id and that of a child in a session of its own, and takes no notice of a request to stop.
STUBBORN = """
import os, pathlib, signal, subprocess, sys, time
signal.signal(signal.SIGTERM, signal.SIG_IGN)
child = subprocess.Popen([sys.executable, "-c", "import time; time.sleep(600)"], start_new_session=True)
note = pathlib.Path(sys.argv[1])
note.with_suffix(".new").write_text(f"{os.getpid()} {child.pid}")
note.with_suffix(".new").rename(note)
time.sleep(600)
"""
#: Stops when it is told to, once the other one was told as well.
POLITE = """
import pathlib, signal, sys, time
mine, other = map(pathlib.Path, sys.argv[1:])
def stop(*_):
    mine.with_suffix(".told").touch()
    while not other.with_suffix(".told").exists():
        time.sleep(0.01)
    sys.exit()
signal.signal(signal.SIGTERM, stop)
mine.touch()
time.sleep(600)
"""
#: A demo of one stubborn program.
DEMO = f"""
import os, pathlib, sys, time
from include.demo.interrupts import INTERRUPTS
from include.demo.processes import Program, Programs
folder = pathlib.Path(sys.argv[1])
INTERRUPTS.watch()
programs = Programs(folder / "note.json", lambda line: print(line, flush=True))
command = [sys.executable, "-c", {STUBBORN!r}, str(folder / "pids")]
try:
    programs.start(lambda: Program("the stubborn one", command, os.environ, folder / "log", folder))
    time.sleep(600)
except KeyboardInterrupt as e:
    print("interrupted by", e.args[0], flush=True)
finally:
    programs.stop()
"""


def wait_for(file: Path) -> None:
    deadline = time.monotonic() + PATIENCE
    while not file.exists():
        assert time.monotonic() < deadline, f"{file.name} does not come"
        time.sleep(0.02)


def lives(pid: int) -> bool:
    try:
        return psutil.Process(pid).status() != psutil.STATUS_ZOMBIE
    except psutil.NoSuchProcess:
        return False


@pytest.mark.parametrize("number", [signal.SIGINT, signal.SIGTERM, signal.SIGHUP])
def test_a_second_signal_while_the_demo_stops_kills_at_once_and_leaves_nothing(
    tmp_path: Path, number: signal.Signals
) -> None:
    command = [sys.executable, "-c", DEMO, str(tmp_path)]
    with subprocess.Popen(command, cwd=PROJECT, stdout=subprocess.PIPE, text=True) as demo:
        assert demo.stdout is not None
        wait_for(tmp_path / "pids")
        demo.send_signal(number)
        assert demo.stdout.readline() == f"interrupted by {number.value}\n"
        assert demo.stdout.readline() == "Stopping the stubborn one; Ctrl-C kills them at once\n"
        demo.send_signal(number)
        demo.send_signal(number)
        assert demo.stdout.readline() == "  the stubborn one was killed\n"
        assert demo.wait() == 0
    assert not any(lives(int(pid)) for pid in (tmp_path / "pids").read_text().split())
    assert not (tmp_path / "note.json").exists()


def test_all_programs_are_told_to_stop_at_the_same_time(tmp_path: Path) -> None:
    """Each waits for the other's being told: one after the other, the first would have to be killed."""
    said: list[str] = []
    programs = Programs(tmp_path / "note.json", said.append)
    one, other = tmp_path / "one", tmp_path / "other"
    for mine, its in ((one, other), (other, one)):
        command = [sys.executable, "-c", POLITE, str(mine), str(its)]
        name = mine.name

        def program(name: str = name, command: list[str] = command) -> Program:
            return Program(name, command, {}, tmp_path / f"{name}.log", tmp_path)

        programs.start(program)
    wait_for(one)
    wait_for(other)
    programs.stop()
    assert said[0] == "Stopping one and other; Ctrl-C kills them at once"
    assert sorted(said[1:]) == ["  one has stopped", "  other has stopped"]


def test_a_terminal_that_is_gone_does_not_keep_programs_from_being_stopped(tmp_path: Path) -> None:
    def gone(_line: str) -> None:
        raise OSError("Input/output error")

    programs = Programs(tmp_path / "note.json", gone)
    command = [sys.executable, "-c", "import time; time.sleep(600)"]
    started = programs.start(lambda: Program("one", command, {}, tmp_path / "log", tmp_path))
    programs.stop()
    assert not lives(started.process.pid)


@contextmanager
def watched() -> Iterator[Interrupts]:
    before = {number: signal.getsignal(number) for number in (signal.SIGINT, signal.SIGTERM, signal.SIGHUP)}
    interrupts = Interrupts()
    interrupts.watch()
    try:
        yield interrupts
    finally:
        for number, handler in before.items():
            signal.signal(number, handler)


def test_a_signal_while_a_program_is_started_waits_until_it_was_noted() -> None:
    noted = []
    with watched() as interrupts, pytest.raises(KeyboardInterrupt), interrupts.held():
        signal.raise_signal(signal.SIGINT)
        noted.append("the program")
    assert noted == ["the program"]


RECIPE = """
import time
from include.demo.interrupts import INTERRUPTS, own_terminal
with own_terminal():
    INTERRUPTS.watch()
    try:
        print("READY", flush=True)
        time.sleep(60)
    except KeyboardInterrupt:
        print("STOPPED", flush=True)
"""


def test_ctrl_c_in_a_terminal_ends_the_make_that_started_it_with_0(tmp_path: Path) -> None:
    (tmp_path / "recipe.py").write_text(RECIPE)
    (tmp_path / "Makefile").write_text(f"demo:\n\t@{sys.executable} {tmp_path}/recipe.py\n")
    child, terminal = pty.fork()
    if child == 0:
        os.environ["PYTHONPATH"] = str(Path(__file__).parents[2])
        os.execvp("make", ["make", "-f", str(tmp_path / "Makefile"), "demo"])
    said = b""
    with suppress(OSError):  # the terminal is gone with its last program
        while b"READY" not in said:
            said += os.read(terminal, 1024)
        os.write(terminal, b"\x03")
        while more := os.read(terminal, 1024):
            said += more
    _, status = os.waitpid(child, 0)
    os.close(terminal)
    assert b"STOPPED" in said
    assert b"Error" not in said
    assert os.waitstatus_to_exitcode(status) == 0
