"""
Compare two stores, and fetch just the changed bodies; tell time and requests of each way.

    AIRFLOW_CONN_BENCHMARK=… python -m benchmarks._comparer BEFORE AFTER ROUNDS
"""

from __future__ import annotations

import json
import resource
import sys
from dataclasses import asdict

from benchmarks._steps import Requests, timed
from dreamflow.core.comparing import Compared, compare_stores
from dreamflow.core.objects import Listing
from dreamflow.hooks.managed_agents import ManagedAgentsHook
from dreamflow.steps.texts import Texts


class Comparison:
    """Two stores, and the ways to get at what differs."""

    def __init__(self, before_id: str, after_id: str) -> None:
        self.hook = ManagedAgentsHook("benchmark")
        self.ids = before_id, after_id
        self.compared: Compared | None = None
        self._listings: tuple[Listing, Listing] = ({}, {})

    def list_both(self) -> None:
        self._compare(self.hook.list_memories(self.ids[0]))

    def list_output(self) -> None:
        """Compare as the review does: the input's listing was kept when the dream was launched."""
        self._compare(self._listings[0])

    def _compare(self, before: Listing) -> None:
        after = self.hook.list_memories(self.ids[1])
        self._listings = before, after
        sides = zip(self.ids, self._listings, strict=True)
        texts = [Texts(self.hook, store_id, listing) for store_id, listing in sides]
        self.compared = compare_stores(before, after, *texts)
        assert self.compared.changes

    def fetch(self) -> None:
        """Fetch the bodies that the last comparison found to differ: the baseline, which knows them beforehand."""
        assert self.compared is not None
        paths = {path for change in self.compared.changes for path in (change.path, *change.origins)}
        for store_id, listing in zip(self.ids, self._listings, strict=True):
            for _ in self.hook.each_body(store_id, {path: listing[path] for path in paths & listing.keys()}):
                pass


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
    assert comparison.compared is not None
    peak = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss * 1024
    return {"changes": comparison.compared.counts(), "passes": passes, "peak_bytes": peak}


if __name__ == "__main__":
    print(json.dumps(main(sys.argv[1], sys.argv[2], int(sys.argv[3]))))
