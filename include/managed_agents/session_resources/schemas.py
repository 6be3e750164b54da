"""What requests about a session's resources may say."""

from __future__ import annotations

from typing import Annotated

from pydantic import Field, StringConstraints

from include.managed_agents.sessions.resources import FileResource
from include.managed_agents.wire import QueryModel, RequestModel

__all__ = ["ResourceAdd", "ResourceList", "ResourceUpdate"]


class ResourceAdd(FileResource):
    """Only files can be added to a session that exists."""


class ResourceUpdate(RequestModel):
    authorization_token: Annotated[str, StringConstraints(min_length=1)] = Field(repr=False)


class ResourceList(QueryModel):
    limit: Annotated[int, Field(ge=1, le=1000)] = 1000
    page: str | None = None
