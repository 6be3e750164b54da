"""
Carry late writes from a store into others, and write as many bytes bare; tell time and requests of each.

    AIRFLOW_CONN_BENCHMARK=… python -m benchmarks._carrier REPORTS COUNT SIZE INPUT NUMBER=OUTPUT …

Each output holds what the input did, and what a dream made of every other memory. The input then receives late writes,
until it has had as many as the number says, and all of them are carried into that output.
"""

from __future__ import annotations

import json
import math
import sys
from collections.abc import Iterable
from dataclasses import asdict

from benchmarks._filling import Contents
from benchmarks._steps import Requests, bodies_of, timed, world_over
from dreamflow.records.journal import DreamNote
from dreamflow.steps.carry import carry_since

#: Memories and versions a page of a listing (hooks/asynchronous.py).
_PAGE = 100


def late_line(number: int) -> str:
    """Return the line that a session adds to the n-th memory."""
    return f"- late: customer {number} moved to Leeds"


class Carrying:
    """An input whose memories receive a line each, one after the other, and the outputs that they are carried into."""

    def __init__(self, reports: str, contents: Contents, input_id: str) -> None:
        self.world = world_over(reports, {"type": "agent", "agent_id": "agent_0"})
        self.hook = self.world.hook
        self.requests = Requests()
        self.contents, self.input_id = contents, input_id
        self.base = self.hook.list_memories(input_id)
        self._received = 0

    def measure(self, number: int, output_id: str) -> dict[str, object]:
        """Carry so many late writes into the output; then write as many bytes to the same memories, bare."""
        self._receive(number)
        run = self.world.records.run(f"manual__{number}")
        run.open(DreamNote(input_store_id=self.input_id, dream_id="drm_0", output_store_id=output_id))
        run.write_listing("base", self.input_id, self.base)
        store = self.hook.retrieve_store(self.input_id)
        pages = self._pages(self.input_id) + self._pages(output_id)
        carried = timed(lambda: carry_since(self.world, run, store, output_id, "plan"), self.requests)

        paths = [self.contents.memory(n)[0] for n in range(number)]
        bodies, listing = bodies_of(self.hook, output_id), self.hook.list_memories(output_id)
        memories = self.hook.client.beta.memory_stores.memories

        def write(path: str) -> object:
            return memories.update(
                listing[path].memory_id, memory_store_id=output_id, content=bodies[path].swapcase()
            )

        bare = timed(lambda: self.hook._each(write, paths), self.requests)
        carried_lines = sum(
            bodies[path].splitlines().count(late_line(n)) == 1 for n, path in enumerate(paths)
        )
        return {
            "carried": asdict(carried),
            "bare": asdict(bare),
            "pages": pages,
            "lost": number - carried_lines,
        }

    def _receive(self, number: int) -> None:
        for n in range(self._received, number):
            path, content = self.contents.memory(n)
            self.hook.write_memory(self.input_id, path, f"{content}\n{late_line(n)}\n", self.base[path])
        self._received = number

    def _pages(self, store_id: str) -> int:
        """Return the pages of one listing of the store's memories, and one of its versions."""
        versions = self.hook.client.beta.memory_stores.memory_versions.list(
            store_id, view="basic", limit=_PAGE
        )
        counts = (len(self.hook.list_memories(store_id)), sum(1 for _ in versions))
        return sum(math.ceil(count / _PAGE) or 1 for count in counts)


def main(reports: str, count: int, size: int, input_id: str, outputs: Iterable[str]) -> dict[str, object]:
    carrying = Carrying(reports, Contents(count, size), input_id)
    pairs = [output.split("=") for output in outputs]
    return {number: carrying.measure(int(number), output_id) for number, output_id in pairs}


if __name__ == "__main__":
    reports, count, size, input_id, *outputs = sys.argv[1:]
    print(json.dumps(main(reports, int(count), int(size), input_id, outputs)))
