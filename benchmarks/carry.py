"""Carrying late writes into a dream's output, beside writing as many bytes to the same memories bare."""

from __future__ import annotations

import tempfile
from collections.abc import Iterator
from pathlib import Path
from typing import Any

from benchmarks._filling import Contents, fill_store, rewrite_store
from benchmarks._processes import Child, airflow_env, connection_to, embedded_server
from benchmarks._report import Limit, Report, ratio

__all__ = ["run"]

#: Requests that one late write may take, beside one listing of each store (docs/benchmarks.md: the limits).
_REQUESTS_LIMIT = 3
#: The share of the memories that the dream changed too, so that their late writes are merged.
_DREAMED = 0.5


def run(quick: bool) -> Iterator[Report]:
    count, size, numbers = (40, 2_000, (1, 40)) if quick else (2_000, 10_000, (1, 100, 2_000))
    left = _measure(count, size, numbers)
    allowed = {number: _REQUESTS_LIMIT * number + left[number]["pages"] for number in numbers}
    requests = {number: left[number]["carried"]["requests"] for number in numbers}
    lost = sum(left[number]["lost"] for number in numbers)
    yield Report(
        f"carry: late writes to a store of {count:,} memories of {size:,} bytes",
        "carry_since on the embedded server, where a dream has changed every other memory: half of the late writes are "
        "copied as they stand, half are merged. Baseline: writing as many bytes to the same memories bare, known "
        "beforehand, with the same parallelism.",
        ("late writes", "requests", "allowed", "ratio", "seconds", "bare", "ratio"),
        [
            (
                f"{number:,}",
                f"{requests[number]:,}",
                f"{allowed[number]:,}",
                ratio(requests[number], left[number]["bare"]["requests"]),
                f"{left[number]['carried']['seconds']:.2f}",
                f"{left[number]['bare']['seconds']:.2f}",
                ratio(left[number]["carried"]["seconds"], left[number]["bare"]["seconds"]),
            )
            for number in numbers
        ],
        [
            Limit(
                f"at most {_REQUESTS_LIMIT} requests a late write, and one listing of memories and versions a store",
                ", ".join(f"{requests[number]:,} of {allowed[number]:,}" for number in numbers),
                all(requests[number] <= allowed[number] for number in numbers),
                counted=True,
            ),
            Limit("every late line stands in the output, once", f"{lost} do not", lost == 0, counted=True),
        ],
    )


def _measure(count: int, size: int, numbers: tuple[int, ...]) -> dict[int, dict[str, Any]]:
    with (
        tempfile.TemporaryDirectory(prefix="dreamflow-bench-") as folder,
        embedded_server(Path(folder)) as server,
    ):
        contents = Contents(count, size)
        input_id = fill_store(server, "Input", contents)
        outputs = []
        for number in numbers:
            output_id = fill_store(server, f"Output {number}", contents)
            rewrite_store(server, output_id, Contents(count, size, changed=_DREAMED))
            outputs.append(f"{number}={output_id}")
        env = airflow_env(Path(folder) / "airflow", **connection_to(server.url, server.api_key))
        reports = Path(folder) / "reports"
        with Child("benchmarks._carrier", reports, count, size, input_id, *outputs, env=env) as child:
            return {int(number): found for number, found in child.result().items()}
