"""What a pipeline file may say."""

from __future__ import annotations

import hashlib
import re
from datetime import UTC, datetime, timedelta
from typing import Annotated, Any, Literal

import pathspec
from croniter import croniter
from pendulum import timezone as time_zone_of
from pydantic import (
    BeforeValidator,
    Field,
    PrivateAttr,
    ValidationInfo,
    ValidatorFunctionWrapHandler,
    field_validator,
    model_validator,
)
from pydantic_core import PydanticCustomError

from dreamflow.config.fleets import Fleet
from dreamflow.config.values import (
    AnyDuration,
    Boolean,
    Duration,
    Number,
    PositiveDuration,
    Strict,
    Text,
    Whole,
    checked_by,
    off_word,
)
from dreamflow.config.variables import Variables
from dreamflow.core.fleets import Member

__all__ = [
    "TARGET_KINDS",
    "AgentTarget",
    "ApprovalMode",
    "CheckLevel",
    "Checks",
    "DeploymentTarget",
    "FileTarget",
    "Pipeline",
    "Schedule",
    "Target",
]

ApprovalMode = Literal["required", "when_flagged", "never"]
#: How grave what a check finds is, or that the check is left out.
CheckLevel = Literal["note", "flag", "block", "off"]

#: Sessions that one dream takes at most (dream_create_params.py).
SESSIONS_LIMIT = 100
#: Characters of a value that is looked for in texts: Airflow's own default, ``[logging] min_length_masked_secret``.
SHORTEST_SECRET = 5
#: Dreams of one store in one night, where the file does not say.
DREAMS_A_NIGHT = 4
#: Characters of a dream's instructions at most (dream_create_params.py).
INSTRUCTIONS_LIMIT = 4096


class Schedule(Strict):
    cron: Annotated[
        Text,
        checked_by("cron", croniter),
        checked_by("cron_never", lambda cron: croniter(cron, datetime.now(UTC)).get_next()),
    ]
    timezone: Annotated[Text, checked_by("time_zone", time_zone_of)] = "UTC"


class Sessions(Strict):
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
        return f"{self.agent_id or 'workspace'}{', mounted' if self.mounted else ''}"

    @property
    def scope_mark(self) -> str:
        """Return a checksum of the scope: what is written down of it, as the scope may come from a variable."""
        return hashlib.sha256(self.scope.encode()).hexdigest()[:16]

    @model_validator(mode="after")
    def _minimum_within_limit(self) -> Sessions:
        if self.minimum > self.limit:
            raise ValueError(f"minimum: {self.minimum} is above limit: {self.limit}")
        return self


class Budget(Strict):
    tokens: Annotated[Whole, Field(gt=0)] | None = None
    usd: Annotated[Number, Field(gt=0)] | None = None


class DreamSettings(Strict):
    model: Annotated[str, Field(min_length=1, max_length=256)] = "claude-opus-4-8"
    instructions: Annotated[str, Field(min_length=1, max_length=INSTRUCTIONS_LIMIT)] | None = None
    timeout: PositiveDuration = timedelta(hours=6)
    poll_interval: Annotated[AnyDuration, Field(ge=timedelta(seconds=1))] = timedelta(seconds=30)
    budget: Budget = Budget()


class Night(Strict):
    budget: Budget = Budget()
    dreams: Annotated[Whole, Field(ge=1)] | None = None


class Approval(Strict):
    mode: ApprovalMode = "required"
    assignees: tuple[Text, ...] = ()
    timeout: PositiveDuration = timedelta(days=7)


class _Target(Strict):
    @property
    def identity(self) -> str:
        """Return what tells this place from any other, whatever else the file says of it."""
        return self.model_dump_json(exclude={"replaces", "github_conn_id"})


class DeploymentTarget(_Target):
    type: Literal["deployment"]
    deployment_id: Text
    replaces: Text | None = None
    github_conn_id: Text | None = None


class AgentTarget(_Target):
    type: Literal["agent"]
    agent_id: Text
    metadata_key: Annotated[str, Field(min_length=1, max_length=64)] = "memory_store_id"


class FileTarget(_Target):
    type: Literal["file"]
    path: Text
    key: Text


#: The kinds of target, by the word that a file has for them.
TARGET_KINDS: dict[str, type[_Target]] = {
    "deployment": DeploymentTarget,
    "agent": AgentTarget,
    "file": FileTarget,
}
Target = Annotated[DeploymentTarget | AgentTarget | FileTarget, Field(discriminator="type")]


Level = Annotated[CheckLevel, BeforeValidator(off_word)] | None


class Checks(Strict):
    """How grave what each check finds is, by its name; ``None`` leaves that to the check."""

    ungrounded: Level = None
    lost: Level = None
    secret: Level = None
    instruction: Level = None
    hidden_text: Level = None
    personal_data: Level = None
    protected: Level = None
    removed: Level = None
    shrunk: Level = None
    single_source: Level = None
    still_read: Level = None
    index: Level = None
    limits: Level = None
    unseen: Level = None
    recall: Level = None
    unchanged: Level = None
    protect: tuple[
        Annotated[Text, checked_by("pattern", lambda one: pathspec.PathSpec.from_lines("gitignore", [one]))],
        ...,
    ] = ()
    max_removed: Annotated[Number, Field(ge=0, le=1)] = 0.25
    max_shrunk: Annotated[Number, Field(ge=0, le=1)] = 0.5

    @property
    def severities(self) -> dict[str, str]:
        """Return what the file says of each check by name; those it says nothing of are left out."""
        return self.model_dump(exclude={"protect", "max_removed", "max_shrunk"}, exclude_none=True)


