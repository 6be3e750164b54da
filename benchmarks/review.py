"""Peak memory and time of a review of two stores at the service's limits, and of reading 100 sessions of 1 MB."""

from __future__ import annotations

import tempfile
from collections.abc import Iterator
from functools import partial
from pathlib import Path
from typing import Any

from benchmarks._filling import Contents, fill_store, import_sessions
from benchmarks._processes import Child, airflow_env, connection_to, embedded_server, results
from benchmarks._report import Limit, Report, megabytes, ratio

__all__ = ["run"]

#: What a review may hold in memory, in bytes (docs/benchmarks.md: the limits): 1 GiB.
_MEMORY_LIMIT = 1 << 30
_NAMES = {
    "review": "review_changes",
    "fetch": "baseline: the same bytes fetched",
    "estimate": "launch_dream, dry run: all sessions read",
}


def run(quick: bool) -> Iterator[Report]:
    count, size, sessions, session_size = (
        (40, 2_000, 3, 20_000) if quick else (2_000, 102_400, 100, 1_000_000)
    )
    left = _measure(count, size, sessions, session_size, at_once=quick)
    peak = max(left[step]["peak_bytes"] for step in ("review", "estimate"))
    yield Report(
        f"review: {count:,} memories of {size:,} bytes, all changed; {sessions} sessions of {session_size:,} bytes",
        "The operators of the DAG over the embedded server, a fresh process each. Every memory differs in one line, so "
        "the review reads both stores whole, and all sessions. Baseline: the same bodies and events, fetched and let "
        "go. Grown: beyond what the process held with its imports.",
        ("step", "peak memory", "grown", "seconds", "ratio"),
        [
            (
                name,
                megabytes(left[step]["peak_bytes"]),
                megabytes(left[step]["grown_bytes"]),
                f"{left[step]['seconds']:.1f}",
                ratio(left[step]["seconds"], left["fetch"]["seconds"]),
            )
            for step, name in _NAMES.items()
        ],
        [
            Limit(
                "a review over 100 sessions of 1 MB stays under 1 GiB of memory",
                f"{megabytes(peak)} at most",
                peak < _MEMORY_LIMIT,
            )
        ],
    )


def _measure(
    count: int, size: int, sessions: int, session_size: int, *, at_once: bool
) -> dict[str, dict[str, Any]]:
    with (
        tempfile.TemporaryDirectory(prefix="dreamflow-bench-") as folder,
        embedded_server(Path(folder)) as server,
    ):
        before = fill_store(server, "Before", Contents(count, size))
        after = fill_store(server, "After", Contents(count, size, changed=1.0, stride=size))
        session_ids = import_sessions(server, sessions, session_size)
        env = airflow_env(Path(folder) / "airflow", **connection_to(server.url, server.api_key))
        starts = [
            partial(
                Child,
                "benchmarks._reviewer",
                step,
                Path(folder) / step,
                before,
                after,
                *session_ids,
                env=env,
            )
            for step in _NAMES
        ]
        return dict(zip(_NAMES, results(starts, at_once=at_once), strict=True))
