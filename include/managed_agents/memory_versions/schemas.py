"""What requests about memory versions may say, and how versions are shown."""

from __future__ import annotations

from typing import Any, Literal

from include.managed_agents.clock import rfc3339
from include.managed_agents.listing import CreatedFromTo
from include.managed_agents.memories.models import MemoryVersionRow
from include.managed_agents.wire import Limit, QueryModel

__all__ = ["VersionList", "VersionView", "render_version"]

MAX_FULL_PAGE = 20  # view=full holds at most 20 versions a page

View = Literal["basic", "full"]


class VersionView(QueryModel):
    view: View = "full"


class VersionList(CreatedFromTo):
    api_key_id: str | None = None
    limit: Limit = 20
    memory_id: str | None = None
    operation: Literal["created", "modified", "deleted"] | None = None
    page: str | None = None
    service_account_id: str | None = None
    session_id: str | None = None
    view: View = "basic"

    @property
    def page_size(self) -> int:
        return min(self.limit, MAX_FULL_PAGE) if self.view == "full" else self.limit


def render_version(row: MemoryVersionRow, view: str) -> dict[str, Any]:
    return {
        "id": row.id,
        "type": "memory_version",
        "memory_id": row.memory_id,
        "memory_store_id": row.memory_store_id,
        "operation": row.operation,
        "path": row.path,
        "content": row.content if view == "full" else None,
        "content_sha256": row.content_sha256,
        "content_size_bytes": row.content_size_bytes,
        "created_at": rfc3339(row.created_at),
        "created_by": row.created_by.render(),
        "redacted_at": rfc3339(row.redacted_at),
        "redacted_by": row.redacted_by.render() if row.redacted_by else None,
    }