class Retire(Strict):
    idle_for: Duration = timedelta(hours=1)
    drain_timeout: PositiveDuration = timedelta(hours=6)
    grace: Duration = timedelta(0)


class Reports(Strict):
    location: Text | None = None
    keep: PositiveDuration = timedelta(days=400)


class Pipeline(Strict):
    """
    One pipeline: ``include/pipelines/<name>.yaml``, which becomes the DAG ``dream__<name>``.

    It prints as its name and nothing else: Airflow keeps ``str()`` of what a DAG is built with in its database.
    """

    name: str
    conn_id: Text = "anthropic_default"
    pool: Text | None = None
    schedule: Schedule | None = None
    sessions: Sessions = Sessions()
    dream: DreamSettings = DreamSettings()
    night: Night = Night()
    approval: Approval = Approval()
    fleet: Fleet | None = None
    targets: Annotated[tuple[Target, ...], Field(min_length=1, validate_default=True)] = ()
    checks: Checks = Checks()
    retire: Retire = Retire()
    reports: Reports = Reports()
    notify: tuple[Text, ...] = ()

    _variables: Variables = PrivateAttr(default_factory=Variables)
    _member: Member | None = PrivateAttr(default=None)

    @field_validator("targets", mode="wrap")
    @classmethod
    def _beside_fleet(
        cls, value: Any, handler: ValidatorFunctionWrapHandler, info: ValidationInfo
    ) -> tuple[Target, ...]:
        is_fleet = info.data.get("fleet", ...) is not None
        if value != ():
            if is_fleet:
                raise PydanticCustomError(
                    "beside_fleet", "stands beside fleet:, whose members are the targets: keep one of them"
                )
            return handler(value)  # type: ignore[no-any-return]
        if not is_fleet:
            raise PydanticCustomError("no_targets", "is missing: name at least one, or a fleet:")
        return ()

    def model_post_init(self, context: Any) -> None:
        if isinstance(context, Variables):
            self._variables = context

    def __str__(self) -> str:
        return self.name

    __repr__ = __str__

    @property
    def dag_id(self) -> str:
        return f"dream__{self.name}"

    @property
    def member(self) -> Member | None:
        """Return which member of a fleet it is for; None where it is no fleet's."""
        return self._member

    @property
    def called(self) -> str:
        """Return whose memory it is about, as people are told: the pipeline's, or that of a member of its fleet."""
        return f"{self._member.called} of {self.name}" if self._member else self.name

    def of_member(self, member: Member) -> Pipeline:
        """Return a fleet's pipeline as it is for one of its members: one store, one deployment, its sessions."""
        assert self.fleet is not None
        target = DeploymentTarget(
            type="deployment", deployment_id=member.id, github_conn_id=self.fleet.github_conn_id
        )
        sessions = self.sessions.model_copy(update={"mounted": True})
        own = self.model_copy(update={"targets": (target,), "sessions": sessions})
        own._member = member
        return own

    @property
    def dreams_a_night(self) -> int:
        """Return how many dreams one store may have in one night: of a fleet's, ``night.dreams`` counts them all."""
        return (None if self.fleet else self.night.dreams) or DREAMS_A_NIGHT

    @model_validator(mode="after")
    def _each_shard_has_its_night(self) -> Pipeline:
        """What a fleet's dream may use is kept for it: the night needs to know that, and room for one in each shard."""
        if self.fleet is None:
            return self
        shards, night, dream = self.fleet.shards, self.night.budget, self.dream.budget
        if self.night.dreams is not None and self.night.dreams < shards:
            raise ValueError("night.dreams: is below fleet.shards: each shard needs one at least")
        for unit, whole, each in (("tokens", night.tokens, dream.tokens), ("usd", night.usd, dream.usd)):
            if whole is not None and each is None:
                raise ValueError(
                    f"night.budget.{unit}: needs dream.budget.{unit} in a fleet: many dream at once"
                )
            if whole is not None and each is not None and round(whole - each * shards, 6) < 0:
                raise ValueError(
                    f"night.budget.{unit}: is below dream.budget.{unit} for each of fleet.shards"
                )
        return self

    @property
    def secrets(self) -> tuple[str, ...]:
        """Return what the file took from variables and can be told from other text, the longest first."""
        found = {value for value in self._variables.values.values() if len(value) >= SHORTEST_SECRET}
        return tuple(sorted(found, key=len, reverse=True))

    def shown(self, text: str) -> str:
        """Return the text, which is not yet encoded as JSON, with ``${NAME}`` in place of each of the ``secrets``."""
        names = {value: f"${{{name}}}" for name, value in self._variables.values.items()}
        secrets = "|".join(map(re.escape, self.secrets))
        return re.sub(secrets, lambda match: names[match[0]], text) if secrets else text

    def came_from_variable(self, key: str) -> bool:
        """Return whether the file has a variable in the value of the key, such as ``dream.model``, or below it."""
        return any(f"{filled}.".startswith(f"{key}.") for filled in self._variables.keys)
