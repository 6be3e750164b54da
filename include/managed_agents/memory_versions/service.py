"""What can be done with memory versions."""

from __future__ import annotations

from include.managed_agents.access import Actor
from include.managed_agents.database import Unit
from include.managed_agents.errors import InvalidRequest, NotFound
from include.managed_agents.memories.models import MemoryVersionRow
from include.managed_agents.memory_stores.service import MemoryStores
from include.managed_agents.memory_versions.repository import MemoryVersionRepository
from include.managed_agents.memory_versions.schemas import VersionList
from include.managed_agents.paging import Page

__all__ = ["MemoryVersions"]


class MemoryVersions:
    """The history of one store. Nothing is ever purged here; the real service keeps at least 30 days."""

    def __init__(self, unit: Unit, memory_store_id: str) -> None:
        self._unit = unit
        self._store_id = memory_store_id
        self._rows = MemoryVersionRepository(unit.session)
        self._stores = MemoryStores(unit)

    def retrieve(self, memory_version_id: str) -> MemoryVersionRow:
        self._stores.retrieve(self._store_id)
        row = self._rows.get(self._store_id, memory_version_id)
        if row is None:
            raise NotFound.of("memory version", memory_version_id)
        return row

    def page(self, query: VersionList) -> Page[MemoryVersionRow]:
        self._stores.retrieve(self._store_id)
        return self._rows.page(self._store_id, query)

    def redact(self, memory_version_id: str, actor: Actor) -> MemoryVersionRow:
        """
        Blank a version. Redacting it again returns it unchanged.

        :raises InvalidRequest: if it is what a live memory shows: change or delete that memory first.
        """
        row = self.retrieve(memory_version_id)
        if row.redacted_at is not None:
            return row
        if self._rows.is_head(memory_version_id):
            raise InvalidRequest(
                f"memory version {memory_version_id!r} is the current content of memory {row.memory_id!r}; "
                "update or delete that memory first"
            )
        row.path = row.content = row.content_sha256 = None
        row.content_size_bytes = None
        row.redacted_at = self._unit.clock.now()
        row.redacted_by_kind, row.redacted_by_id = actor.kind, actor.id
        return row
