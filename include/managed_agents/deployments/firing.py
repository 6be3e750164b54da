"""Run a deployment: make a session from it, or record a failed run that says why none could be made."""

from __future__ import annotations

from datetime import datetime

from include.managed_agents.agents.service import Agents
from include.managed_agents.database import Unit
from include.managed_agents.deployments.models import DeploymentRow, DeploymentRunRow
from include.managed_agents.deployments.repository import DeploymentRepository
from include.managed_agents.deployments.service import Deployments
from include.managed_agents.environments.service import Environments
from include.managed_agents.errors import ApiError, InvalidRequest, NotFound
from include.managed_agents.ids import new_id
from include.managed_agents.memory_stores.service import MemoryStores
from include.managed_agents.sessions.schemas import SessionCreate
from include.managed_agents.sessions.sending import send_events
from include.managed_agents.sessions.service import Sessions
from include.managed_agents.workers import Queue

__all__ = ["fire"]


class CannotStart(Exception):
    """The session can't be created. ``type`` is one of the API's run errors."""

    def __init__(self, error_type: str, message: str) -> None:
        super().__init__(message)
        self.type = error_type
        self.message = message


def fire(
    unit: Unit, turns: Queue, deployment_id: str, scheduled_at: datetime | None = None
) -> DeploymentRunRow:
    """
    Run a deployment now, and record the run. A run that can't start pauses the deployment.

    :param scheduled_at: the moment of its schedule that it runs for; None for a manual run.
    :raises InvalidRequest: if the deployment is archived.
    """
    deployments = Deployments(unit)
    deployment = deployments.retrieve(deployment_id)
    if deployment.archived_at is not None:
        raise InvalidRequest(f"deployment {deployment_id!r} is archived and can't run")
    run = DeploymentRunRow(
        id=new_id("drun"),
        deployment_id=deployment.id,
        agent_id=deployment.agent_id,
        agent_version=deployment.agent_version,
        trigger="manual" if scheduled_at is None else "schedule",
        scheduled_at=scheduled_at,
        created_at=unit.clock.now(),
    )
    try:
        run.session_id = start_session(unit, turns, deployment)
    except CannotStart as error:
        run.error = {"type": error.type, "message": error.message}
        deployments.pause(deployment.id, {"type": "error", "error": {"type": error.type}})
    if scheduled_at is not None:
        deployment.last_run_at = run.created_at
    DeploymentRepository(unit.session).add(run)
    return run


def start_session(unit: Unit, turns: Queue, deployment: DeploymentRow) -> str:
    check_parts(unit, deployment)
    request = SessionCreate.model_validate(
        {
            "agent": {"type": "agent", "id": deployment.agent_id, "version": deployment.agent_version},
            "environment_id": deployment.environment_id,
            "initial_events": deployment.initial_events,
            "metadata": deployment.metadata_,
            "resources": deployment.resources,
            "vault_ids": deployment.vault_ids,
            "budget": deployment.budget,
        }
    )
    try:
        with unit.session.begin_nested():
            session, _ = Sessions(unit).create(request, deployment_id=deployment.id)
            send_events(unit, turns, session.id, request.initial_events)
            return session.id
    except ApiError as error:
        raise CannotStart("session_creation_rejected_error", error.message) from error


def check_parts(unit: Unit, deployment: DeploymentRow) -> None:
    """Check what a deployment needs. :raises CannotStart: naming the first part that is gone or archived."""
    agent, _ = Agents(unit).retrieve(deployment.agent_id, deployment.agent_version)
    if agent.archived_at is not None:
        raise CannotStart("agent_archived_error", f"agent {agent.id!r} is archived")
    try:
        environment = Environments(unit).retrieve(deployment.environment_id)
    except NotFound as error:
        raise CannotStart("environment_not_found_error", error.message) from error
    if environment.archived_at is not None:
        raise CannotStart("environment_archived_error", f"environment {environment.id!r} is archived")
    for resource in deployment.resources:
        if resource["type"] == "file":
            raise CannotStart("file_not_found_error", f"file {resource['file_id']!r} not found")
        if resource["type"] == "memory_store":
            check_store(unit, resource["memory_store_id"])


def check_store(unit: Unit, memory_store_id: str) -> None:
    try:
        store = MemoryStores(unit).retrieve(memory_store_id)
    except NotFound as error:
        raise CannotStart("session_resource_not_found_error", error.message) from error
    if store.archived_at is not None:
        raise CannotStart("memory_store_archived_error", f"memory store {store.id!r} is archived")
