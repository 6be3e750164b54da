"""What a pipeline file may say."""

from __future__ import annotations

from contextlib import suppress
from datetime import timedelta
from typing import Annotated, Any, Literal

import pathspec
from pydantic import (
    BaseModel,
    BeforeValidator,
    ConfigDict,
    Field,
    field_validator,
    model_validator,
)
from pydantic_core import PydanticCustomError

__all__ = [
    "AgentTarget",
    "ApprovalMode",
    "DeploymentTarget",
    "FileTarget",
    "FromVariable",
    "Pipeline",
    "Target",
]

ApprovalMode = Literal["required", "when_flagged", "never"]

#: Sessions that one dream takes at most (dream_create_params.py).
SESSIONS_LIMIT = 100
#: Characters of a dream's instructions at most (dream_create_params.py).
INSTRUCTIONS_LIMIT = 4096


class FromVariable(str):
    """Text that an environment variable brought; where a number or a boolean belongs, it is read as one."""

    __slots__ = ()


def _number_of(value: Any) -> Any:
    if isinstance(value, FromVariable):
        for kind in (int, float):
            with suppress(ValueError):
                return kind(value)
        return {"true": True, "false": False}.get(value.lower(), value)
    return value


def _not_boolean(value: Any) -> Any:
    if isinstance(value, bool):
        raise PydanticCustomError("number", "is not a number")
    return value


def _iso_duration(value: Any) -> Any:
    """YAML reads 6:00 as 360, and pydantic a bare number as seconds: only the ISO form says what is meant."""
    if not isinstance(value, str | timedelta) or (
        isinstance(value, str) and not value.startswith(("P", "-P"))
    ):
        raise PydanticCustomError("time_delta_parsing", "is not a duration")
    return value


Whole = Annotated[int, Field(strict=True), BeforeValidator(_number_of)]
Number = Annotated[
    float, Field(allow_inf_nan=False), BeforeValidator(_not_boolean), BeforeValidator(_number_of)
]
Boolean = Annotated[bool, Field(strict=True), BeforeValidator(_number_of)]
AnyDuration = Annotated[timedelta, Field(le=timedelta(days=36_500)), BeforeValidator(_iso_duration)]
PositiveDuration = Annotated[AnyDuration, Field(gt=timedelta(0))]
Duration = Annotated[AnyDuration, Field(ge=timedelta(0))]
Text = Annotated[str, Field(min_length=1)]


class _Strict(BaseModel):
    model_config = ConfigDict(extra="forbid", frozen=True, strict=False)


class Schedule(_Strict):
    cron: Text
    timezone: Text = "UTC"


class Sessions(_Strict):
    agent_id: Text | None = None
    limit: Annotated[Whole, Field(ge=1, le=SESSIONS_LIMIT)] = 50
    minimum: Annotated[Whole, Field(ge=1, le=SESSIONS_LIMIT)] = 1
    max_age: PositiveDuration = timedelta(days=30)
    mounted: Boolean = False
    catch_up: Boolean = True
    set_aside_after: Annotated[Whole, Field(ge=1)] = 3

    @property
    def scope(self) -> str:
        """Return which sessions the pipeline looks at, in words: a dream's coverage holds for these and no others."""
        whose = self.agent_id or "workspace"
        return f"{whose}, mounted" if self.mounted else whose

    @model_validator(mode="after")
    def _minimum_within_limit(self) -> Sessions:
        if self.minimum > self.limit:
            raise ValueError(f"minimum: {self.minimum} is above limit: {self.limit}")
        return self


class Budget(_Strict):
    tokens: Annotated[Whole, Field(gt=0)] | None = None
    usd: Annotated[Number, Field(gt=0)] | None = None


class DreamSettings(_Strict):
    model: Annotated[str, Field(min_length=1, max_length=256)] = "claude-opus-4-8"
    instructions: Annotated[str, Field(min_length=1, max_length=INSTRUCTIONS_LIMIT)] | None = None
    timeout: PositiveDuration = timedelta(hours=6)
    poll_interval: Annotated[AnyDuration, Field(ge=timedelta(seconds=1))] = timedelta(seconds=30)
    budget: Budget = Budget()


class Night(_Strict):
    budget: Budget = Budget()
    dreams: Annotated[Whole, Field(ge=1)] = 4


class Approval(_Strict):
    mode: ApprovalMode = "required"
    assignees: tuple[Text, ...] = ()
    timeout: PositiveDuration = timedelta(days=7)


class DeploymentTarget(_Strict):
    type: Literal["deployment"]
    deployment_id: Text
    replaces: Text | None = None
    github_conn_id: Text | None = None


class AgentTarget(_Strict):
    type: Literal["agent"]
    agent_id: Text
    metadata_key: Annotated[str, Field(min_length=1, max_length=64)] = "memory_store_id"


class FileTarget(_Strict):
    type: Literal["file"]
    path: Text
    key: Text


Target = Annotated[DeploymentTarget | AgentTarget | FileTarget, Field(discriminator="type")]


class Checks(_Strict):
    protect: tuple[Text, ...] = ()
    max_removed: Annotated[Number, Field(ge=0, le=1)] = 0.25

    @field_validator("protect")
    @classmethod
    def _readable_patterns(cls, patterns: tuple[str, ...]) -> tuple[str, ...]:
        for pattern in patterns:
            try:
                pathspec.PathSpec.from_lines("gitignore", [pattern])
            except ValueError as e:
                raise ValueError(f"{pattern!r} is not a pattern such as /policies/**") from e
        return patterns


class Retire(_Strict):
    idle_for: Duration = timedelta(hours=1)
    drain_timeout: PositiveDuration = timedelta(hours=6)
    grace: Duration = timedelta(0)


class Reports(_Strict):
    location: Text | None = None
    keep: PositiveDuration = timedelta(days=400)


class Pipeline(_Strict):
    """One pipeline: ``include/pipelines/<name>.yaml``, which becomes the DAG ``dream__<name>``."""

    name: str
    conn_id: Text = "anthropic_default"
    pool: Text | None = None
    schedule: Schedule | None = None
    sessions: Sessions = Sessions()
    dream: DreamSettings = DreamSettings()
    night: Night = Night()
    approval: Approval = Approval()
    targets: Annotated[tuple[Target, ...], Field(min_length=1)]
    checks: Checks = Checks()
    retire: Retire = Retire()
    reports: Reports = Reports()
    notify: tuple[Text, ...] = ()

    @property
    def dag_id(self) -> str:
        return f"dream__{self.name}"
