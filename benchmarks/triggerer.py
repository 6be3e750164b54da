"""1,000 dreams on a real triggerer, beside 1,000 triggers that do nothing; and 1,000 stores that drain."""

from __future__ import annotations

import contextlib
import resource
import sys
import tempfile
import time
from collections.abc import Iterator
from contextlib import ExitStack
from dataclasses import dataclass
from pathlib import Path

import psutil

from benchmarks._processes import PROJECT, BenchmarkError, Child, Stub, airflow_env, connection_to, stub
from benchmarks._report import Limit, Report, megabytes, ratio
from benchmarks._stub import PAGE
from benchmarks.waiting import MEMORY_LIMIT, REQUESTS_LIMIT
from include.demo.errors import DemoError
from include.demo.processes import Program, wait_until
from include.demo.settings import free_port

__all__ = ["run"]

#: Files that a triggerer opens: a log each, and some.
_OPEN_FILES = 8_192
_NAMES = {"none": "does nothing", "dream": "ours: dream"}


@dataclass(frozen=True)
class Usage:
    """What a triggerer has taken since it started, in both of its processes."""

    rss: int
    cpu_seconds: float
    requests: int


@dataclass(frozen=True)
class Measured:
    grown_bytes: int
    cpu_seconds: float
    requests: int
    most_in_a_poll: int


class Triggerer:
    """
    A real triggerer on a database of its own, that waits with triggers of one kind.

    :param home: its AIRFLOW_HOME.
    :param server: the stub that the triggers ask.
    """

    def __init__(self, kind: str, interval: float, home: Path, server: Stub) -> None:
        self.kind = kind
        self.interval = interval
        self.home = home
        self.server = server
        self.deferred = 0
        self.env = airflow_env(
            home,
            **connection_to(server.url),
            AIRFLOW__CORE__EXECUTOR="LocalExecutor",
            AIRFLOW__LOGGING__TRIGGER_LOG_SERVER_PORT=str(free_port()),
        )

    def defer(self, count: int) -> Child:
        """Start to put so many more deferred tasks into the database."""
        arguments = (self.kind, self.deferred, count, self.interval)
        self.deferred += count
        return Child("benchmarks._deferred", *arguments, env=self.env)

    def start(self) -> Program:
        command = [sys.executable, "-m", "airflow", "triggerer", "--skip-serve-logs"]
        self.program = Program("the triggerer", command, self.env, self.home / "triggerer.log", PROJECT)
        return self.program

    def wait_for_all(self) -> None:
        """Wait until every trigger has started: each opens a log of its own."""
        logs = self.home / "logs"
        wait_until(
            lambda: sum(1 for _ in logs.rglob("*.trigger.*.log")) >= self.deferred,
            seconds=180,
            what=f"{self.deferred:,} triggers to start",
            alive=[self.program],
        )

    def usage(self) -> Usage:
        supervisor = psutil.Process(self.program.process.pid)
        family = [supervisor, *supervisor.children(recursive=True)]
        return Usage(
            rss=sum(process.memory_info().rss for process in family),
            cpu_seconds=sum(sum(process.cpu_times()[:2]) for process in family),
            requests=self.server.counts().get("requests", 0),
        )


def run(quick: bool) -> Iterator[Report]:
    count, interval, window = (20, 1.0, 2.5) if quick else (1_000, 10.0, 40.0)
    _raise_file_limit(count)
    try:
        measured = _measure(count, interval, window)
    except DemoError as e:
        raise BenchmarkError(str(e)) from e
    nothing, ours = measured["none"], measured["dream"]
    memory_ratio = ratio(ours.grown_bytes, nothing.grown_bytes)
    few_requests = Limit(
        f"at most {REQUESTS_LIMIT} requests a poll for 1,000 dreams",
        f"{ours.most_in_a_poll} for {count:,}",
        ours.most_in_a_poll <= REQUESTS_LIMIT,
        counted=True,
    )
    each = ours.grown_bytes / (count - 1)
    small = Limit(
        f"under {MEMORY_LIMIT / 1000:.0f} KB of memory a dream, Airflow's own trigger included",
        f"{each / 1000:.1f} KB",
        each < MEMORY_LIMIT,
    )
    yield Report(
        f"triggerer: {count:,} tasks deferred to a real triggerer, polled every {interval:g} s for {window:g} s",
        "`airflow triggerer` on SQLite takes up deferred task instances as a scheduler leaves them. Memory: RSS of "
        "both its processes, grown from one trigger to all. CPU: both processes, in the window after all have "
        "started; it includes the triggerer's own loop, and a log line a dream a poll. The kinds run side by side.",
        ("trigger", "requests/min", "most in a poll", "memory", "each", "CPU s"),
        [
            *(_row(kind, got, count, window) for kind, got in measured.items()),
            ("ratio", "", "", memory_ratio, memory_ratio, ratio(ours.cpu_seconds, nothing.cpu_seconds)),
        ],
        [few_requests] if quick else [few_requests, small],
    )
    yield _draining(count)


