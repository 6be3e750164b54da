"""What can be done with memory stores."""

from __future__ import annotations

import re

from include.managed_agents.database import Unit
from include.managed_agents.errors import InvalidRequest, NotFound
from include.managed_agents.ids import new_id
from include.managed_agents.memory_stores.models import MemoryStoreRow
from include.managed_agents.memory_stores.repository import MemoryStoreRepository
from include.managed_agents.memory_stores.schemas import MemoryStoreCreate, MemoryStoreList, MemoryStoreUpdate
from include.managed_agents.paging import Page
from include.managed_agents.updating import archive_once, merge_metadata, note_update

__all__ = ["MemoryStores", "mount_path_of"]


class MemoryStores:
    def __init__(self, unit: Unit) -> None:
        self._unit = unit
        self._rows = MemoryStoreRepository(unit.session)

    def create(self, request: MemoryStoreCreate) -> MemoryStoreRow:
        now = self._unit.clock.now()
        row = MemoryStoreRow(
            id=new_id("memstore"),
            name=request.name,
            description=request.description or "",
            metadata_=request.metadata,
            created_at=now,
            updated_at=now,
        )
        self._rows.add(row)
        return row

    def retrieve(self, memory_store_id: str) -> MemoryStoreRow:
        row = self._rows.get(memory_store_id)
        if row is None:
            raise NotFound.of("memory store", memory_store_id)
        return row

    def require_writable(self, memory_store_id: str) -> MemoryStoreRow:
        """Return a store that takes writes. :raises InvalidRequest: if it is archived."""
        row = self.retrieve(memory_store_id)
        if row.archived_at is not None:
            raise InvalidRequest(
                f"memory store {memory_store_id!r} is archived: it can be read and its memories deleted, nothing else"
            )
        return row

    def page(self, query: MemoryStoreList) -> Page[MemoryStoreRow]:
        return self._rows.page(query.created_at, query.include_archived, query.limit, query.page)

    def update(self, memory_store_id: str, request: MemoryStoreUpdate) -> MemoryStoreRow:
        row = self.require_writable(memory_store_id)
        if request.name is not None:
            row.name = request.name
        if request.description is not None:
            row.description = request.description
        if request.metadata is not None:
            row.metadata_ = merge_metadata(row.metadata_, request.metadata)
        note_update(self._unit, row)
        return row

    def archive(self, memory_store_id: str) -> MemoryStoreRow:
        row = self.retrieve(memory_store_id)
        archive_once(self._unit, row)
        return row

    def delete(self, memory_store_id: str) -> None:
        """Delete the store with all its memories and versions."""
        self._rows.delete(self.retrieve(memory_store_id))


def mount_path_of(name: str) -> str:
    """Return the directory of a store: its name in lower case, every run of other characters one hyphen."""
    return "/mnt/memory/" + re.sub(r"[^a-z0-9]+", "-", name.lower())
