"""What a pipeline file may say, and the errors that it gets when it says something else."""

from __future__ import annotations

import hashlib
import os
import re
from collections.abc import Mapping
from contextlib import suppress
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Annotated, Any, Literal

import pathspec
import yaml
from pydantic import (
    BaseModel,
    BeforeValidator,
    ConfigDict,
    Field,
    ValidationError,
    field_validator,
    model_validator,
)
from pydantic_core import PydanticCustomError

from dreamflow._mistakes import mistakes_of, shown_value
from dreamflow.errors import ConfigError

__all__ = [
    "AgentTarget",
    "ApprovalMode",
    "DeploymentTarget",
    "FileTarget",
    "Pipeline",
    "Target",
    "dag_id_of",
    "load_pipeline",
    "pipeline_files",
    "pipelines_folder",
]

ApprovalMode = Literal["required", "when_flagged", "never"]

#: A variable; what looks like one and is none; or ``$${``, which stands for ``${``.
_VARIABLE = re.compile(r"\$\$\{|\$\{(?:([A-Za-z_][A-Za-z0-9_]*)\}|[^}]*\}?)")
#: What a file may be called: it becomes part of a DAG id, a folder and a metadata value.
_NAME = re.compile(r"[A-Za-z0-9][A-Za-z0-9_-]{0,63}\Z")
#: Sessions that one dream takes at most (dream_create_params.py).
SESSIONS_LIMIT = 100
#: Characters of a dream's instructions at most (dream_create_params.py).
INSTRUCTIONS_LIMIT = 4096


class _FromVariable(str):
    """Text that an environment variable brought; where a number or a boolean belongs, it is read as one."""

    __slots__ = ()


def _number_of(value: Any) -> Any:
    if isinstance(value, _FromVariable):
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


class DreamBudget(_Strict):
    tokens: Annotated[Whole, Field(gt=0)] | None = None
    usd: Annotated[Number, Field(gt=0)] | None = None


class DreamSettings(_Strict):
    model: Annotated[str, Field(min_length=1, max_length=256)] = "claude-opus-4-8"
    instructions: Annotated[str, Field(min_length=1, max_length=INSTRUCTIONS_LIMIT)] | None = None
    timeout: PositiveDuration = timedelta(hours=6)
    poll_interval: Annotated[AnyDuration, Field(ge=timedelta(seconds=1))] = timedelta(seconds=30)
    budget: DreamBudget = DreamBudget()


class Approval(_Strict):
    mode: ApprovalMode = "required"
    assignees: tuple[Text, ...] = ()
    timeout: PositiveDuration = timedelta(hours=20)


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


class Pipeline(_Strict):
    """One pipeline: ``include/pipelines/<name>.yaml``, which becomes the DAG ``dream__<name>``."""

    name: str
    conn_id: Text = "anthropic_default"
    schedule: Schedule | None = None
    sessions: Sessions = Sessions()
    dream: DreamSettings = DreamSettings()
    approval: Approval = Approval()
    targets: Annotated[tuple[Target, ...], Field(min_length=1)]
    checks: Checks = Checks()
    retire: Retire = Retire()
    reports: Reports = Reports()
    notify: tuple[Text, ...] = ()

    @property
    def dag_id(self) -> str:
        return f"dream__{self.name}"


def pipelines_folder() -> Path:
    """Return the folder of the pipeline files: ``DREAMFLOW_PIPELINES``, or ``include/pipelines`` of the project."""
    named = os.environ.get("DREAMFLOW_PIPELINES")
    return Path(named) if named else Path(__file__).parents[2] / "include" / "pipelines"


def pipeline_files(folder: Path) -> list[Path]:
    """
    Return the pipeline files in name order.

    :raises ConfigError: there is no such folder. Without it no pipeline would be there, and nothing would say why.
    """
    if not folder.is_dir():
        raise ConfigError(
            f"{folder} is not a folder: the pipeline files are looked for there. Make it, or set DREAMFLOW_PIPELINES "
            "to the folder that holds them, for the DAG processor and the workers."
        )
    return sorted(path for path in folder.glob("*.y*ml") if path.suffix in (".yaml", ".yml"))


def dag_id_of(path: Path) -> str:
    """Return the id of a file's DAG, which may be one that says what is wrong with it, whatever the file is called."""
    name = path.stem
    if not _NAME.match(name):
        name = f"{re.sub(r'[^A-Za-z0-9_-]', '_', name)[:48]}_{hashlib.sha256(name.encode()).hexdigest()[:8]}"
    return f"dream__{name}"


