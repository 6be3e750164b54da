"""Copy a memory store, and take a copy back to what it was when it was made."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime

from include.managed_agents.access import Actor
from include.managed_agents.database import Unit
from include.managed_agents.ids import new_id
from include.managed_agents.memories.models import MemoryRow
from include.managed_agents.memories.repository import MemoryRepository
from include.managed_agents.memories.service import Memories
from include.managed_agents.memory_stores.models import MemoryStoreRow
from include.managed_agents.memory_stores.schemas import MemoryStoreCreate
from include.managed_agents.memory_stores.service import MemoryStores
from include.managed_agents.memory_versions.repository import MemoryVersionRepository

__all__ = ["create_copy", "fill_copy", "take_back"]

NAME_LIMIT = 255
BATCH = 100  # 100 memories of 100 kB: 10 MB at a time in memory


def create_copy(unit: Unit, source: MemoryStoreRow) -> MemoryStoreRow:
    """Make the store that a dream writes to. Nobody is promised its name or metadata, so both differ."""
    suffix = " (dream)"
    name = source.name[: NAME_LIMIT - len(suffix)] + suffix
    return MemoryStores(unit).create(MemoryStoreCreate(name=name, description=source.description or None))


def fill_copy(unit: Unit, source_id: str, target_id: str, actor: Actor) -> None:
    """Copy every memory of one store into another, as first versions by ``actor``."""
    heads = Memories(unit, source_id, actor).heads()
    for start in range(0, len(heads), BATCH):
        copy_some(unit, heads[start : start + BATCH], target_id, actor)


def copy_some(unit: Unit, originals: Sequence[MemoryRow], target_id: str, actor: Actor) -> None:
    rows = MemoryRepository(unit.session)
    contents = rows.contents_of(originals)
    versions, memories = [], []
    for original in originals:
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
        content = contents[original.memory_version_id]
        versions.append({"id": version_id, "memory_id": memory_id, **author, "content": content, **shared})
        memories.append({"id": memory_id, "memory_version_id": version_id, "updated_at": now, **shared})
    rows.insert(memories, versions)


def take_back(unit: Unit, store_id: str, to: datetime, actor: Actor) -> None:
    """
    Undo what was written to a copy after ``to``, the moment at which it was complete.

    A dream that died while it wrote starts to write anew, from the same ground.
    """
    wanted = MemoryVersionRepository(unit.session).contents_until(store_id, to)
    memories = Memories(unit, store_id, actor)
    for memory, _ in memories.all_with_content():
        if memory.path not in wanted:
            memories.delete(memory.id)
    for path, content in wanted.items():
        memories.write(path, content)
