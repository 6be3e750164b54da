"""A fleet's night, from 10 members on, beside as many single pipelines; nine of the largest are spoilt in nine ways."""

from __future__ import annotations

import re
import tempfile
from collections import Counter
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from functools import cached_property
from pathlib import Path
from typing import Any

from benchmarks._processes import Child, airflow_env, connection_to, embedded_server
from benchmarks._report import Limit, Report, megabytes, ratio

__all__ = ["run"]

#: docs/benchmarks.md, the limits: a night's requests of ten times the members, and bytes that a task holds.
_GROWTH_LIMIT, _MEMORY_LIMIT = 12.0, 1 << 30
_MEMBERS, _MEMBERS_QUICK = 1_000, 12
#: The smaller fleets, and how many single pipelines are measured at most: the rest is multiplied.
_SIZES, _SINGLE = (10, 100), 20
_SPOILT = 9
#: Characters that are shown of an error, and an object's id in it.
_SAID, _ID = 60, re.compile(r"\b[a-z]+_[A-Za-z0-9]{16,}")


@dataclass(frozen=True)
class _Night:
    """What one night took, as ``_fleet_night`` prints it."""

    members: int
    told: Mapping[str, Any]

    @cached_property
    def requests(self) -> int:
        return sum(sum(step["requests"].values()) for step in self.told["steps"])

    @property
    def instances(self) -> int:
        return len(self.told["states"])

    @property
    def seconds(self) -> float:
        return float(self.told["seconds"])

    @property
    def cpu_seconds(self) -> float:
        return float(sum(step["cpu_seconds"] for step in self.told["steps"]))

    @property
    def peak_bytes(self) -> int:
        return int(max(step["peak_bytes"] for step in self.told["steps"]))

    def by_task(self, name: str) -> dict[str, float]:
        """Return a figure of each task in the order in which they ran, its tries added up."""
        summed: dict[str, float] = {}
        for step in self.told["steps"]:
            figure = step[name]
            amount = sum(figure.values()) if isinstance(figure, dict) else figure
            before = summed.get(step["task"], 0)
            summed[step["task"]] = max(before, amount) if name == "peak_bytes" else before + amount
        return summed

    @property
    def routes(self) -> Counter[str]:
        routes: Counter[str] = Counter()
        for step in self.told["steps"]:
            routes.update(step["requests"])
        return routes


def run(quick: bool, members: int | None = None) -> Iterator[Report]:
    """:param members: of the largest fleet; those of the smaller ones stay as they are."""
    largest = members or (_MEMBERS_QUICK if quick else _MEMBERS)
    sizes = [size for size in _SIZES if size < largest and not quick]
    single = min(largest, 1 if quick else _SINGLE)
    pipelines = _measured(single, "single")
    nights = [_Night(size, _measured(size, "clean")) for size in sizes]
    nights.append(_Night(largest, _measured(largest, "quick" if quick else "spoilt")))
    yield _growth(nights, single, pipelines)
    yield _tasks(nights[-1])
    yield _spoilt(nights[-1])


def _measured(members: int, kind: str) -> dict[str, Any]:
    """Return what a night took on a server of its own."""
    with (
        tempfile.TemporaryDirectory(prefix="dreamflow-bench-") as folder,
        embedded_server(Path(folder)) as server,
    ):
        pipelines = Path(folder) / "pipelines"
        pipelines.mkdir()
        env = airflow_env(
            Path(folder) / "airflow",
            DREAMFLOW_PIPELINES=str(pipelines),
            **connection_to(server.url, server.api_key),
        )
        arguments = (server.url, server.api_key, folder, members, kind)
        with Child("benchmarks._fleet_night", *arguments, env=env, patience=_PATIENCE) as child:
            told: dict[str, Any] = child.result()
            return told


#: Seconds for the largest night: the other benchmarks are done sooner.
_PATIENCE = 7_200.0


