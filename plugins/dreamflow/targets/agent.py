"""An agent's metadata, with the agent's version as the fence."""

from __future__ import annotations

from typing import TYPE_CHECKING

from dreamflow.errors import Conflict, StateError

if TYPE_CHECKING:
    from dreamflow.config import AgentTarget
    from dreamflow.hooks.managed_agents import ManagedAgentsHook

__all__ = ["AgentMetadata"]


class AgentMetadata:
    """A metadata key of an agent's latest version: for whoever starts sessions by hand from that agent."""

    def __init__(self, target: AgentTarget, hook: ManagedAgentsHook) -> None:
        self.target = target
        self.hook = hook
        self.name = f"agent {target.agent_id} (metadata {target.metadata_key})"

    def check(self) -> None:
        agent = self.hook.retrieve_agent(self.target.agent_id)
        if agent.archived_at is not None:
            raise StateError(
                f"{self.name}: the agent is archived. Name a live one in the pipeline's targets."
            )

    def read(self) -> str:
        named = self.hook.retrieve_agent(self.target.agent_id).metadata.get(self.target.metadata_key)
        if not named:
            raise StateError(
                f"{self.name}: the agent has no such metadata key. Set it to the id of the live memory store."
            )
        return named

    def write(self, before: str, after: str) -> None:
        agent = self.hook.retrieve_agent(self.target.agent_id)
        if agent.metadata.get(self.target.metadata_key) != before:
            raise Conflict(f"{self.name} no longer names {before}.", status=409)
        self.hook.update_agent_metadata(
            self.target.agent_id, version=agent.version, metadata={self.target.metadata_key: after}
        )
