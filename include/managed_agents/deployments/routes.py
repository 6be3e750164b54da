"""HTTP: /v1/deployments and /v1/deployment_runs."""

from __future__ import annotations

from typing import Annotated

from fastapi import APIRouter, Depends

from include.managed_agents.access import managed_agents_beta
from include.managed_agents.deployments.firing import fire
from include.managed_agents.deployments.schemas import (
    DeploymentCreate,
    DeploymentList,
    DeploymentUpdate,
    RunList,
    render_deployment,
    render_run,
)
from include.managed_agents.deployments.service import Deployments
from include.managed_agents.reading import body_of, query_of
from include.managed_agents.state import Db, Turns
from include.managed_agents.wire import Reply

router = APIRouter(prefix="/v1/deployments", dependencies=[Depends(managed_agents_beta)])
runs_router = APIRouter(prefix="/v1/deployment_runs", dependencies=[Depends(managed_agents_beta)])


@router.post("")
def create_deployment(
    request: Annotated[DeploymentCreate, Depends(body_of(DeploymentCreate, large=True))], database: Db
) -> Reply:
    with database.write() as unit:
        return Reply(render_deployment(Deployments(unit).create(request), unit.clock.now()))


@router.get("")
def list_deployments(
    query: Annotated[DeploymentList, Depends(query_of(DeploymentList))], database: Db
) -> Reply:
    with database.read() as unit:
        now = unit.clock.now()
        return Reply(Deployments(unit).page(query).render(lambda row: render_deployment(row, now)))


@router.get("/{deployment_id}")
def retrieve_deployment(deployment_id: str, database: Db) -> Reply:
    with database.read() as unit:
        return Reply(render_deployment(Deployments(unit).retrieve(deployment_id), unit.clock.now()))


@router.post("/{deployment_id}")
def update_deployment(
    deployment_id: str,
    request: Annotated[DeploymentUpdate, Depends(body_of(DeploymentUpdate, large=True))],
    database: Db,
) -> Reply:
    with database.write() as unit:
        return Reply(render_deployment(Deployments(unit).update(deployment_id, request), unit.clock.now()))


@router.post("/{deployment_id}/pause")
def pause_deployment(deployment_id: str, database: Db) -> Reply:
    with database.write() as unit:
        return Reply(render_deployment(Deployments(unit).pause(deployment_id), unit.clock.now()))


@router.post("/{deployment_id}/unpause")
def unpause_deployment(deployment_id: str, database: Db) -> Reply:
    with database.write() as unit:
        return Reply(render_deployment(Deployments(unit).unpause(deployment_id), unit.clock.now()))


@router.post("/{deployment_id}/archive")
def archive_deployment(deployment_id: str, database: Db) -> Reply:
    with database.write() as unit:
        return Reply(render_deployment(Deployments(unit).archive(deployment_id), unit.clock.now()))


@router.post("/{deployment_id}/run")
def run_deployment(deployment_id: str, database: Db, turns: Turns) -> Reply:
    with database.write() as unit:
        return Reply(render_run(fire(unit, turns, deployment_id)))


@runs_router.get("")
def list_runs(query: Annotated[RunList, Depends(query_of(RunList))], database: Db) -> Reply:
    with database.read() as unit:
        return Reply(Deployments(unit).page_of_runs(query).render(render_run))


@runs_router.get("/{deployment_run_id}")
def retrieve_run(deployment_run_id: str, database: Db) -> Reply:
    with database.read() as unit:
        return Reply(render_run(Deployments(unit).retrieve_run(deployment_run_id)))
