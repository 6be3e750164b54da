"""
Clone an ancestor as a restore does, and copy it bare; tell time and requests of each.

    AIRFLOW_CONN_BENCHMARK=… python -m benchmarks._restorer REPORTS LIVE ANCESTOR
"""

from __future__ import annotations

import json
import sys
from dataclasses import asdict
from pathlib import Path

from benchmarks._steps import Requests, bodies_of, timed, world_over
from dreamflow.core.changes import digest
from dreamflow.steps.restore import Wish, begin_restore, clone_ancestor


def main(reports: str, live_id: str, ancestor_id: str) -> dict[str, object]:
    file = Path(reports) / "live.json"
    file.parent.mkdir(parents=True)
    file.write_text(json.dumps({"live": live_id}), encoding="utf-8")
    world = world_over(reports, {"type": "file", "path": f"file://{file}", "key": "live"})
    hook, requests, wish = world.hook, Requests(), Wish()
    run = world.records.run("restore__manual__1")
    clones: list[str] = []

    def restore() -> None:
        begin_restore(world, run, "restore_memory_store", wish)
        clones.append(clone_ancestor(world, run, wish).output_store_id)

    def copy() -> None:
        """Read 20 contents a request, and create one memory a request: less, the service does not offer."""
        stores = hook.client.beta.memory_stores
        copy_id = stores.create(name="Copy").id
        bodies = bodies_of(hook, ancestor_id)
        hook._each(lambda path: stores.memories.create(copy_id, path=path, content=bodies[path]), bodies)

    hook.list_memories(live_id)  # opens connections, for both
    passes = {name: asdict(timed(work, requests)) for name, work in (("restore", restore), ("copy", copy))}
    same = digest(hook.list_memories(clones[0])) == digest(hook.list_memories(ancestor_id))
    return {**passes, "same": same}


if __name__ == "__main__":
    print(json.dumps(main(*sys.argv[1:])))
