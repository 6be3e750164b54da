"""Copying a memory store, and taking a copy back to what it was when it was made."""

from __future__ import annotations

from datetime import datetime

from sqlalchemy import insert, select

from include.managed_agents.access import Actor
from include.managed_agents.database import Unit
from include.managed_agents.ids import new_id
from include.managed_agents.memories.models import MemoryRow
from include.managed_agents.memories.service import Memories
from include.managed_agents.memory_stores.models import MemoryStoreRow
from include.managed_agents.memory_stores.schemas import MemoryStoreCreate
from include.managed_agents.memory_stores.service import MemoryStores
from include.managed_agents.memory_versions.models import MemoryVersionRow

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
    heads = select(MemoryRow.id).where(MemoryRow.memory_store_id == source_id).order_by(MemoryRow.path)
    ids = list(unit.session.scalars(heads))
    for start in range(0, len(ids), BATCH):
        copy_some(unit, ids[start : start + BATCH], target_id, actor)


def copy_some(unit: Unit, memory_ids: list[str], target_id: str, actor: Actor) -> None:
    contents = (
        select(
            MemoryRow.path, MemoryVersionRow.content, MemoryRow.content_sha256, MemoryRow.content_size_bytes
        )
        .join(MemoryVersionRow, MemoryVersionRow.id == MemoryRow.memory_version_id)
        .where(MemoryRow.id.in_(memory_ids))
    )
    versions, memories = [], []
    for path, content, sha256, size in unit.session.execute(contents):
        now = unit.clock.now()
        shared = {"path": path, "content_sha256": sha256, "content_size_bytes": size, "created_at": now}
        memory_id, version_id = new_id("mem"), new_id("memver")
        author = {"actor_kind": actor.kind, "actor_id": actor.id, "operation": "created"}
        ids = {"memory_store_id": target_id, "memory_id": memory_id}
        versions.append({"id": version_id, **ids, **author, "content": content, **shared})
        memories.append(
            {
                "id": memory_id,
                "memory_store_id": target_id,
                "memory_version_id": version_id,
                "updated_at": now,
                **shared,
            }
        )
    unit.session.execute(insert(MemoryVersionRow), versions)
    unit.session.execute(insert(MemoryRow), memories)


def take_back(unit: Unit, store_id: str, to: datetime, actor: Actor) -> None:
    """
    Undo what was written to a copy after ``to``, the moment at which it was complete.

    A dream that died while it wrote starts to write anew, from the same ground.
    """
    originals = select(MemoryVersionRow.path, MemoryVersionRow.content).where(
        MemoryVersionRow.memory_store_id == store_id, MemoryVersionRow.created_at <= to
    )
    wanted = {path: content or "" for path, content in unit.session.execute(originals) if path is not None}
    memories = Memories(unit, store_id, actor)
    for memory, _ in memories.all_with_content():
        if memory.path not in wanted:
            memories.delete(memory.id)
    for path, content in wanted.items():
        memories.write(path, content)
