"""What can be done with agents."""

from __future__ import annotations

from typing import Any

from include.managed_agents.agents.models import AgentRow, AgentVersionRow
from include.managed_agents.agents.repository import AgentRepository
from include.managed_agents.agents.schemas import (
    AgentCreate,
    AgentList,
    AgentUpdate,
    VersionList,
    resolve_model,
)
from include.managed_agents.agents.tools import check_mcp_references, resolve_tools
from include.managed_agents.database import Unit
from include.managed_agents.errors import Conflict, InvalidRequest, NotFound
from include.managed_agents.ids import new_id
from include.managed_agents.paging import Page
from include.managed_agents.updating import archive_once, merge_metadata

__all__ = ["Agents"]

Shown = tuple[AgentRow, AgentVersionRow]


class Agents:
    def __init__(self, unit: Unit) -> None:
        self._unit = unit
        self._rows = AgentRepository(unit.session)

    def create(self, request: AgentCreate, *, is_internal: bool = False) -> Shown:
        now = self._unit.clock.now()
        config = {
            "name": request.name,
            "description": request.description,
            "model": resolve_model(request.model),
            "system": request.system,
            "tools": resolve_tools(request.tools),
            "mcp_servers": [server.model_dump() for server in request.mcp_servers],
            "skills": [resolve_skill(skill.model_dump()) for skill in request.skills],
            "multiagent": None,
            "execution_identity": resolve_identity(request),
            "metadata": request.metadata,
        }
        check(config)
        agent = AgentRow(
            id=new_id("agent"), version=1, created_at=now, updated_at=now, is_internal=is_internal
        )
        version = AgentVersionRow(agent_id=agent.id, version=1, created_at=now, config=config)
        self._rows.add(agent)
        self._rows.add(version)
        return agent, version

    def retrieve(self, agent_id: str, version: int | None = None) -> Shown:
        agent = self._rows.get(agent_id)
        if agent is None:
            raise NotFound.of("agent", agent_id)
        row = self._rows.get_version(agent_id, version or agent.version)
        if row is None:
            raise NotFound(f"agent {agent_id!r} has no version {version}; its latest is {agent.version}")
        return agent, row

    def require_usable(self, agent_id: str, version: int | None = None) -> Shown:
        """Return an agent for a new session or deployment. :raises InvalidRequest: if it is archived."""
        agent, row = self.retrieve(agent_id, version)
        if agent.archived_at is not None:
            raise InvalidRequest(f"agent {agent_id!r} is archived; use another agent")
        return agent, row

    def page(self, query: AgentList) -> Page[Shown]:
        page = self._rows.page(query.created_at, query.include_archived, query.limit, query.page)
        versions = self._rows.get_versions((row.id, row.version) for row in page.items)
        return Page([(row, versions[row.id, row.version]) for row in page.items], page.next_page)

    def page_of_versions(self, agent_id: str, query: VersionList) -> Page[Shown]:
        agent, _ = self.retrieve(agent_id)
        page = self._rows.page_of_versions(agent_id, query.limit, query.page)
        return Page([(agent, row) for row in page.items], page.next_page)

    def update(self, agent_id: str, request: AgentUpdate) -> Shown:
        """
        Make a new version, unless nothing changes.

        :raises Conflict: if ``request.version`` is not the latest.
        """
        agent, before = self.retrieve(agent_id)
        if agent.archived_at is not None:
            raise InvalidRequest(f"agent {agent_id!r} is archived and can't be updated")
        if request.version is not None and request.version != agent.version:
            raise Conflict(
                f"agent {agent_id!r} is at version {agent.version}, not {request.version}; "
                "retrieve it and apply the change to what it is now"
            )
        config = apply(before.config, request)
        if config == before.config:
            return agent, before
        check(config)
        agent.version += 1
        agent.updated_at = self._unit.clock.now()
        after = AgentVersionRow(
            agent_id=agent_id, version=agent.version, created_at=agent.updated_at, config=config
        )
        self._rows.add(after)
        return agent, after

    def archive(self, agent_id: str) -> Shown:
        agent, version = self.retrieve(agent_id)
        archive_once(self._unit, agent)
        return agent, version


def apply(config: dict[str, Any], request: AgentUpdate) -> dict[str, Any]:
    """Return the configuration after an update. Only what the request names is touched."""
    given = request.model_fields_set - {"version", "multiagent"}
    for field in ("model", "name"):
        if field in given and getattr(request, field) is None:
            raise InvalidRequest(f"{field}: can't be cleared")
    changed: dict[str, Any] = {}
    for field in given:
        match field:
            case "model":
                assert request.model is not None
                changed[field] = resolve_model(request.model, config["model"])
            case "name":
                changed[field] = request.name
            case "description" | "system":
                changed[field] = getattr(request, field) or None
            case "tools":
                changed[field] = resolve_tools(request.tools or [])
            case "mcp_servers":
                changed[field] = [server.model_dump() for server in request.mcp_servers or []]
            case "skills":
                changed[field] = [resolve_skill(skill.model_dump()) for skill in request.skills or []]
            case "execution_identity":
                changed[field] = resolve_identity(request)
            case "metadata":
                changed[field] = merge_metadata(config["metadata"], request.metadata)
    return {**config, **changed}


def check(config: dict[str, Any]) -> None:
    try:
        check_mcp_references(config["tools"], config["mcp_servers"])
    except ValueError as error:
        raise InvalidRequest(str(error)) from error


def resolve_skill(skill: dict[str, Any]) -> dict[str, Any]:
    return {**skill, "version": skill["version"] or "latest"}


def resolve_identity(request: AgentCreate | AgentUpdate) -> dict[str, Any]:
    identity = request.execution_identity
    return {"type": "service_account"} if identity is None else identity.model_dump()
