"""Every query about deployments and their runs."""

from __future__ import annotations

from sqlalchemy import select
from sqlalchemy.orm import Session

from include.managed_agents.deployments.models import DeploymentRow, DeploymentRunRow
from include.managed_agents.deployments.schemas import DeploymentList, RunList
from include.managed_agents.paging import Page, by_age

__all__ = ["DeploymentRepository"]

BY_AGE = by_age("deployments", DeploymentRow)
RUNS_BY_AGE = by_age("deployment_runs", DeploymentRunRow)


class DeploymentRepository:
    def __init__(self, session: Session) -> None:
        self._session = session

    def add(self, row: DeploymentRow | DeploymentRunRow) -> None:
        self._session.add(row)
        self._session.flush()

    def get(self, deployment_id: str) -> DeploymentRow | None:
        return self._session.get(DeploymentRow, deployment_id)

    def get_run(self, deployment_run_id: str) -> DeploymentRunRow | None:
        return self._session.get(DeploymentRunRow, deployment_run_id)

    def page(self, query: DeploymentList) -> Page[DeploymentRow]:
        statement = query.created_at.narrow(select(DeploymentRow), DeploymentRow.created_at)
        if query.agent_id is not None:
            statement = statement.where(DeploymentRow.agent_id == query.agent_id)
        if not query.include_archived:
            statement = statement.where(DeploymentRow.archived_at.is_(None))
        if query.status is not None:
            paused = DeploymentRow.paused_reason.is_not(None)
            statement = statement.where(paused if query.status == "paused" else ~paused)
        return BY_AGE.page(self._session, statement, query.limit, query.page)

    def page_of_runs(self, query: RunList) -> Page[DeploymentRunRow]:
        statement = query.created_at.narrow(select(DeploymentRunRow), DeploymentRunRow.created_at)
        if query.deployment_id is not None:
            statement = statement.where(DeploymentRunRow.deployment_id == query.deployment_id)
        if query.has_error is not None:
            failed = DeploymentRunRow.session_id.is_(None)
            statement = statement.where(failed if query.has_error else ~failed)
        if query.trigger_type is not None:
            statement = statement.where(DeploymentRunRow.trigger == query.trigger_type)
        return RUNS_BY_AGE.page(self._session, statement, query.limit, query.page)
