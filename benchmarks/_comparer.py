"""
Compare two stores, and fetch just the changed bodies; tell time and requests of each way.

    AIRFLOW_CONN_BENCHMARK=… python -m benchmarks._comparer BEFORE AFTER ROUNDS
"""

from __future__ import annotations

import json
import sys
from dataclasses import asdict

from benchmarks._steps import Requests, timed
from dreamflow.core.changes import Changes, compare
from dreamflow.core.objects import Listing
from dreamflow.hooks.managed_agents import ManagedAgentsHook


class Comparison:
    """Two stores, and the ways to get at what differs."""

    def __init__(self, before_id: str, after_id: str) -> None:
        self.hook = ManagedAgentsHook("benchmark")
        self.ids = before_id, after_id
        self.changes: Changes | None = None
        self._listings: tuple[Listing, Listing] = ({}, {})

    def list_both(self) -> None:
        self._compare(self.hook.list_memories(self.ids[0]))

    def list_output(self) -> None:
        """Compare as the review does: the input's listing was kept when the dream was launched."""
        self._compare(self._listings[0])

    def _compare(self, before: Listing) -> None:
        after = self.hook.list_memories(self.ids[1])
        self._listings = before, after
        self.changes = compare(before, after)
        self.fetch()

    def fetch(self) -> None:
        """Fetch the bodies that the last comparison found to differ: the baseline, which knows them beforehand."""
        assert self.changes is not None
        for store_id, listing in zip(self.ids, self._listings, strict=True):
            self.hook.read_bodies(
                store_id, {path: listing[path] for _, path in self.changes if path in listing}
            )


def main(before_id: str, after_id: str, rounds: int) -> dict[str, object]:
    comparison, requests = Comparison(before_id, after_id), Requests()
    comparison.list_both()  # opens connections and fills caches, for all ways
    ways = {
        "list both": comparison.list_both,
        "list output": comparison.list_output,
        "fetch": comparison.fetch,
    }
    passes: dict[str, list[dict[str, float]]] = {way: [] for way in ways}
    for _ in range(rounds):
        for way, work in ways.items():
            passes[way].append(asdict(timed(work, requests)))
    assert comparison.changes is not None
    return {"changes": comparison.changes.counts(), "passes": passes}


if __name__ == "__main__":
    print(json.dumps(main(sys.argv[1], sys.argv[2], int(sys.argv[3]))))
