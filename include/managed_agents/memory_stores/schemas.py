"""What requests about memory stores may say, and how stores are shown."""

from __future__ import annotations

from typing import Any

from pydantic import Field

from include.managed_agents.clock import rfc3339
from include.managed_agents.listing import ArchivableList
from include.managed_agents.memory_stores.models import MemoryStoreRow
from include.managed_agents.wire import Description, Metadata, MetadataPatch, Name, RequestModel

__all__ = ["MemoryStoreCreate", "MemoryStoreList", "MemoryStoreUpdate", "render_memory_store"]


class MemoryStoreCreate(RequestModel):
    name: Name
    description: Description | None = None
    metadata: Metadata = Field(default_factory=dict)


class MemoryStoreUpdate(RequestModel):
    name: Name | None = None
    description: Description | None = None
    metadata: MetadataPatch | None = None


class MemoryStoreList(ArchivableList):
    """The query of the list, which has no filter but the ones that all lists share."""


def render_memory_store(row: MemoryStoreRow) -> dict[str, Any]:
    return {
        "id": row.id,
        "type": "memory_store",
        "name": row.name,
        "description": row.description,
        "metadata": row.metadata_,
        "created_at": rfc3339(row.created_at),
        "updated_at": rfc3339(row.updated_at),
        "archived_at": rfc3339(row.archived_at),
    }
