"""What can be done with sessions."""

from __future__ import annotations

from datetime import datetime
from typing import Any

from include.managed_agents.agents.models import AgentVersionRow
from include.managed_agents.agents.repository import AgentRepository
from include.managed_agents.agents.schemas import resolve_model
from include.managed_agents.agents.service import Agents, resolve_skill
from include.managed_agents.agents.tools import check_mcp_references, resolve_tools
from include.managed_agents.database import Unit
from include.managed_agents.environments.service import Environments
from include.managed_agents.errors import InvalidRequest, NotFound
from include.managed_agents.ids import new_id
from include.managed_agents.paging import Page
from include.managed_agents.session_log.log import EventLog
from include.managed_agents.sessions.models import SessionRow
from include.managed_agents.sessions.mounts import attach, memory_store_ids
from include.managed_agents.sessions.repository import SessionRepository
from include.managed_agents.sessions.schemas import (
    AgentReference,
    AgentWithOverrides,
    SessionCreate,
    SessionList,
    SessionUpdate,
    list_cost_cents,
    render_session_agent,
)
from include.managed_agents.settings import Price
from include.managed_agents.updating import merge_metadata, note_update

__all__ = ["Sessions"]

Shown = tuple[SessionRow, AgentVersionRow]


class Sessions:
    def __init__(self, unit: Unit) -> None:
        self._unit = unit
        self._rows = SessionRepository(unit.session)
        self._agents = AgentRepository(unit.session)

    def create(
        self, request: SessionCreate, *, deployment_id: str | None = None, created_at: datetime | None = None
    ) -> Shown:
        """
        Make an idle session.

        :param created_at: when a recorded session took place; now, for one that starts.
        """
        reference = (
            AgentReference(type="agent", id=request.agent)
            if isinstance(request.agent, str)
            else request.agent
        )
        agent, version = Agents(self._unit).require_usable(reference.id, reference.version)
        Environments(self._unit).require_usable(request.environment_id)
        resources = attach(self._unit, request.resources)
        now = created_at or self._unit.clock.now()
        row = SessionRow(
            id=new_id("sesn"),
            agent_id=agent.id,
            agent_version=version.version,
            agent_overrides=resolve_overrides(reference, version),
            environment_id=request.environment_id,
            deployment_id=deployment_id,
            title=request.title,
            metadata_=request.metadata,
            resources=resources,
            vault_ids=request.vault_ids,
            budget=request.budget.model_dump() if request.budget else None,
            status="idle",
            created_at=now,
            updated_at=now,
        )
        self._rows.add(row, memory_store_ids(resources))
        return row, version

    def retrieve(self, session_id: str) -> Shown:
        row = self._rows.get(session_id)
        if row is None:
            raise NotFound.of("session", session_id)
        version = self._agents.get_version(row.agent_id, row.agent_version)
        assert version is not None, "versions are never deleted"
        return row, version

    def page(self, query: SessionList) -> Page[Shown]:
        page = self._rows.page(query)
        versions = self._agents.get_versions((row.agent_id, row.agent_version) for row in page.items)
        shown = [(row, versions[row.agent_id, row.agent_version]) for row in page.items]
        return Page(shown, page.next_page, page.prev_page)

    def update(self, session_id: str, request: SessionUpdate, price: Price) -> Shown:
        """Change what may change in a session. Each change is told in a ``session.updated`` event."""
        row, version = self.retrieve(session_id)
        self.refuse_ended(row)
        if request.vault_ids is not None:
            raise InvalidRequest("vault_ids: can't be changed on an existing session")
        changed: dict[str, Any] = {}
        given = request.model_fields_set
        if "title" in given and request.title != row.title:
            row.title = request.title
            if request.title is not None:
                changed["title"] = request.title
        if request.metadata is not None:
            changed |= self._patch_metadata(row, request)
        if request.agent is not None:
            changed |= self._patch_agent(row, version, request)
        if "budget" in given:
            model = render_session_agent(row, version)["model"]["id"]
            changed |= replace_budget(row, request, price.of(model))
        if note_update(self._unit, row):
            EventLog(self._unit, row.id).append("session.updated", at=row.updated_at, **changed)
        return row, version

    def _patch_metadata(self, row: SessionRow, request: SessionUpdate) -> dict[str, Any]:
        merged = merge_metadata(row.metadata_, request.metadata)
        if merged == row.metadata_:
            return {}
        row.metadata_ = merged
        return {"metadata": merged} if merged else {}

    def _patch_agent(
        self, row: SessionRow, version: AgentVersionRow, request: SessionUpdate
    ) -> dict[str, Any]:
        assert request.agent is not None
        if row.status == "running":
            raise InvalidRequest("agent: the session is running; interrupt it or wait until it is idle")
        overrides = dict(row.agent_overrides)
        if request.agent.tools is not None:
            overrides["tools"] = resolve_tools(request.agent.tools)
        if request.agent.mcp_servers is not None:
            overrides["mcp_servers"] = [server.model_dump() for server in request.agent.mcp_servers]
        check_overrides(overrides, version)
        if overrides == row.agent_overrides:
            return {}
        row.agent_overrides = overrides
        return {"agent": render_session_agent(row, version)}

    def archive(self, session_id: str) -> Shown:
        """End a session for good; its events stay. :raises InvalidRequest: while it is running."""
        row, version = self.retrieve(session_id)
        if row.archived_at is None:
            self._refuse_running(row, "archived")
            self.end(row)
        return row, version

    def end(self, row: SessionRow) -> None:
        """Archive a session whatever its status, as the service does with a dream's own."""
        if row.status == "running":
            self.stop_running(row)
        now = self._unit.clock.now()
        if row.status != "terminated":
            row.status = "terminated"
            EventLog(self._unit, row.id).append("session.status_terminated", at=now)
        row.archived_at = row.updated_at = now

    def delete(self, session_id: str) -> None:
        """Delete a session with its events. :raises InvalidRequest: while it is running."""
        row, _ = self.retrieve(session_id)
        self._refuse_running(row, "deleted")
        self._rows.delete(row)
        self._unit.touched_sessions.add(session_id)

    def start_running(self, row: SessionRow, *, in_turn: bool = False) -> None:
        now = self._unit.clock.now()
        row.status = "running"
        row.is_in_turn = in_turn
        row.running_since = row.updated_at = now
        EventLog(self._unit, row.id).append("session.status_running", at=now)

    def stop_running(self, row: SessionRow, stop_reason: dict[str, Any] | None = None) -> None:
        """Let a session go idle. What waited is taken up unanswered, as the API says of a turn that is over."""
        EventLog(self._unit, row.id).take_up_all()
        now = self._unit.clock.now()
        if row.running_since is not None:
            row.active_seconds += (now - row.running_since).total_seconds()
        row.status = "idle"
        row.is_in_turn = False
        row.running_since = None
        row.updated_at = now
        EventLog(self._unit, row.id).append(
            "session.status_idle", at=now, stop_reason=stop_reason or {"type": "end_turn"}
        )

    @staticmethod
    def refuse_ended(row: SessionRow) -> None:
        if row.archived_at is not None or row.status == "terminated":
            raise InvalidRequest(f"session {row.id!r} has ended; create a new session")

    @staticmethod
    def _refuse_running(row: SessionRow, what: str) -> None:
        if row.status == "running":
            raise InvalidRequest(
                f"session {row.id!r} is running and can't be {what}; send user.interrupt and wait until it is idle"
            )


