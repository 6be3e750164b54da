"""Turn the resources that a request names into what the session keeps: with names, paths and ids."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from include.managed_agents.clock import rfc3339
from include.managed_agents.database import Unit
from include.managed_agents.errors import InvalidRequest, NotFound
from include.managed_agents.ids import new_id
from include.managed_agents.memory_stores.service import MemoryStores, mount_path_of
from include.managed_agents.sessions.resources import (
    MAX_STORES,
    FileResource,
    GitHubRepository,
    MemoryStoreResource,
)

__all__ = ["AnyResource", "attach", "check_store_ids", "memory_store_ids"]

AnyResource = MemoryStoreResource | FileResource | GitHubRepository


def attach(unit: Unit, resources: Sequence[AnyResource]) -> list[dict[str, Any]]:
    """
    Return the resources as a session shows them.

    :raises InvalidRequest: if a store is archived, mounted twice, or one too many.
    :raises NotFound: if a store doesn't exist; or a file, for this server keeps none.
    """
    store_ids = [
        resource.memory_store_id for resource in resources if isinstance(resource, MemoryStoreResource)
    ]
    check_store_ids(store_ids)
    attached: list[dict[str, Any]] = []
    for resource in resources:
        match resource:
            case MemoryStoreResource():
                taken = {other.get("mount_path") for other in attached}
                attached.append(attach_store(unit, resource, taken))
            case GitHubRepository():
                attached.append(attach_repository(unit, resource))
            case FileResource():
                raise NotFound(f"file {resource.file_id!r} not found: this server has no Files API")
    return attached


def check_store_ids(store_ids: Sequence[str]) -> None:
    if len(store_ids) > MAX_STORES:
        raise InvalidRequest(
            f"resources: {len(store_ids)} memory stores; a session mounts at most {MAX_STORES}"
        )
    if len(set(store_ids)) < len(store_ids):
        raise InvalidRequest("resources: a memory store is named twice")


def attach_store(unit: Unit, resource: MemoryStoreResource, taken: set[Any]) -> dict[str, Any]:
    store = MemoryStores(unit).require_writable(resource.memory_store_id)
    path = wanted = mount_path_of(store.name)
    number = 2
    while path in taken:
        path, number = f"{wanted}-{number}", number + 1
    return {
        "type": "memory_store",
        "memory_store_id": store.id,
        "access": resource.access or "read_write",
        "instructions": resource.instructions,
        "name": store.name,
        "description": store.description,
        "mount_path": path,
    }


def attach_repository(unit: Unit, resource: GitHubRepository) -> dict[str, Any]:
    now = rfc3339(unit.clock.now())
    name = resource.url.rstrip("/").rpartition("/")[2].removesuffix(".git")
    return {
        "id": new_id("sesrsc"),
        "type": "github_repository",
        "url": resource.url,
        "mount_path": resource.mount_path or f"/workspace/{name}",
        "checkout": resource.checkout.model_dump() if resource.checkout else None,
        "created_at": now,
        "updated_at": now,
    }


def memory_store_ids(resources: Sequence[dict[str, Any]]) -> list[str]:
    return [resource["memory_store_id"] for resource in resources if resource["type"] == "memory_store"]
