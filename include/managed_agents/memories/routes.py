"""HTTP: /v1/memory_stores/{id}/memories."""

from __future__ import annotations

from typing import Annotated, Any

from fastapi import APIRouter, Depends

from include.managed_agents.access import Caller, memory_beta
from include.managed_agents.memories.models import MemoryRow
from include.managed_agents.memories.schemas import (
    MemoryCreate,
    MemoryDelete,
    MemoryList,
    MemoryUpdate,
    MemoryView,
    render_memory,
    render_prefix,
)
from include.managed_agents.memories.service import Memories
from include.managed_agents.reading import body_of, query_of
from include.managed_agents.state import Db
from include.managed_agents.wire import Reply

router = APIRouter(prefix="/v1/memory_stores/{memory_store_id}/memories", dependencies=[Depends(memory_beta)])


def show(memories: Memories, memory: MemoryRow, view: str) -> Reply:
    return Reply(render_memory(memory, memories.content_of(memory) if view == "full" else None))


@router.post("")
def create_memory(
    memory_store_id: str,
    request: Annotated[MemoryCreate, Depends(body_of(MemoryCreate))],
    query: Annotated[MemoryView, Depends(query_of(MemoryView))],
    database: Db,
    caller: Caller,
) -> Reply:
    with database.write() as unit:
        memories = Memories(unit, memory_store_id, caller)
        return show(memories, memories.create(request), query.view or "basic")


@router.get("")
def list_memories(
    memory_store_id: str,
    query: Annotated[MemoryList, Depends(query_of(MemoryList))],
    database: Db,
    caller: Caller,
) -> Reply:
    with database.read() as unit:
        memories = Memories(unit, memory_store_id, caller)
        listing = memories.page(query)
        rows = [item for item in listing.items if isinstance(item, MemoryRow)]
        contents = memories.contents_of(rows) if query.view == "full" else {}

        def render(item: MemoryRow | str) -> dict[str, Any]:
            if isinstance(item, str):
                return render_prefix(item)
            return render_memory(item, contents.get(item.memory_version_id))

        return Reply({"data": [render(item) for item in listing.items], "next_page": listing.next_page})


@router.get("/{memory_id}")
def retrieve_memory(
    memory_store_id: str,
    memory_id: str,
    query: Annotated[MemoryView, Depends(query_of(MemoryView))],
    database: Db,
    caller: Caller,
) -> Reply:
    with database.read() as unit:
        memories = Memories(unit, memory_store_id, caller)
        return show(memories, memories.retrieve(memory_id), query.view or "full")


@router.post("/{memory_id}")
def update_memory(
    memory_store_id: str,
    memory_id: str,
    request: Annotated[MemoryUpdate, Depends(body_of(MemoryUpdate))],
    query: Annotated[MemoryView, Depends(query_of(MemoryView))],
    database: Db,
    caller: Caller,
) -> Reply:
    with database.write() as unit:
        memories = Memories(unit, memory_store_id, caller)
        return show(memories, memories.update(memory_id, request), query.view or "basic")


@router.delete("/{memory_id}")
def delete_memory(
    memory_store_id: str,
    memory_id: str,
    query: Annotated[MemoryDelete, Depends(query_of(MemoryDelete))],
    database: Db,
    caller: Caller,
) -> Reply:
    with database.write() as unit:
        Memories(unit, memory_store_id, caller).delete(memory_id, query.expected_content_sha256)
        return Reply({"id": memory_id, "type": "memory_deleted"})
