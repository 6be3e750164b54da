"""HTTP: /v1/agents."""

from __future__ import annotations

from typing import Annotated

from fastapi import APIRouter, Depends

from include.managed_agents.access import managed_agents_beta
from include.managed_agents.agents.schemas import (
    AgentCreate,
    AgentList,
    AgentRetrieve,
    AgentUpdate,
    VersionList,
    render_agent,
)
from include.managed_agents.agents.service import Agents
from include.managed_agents.reading import body_of, query_of
from include.managed_agents.state import Db
from include.managed_agents.wire import Reply

router = APIRouter(prefix="/v1/agents", dependencies=[Depends(managed_agents_beta)])


@router.post("")
def create_agent(request: Annotated[AgentCreate, Depends(body_of(AgentCreate))], database: Db) -> Reply:
    with database.write() as unit:
        return Reply(render_agent(*Agents(unit).create(request)))


@router.get("")
def list_agents(query: Annotated[AgentList, Depends(query_of(AgentList))], database: Db) -> Reply:
    with database.read() as unit:
        return Reply(Agents(unit).page(query).render(lambda shown: render_agent(*shown)))


@router.get("/{agent_id}")
def retrieve_agent(
    agent_id: str, query: Annotated[AgentRetrieve, Depends(query_of(AgentRetrieve))], database: Db
) -> Reply:
    with database.read() as unit:
        return Reply(render_agent(*Agents(unit).retrieve(agent_id, query.version)))


@router.post("/{agent_id}")
def update_agent(
    agent_id: str, request: Annotated[AgentUpdate, Depends(body_of(AgentUpdate))], database: Db
) -> Reply:
    with database.write() as unit:
        return Reply(render_agent(*Agents(unit).update(agent_id, request)))


@router.post("/{agent_id}/archive")
def archive_agent(agent_id: str, database: Db) -> Reply:
    with database.write() as unit:
        return Reply(render_agent(*Agents(unit).archive(agent_id)))


@router.get("/{agent_id}/versions")
def list_versions(
    agent_id: str, query: Annotated[VersionList, Depends(query_of(VersionList))], database: Db
) -> Reply:
    with database.read() as unit:
        page = Agents(unit).page_of_versions(agent_id, query)
        return Reply(page.render(lambda shown: render_agent(*shown)))
