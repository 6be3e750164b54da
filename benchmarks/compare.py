"""Comparing two stores at the service's limits, beside fetching just the bodies that changed."""

from __future__ import annotations

import math
import statistics
import tempfile
from collections.abc import Iterator
from pathlib import Path
from typing import Any

from benchmarks._filling import Contents, fill_store
from benchmarks._processes import Child, airflow_env, connection_to, embedded_server
from benchmarks._report import Limit, Report, ratio

__all__ = ["run"]

#: How many times the time of fetching just the changed bodies a comparison may take (docs/benchmarks.md: the limits).
_TIME_LIMIT = 1.5
#: Memories a page of a listing (hooks/managed_agents.py), and the share that differs.
_PAGE, _CHANGED = 100, 0.05


#: The ways, as the table names them; the last is the baseline.
_WAYS = {
    "list both": "list both stores, compare, fetch",
    "list output": "as review_changes: list one, compare, fetch",
    "fetch": "baseline: fetch",
}


def run(quick: bool) -> Iterator[Report]:
    count, size, rounds = (240, 2_000, 2) if quick else (2_000, 102_400, 5)
    left = _measure(count, size, rounds)
    changed, passes = left["changes"]["changed"], left["passes"]
    pages, bodies = 2 * math.ceil(count / _PAGE), 2 * changed
    requests = {way: passes[way][0]["requests"] for way in _WAYS}
    times = {way: _times(passes[way], passes["fetch"]) for way in _WAYS}
    in_proportion = Limit(
        "requests in proportion to the pages listed and the bodies changed",
        f"{requests['list both']} for {pages} pages and {bodies} bodies",
        requests["list both"] <= pages + bodies,
        counted=True,
    )
    in_time = Limit(
        f"within {_TIME_LIMIT} times the baseline",
        f"{times['list both']:.2f} times where both stores are listed, {times['list output']:.2f} in the review",
        times["list both"] <= _TIME_LIMIT,
    )
    yield Report(
        f"compare: two stores of {count:,} memories of {size:,} bytes, {changed} of them changed",
        "On the embedded server, through the hook: list, compare checksums, fetch the changed bodies of both sides. "
        "Baseline: fetch those bodies, known beforehand, with the same parallelism. The review lists the output only: "
        f"the input's listing was kept at launch. Medians of {rounds} rounds, in turn.",
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
        [in_proportion] if quick else [in_proportion, in_time],
    )


def _times(passes: list[dict[str, Any]], baseline: list[dict[str, Any]]) -> float:
    """Return the median of a way's time over the baseline's in the same round."""
    pairs = zip(passes, baseline, strict=True)
    return statistics.median(float(one["seconds"] / other["seconds"]) for one, other in pairs)


def _measure(count: int, size: int, rounds: int) -> dict[str, Any]:
    with (
        tempfile.TemporaryDirectory(prefix="dreamflow-bench-") as folder,
        embedded_server(Path(folder)) as server,
    ):
        before = fill_store(server, "Before", Contents(count, size))
        after = fill_store(server, "After", Contents(count, size, changed=_CHANGED))
        env = airflow_env(Path(folder) / "airflow", **connection_to(server.url, server.api_key))
        with Child("benchmarks._comparer", before, after, rounds, env=env) as child:
            left: dict[str, Any] = child.result()
            return left
