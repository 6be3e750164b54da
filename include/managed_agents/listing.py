"""What the queries of several lists share. A list checks these parameters before its own."""

from __future__ import annotations

from pydantic import Field

from include.managed_agents.paging import TimeRange
from include.managed_agents.wire import Limit, QueryModel, Timestamp

__all__ = ["ArchivableList", "CreatedFromTo", "CreatedWithin"]


class CreatedFromTo(QueryModel):
    created_at_gte: Timestamp | None = Field(None, alias="created_at[gte]")
    created_at_lte: Timestamp | None = Field(None, alias="created_at[lte]")

    @property
    def created_at(self) -> TimeRange:
        return TimeRange(gte=self.created_at_gte, lte=self.created_at_lte)


class ArchivableList(CreatedFromTo):
    include_archived: bool = False
    limit: Limit = 20
    page: str | None = None


class CreatedWithin(QueryModel):
    created_at_gt: Timestamp | None = Field(None, alias="created_at[gt]")
    created_at_gte: Timestamp | None = Field(None, alias="created_at[gte]")
    created_at_lt: Timestamp | None = Field(None, alias="created_at[lt]")
    created_at_lte: Timestamp | None = Field(None, alias="created_at[lte]")

    @property
    def created_at(self) -> TimeRange:
        return TimeRange(self.created_at_gt, self.created_at_gte, self.created_at_lt, self.created_at_lte)
