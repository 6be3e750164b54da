"""The texts that late writes are merged from: what the input held at their base, and what it holds."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from dreamflow.core.draft import Task
    from dreamflow.core.objects import Place
    from dreamflow.hooks.managed_agents import ManagedAgentsHook

__all__ = ["Sides", "chunks", "read_sides"]

#: Bytes of bases, inputs and outputs that are merged at a time.
CHUNK_BYTES = 24_000_000


@dataclass(frozen=True)
class Sides:
    """A late write's texts: None where there is none, or it was redacted."""

    base: str | None
    now: str | None


def read_sides(hook: ManagedAgentsHook, input_id: str, tasks: Sequence[Task]) -> list[Sides]:
    """Read what each late write is merged from, some at a time; with one request each, where they fit a page."""

    def history(places: Sequence[Place | None], depth: int) -> dict[str, str]:
        wanted = [place.entry for place in places if place is not None]
        if not wanted:
            return {}
        return hook.read_history(input_id, wanted[0].memory_id, [entry.version_id for entry in wanted], depth)

    def sides_of(task: Task) -> Sides:
        late = task.late
        base = late.base if task.kind != "clash" else None
        now = late.now if task.kind in ("merge", "clash") else None
        if base and now and base.entry.memory_id == now.entry.memory_id:
            read = history([now, base], late.depth)
        else:
            read = {**history([now], 1), **history([base], 1)}
        return Sides(*(read.get(place.entry.version_id) if place else None for place in (base, now)))

    return hook.in_parallel(sides_of, tasks)


def chunks(tasks: Sequence[Task]) -> Iterator[list[Task]]:
    """Yield the tasks, those of one home together, as many at a time as may be in memory."""
    chunk: list[Task] = []
    size = 0
    for task in sorted(tasks, key=lambda task: task.slot.key if task.slot else ""):
        places = (task.late.base, task.late.now, task.slot.held if task.slot else None)
        own = sum(place.entry.size for place in places if place is not None)
        if chunk and size + own > CHUNK_BYTES:
            yield chunk
            chunk, size = [], 0
        chunk.append(task)
        size += own
    if chunk:
        yield chunk
