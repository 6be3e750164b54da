"""HTTP: /v1/memory_stores/{id}/memory_versions."""

from __future__ import annotations

from typing import Annotated

from fastapi import APIRouter, Depends

from include.managed_agents.access import Caller, memory_beta
from include.managed_agents.memory_versions.schemas import VersionList, VersionView, render_version
from include.managed_agents.memory_versions.service import MemoryVersions
from include.managed_agents.reading import query_of
from include.managed_agents.state import Db
from include.managed_agents.wire import Reply

router = APIRouter(
    prefix="/v1/memory_stores/{memory_store_id}/memory_versions", dependencies=[Depends(memory_beta)]
)


@router.get("")
def list_versions(
    memory_store_id: str, query: Annotated[VersionList, Depends(query_of(VersionList))], database: Db
) -> Reply:
    with database.read() as unit:
        page = MemoryVersions(unit, memory_store_id).page(query)
        return Reply(page.render(lambda row: render_version(row, query.view)))


@router.get("/{memory_version_id}")
def retrieve_version(
    memory_store_id: str,
    memory_version_id: str,
    query: Annotated[VersionView, Depends(query_of(VersionView))],
    database: Db,
) -> Reply:
    with database.read() as unit:
        return Reply(
            render_version(MemoryVersions(unit, memory_store_id).retrieve(memory_version_id), query.view)
        )


@router.post("/{memory_version_id}/redact")
def redact_version(memory_store_id: str, memory_version_id: str, database: Db, caller: Caller) -> Reply:
    with database.write() as unit:
        row = MemoryVersions(unit, memory_store_id).redact(memory_version_id, caller)
        return Reply(render_version(row, "basic"))
