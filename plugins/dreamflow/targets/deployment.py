"""A deployment's resources: the list is replaced whole, and has no version to compare."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from dreamflow.core.ancestry import descends_from
from dreamflow.errors import Conflict, StateError

if TYPE_CHECKING:
    from dreamflow.config import DeploymentTarget
    from dreamflow.core.objects import Deployment
    from dreamflow.hooks.managed_agents import ManagedAgentsHook

__all__ = ["DeploymentResources"]


class DeploymentResources:
    """
    The memory store among a deployment's resources.

    The store is the one that ``replaces`` names, or an heir of it, or the only one mounted ``read_write``. All other
    resources, their order, and the store's own access and instructions stay as they are.
    """

    def __init__(self, target: DeploymentTarget, hook: ManagedAgentsHook) -> None:
        self.target = target
        self.hook = hook
        self.name = f"deployment {target.deployment_id}"

    def check(self) -> None:
        """Read the resources and prove that writing them back would lose no secret."""
        deployment = self._read()
        if deployment.archived_at is not None:
            raise StateError(f"{self.name} is archived. Name a live one in the pipeline's targets.")
        self._rewritten(deployment, "", "")

    def read(self) -> str:
        return self._store_of(self._read())

    def write(self, before: str, after: str) -> None:
        deployment = self._read()
        if self._store_of(deployment) != before:
            raise Conflict(f"{self.name} no longer names {before}.", status=409)
        self.hook.replace_deployment_resources(deployment.id, self._rewritten(deployment, before, after))

    def _read(self) -> Deployment:
        return self.hook.retrieve_deployment(self.target.deployment_id)

    def _store_of(self, deployment: Deployment) -> str:
        stores = deployment.memory_stores
        if not stores:
            raise StateError(f"{self.name} holds no memory store. Add one to its resources.")
        if self.target.replaces:
            return self._named_by_replaces([store.memory_store_id for store in stores])
        writable = deployment.written_stores
        if len(writable) == 1:
            return writable[0]
        ids = ", ".join(writable or (store.memory_store_id for store in stores))
        raise StateError(
            f"{self.name} holds {len(writable)} memory stores mounted read_write ({ids}). "
            "Say which one is dreamed: set replaces: to its id in the pipeline's target."
        )

    def _named_by_replaces(self, ids: list[str]) -> str:
        """Return the store that ``replaces`` names, or the one among the ids that descends from it."""
        origin = str(self.target.replaces)
        if origin in ids:
            return origin
        heirs = [store_id for store_id in ids if descends_from(self.hook.find_store, store_id, origin)]
        if len(heirs) == 1:
            return heirs[0]
        raise StateError(
            f"{self.name} holds neither the store that replaces: {origin} names nor one store that descends from it. "
            "Correct replaces: in the pipeline's target."
        )

    def _rewritten(self, deployment: Deployment, before: str, after: str) -> list[dict[str, Any]]:
        """Return the resources as a request takes them, with one store id changed."""
        rewritten = [dict(resource) for resource in deployment.resources]
        if sum(entry.get("type") == "github_repository" for entry in rewritten) > 1:
            raise StateError(
                f"{self.name} mounts several GitHub repositories; github_conn_id: holds one token. Repointing might "
                "write it into the wrong one. Give this deployment one repository, or repoint it by hand."
            )
        for entry in rewritten:
            if entry.get("type") == "github_repository":
                entry["authorization_token"] = self._github_token(str(entry.get("url", "")))
            if entry.get("memory_store_id") == before:
                entry["memory_store_id"] = after
        return rewritten

    def _github_token(self, url: str) -> str:
        """Resources come back without their secrets; writing them back without would drop them."""
        if not self.target.github_conn_id:
            raise StateError(
                f"{self.name} mounts the GitHub repository {url}, whose token the service does not tell: repointing "
                "would drop it. Put the token into the password of an Airflow connection, and name that connection "
                "as github_conn_id: in the pipeline's target."
            )
        token = self.hook.get_connection(self.target.github_conn_id, "generic").password
        if not token:
            raise StateError(
                f"{self.name}: connection {self.target.github_conn_id} (github_conn_id) has no password. "
                f"Put the token for {url} there."
            )
        return str(token)
