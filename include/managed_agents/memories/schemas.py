"""What requests about memories may say, and how memories are shown."""

from __future__ import annotations

from typing import Annotated, Any, Literal

from pydantic import AfterValidator, Field, StringConstraints

from include.managed_agents.clock import rfc3339
from include.managed_agents.memories.models import MemoryRow
from include.managed_agents.memories.paths import MemoryPath, PathPrefix
from include.managed_agents.wire import Limit, QueryModel, RequestModel

__all__ = [
    "MAX_CONTENT_BYTES",
    "MemoryCreate",
    "MemoryDelete",
    "MemoryList",
    "MemoryUpdate",
    "MemoryView",
    "render_memory",
    "render_prefix",
]

MAX_CONTENT_BYTES = 102_400
MAX_FULL_PAGE = 20  # view=full holds at most 20 items a page

View = Literal["basic", "full"]


def check_content(content: str) -> str:
    size = len(content.encode())
    if size > MAX_CONTENT_BYTES:
        raise ValueError(f"is {size:,} bytes long; the maximum is {MAX_CONTENT_BYTES:,}")
    return content


Content = Annotated[str, AfterValidator(check_content)]
Sha256 = Annotated[str, StringConstraints(pattern=r"^[0-9a-f]{64}$")]


class Precondition(RequestModel):
    type: Literal["content_sha256"]
    content_sha256: Sha256


class MemoryCreate(RequestModel):
    path: MemoryPath
    content: Content


class MemoryUpdate(RequestModel):
    path: MemoryPath | None = None
    content: Content | None = None
    precondition: Precondition | None = None

    @property
    def expected_sha256(self) -> str | None:
        return self.precondition.content_sha256 if self.precondition else None


class MemoryView(QueryModel):
    view: View | None = None


class MemoryDelete(QueryModel):
    expected_content_sha256: Sha256 | None = None


class MemoryList(QueryModel):
    depth: Annotated[int, Field(ge=0, le=1)] = 0
    limit: Limit = 20
    page: str | None = None
    path_prefix: PathPrefix | None = None
    view: View = "basic"

    @property
    def page_size(self) -> int:
        return min(self.limit, MAX_FULL_PAGE) if self.view == "full" else self.limit


def render_memory(row: MemoryRow, content: str | None) -> dict[str, Any]:
    """Show a memory; ``content`` is None where the view is basic."""
    return {
        "id": row.id,
        "type": "memory",
        "memory_store_id": row.memory_store_id,
        "memory_version_id": row.memory_version_id,
        "path": row.path,
        "content": content,
        "content_sha256": row.content_sha256,
        "content_size_bytes": row.content_size_bytes,
        "created_at": rfc3339(row.created_at),
        "updated_at": rfc3339(row.updated_at),
    }


def render_prefix(path: str) -> dict[str, Any]:
    return {"type": "memory_prefix", "path": path}
