"""Comparing two stores at the service's limits, beside fetching just the bodies that changed."""

from __future__ import annotations

import math
import statistics
import tempfile
from collections.abc import Iterator
from pathlib import Path
from typing import Any

from benchmarks._filling import Contents, fill_store
from benchmarks._processes import AT_RATES, RATES, Child, Server, airflow_env, connection_to, embedded_server
from benchmarks._report import Limit, Report, ratio

__all__ = ["run"]

#: How many times the time of fetching just the changed bodies a comparison may take (docs/benchmarks.md: the limits).
_TIME_LIMIT = 1.5
#: Memories a page of a listing (hooks/managed_agents.py), and the shares that differ.
_PAGE, _CHANGED, _ALL = 100, 0.05, 1.0
#: Memory of a task that compares two stores, whatever they hold: those that differ have 400 MB.
_PEAK_LIMIT = 2**30


#: The ways, as the table names them; the last is the baseline.
_WAYS = {
    "list both": "list both stores, compare",
    "list output": "as review_changes: list one, compare",
    "fetch": "baseline: fetch",
}


def run(quick: bool) -> Iterator[Report]:
    count, size, rounds = (240, 2_000, 2) if quick else (2_000, 102_400, 5)
    with tempfile.TemporaryDirectory(prefix="dreamflow-bench-") as folder:
        place, afters = Path(folder), dict[float, str]()
        with embedded_server(place) as server:
            before = fill_store(server, "Before", Contents(count, size))
            for share in (_CHANGED, _ALL):
                afters[share] = fill_store(server, "After", Contents(count, size, changed=share))
                left = _compared(server, place, before, afters[share], rounds if share == _CHANGED else 1)
                yield _report(left, count, size, share, quick=quick)
        if not quick:
            with embedded_server(place, "--rates", RATES) as server:
                left = _compared(server, place, before, afters[_CHANGED], 1)
                yield _report(left, count, size, _CHANGED, quick=quick, is_held=True)


def _compared(server: Server, place: Path, before: str, after: str, rounds: int) -> dict[str, Any]:
    env = airflow_env(place / "airflow", **connection_to(server.url, server.api_key))
    with Child("benchmarks._comparer", before, after, rounds, env=env) as child:
        left: dict[str, Any] = child.result()
        return left


def _report(
    left: dict[str, Any], count: int, size: int, share: float, *, quick: bool, is_held: bool = False
) -> Report:
    """:param is_held: the server takes so many requests a minute as the service does; refused ones are counted."""
    changed, passes = left["changes"]["changed"], left["passes"]
    pages, bodies = 2 * math.ceil(count / _PAGE), 2 * changed
    requests = {way: passes[way][0]["requests"] for way in _WAYS}
    times = {way: _times(passes[way], passes["fetch"]) for way in _WAYS}
    how = f", {AT_RATES}" if is_held else ""
    limits = [
        Limit(
            "requests in proportion to the pages listed and the bodies changed",
            f"{requests['list both']} for {pages} pages and {bodies} bodies",
            requests["list both"] <= pages + bodies,
            counted=True,
        )
    ] * (not is_held)
    if not quick:
        limits.append(
            Limit(
                "memory under 1 GiB",
                f"{left['peak_bytes'] / 2**20:.0f} MiB",
                left["peak_bytes"] < _PEAK_LIMIT,
            )
        )
    if not quick and share == _CHANGED:
        limits.append(
            Limit(
                f"within {_TIME_LIMIT} times the baseline{how}",
                f"{times['list both']:.2f} times with both stores listed, {times['list output']:.2f} in the review",
                times["list both"] <= _TIME_LIMIT,
            )
        )
    return Report(
        f"compare: two stores of {count:,} memories of {size:,} bytes, {changed} of them changed{how}",
        "On the embedded server, through the hook: list, compare checksums, fetch the changed bodies, and "
        "tell what became of each memory and of every line that went. Baseline: fetch those bodies, known beforehand, "
        "with the same parallelism. The review lists the output only: the input's listing was kept at launch. Medians "
        f"of {len(passes['fetch'])} rounds, in turn.",
        ("", "requests", "ratio", "seconds", "ratio"),
        [
            (
                name,
                f"{requests[way]:,}",
                ratio(requests[way], requests["fetch"]),
                f"{statistics.median(one['seconds'] for one in passes[way]):.2f}",
                f"{times[way]:.2f}x",
            )
            for way, name in _WAYS.items()
        ],
        limits,
    )


def _times(passes: list[dict[str, Any]], baseline: list[dict[str, Any]]) -> float:
    """Return the median of a way's time over the baseline's in the same round."""
    pairs = zip(passes, baseline, strict=True)
    return statistics.median(float(one["seconds"] / other["seconds"]) for one, other in pairs)
