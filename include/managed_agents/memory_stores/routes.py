"""HTTP: /v1/memory_stores."""

from __future__ import annotations

from typing import Annotated

from fastapi import APIRouter, Depends

from include.managed_agents.access import memory_beta
from include.managed_agents.memory_stores.schemas import (
    MemoryStoreCreate,
    MemoryStoreList,
    MemoryStoreUpdate,
    render_memory_store,
)
from include.managed_agents.memory_stores.service import MemoryStores
from include.managed_agents.reading import body_of, query_of
from include.managed_agents.state import Db
from include.managed_agents.wire import Reply

router = APIRouter(prefix="/v1/memory_stores", dependencies=[Depends(memory_beta)])


@router.post("")
def create_memory_store(
    request: Annotated[MemoryStoreCreate, Depends(body_of(MemoryStoreCreate))], database: Db
) -> Reply:
    with database.write() as unit:
        return Reply(render_memory_store(MemoryStores(unit).create(request)))


@router.get("")
def list_memory_stores(
    query: Annotated[MemoryStoreList, Depends(query_of(MemoryStoreList))], database: Db
) -> Reply:
    with database.read() as unit:
        return Reply(MemoryStores(unit).page(query).render(render_memory_store))


@router.get("/{memory_store_id}")
def retrieve_memory_store(memory_store_id: str, database: Db) -> Reply:
    with database.read() as unit:
        return Reply(render_memory_store(MemoryStores(unit).retrieve(memory_store_id)))


@router.post("/{memory_store_id}")
def update_memory_store(
    memory_store_id: str,
    request: Annotated[MemoryStoreUpdate, Depends(body_of(MemoryStoreUpdate))],
    database: Db,
) -> Reply:
    with database.write() as unit:
        return Reply(render_memory_store(MemoryStores(unit).update(memory_store_id, request)))


@router.post("/{memory_store_id}/archive")
def archive_memory_store(memory_store_id: str, database: Db) -> Reply:
    with database.write() as unit:
        return Reply(render_memory_store(MemoryStores(unit).archive(memory_store_id)))


@router.delete("/{memory_store_id}")
def delete_memory_store(memory_store_id: str, database: Db) -> Reply:
    with database.write() as unit:
        MemoryStores(unit).delete(memory_store_id)
        return Reply({"id": memory_store_id, "type": "memory_store_deleted"})
