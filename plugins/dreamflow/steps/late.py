"""What is late in a store, and where the store that it goes to has it: what is asked of the service for it."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from dreamflow.core.late_writes import GONE, Homes, find_late, since_base, to_look_at
from dreamflow.core.objects import by_memory

if TYPE_CHECKING:
    from dreamflow.core.late_writes import ById, LateWrite
    from dreamflow.core.objects import Listing, MemoryStore, MemoryVersion
    from dreamflow.hooks.managed_agents import ManagedAgentsHook

__all__ = ["Late", "late_in"]


@dataclass(frozen=True)
class Late:
    """
    What is late in a store.

    :ivar held: what it holds now. :ivar homes: where its memories are in the other store, whose newest version is
        ``newest``. :ivar start: what it held before.
    """

    writes: tuple[LateWrite, ...]
    held: ById
    homes: Homes
    newest: str
    start: ById


def late_in(
    hook: ManagedAgentsHook,
    store: MemoryStore,
    into_id: str,
    start: ById,
    launched: ById,
    output: Listing,
    *,
    of_clone: bool,
) -> Late:
    """
    Return what is late: one listing of the store, and of the versions of both as far as they are needed.

    :param start: the store as it was carried last. :param launched: as it was before anything was carried.
    :param output: what the other store holds.
    :param of_clone: whether the other store began as a copy of this one: it may have what was made after the launch,
        and deleted since, which no listing shows.
    """
    current, archived_at = hook.list_memories(store.id), store.archived_at
    wanted = to_look_at(start, by_memory(current))
    if archived_at is not None:
        # A listing does not show what was made since the base, and deleted after the archive.
        deletions = hook.list_versions(store.id, operation="deleted", created_at_gte=archived_at)
        after = {version.memory_id for version in deletions if version.at > archived_at}
        wanted |= {memory_id for memory_id in after if start.get(memory_id) != GONE}
    versions: list[MemoryVersion] = []
    if wanted or of_clone:
        versions += since_base(hook.list_versions(store.id), start, wanted, launched, unlisted=of_clone)
    if not wanted and all(row.operation != "deleted" or row.memory_id in start for row in versions):
        return Late((), _with_noted(by_memory(current), start), Homes({}, ()), "", start)
    there = list(hook.list_versions(into_id))
    writes, held = find_late(start, current, versions, there, archived_at, unlisted=of_clone)
    newest = there[0].id if there else ""
    return Late(writes, _with_noted(held, start), Homes(output, there), newest, start)


def _with_noted(held: ById, start: ById) -> ById:
    """Return the memories with what earlier carries have noted of them: where the other store has them, or gone."""
    gone = {memory_id: GONE for memory_id, place in start.items() if place == GONE}
    return gone | {
        memory_id: place._replace(home=start[memory_id].home) if memory_id in start else place
        for memory_id, place in held.items()
    }
