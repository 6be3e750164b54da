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

#: How many times the time of fetching just the changed bodies a comparison may take (DESIGN, limits to hold).
_TIME_LIMIT = 1.5
#: Memories a page of a listing (hooks/managed_agents.py), and the share that differs.
_PAGE, _CHANGED = 100, 0.05


def run(quick: bool) -> Iterator[Report]:
    count, size, rounds = (240, 2_000, 2) if quick else (2_000, 102_400, 5)
    left = _measure(count, size, rounds)
    changed = left["changes"]["changed"]
    pages = 2 * math.ceil(count / _PAGE)
    requests = {name: left[name][0]["requests"] for name in ("compare", "fetch")}
    seconds = {name: statistics.median(one["seconds"] for one in left[name]) for name in ("compare", "fetch")}
    times = statistics.median(
        one["seconds"] / other["seconds"] for one, other in zip(left["compare"], left["fetch"], strict=True)
    )
    yield Report(
        f"compare: two stores of {count:,} memories of {size:,} bytes, {changed} of them changed",
        "On the embedded server, through the hook: list both stores, compare checksums, fetch the changed bodies of "
        "both sides. Baseline: fetch those bodies, known beforehand, with the same parallelism. "
        f"Medians of {rounds} rounds, in turn.",
        ("", "requests", "seconds"),
        [
            ("list, compare, fetch", f"{requests['compare']:,}", f"{seconds['compare']:.2f}"),
            ("baseline: fetch", f"{requests['fetch']:,}", f"{seconds['fetch']:.2f}"),
            ("ratio", ratio(requests["compare"], requests["fetch"]), f"{times:.2f}x"),
        ],
        [
            Limit(
                "requests in proportion to the pages listed and the bodies changed",
                f"{requests['compare']} for {pages} pages and {2 * changed} bodies",
                requests["compare"] <= pages + 2 * changed,
                counted=True,
            ),
            *(
                []
                if quick
                else [Limit("within 1.5 times the baseline", f"{times:.2f}x", times <= _TIME_LIMIT)]
            ),
        ],
    )


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