def _growth(nights: Sequence[_Night], single: int, pipelines: Mapping[str, Any]) -> Report:
    largest = nights[-1]
    times = largest.members / single
    single_requests = sum(pipelines["requests"].values())
    rows = [_row(night, night.requests / nights[0].requests) for night in nights]
    rows.append(
        (
            f"baseline: {largest.members:,} single pipelines, {single} measured and multiplied",
            f"{pipelines['seconds'] * times:,.0f}",
            "-",
            f"{single_requests * times:,.0f}",
            f"{single_requests / single:,.1f}",
            "-",
            f"{pipelines['instances'] * times:,.0f}",
            "-",
        )
    )
    limits = [
        Limit(
            "task instances are as many for any number of members",
            ", ".join(f"{night.instances} for {night.members:,}" for night in nights),
            len({night.instances for night in nights}) == 1,
            counted=True,
        )
    ]
    if len(nights) > 1:
        before = nights[-2]
        # Ten times the members: twelve times the requests. As much room for another step.
        most = _GROWTH_LIMIT * largest.members / before.members / 10 * before.requests
        limits.append(
            Limit(
                f"from {before.members:,} to {largest.members:,} members requests grow at most "
                f"{most / before.requests:,.1f}-fold",
                f"{largest.requests / before.requests:.2f}-fold",
                largest.requests <= most,
                counted=True,
            )
        )
    peak = max(night.peak_bytes for night in nights)
    limits.append(
        Limit("a task holds under 1 GiB", f"{megabytes(peak)} at most", peak < _MEMORY_LIMIT, fails=True)
    )
    return Report(
        "fleet: a night, to the adoption and the retired stores",
        "A store of 5 memories and 2 sessions a member, on the embedded server. Each task of the DAG in a process of "
        "its own, its imports included, one after the other; a wait in one too, which polls every 5 s. Nine members "
        "of the largest fleet are spoilt, and those that are flagged rejected. Baseline: pipelines of one deployment "
        "each, one after the other, all tasks in one process, which saves them its start: a task instance costs a "
        "second more.",
        ("members", "seconds", "CPU, s", "requests", "a member", "growth", "task instances", "peak memory"),
        rows,
        limits,
    )


def _row(night: _Night, growth: float) -> tuple[str, ...]:
    return (
        f"{night.members:,}",
        f"{night.seconds:,.0f}",
        f"{night.cpu_seconds:,.0f}",
        f"{night.requests:,}",
        f"{night.requests / night.members:,.1f}",
        ratio(growth, 1),
        f"{night.instances}",
        megabytes(night.peak_bytes),
    )


def _tasks(night: _Night) -> Report:
    seconds, cpu, requests, peak = map(night.by_task, ("seconds", "cpu_seconds", "requests", "peak_bytes"))
    return Report(
        f"fleet: {night.members:,} members by task",
        "Its tries added up. A wait holds no worker.",
        ("task", "seconds", "CPU, s", "requests", "a member", "peak memory"),
        [
            (
                task,
                f"{seconds[task]:,.1f}",
                f"{cpu[task]:,.1f}",
                f"{requests[task]:,.0f}",
                f"{requests[task] / night.members:,.2f}",
                megabytes(peak[task]),
            )
            for task in seconds
        ],
    )


def _spoilt(night: _Night) -> Report:
    told, adopted = night.told, set(night.told["adopted"])
    rows, named = [], 0
    for way, name in told["spoilt"].items():
        where = _where(told, name)
        named += where != "nowhere" and name not in adopted
        rows.append((way, name, where))
    whole = night.members - len(rows)
    others = len(adopted - set(told["spoilt"].values()))
    return Report(
        f"fleet: {len(rows)} of {night.members:,} members spoilt in as many ways",
        "Where each is named: in the question to a person, or in the error that the run ends with.",
        ("way", "member", "named"),
        rows,
        [
            Limit(
                "each spoilt member is flagged or failed by name, and not adopted",
                f"{named} of {len(rows)}",
                named == len(rows) == _SPOILT,
                counted=True,
            ),
            Limit("all others are adopted", f"{others:,} of {whole:,}", others == whole, counted=True),
        ],
    )


def _where(told: Mapping[str, Any], name: str) -> str:
    """Return where the member is named, in short: the question's line, or its part of the error that ended the run."""
    for line in told["asked"].splitlines():
        if f" {name} (" in line:
            return f"asked: {line.partition('): ')[2].strip(' `')}".rstrip("`\\ ")
    for error in told["said"].values():
        for part in error.split("; "):
            if f"{name} (" in part:
                task = next(task for task in told["states"] if f" {task}: " in part)
                return f"failed: {task}: {_ID.sub('…', part.partition(f' {task}: ')[2])[:_SAID]}"
    return "nowhere"
