"""The embedded server under 50 concurrent clients, beside one client alone with the same mix."""

from __future__ import annotations

import os
import tempfile
from collections.abc import Iterator
from pathlib import Path
from typing import Any

from benchmarks._processes import Child, Server, embedded_server
from benchmarks._report import Limit, Report

__all__ = ["run"]


def run(quick: bool) -> Iterator[Report]:
    clients, requests = (10, 200) if quick else (50, 10_000)
    with (
        tempfile.TemporaryDirectory(prefix="dreamflow-bench-") as folder,
        embedded_server(Path(folder)) as server,
    ):
        alone, crowd = _measure(server, 1, requests // 10), _measure(server, clients, requests)
    yield Report(
        f"load: {requests:,} mixed requests of {clients} concurrent clients on the embedded server",
        "The server as `serve` runs it; a connection a client, all in one process of their own. The mix: 35 % reads of "
        "memories and versions, 20 % creates, 20 % compare-and-swap on 20 shared counters, 5 % on one agent, 20 % "
        "sessions and stores (a swap is a read and an update). Baseline: one client alone, before. A refused swap "
        "(409) is an answer, not an error.",
        (
            "clients",
            "requests",
            "a second",
            "median",
            "99 of 100 within",
            "swaps refused",
            "errors",
            "updates lost",
        ),
        [
            _row(1, alone),
            _row(clients, crowd),
            ("ratio", "", f"{_rate(crowd) / _rate(alone):.2f}x", "", "", "", "", ""),
        ],
        [
            Limit(
                "no error",
                "; ".join([str(crowd["errors"]), *crowd["unexpected"]]),
                crowd["errors"] == 0,
                counted=True,
            ),
            Limit(
                "no lost update",
                f"{crowd['lost_updates']} of {crowd['updates']:,}",
                crowd["lost_updates"] == 0,
                counted=True,
            ),
        ],
    )


def _measure(server: Server, clients: int, requests: int) -> dict[str, Any]:
    arguments = (server.url, server.api_key, clients, requests)
    with Child("benchmarks._clients", *arguments, env=os.environ) as child:
        left: dict[str, Any] = child.result()
        return left


def _rate(left: dict[str, Any]) -> float:
    return float(left["requests"] / left["seconds"])


def _row(clients: int, left: dict[str, Any]) -> tuple[str, ...]:
    latencies = left["latencies"]
    return (
        str(clients),
        f"{left['requests']:,}",
        f"{_rate(left):,.0f}",
        f"{latencies[len(latencies) // 2] * 1000:.0f} ms",
        f"{latencies[len(latencies) * 99 // 100] * 1000:.0f} ms",
        str(left["conflicts"]),
        str(left["errors"]),
        str(left["lost_updates"]),
    )