def resolve_overrides(
    reference: AgentReference | AgentWithOverrides, version: AgentVersionRow
) -> dict[str, Any]:
    """Return the fields of the agent that this session replaces, in their full form."""
    if isinstance(reference, AgentReference):
        return {}
    given = reference.model_fields_set
    overrides: dict[str, Any] = {}
    if reference.model is not None:
        overrides["model"] = resolve_model(reference.model, version.config["model"])
    if "system" in given:
        overrides["system"] = reference.system
    if reference.tools is not None:
        overrides["tools"] = resolve_tools(reference.tools)
    if reference.mcp_servers is not None:
        overrides["mcp_servers"] = [server.model_dump() for server in reference.mcp_servers]
    if reference.skills is not None:
        overrides["skills"] = [resolve_skill(skill.model_dump()) for skill in reference.skills]
    check_overrides(overrides, version)
    return overrides


def check_overrides(overrides: dict[str, Any], version: AgentVersionRow) -> None:
    effective = {**version.config, **overrides}
    try:
        check_mcp_references(effective["tools"], effective["mcp_servers"])
    except ValueError as error:
        raise InvalidRequest(f"agent: {error}") from error


def replace_budget(row: SessionRow, request: SessionUpdate, price: Price) -> dict[str, Any]:
    """Replace or remove a budget. One can't be added later, nor set to what has been spent already."""
    after = request.budget.model_dump() if request.budget else None
    if after == row.budget:
        return {}
    if after is not None and row.budget is None:
        raise InvalidRequest("budget: a session created without a budget can't get one (budget_create_only)")
    if after is not None and int(after["max_list_cost"]["amount"]) <= list_cost_cents(row, price):
        raise InvalidRequest("budget: must be above what the session has cost already (budget_not_raised)")
    row.budget = after
    return {"budget": after}
