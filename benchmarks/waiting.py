"""Waiting for 1, 100 and 1,000 dreams, beside the Anthropic provider's own session trigger on the same stub."""

from __future__ import annotations

import tempfile
from collections.abc import Callable, Iterator, Sequence
from contextlib import ExitStack
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from benchmarks._processes import BenchmarkError, Child, airflow_env, connection_to, stub
from benchmarks._report import Limit, Report, megabytes, ratio

__all__ = ["MEMORY_LIMIT", "REQUESTS_LIMIT", "run"]

#: Requests that a poll may take for 1,000 dreams (docs/benchmarks.md: the limits).
REQUESTS_LIMIT = 12
#: What a dream in flight may cost in memory, and Airflow's own part of it, in bytes (the same).
MEMORY_LIMIT, _AIRFLOWS_PART = 40_000, 27_000

_NAMES = {
    "none": "does nothing",
    "session": "provider's session",
    "dream": "ours: dream",
    "all": "ours: one for all",
}
_HEAD = ("trigger", "waiting", "requests/min", "a poll", "memory", "each", "CPU s", "longest stall")


@dataclass(frozen=True)
class Case:
    kind: str
    count: int


@dataclass(frozen=True)
class Measured:
    """
    What one process took, and what the stub counted meanwhile.

    :ivar looks: how many states of a dream or session the stub showed.
    """

    requests: int
    looks: int
    most_in_a_poll: int
    grown_bytes: int
    cpu_seconds: float
    longest_stall_seconds: float


#: Requests for one look at all that are waited for.
_ASKED: dict[str, Callable[[Measured, int], str]] = {
    "none": lambda got, count: "-",
    "session": lambda got, count: f"{count:,}",
    "dream": lambda got, count: str(got.most_in_a_poll),
    "all": lambda got, count: str(got.most_in_a_poll),
}


def run(quick: bool) -> Iterator[Report]:
    interval, window = (1.0, 2.5) if quick else (10.0, 39.5)
    measured: dict[Case, Measured] = {}
    for side_by_side in _plan(quick):
        measured |= _measure(side_by_side, interval, window)
    counts = sorted({case.count for case in measured})
    yield Report(
        f"waiting: dreams in flight, polled every {interval:g} s for {window:g} s",
        "A fresh process each, all triggers in one event loop, against a stub that answers at once with bodies like "
        "the service's (dreams of 100 sessions, tokens that grow). Memory: RSS grown since the imports; each: what "
        "every trigger beyond the first adds. What Airflow itself adds to a trigger is in the benchmark `triggerer`.",
        _HEAD,
        [
            _row(kind, count, measured[Case(kind, count)], _each(measured, kind, count), window)
            for count in counts
            for kind in _NAMES
            if Case(kind, count) in measured
        ],
    )
    most = counts[-1]
    ours, theirs = measured[Case("dream", most)], measured[Case("session", most)]
    due = most * window / interval
    yield Report(
        f"waiting: ours as a multiple of the provider's, {most:,} dreams",
        "The same figures, divided. The provider's trigger opens a client each and asks for each session by itself. "
        f"A look is the state of one dream, or session, that was asked for; {due:,.0f} are due in the window.",
        ("", "ours", "provider's", "ratio"),
        [
            _beside("requests", ours.requests, theirs.requests),
            _beside("looks", ours.looks, theirs.looks),
            _beside("memory, MB", ours.grown_bytes / 1e6, theirs.grown_bytes / 1e6),
            _beside("CPU, s", ours.cpu_seconds, theirs.cpu_seconds),
            _beside("CPU a look, ms", _milliseconds_a_look(ours), _milliseconds_a_look(theirs)),
        ],
        [
            *_limits(most, ours, _each(measured, "dream", most)),
            *_limits(
                most, measured[Case("all", most)], _each(measured, "all", most), "one trigger for all: "
            ),
        ],
    )


def _beside(what: str, ours: float, theirs: float) -> tuple[str, ...]:
    ours_shown, theirs_shown = (
        f"{value:,}" if isinstance(value, int) else f"{value:,.2f}" for value in (ours, theirs)
    )
    return (what, ours_shown, theirs_shown, ratio(ours, theirs))


def _milliseconds_a_look(got: Measured) -> float:
    return got.cpu_seconds * 1000 / max(1, got.looks)


def _plan(quick: bool) -> list[list[Case]]:
    """Return the cases, in groups that are run at the same time: only what is light has company on the two cores."""
    if quick:
        return [[Case(kind, 10) for kind in _NAMES]]
    kinds = list(_NAMES)
    return [
        [*(Case(kind, 1) for kind in kinds), Case("none", 1000), Case("dream", 100)],
        [Case("session", 100), Case("dream", 1000)],
        [Case("session", 1000)],
        [Case("all", 1000)],
    ]


def _measure(cases: Sequence[Case], interval: float, window: float) -> dict[Case, Measured]:
    with ExitStack() as stack:
        running = []
        for case in cases:
            home = Path(stack.enter_context(tempfile.TemporaryDirectory(prefix="dreamflow-bench-")))
            server = stack.enter_context(stub(case.count))
            env = airflow_env(home, **connection_to(server.url))
            child = Child("benchmarks._waiter", case.kind, case.count, interval, window, env=env)
            running.append((case, server, stack.enter_context(child)))
        return {case: _figures(case, child.result(), server.counts()) for case, server, child in running}


def _figures(case: Case, left: dict[str, Any], counts: dict[str, int]) -> Measured:
    if left["ended"]:
        raise BenchmarkError(f"{left['ended']} of {case.count} {case.kind} triggers ended before they should")
    return Measured(
        requests=counts.get("requests", 0),
        looks=counts.get("looks", 0),
        most_in_a_poll=counts.get("most in a poll", 0),
        grown_bytes=left["grown_bytes"],
        cpu_seconds=left["cpu_seconds"],
        longest_stall_seconds=left["longest_stall_seconds"],
    )


def _each(measured: dict[Case, Measured], kind: str, count: int) -> float | None:
    """Return the bytes that every trigger beyond the first adds, or None where the first alone was not measured."""
    first = measured.get(Case(kind, 1))
    if first is None or count == 1:
        return None
    return (measured[Case(kind, count)].grown_bytes - first.grown_bytes) / (count - 1)


def _row(kind: str, count: int, got: Measured, each: float | None, window: float) -> tuple[str, ...]:
    return (
        _NAMES[kind],
        f"{count:,}",
        f"{got.requests * 60 / window:,.0f}",
        _ASKED[kind](got, count),
        megabytes(got.grown_bytes),
        f"{each / 1000:,.1f} KB" if each is not None else "-",
        f"{got.cpu_seconds:.2f}",
        f"{got.longest_stall_seconds * 1000:,.0f} ms",
    )


def _limits(count: int, ours: Measured, each: float | None, whose: str = "") -> list[Limit]:
    limits = [
        Limit(
            f"{whose}at most {REQUESTS_LIMIT} requests a poll for 1,000 dreams",
            f"{ours.most_in_a_poll} for {count:,}",
            ours.most_in_a_poll <= REQUESTS_LIMIT,
            counted=True,
        )
    ]
    if each is not None:
        ours_alone = MEMORY_LIMIT - _AIRFLOWS_PART
        limits.append(
            Limit(
                f"{whose}under {MEMORY_LIMIT / 1000:.0f} KB of memory a dream, of which Airflow's own trigger takes "
                f"{_AIRFLOWS_PART / 1000:.0f} KB: under {ours_alone / 1000:.0f} KB for ours alone",
                f"{each / 1000:.1f} KB",
                each < ours_alone,
            )
        )
    return limits
