"""What requests about memory stores may say, and how stores are shown."""

from __future__ import annotations

from typing import Any

from pydantic import Field

from include.managed_agents.clock import rfc3339
from include.managed_agents.memory_stores.models import MemoryStoreRow
from include.managed_agents.paging import TimeRange
from include.managed_agents.wire import (
    Description,
    Limit,
    Metadata,
    MetadataPatch,
    Name,
    QueryModel,
    RequestModel,
    Timestamp,
)

__all__ = ["MemoryStoreCreate", "MemoryStoreList", "MemoryStoreUpdate", "render_memory_store"]


class MemoryStoreCreate(RequestModel):
    name: Name
    description: Description | None = None
    metadata: Metadata = Field(default_factory=dict)


class MemoryStoreUpdate(RequestModel):
    name: Name | None = None
    description: Description | None = None
    metadata: MetadataPatch | None = None


class MemoryStoreList(QueryModel):
    created_at_gte: Timestamp | None = Field(None, alias="created_at[gte]")
    created_at_lte: Timestamp | None = Field(None, alias="created_at[lte]")
    include_archived: bool = False
    limit: Limit = 20
    page: str | None = None

    @property
    def created_at(self) -> TimeRange:
        return TimeRange(gte=self.created_at_gte, lte=self.created_at_lte)


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
