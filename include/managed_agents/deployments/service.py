"""What can be done with deployments."""

from __future__ import annotations

from typing import Any

from include.managed_agents.agents.service import Agents
from include.managed_agents.database import Unit
from include.managed_agents.deployments.models import DeploymentRow, DeploymentRunRow
from include.managed_agents.deployments.repository import DeploymentRepository
from include.managed_agents.deployments.schemas import (
    DeploymentCreate,
    DeploymentList,
    DeploymentUpdate,
    RunList,
)
from include.managed_agents.environments.service import Environments
from include.managed_agents.errors import InvalidRequest, NotFound
from include.managed_agents.ids import new_id
from include.managed_agents.memory_stores.service import MemoryStores
from include.managed_agents.paging import Page
from include.managed_agents.sessions.mounts import AnyResource, check_store_ids, memory_store_ids
from include.managed_agents.sessions.resources import echo
from include.managed_agents.sessions.schemas import AgentReference
from include.managed_agents.updating import archive_once, merge_metadata, note_update
from include.managed_agents.wire import RequestModel

__all__ = ["Deployments"]


class Deployments:
    def __init__(self, unit: Unit) -> None:
        self._unit = unit
        self._rows = DeploymentRepository(unit.session)

    def create(self, request: DeploymentCreate) -> DeploymentRow:
        agent_id, version = self._pin(request.agent)
        Environments(self._unit).require_usable(request.environment_id)
        now = self._unit.clock.now()
        row = DeploymentRow(
            id=new_id("depl"),
            name=request.name,
            description=request.description,
            agent_id=agent_id,
            agent_version=version,
            environment_id=request.environment_id,
            initial_events=dump_events(request.initial_events),
            resources=self._resources(request.resources, []),
            vault_ids=request.vault_ids,
            metadata_=request.metadata,
            budget=request.budget.model_dump() if request.budget else None,
            schedule=request.schedule.model_dump() if request.schedule else None,
            created_at=now,
            updated_at=now,
        )
        self._rows.add(row)
        return row

    def retrieve(self, deployment_id: str) -> DeploymentRow:
        row = self._rows.get(deployment_id)
        if row is None:
            raise NotFound.of("deployment", deployment_id)
        return row

    def page(self, query: DeploymentList) -> Page[DeploymentRow]:
        if query.status is not None and query.include_archived:
            raise InvalidRequest("status: can't be combined with include_archived")
        return self._rows.page(query)

    def update(self, deployment_id: str, request: DeploymentUpdate) -> DeploymentRow:
        row = self._require_live(deployment_id)
        refuse_clearing(request)
        self._replace(row, request)
        clear_or_set(row, request)
        note_update(self._unit, row)
        return row

    def _replace(self, row: DeploymentRow, request: DeploymentUpdate) -> None:
        if request.agent is not None:
            row.agent_id, row.agent_version = self._pin(request.agent)
        if request.environment_id is not None:
            row.environment_id = Environments(self._unit).require_usable(request.environment_id).id
        if request.initial_events is not None:
            row.initial_events = dump_events(request.initial_events)
        if request.name is not None:
            row.name = request.name
        if request.metadata is not None:
            row.metadata_ = merge_metadata(row.metadata_, request.metadata)
        if "resources" in request.model_fields_set:
            row.resources = self._resources(request.resources or [], row.resources)

    def pause(self, deployment_id: str, reason: dict[str, Any] | None = None) -> DeploymentRow:
        row = self._require_live(deployment_id)
        if row.paused_reason is None:
            row.paused_reason = reason or {"type": "manual"}
            row.updated_at = self._unit.clock.now()
        return row

    def unpause(self, deployment_id: str) -> DeploymentRow:
        row = self._require_live(deployment_id)
        if row.paused_reason is not None:
            row.paused_reason = None
            row.updated_at = self._unit.clock.now()
        return row

    def archive(self, deployment_id: str) -> DeploymentRow:
        row = self.retrieve(deployment_id)
        if archive_once(self._unit, row):
            row.paused_reason = None
        return row

    def retrieve_run(self, deployment_run_id: str) -> DeploymentRunRow:
        row = self._rows.get_run(deployment_run_id)
        if row is None:
            raise NotFound.of("deployment run", deployment_run_id)
        return row

    def page_of_runs(self, query: RunList) -> Page[DeploymentRunRow]:
        return self._rows.page_of_runs(query)

    def _require_live(self, deployment_id: str) -> DeploymentRow:
        row = self.retrieve(deployment_id)
        if row.archived_at is not None:
            raise InvalidRequest(f"deployment {deployment_id!r} is archived; create a new deployment")
        return row

    def _resources(self, wanted: list[AnyResource], before: list[dict[str, Any]]) -> list[dict[str, Any]]:
        """Return what to keep of the resources. A store that is newly named must exist and take writes."""
        after = echo(wanted)
        store_ids = memory_store_ids(after)
        check_store_ids(store_ids)
        for store_id in set(store_ids) - set(memory_store_ids(before)):
            MemoryStores(self._unit).require_writable(store_id)
        return after

    def _pin(self, agent: str | AgentReference) -> tuple[str, int]:
        reference = AgentReference(type="agent", id=agent) if isinstance(agent, str) else agent
        row, version = Agents(self._unit).require_usable(reference.id, reference.version)
        return row.id, version.version


def refuse_clearing(request: DeploymentUpdate) -> None:
    for field in ("agent", "environment_id", "initial_events", "name"):
        if field in request.model_fields_set and getattr(request, field) is None:
            raise InvalidRequest(f"{field}: can't be cleared")


def clear_or_set(row: DeploymentRow, request: DeploymentUpdate) -> None:
    given = request.model_fields_set
    if "description" in given:
        row.description = request.description or None
    if "vault_ids" in given:
        row.vault_ids = request.vault_ids or []
    if "budget" in given:
        row.budget = request.budget.model_dump() if request.budget else None
    if "schedule" in given:
        row.schedule = request.schedule.model_dump() if request.schedule else None


def dump_events(events: list[Any]) -> list[dict[str, Any]]:
    dumped: list[dict[str, Any]] = []
    for event in events:
        assert isinstance(event, RequestModel)
        dumped.append(event.model_dump(exclude_none=True))
    return dumped
