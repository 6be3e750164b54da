"""What is mounted into a session: what a request may name, and the form that the API answers with."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Annotated, Any, Literal

from pydantic import Field, StringConstraints

from include.managed_agents.wire import RequestModel

__all__ = ["MAX_STORES", "FileResource", "GitHubRepository", "MemoryStoreResource", "Resource", "echo"]

MAX_STORES = 8  # memory stores on one session (public guide)

MountPath = Annotated[str, StringConstraints(min_length=1, max_length=1024, pattern="^/")]


class MemoryStoreResource(RequestModel):
    type: Literal["memory_store"]
    memory_store_id: Annotated[str, StringConstraints(min_length=1)]
    access: Literal["read_write", "read_only"] | None = None
    instructions: Annotated[str, StringConstraints(max_length=4096)] | None = None


class FileResource(RequestModel):
    type: Literal["file"]
    file_id: Annotated[str, StringConstraints(min_length=1)]
    mount_path: MountPath | None = None


class Branch(RequestModel):
    type: Literal["branch"]
    name: Annotated[str, StringConstraints(min_length=1)]


class Commit(RequestModel):
    type: Literal["commit"]
    sha: Annotated[str, StringConstraints(min_length=1)]


class GitHubRepository(RequestModel):
    type: Literal["github_repository"]
    url: Annotated[str, StringConstraints(min_length=1)]
    authorization_token: str | None = Field(None, repr=False)
    checkout: Annotated[Branch | Commit, Field(discriminator="type")] | None = None
    mount_path: MountPath | None = None


Resource = Annotated[MemoryStoreResource | FileResource | GitHubRepository, Field(discriminator="type")]


def echo(resources: Sequence[MemoryStoreResource | FileResource | GitHubRepository]) -> list[dict[str, Any]]:
    """Return the resources as they were given, without the secrets, which are write-only."""
    return [echo_one(resource) for resource in resources]


def echo_one(resource: MemoryStoreResource | FileResource | GitHubRepository) -> dict[str, Any]:
    defaults = {"access": "read_write"} if isinstance(resource, MemoryStoreResource) else {}
    return defaults | resource.model_dump(exclude={"authorization_token"}, exclude_none=True)
