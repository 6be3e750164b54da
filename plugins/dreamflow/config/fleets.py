"""What a pipeline file says of a fleet: who its members are, and how many are worked on at once."""

from __future__ import annotations

from typing import Annotated

from pydantic import Field, model_validator

from dreamflow.config.values import Strict, Text, Whole

__all__ = ["Fleet", "FleetDeployments"]


class FleetDeployments(Strict):
    """
    Which deployments of the workspace are members: those that match all that is said.

    :ivar name: a pattern of their names, such as ``support-*``. :ivar metadata: what their metadata holds.
    """

    name: Text | None = None
    metadata: dict[Text, str] | None = None

    @model_validator(mode="after")
    def _says_something(self) -> FleetDeployments:
        if self.name is None and not self.metadata:
            raise ValueError("needs name: or metadata:, or both: every deployment would be a member")
        return self


class Fleet(Strict):
    """
    Many stores in one pipeline: each member is a deployment and its live store.

    :ivar members: where a list of deployment ids lies: a text at an ObjectStoragePath, one a line.
    :ivar concurrency: members that a task works on at once.
    :ivar shards: how many times the DAG's chain is mapped, each with its part of the members.
    """

    deployments: FleetDeployments | None = None
    members: Text | None = None
    concurrency: Annotated[Whole, Field(ge=1, le=200)] = 50
    shards: Annotated[Whole, Field(ge=1, le=64)] = 1
    github_conn_id: Text | None = None

    @model_validator(mode="after")
    def _one_source(self) -> Fleet:
        if self.deployments is None and self.members is None:
            raise ValueError(
                "does not say who its members are: name deployments:, or with members: a list of them"
            )
        if self.deployments is not None and self.members is not None:
            raise ValueError("says twice who its members are: keep one of deployments: and members:")
        return self