def load_pipeline(path: Path, environ: Mapping[str, str] | None = None) -> Pipeline:
    """
    Read one pipeline file.

    ``${NAME}`` in a value takes an environment variable, and ``$${`` stands for ``${``. A variable is put in after the
    YAML is parsed, so that no variable's content can change the file's structure.

    :raises ConfigError: file, key, value, and what was expected; every mistake of the file at once.
    """
    where = _shown(path)
    if not _NAME.match(path.stem):
        raise ConfigError(
            f"{where}: the file's name {path.stem!r} becomes a DAG id: use letters, digits, - and _, 64 at most"
        )
    twins = [twin for twin in (path.with_suffix(".yaml"), path.with_suffix(".yml")) if twin.exists()]
    if len(twins) > 1:
        raise ConfigError(
            f"{where}: {twins[0].name} and {twins[1].name} name the same pipeline: keep one of them"
        )
    try:
        data = yaml.load(path.read_text(encoding="utf-8"), Loader=_UniqueKeyLoader)  # noqa: S506 - a SafeLoader
    except (yaml.YAMLError, ValueError, RecursionError) as e:
        raise ConfigError(f"{where}: not YAML: {' '.join(str(e).split())}") from e
    except OSError as e:
        raise ConfigError(f"{where}: can't be read: {e.strerror}") from e
    if not isinstance(data, dict):
        raise ConfigError(f"{where}: expected keys such as targets:, found {type(data).__name__}")
    if "name" in data:
        raise ConfigError(f"{where}: name: is not a key: the file's name is the pipeline's")
    try:
        filled, wrong = _filled(data, os.environ if environ is None else environ)
    except RecursionError as e:
        raise ConfigError(f"{where}: an alias leads back to itself") from e
    if wrong:
        raise ConfigError("; ".join(f"{where}: {mistake}" for mistake in wrong))
    try:
        pipeline = Pipeline.model_validate({**filled, "name": path.stem})
    except ValidationError as e:
        raise ConfigError("; ".join(f"{where}: {mistake}" for mistake in mistakes_of(e))) from e
    _check_schedule(pipeline, where)
    _check_targets(pipeline, where)
    return pipeline


def _check_schedule(pipeline: Pipeline, where: str) -> None:
    if pipeline.schedule is None:
        return
    from croniter import CroniterBadDateError, CroniterError, croniter
    from pendulum import timezone
    from pendulum.tz.exceptions import InvalidTimezone

    try:
        croniter(pipeline.schedule.cron, datetime.now(UTC)).get_next()
    except CroniterBadDateError as e:
        raise ConfigError(f"{where}: schedule.cron: {pipeline.schedule.cron!r} never comes") from e
    except (CroniterError, ValueError) as e:
        raise ConfigError(
            f"{where}: schedule.cron: {pipeline.schedule.cron!r} is not a cron expression such as 30 2 * * *"
        ) from e
    try:
        timezone(pipeline.schedule.timezone)
    except (InvalidTimezone, ValueError, OSError) as e:
        raise ConfigError(
            f"{where}: schedule.timezone: {pipeline.schedule.timezone!r} is not a time zone such as Europe/London"
        ) from e


def _check_targets(pipeline: Pipeline, where: str) -> None:
    seen: set[str] = set()
    for position, target in enumerate(pipeline.targets):
        name = target.model_dump_json(exclude={"replaces", "github_conn_id"})
        if name in seen:
            raise ConfigError(f"{where}: targets.{position}: stands there twice")
        seen.add(name)


def _shown(path: Path) -> str:
    """Return the path as a person wrote it: from ``include/`` on, where it lies there."""
    parts = path.parts
    return str(Path(*parts[parts.index("include") :])) if "include" in parts else str(path)


def _filled(value: Any, environ: Mapping[str, str]) -> tuple[Any, list[str]]:
    """Return the value with variables put in, and what is wrong with those that could not be."""
    mistakes: list[str] = []

    def put_in(match: re.Match[str], at: str) -> str:
        written, name = match[0], match[1]
        if written == "$${":
            return "${"
        if name is None:
            mistakes.append(
                f"{at}: {shown_value(written)} names no variable: write ${{NAME}}, with letters, digits and _; "
                "or $${ for the characters themselves"
            )
        elif not environ.get(name):
            mistakes.append(f"{at}: the variable {written} is not set")
        return environ.get(name or "", "")

    def walk(item: Any, at: str) -> Any:
        if isinstance(item, str):
            filled = _VARIABLE.sub(lambda match: put_in(match, at), item)
            return _FromVariable(filled) if filled != item else item
        if isinstance(item, dict):
            return {name: walk(child, f"{at}.{name}" if at else str(name)) for name, child in item.items()}
        if isinstance(item, list):
            return [walk(child, f"{at}.{i}") for i, child in enumerate(item)]
        return item

    return walk(value, ""), mistakes


class _UniqueKeyLoader(yaml.SafeLoader):
    """A safe loader that refuses a key that stands twice: YAML would silently keep the last."""

    def construct_mapping(self, node: yaml.MappingNode, deep: bool = False) -> dict[Any, Any]:
        seen: set[str] = set()
        for key_node, _ in node.value:
            if key_node.tag == "tag:yaml.org,2002:merge":
                continue
            key = str(self.construct_object(key_node, deep=True))
            if key in seen:
                raise yaml.constructor.ConstructorError(
                    None, None, f"the key {key!r} stands twice", key_node.start_mark
                )
            seen.add(key)
        return super().construct_mapping(node, deep)
