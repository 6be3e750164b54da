"""The texts that late writes are merged from: what the input held at their base, what it holds, and what is around."""

from __future__ import annotations

from collections.abc import Container, Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING

from dreamflow.core.late_writes import GONE

if TYPE_CHECKING:
    from dreamflow.core.draft import Slot, Task
    from dreamflow.core.late_writes import ById
    from dreamflow.core.objects import Place
    from dreamflow.hooks.managed_agents import ManagedAgentsHook

__all__ = ["Around", "Sides", "chunks", "read_sides"]

#: Bytes of bases, inputs and outputs that are merged at a time.
CHUNK_BYTES = 24_000_000


@dataclass(frozen=True)
class Sides:
    """A late write's texts: None where there is none, or it was redacted."""

    base: str | None
    now: str | None


class Around:
    """
    What both stores hold beside what is merged: where lines may have gone, or still stand.

    :param current: what the input holds now. :param held: the output's memories, by path. :param base: the memories of
        the input that the late writes start from.
    """

    def __init__(
        self,
        hook: ManagedAgentsHook,
        current: tuple[str, ById],
        held: tuple[str, Mapping[str, Slot]],
        base: ById,
    ) -> None:
        self._hook, self._base = hook, base
        (self._input_id, self._current), (self._output_id, self._held) = current, held

    def changed(self) -> Iterator[tuple[str, str]]:
        """Yield what the output's memories hold that are not as they were in the input."""
        known = {place.holds for place in self._base.values()}
        entries = {
            slot.held.path: slot.held.entry
            for slot in self._held.values()
            if slot.held and slot.path is not None and slot.held.holds not in known
        }
        return self._hook.each_body(self._output_id, entries, among=len(self._held))

    def others(self, known: Container[str]) -> Iterator[tuple[str, str]]:
        """Yield what the input's memories hold, but for some, that the output does not hold as they are."""
        held = {slot.held.holds for slot in self._held.values() if slot.held}
        lost = {
            place.path: place.entry
            for memory_id, place in self._current.items()
            if place != GONE and place.holds not in held and memory_id not in known
        }
        return self._hook.each_body(self._input_id, lost, among=len(self._current), skip_redacted=True)


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
        now = late.now if task.kind in ("merge", "clash", "forward") else None
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
