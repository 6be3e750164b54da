"""
Copy a memory store, and take a copy back to what it was when it was made.

A store may hold 200 MB. It is copied in many small units of work, so that other writers get their turn, and still as
of one moment: a version never changes, so what the store held then can be copied whatever is written meanwhile.
Both go on where a server that was killed left them.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from datetime import datetime

from include.managed_agents.access import Actor
from include.managed_agents.database import Unit
from include.managed_agents.dreams.hold import Hold
from include.managed_agents.ids import new_id
from include.managed_agents.memories.models import MemoryVersionRow
from include.managed_agents.memories.repository import MemoryRepository
from include.managed_agents.memories.service import Memories
from include.managed_agents.memory_stores.models import MemoryStoreRow
from include.managed_agents.memory_stores.schemas import MemoryStoreCreate
from include.managed_agents.memory_stores.service import MemoryStores
from include.managed_agents.memory_versions.repository import MemoryVersionRepository

__all__ = ["BATCH", "create_copy", "fill_copy", "take_back"]

NAME_LIMIT = 255
#: Memories in a unit of work: 2 MB at most that are copied at once, in some 20 ms in which nobody else can write.
BATCH = 20
#: The same, where each is written as a request would.
SMALL_BATCH = 5


def create_copy(unit: Unit, source: MemoryStoreRow) -> MemoryStoreRow:
    """Make the store that a dream writes to. Nobody is promised its name or metadata, so both differ."""
    suffix = " (dream)"
    name = source.name[: NAME_LIMIT - len(suffix)] + suffix
    return MemoryStores(unit).create(MemoryStoreCreate(name=name, description=source.description or None))


def fill_copy(hold: Hold, source_id: str, target_id: str, at: datetime, actor: Actor) -> None:
    """Copy what a store held at a moment into another, as first versions by ``actor``, save what is there already."""
    with hold.reading() as (unit, _):
        wanted = MemoryVersionRepository(unit.session).standing(source_id, at)
        there = {memory.path for memory in Memories(unit, target_id, actor).heads()}
    missing = [version for path, version in wanted.items() if path not in there]

    def copy(some: Sequence[str]) -> None:
        versions = contents(hold, some)
        hold.write(lambda unit, _: copy_some(unit, versions, target_id, actor))

    in_batches(missing, BATCH, copy)


def take_back(hold: Hold, store_id: str, to: datetime, actor: Actor) -> None:
    """
    Undo what was written to a copy after ``to``, the moment at which it was complete.

    A dream that died while it wrote starts to write anew, from the same ground.
    """
    with hold.reading() as (unit, _):
        wanted = MemoryVersionRepository(unit.session).standing(store_id, to)
        standing = {
            memory.path: memory.memory_version_id for memory in Memories(unit, store_id, actor).heads()
        }
    added = [path for path in standing if path not in wanted]
    changed = [version for path, version in wanted.items() if standing.get(path) != version]

    def delete(some: Sequence[str]) -> None:
        hold.write(lambda unit, _: delete_some(Memories(unit, store_id, actor), some))

    def write(some: Sequence[str]) -> None:
        versions = contents(hold, some)
        hold.write(lambda unit, _: write_some(Memories(unit, store_id, actor), versions))

    in_batches(added, SMALL_BATCH, delete)
    in_batches(changed, SMALL_BATCH, write)


def in_batches(items: Sequence[str], size: int, do: Callable[[Sequence[str]], None]) -> None:
    for start in range(0, len(items), size):
        do(items[start : start + size])


def contents(hold: Hold, version_ids: Sequence[str]) -> list[MemoryVersionRow]:
    with hold.reading() as (unit, _):
        return MemoryVersionRepository(unit.session).some(version_ids)


def copy_some(unit: Unit, originals: Sequence[MemoryVersionRow], target_id: str, actor: Actor) -> None:
    rows = MemoryRepository(unit.session)
    versions, memories = [], []
    for original in originals:
        if rows.get_at(target_id, original.path or "") is not None:  # somebody was faster
            continue
        now = unit.clock.now()
        memory_id, version_id = new_id("mem"), new_id("memver")
        shared = {
            "memory_store_id": target_id,
            "path": original.path,
            "content_sha256": original.content_sha256,
            "content_size_bytes": original.content_size_bytes,
            "created_at": now,
        }
        author = {"actor_kind": actor.kind, "actor_id": actor.id, "operation": "created"}
        versions.append(
            {"id": version_id, "memory_id": memory_id, **author, "content": original.content, **shared}
        )
        memories.append({"id": memory_id, "memory_version_id": version_id, "updated_at": now, **shared})
    if memories:
        rows.insert(memories, versions)


def delete_some(memories: Memories, paths: Sequence[str]) -> None:
    for path in paths:
        memories.delete_at(path)


def write_some(memories: Memories, versions: Sequence[MemoryVersionRow]) -> None:
    for version in versions:
        assert version.path is not None
        assert version.content is not None
        memories.write(version.path, version.content)
