"""A large review in two processes: it says what it would say in one, whatever becomes of the second."""

from __future__ import annotations

import logging
import os
import signal
import subprocess
import sys
import time
from collections.abc import Generator
from contextlib import closing
from pathlib import Path
from threading import BoundedSemaphore
from typing import Any

import pytest

from dreamflow.core.grounding import wanted_in
from dreamflow.core.reckoning import Spoken
from dreamflow.core.review import Review
from dreamflow.core.skimming import Skimmed
from dreamflow.steps import apart as processes
from dreamflow.steps import listening
from dreamflow.steps.apart import Apart, Lost, apart
from tests.unit.running import Night, night_of
from tests.unit.service import Service
from tests.unit.steps.test_review import dreamed_over, fresh, kept, review

SAID = (
    "Order LK-48190 went to Mia Li for $121",
    "LK-48190 is at gate 31 since 2026-05-03",
    "Call 4417 tomorrow",
)
BEFORE = {"/orders.md": "- LK-48190: $99\n", "/same.md": "- Gate 31 opens at 6 pm\n", "/gone.md": "- SH-77\n"}
AFTER = {"/orders.md": "- LK-48190: $121, gate 31\n- LK-99999\n", "/same.md": BEFORE["/same.md"]}


@pytest.fixture
def night(service: Service, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Night:
    """A night whose sessions count as large ones, on a machine of two cores."""
    monkeypatch.setattr(listening, "_LARGE", 0)
    monkeypatch.setattr(processes, "cores", lambda: 2)
    night = fresh(night_of(service, f"file://{tmp_path}/reports", BEFORE, AFTER))
    dreamed_over(night, *SAID)
    return night


def told(night: Night) -> tuple[Review, list[tuple[str, ...]]]:
    """Return what a review says, and what it keeps of the sessions, but for the moment at which it was made."""
    review(night)
    found = kept(night)
    evidence = night.run.read_evidence(1)
    assert evidence is not None
    return found.model_copy(update={"made_at": found.input}), sorted(evidence["probes"])


def has_gone(pid: int) -> bool:
    try:
        os.kill(pid, 0)
    except ProcessLookupError:
        return True
    return False


class NoThreads:
    """Threads where a container has no room for one more."""

    def __init__(self, *_: object, **__: object) -> None: ...

    def submit(self, *_: object) -> None:
        raise RuntimeError("can't start new thread")


def endless() -> Generator[tuple[str, list[Spoken]], None, None]:
    while True:
        yield "sesn_1", [Spoken("sevt_1", "user", None, "LK-48190 left. " * 1_000)]


def test_it_says_the_same_in_two_processes(
    night: Night, monkeypatch: pytest.MonkeyPatch, caplog: pytest.LogCaptureFixture
) -> None:
    with caplog.at_level(logging.INFO):
        there = told(night)
    assert "in this" not in caplog.text
    night.run.write_evidence(1, {})
    monkeypatch.setattr(listening, "_LARGE", 1 << 30)
    assert told(night) == there
    assert {finding.check for finding in there[0].findings} >= {"ungrounded", "lost"}


def test_where_the_second_process_is_killed_the_first_does_its_work(
    night: Night, monkeypatch: pytest.MonkeyPatch, caplog: pytest.LogCaptureFixture
) -> None:
    pids = []

    def killed(*args: Any) -> Apart:
        process = apart(*args)
        os.kill(process.pid, signal.SIGKILL)
        pids.append(process.pid)
        return process

    whole = told(night)
    night.run.write_evidence(1, {})
    monkeypatch.setattr(listening, "apart", killed)
    assert told(night) == whole
    assert "What it was to do is done in this one" in caplog.text
    assert all(map(has_gone, pids))
    assert pids


@pytest.mark.parametrize("lack", ["a second core", "a free place", "a program to start", "a thread"])
def test_where_there_is_no_second_process_the_first_does_its_work(
    night: Night, monkeypatch: pytest.MonkeyPatch, caplog: pytest.LogCaptureFixture, lack: str
) -> None:
    match lack:
        case "a second core":
            monkeypatch.setattr(processes, "cores", lambda: 1)
        case "a free place":
            monkeypatch.setattr(processes, "_places", BoundedSemaphore(1))
            assert processes._places.acquire(blocking=False)
        case "a program to start":
            monkeypatch.setattr(sys, "executable", "/nowhere/python")
        case _:
            monkeypatch.setattr(processes, "ThreadPoolExecutor", NoThreads)
            monkeypatch.setattr(processes, "_places", BoundedSemaphore(1))
    with caplog.at_level(logging.INFO):
        review(night)
    assert "the sessions are heard in this process" in caplog.text
    assert kept(night).score.sessions_asked
    assert processes._places.acquire(blocking=False) is (lack != "a free place"), "its place is free again"
    processes._places.release()


def test_it_is_ended_with_what_began_it_though_it_has_much_to_do() -> None:
    process = apart(wanted_in(["LK-48190"]), 0, endless())
    with closing(process):
        process.draw("LK-48190")
        process.add(Skimmed("LK-48190"), before=True, after=True)
        assert not has_gone(process.pid)
    assert has_gone(process.pid)


def test_what_the_sessions_can_not_be_read_for_is_a_loss_and_no_wait() -> None:
    def cut() -> Generator[tuple[str, list[Spoken]], None, None]:
        yield next(endless())
        raise RuntimeError("the connection was cut")

    with closing(apart(wanted_in(["LK-48190"]), 0, cut())) as process:
        for _ in range(3 * processes._AHEAD):
            process.add(Skimmed("LK-48190"), before=True, after=True)
        with pytest.raises(Lost, match="RuntimeError"):
            process.reckoned()


def test_it_is_told_no_keys(monkeypatch: pytest.MonkeyPatch) -> None:
    environment = Path("/proc/self/environ")
    if not environment.exists():
        pytest.skip("this system does not show a process's environment")
    monkeypatch.setenv("AIRFLOW_CONN_CLAUDE", "a key")
    with closing(apart((), 0, endless())) as process:
        assert b"AIRFLOW_CONN" not in Path(f"/proc/{process.pid}/environ").read_bytes()


def test_none_is_left_where_the_task_is_killed() -> None:
    """A worker that is killed has no moment to end what it started."""
    program = """
from tests.unit.steps.test_apart import apart, endless
process = apart((), 0, endless())
print(process.pid, flush=True)
process.reckoned()
"""
    env = {**os.environ, "PYTHONPATH": os.pathsep.join(filter(None, sys.path))}
    task = subprocess.Popen([sys.executable, "-c", program], stdout=subprocess.PIPE, env=env, text=True)
    assert task.stdout is not None
    with task, task.stdout:
        pid = int(task.stdout.readline())
        assert not has_gone(pid)
        task.kill()
    until = time.monotonic() + 20
    while not has_gone(pid):
        assert time.monotonic() < until, "it goes on though nobody asks"
        time.sleep(0.05)
