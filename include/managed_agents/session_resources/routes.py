"""HTTP: /v1/sessions/{id}/resources."""

from __future__ import annotations

from typing import Annotated

from fastapi import APIRouter, Depends

from include.managed_agents.access import managed_agents_beta
from include.managed_agents.reading import body_of, query_of
from include.managed_agents.session_resources.schemas import ResourceAdd, ResourceList, ResourceUpdate
from include.managed_agents.session_resources.service import SessionResources
from include.managed_agents.state import Db
from include.managed_agents.wire import Reply

router = APIRouter(prefix="/v1/sessions/{session_id}/resources", dependencies=[Depends(managed_agents_beta)])


@router.get("")
def list_resources(
    session_id: str, query: Annotated[ResourceList, Depends(query_of(ResourceList))], database: Db
) -> Reply:
    with database.read() as unit:
        return Reply(SessionResources(unit, session_id).page(query).render(lambda resource: resource))


@router.post("")
def add_resource(
    session_id: str, request: Annotated[ResourceAdd, Depends(body_of(ResourceAdd))], database: Db
) -> Reply:
    with database.write() as unit:
        return Reply(SessionResources(unit, session_id).add(request))


@router.get("/{resource_id}")
def retrieve_resource(session_id: str, resource_id: str, database: Db) -> Reply:
    with database.read() as unit:
        return Reply(SessionResources(unit, session_id).retrieve(resource_id))


@router.post("/{resource_id}")
def update_resource(
    session_id: str,
    resource_id: str,
    request: Annotated[ResourceUpdate, Depends(body_of(ResourceUpdate))],
    database: Db,
) -> Reply:
    with database.write() as unit:
        return Reply(SessionResources(unit, session_id).rotate_token(resource_id))


@router.delete("/{resource_id}")
def delete_resource(session_id: str, resource_id: str, database: Db) -> Reply:
    with database.write() as unit:
        SessionResources(unit, session_id).delete(resource_id)
        return Reply({"id": resource_id, "type": "session_resource_deleted"})
