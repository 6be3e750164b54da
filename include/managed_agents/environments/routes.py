"""HTTP: /v1/environments. The beta header is optional here, as in the SDK's documentation."""

from __future__ import annotations

from typing import Annotated

from fastapi import APIRouter, Depends

from include.managed_agents.environments.schemas import (
    EnvironmentCreate,
    EnvironmentList,
    EnvironmentUpdate,
    render_environment,
)
from include.managed_agents.environments.service import Environments
from include.managed_agents.reading import body_of, query_of
from include.managed_agents.state import Db
from include.managed_agents.wire import Reply

router = APIRouter(prefix="/v1/environments")


@router.post("")
def create_environment(
    request: Annotated[EnvironmentCreate, Depends(body_of(EnvironmentCreate))], database: Db
) -> Reply:
    with database.write() as unit:
        return Reply(render_environment(Environments(unit).create(request)))


@router.get("")
def list_environments(
    query: Annotated[EnvironmentList, Depends(query_of(EnvironmentList))], database: Db
) -> Reply:
    with database.read() as unit:
        return Reply(Environments(unit).page(query).render(render_environment))


@router.get("/{environment_id}")
def retrieve_environment(environment_id: str, database: Db) -> Reply:
    with database.read() as unit:
        return Reply(render_environment(Environments(unit).retrieve(environment_id)))


@router.post("/{environment_id}")
def update_environment(
    environment_id: str,
    request: Annotated[EnvironmentUpdate, Depends(body_of(EnvironmentUpdate))],
    database: Db,
) -> Reply:
    with database.write() as unit:
        return Reply(render_environment(Environments(unit).update(environment_id, request)))


@router.post("/{environment_id}/archive")
def archive_environment(environment_id: str, database: Db) -> Reply:
    with database.write() as unit:
        return Reply(render_environment(Environments(unit).archive(environment_id)))


@router.delete("/{environment_id}")
def delete_environment(environment_id: str, database: Db) -> Reply:
    with database.write() as unit:
        Environments(unit).delete(environment_id)
        return Reply({"id": environment_id, "type": "environment_deleted"})