def _draining(count: int, interval: float = 2.0, window: float = 9.5) -> Report:
    """Count what draining asks for. That needs no triggerer of Airflow's: an event loop will do."""
    with tempfile.TemporaryDirectory(prefix="dreamflow-bench-") as home, stub(count) as server:
        env = airflow_env(Path(home), **connection_to(server.url))
        with Child("benchmarks._waiter", "drain", count, interval, window, env=env) as child:
            if child.result()["ended"]:
                raise BenchmarkError("a drain ended before it should: on each store a session is at work")
        counts = server.counts()
    pages = -(-count // PAGE)
    most = counts.get("most in a poll", 0)
    return Report(
        f"triggerer: {count:,} stores draining, polled every {interval:g} s for {window:g} s",
        "All drains in one event loop, on one connection, with a session at work on each store, against the stub.",
        ("drains", "requests", "polls", "most in a poll", "baseline: each store by itself"),
        [(f"{count:,}", f"{counts['requests']:,}", f"{counts['polls']:,}", str(most), f"{count:,}")],
        [
            Limit(
                "1,000 stores draining: no more requests a poll than their running sessions fill pages",
                f"{most} for {count:,} sessions, {pages} pages",
                0 < most <= pages,
                counted=True,
            )
        ],
    )


def _row(kind: str, got: Measured, count: int, window: float) -> tuple[str, ...]:
    return (
        _NAMES[kind],
        f"{got.requests * 60 / window:,.0f}",
        str(got.most_in_a_poll) if got.most_in_a_poll else "-",
        megabytes(got.grown_bytes),
        f"{got.grown_bytes / (count - 1) / 1000:.1f} KB",
        f"{got.cpu_seconds:.2f}",
    )


def _measure(count: int, interval: float, window: float) -> dict[str, Measured]:
    """Measure both kinds at the same time: start with one trigger, add the others, then look at a window."""
    with ExitStack() as stack:
        triggerers = []
        for kind in _NAMES:
            home = Path(stack.enter_context(tempfile.TemporaryDirectory(prefix="dreamflow-bench-")))
            triggerers.append(Triggerer(kind, interval, home, stack.enter_context(stub(count))))
        _defer(triggerers, 1)
        for triggerer in triggerers:
            stack.callback(triggerer.start().stop)
        _settle(triggerers, interval)
        alone = [triggerer.usage() for triggerer in triggerers]
        _defer(triggerers, count - 1)
        _settle(triggerers, interval)
        before = [triggerer.usage() for triggerer in triggerers]
        time.sleep(window)
        after = [triggerer.usage() for triggerer in triggerers]
        return {
            triggerer.kind: Measured(
                grown_bytes=late.rss - first.rss,
                cpu_seconds=late.cpu_seconds - early.cpu_seconds,
                requests=late.requests - early.requests,
                most_in_a_poll=triggerer.server.counts().get("most in a poll", 0),
            )
            for triggerer, first, early, late in zip(triggerers, alone, before, after, strict=True)
        }


def _defer(triggerers: list[Triggerer], count: int) -> None:
    with ExitStack() as stack:
        for child in [stack.enter_context(triggerer.defer(count)) for triggerer in triggerers]:
            child.result()


def _settle(triggerers: list[Triggerer], interval: float) -> None:
    """Wait until all triggers have started, and two polls more."""
    for triggerer in triggerers:
        triggerer.wait_for_all()
    time.sleep(2 * interval)


def _raise_file_limit(count: int) -> None:
    """:raises BenchmarkError: the triggerer could not open a log for each trigger."""
    _, hard = resource.getrlimit(resource.RLIMIT_NOFILE)
    allowed = _OPEN_FILES if hard == resource.RLIM_INFINITY else min(hard, _OPEN_FILES)
    with contextlib.suppress(ValueError, OSError):
        resource.setrlimit(resource.RLIMIT_NOFILE, (allowed, hard))
    if resource.getrlimit(resource.RLIMIT_NOFILE)[0] < 2 * count:
        raise BenchmarkError(f"{2 * count} open files are needed, {allowed} are allowed: raise `ulimit -n`")
