"""Every query about agents."""

from __future__ import annotations

from collections.abc import Iterable

from sqlalchemy import select, tuple_
from sqlalchemy.orm import Session

from include.managed_agents.agents.models import AgentRow, AgentVersionRow
from include.managed_agents.paging import Keyset, Page, TimeRange, by_age

__all__ = ["AgentRepository"]

BY_AGE = by_age("agents", AgentRow)
BY_VERSION: Keyset[AgentVersionRow] = Keyset(
    "agent_versions",
    (AgentVersionRow.created_at, AgentVersionRow.version),
    lambda row: (row.created_at, row.version),
)


class AgentRepository:
    def __init__(self, session: Session) -> None:
        self._session = session

    def add(self, row: AgentRow | AgentVersionRow) -> None:
        self._session.add(row)
        self._session.flush()

    def get(self, agent_id: str) -> AgentRow | None:
        return self._session.get(AgentRow, agent_id)

    def get_version(self, agent_id: str, version: int) -> AgentVersionRow | None:
        return self._session.get(AgentVersionRow, (agent_id, version))

    def get_versions(self, keys: Iterable[tuple[str, int]]) -> dict[tuple[str, int], AgentVersionRow]:
        """Fetch many versions at once, for a page of agents or sessions."""
        wanted = list(set(keys))
        pair = tuple_(AgentVersionRow.agent_id, AgentVersionRow.version)
        rows = self._session.scalars(select(AgentVersionRow).where(pair.in_(wanted)))
        return {(row.agent_id, row.version): row for row in rows}

    def page(
        self, created_at: TimeRange, include_archived: bool, limit: int, cursor: str | None
    ) -> Page[AgentRow]:
        statement = select(AgentRow).where(AgentRow.is_internal.is_(False))
        if not include_archived:
            statement = statement.where(AgentRow.archived_at.is_(None))
        statement = created_at.narrow(statement, AgentRow.created_at)
        return BY_AGE.page(self._session, statement, limit, cursor)

    def page_of_versions(self, agent_id: str, limit: int, cursor: str | None) -> Page[AgentVersionRow]:
        statement = select(AgentVersionRow).where(AgentVersionRow.agent_id == agent_id)
        return BY_VERSION.page(self._session, statement, limit, cursor)
