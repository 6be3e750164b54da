"""Going back to a store at the service's limits: cloning the ancestor, beside copying it bare."""

from __future__ import annotations

import math
import tempfile
from collections.abc import Iterator
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

from benchmarks._filling import Contents, create, fill_store, open_client
from benchmarks._processes import Child, airflow_env, connection_to, embedded_server
from benchmarks._report import Limit, Report, ratio

__all__ = ["run"]

#: Listings of a store that a clone may take, and what comes on top (docs/benchmarks.md: the limits).
_LISTINGS, _MORE = 7, 20
#: Memories a page of a listing, without contents and with them (the service's limits).
_PAGE, _FULL_PAGE = 100, 20
#: The share of the memories that the dreams since have changed.
_CHANGED = 0.05
_NAMES = {"restore": "clone_ancestor", "copy": "baseline: bare copy"}


def run(quick: bool) -> Iterator[Report]:
    count, size = (60, 2_000) if quick else (2_000, 102_400)
    left = _measure(count, size)
    requests = left["restore"]["requests"]
    allowed = count + math.ceil(count / _FULL_PAGE) + _LISTINGS * math.ceil(count / _PAGE) + _MORE
    yield Report(
        f"restore: going back to an archived store of {count:,} memories of {size:,} bytes",
        "begin_restore and clone_ancestor on the embedded server: choose, create, list, copy, compare, and list what "
        "was written since. Baseline: read the ancestor, 20 contents a request, and create its memories in a new "
        "store, with the same parallelism.",
        ("", "requests", "ratio", "seconds", "ratio"),
        [
            (
                name,
                f"{left[way]['requests']:,}",
                ratio(left[way]["requests"], left["copy"]["requests"]),
                f"{left[way]['seconds']:.1f}",
                ratio(left[way]["seconds"], left["copy"]["seconds"]),
            )
            for way, name in _NAMES.items()
        ],
        [
            Limit(
                f"at most one write a memory, one read for {_FULL_PAGE}, {_LISTINGS} listings, and {_MORE} more",
                f"{requests:,} of {allowed:,}",
                requests <= allowed,
                counted=True,
            ),
            Limit(
                "the clone holds what the ancestor does, byte for byte",
                "it does" if left["same"] else "it does not",
                left["same"],
                counted=True,
            ),
        ],
    )


def _measure(count: int, size: int) -> dict[str, Any]:
    with (
        tempfile.TemporaryDirectory(prefix="dreamflow-bench-") as folder,
        embedded_server(Path(folder)) as server,
    ):
        ancestor = fill_store(server, "Ancestor", Contents(count, size))
        live = fill_store(server, "Live", Contents(count, size, changed=_CHANGED))
        adopted_at = datetime.now(UTC).isoformat()
        lineage = {"dreamflow_parent": ancestor, "dreamflow_adopted_at": adopted_at}
        with open_client(server) as client:
            create(client, f"/v1/memory_stores/{live}", {"metadata": lineage})
            create(client, f"/v1/memory_stores/{ancestor}/archive", {})
        env = airflow_env(Path(folder) / "airflow", **connection_to(server.url, server.api_key))
        with Child("benchmarks._restorer", Path(folder) / "reports", live, ancestor, env=env) as child:
            left: dict[str, Any] = child.result()
            return left
