"""Reading a pipeline file: variables put in after YAML is parsed, every mistake of the file said at once."""

from __future__ import annotations

import hashlib
import os
import re
from collections.abc import Mapping
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import yaml
from croniter import CroniterBadDateError, CroniterError, croniter
from pendulum import timezone
from pendulum.tz.exceptions import InvalidTimezone
from pydantic import ValidationError

from dreamflow.config.mistakes import mistakes_of, shown_value
from dreamflow.config.models import FromVariable, Pipeline
from dreamflow.errors import ConfigError

__all__ = ["dag_id_of", "load_pipeline", "pipeline_files", "pipelines_folder"]

#: A variable; what looks like one and is none; or ``$${``, which stands for ``${``.
_VARIABLE = re.compile(r"\$\$\{|\$\{(?:([A-Za-z_][A-Za-z0-9_]*)\}|[^}]*\}?)")
#: What a file may be called: it becomes part of a DAG id, a folder and a metadata value.
_NAME = re.compile(r"[A-Za-z0-9][A-Za-z0-9_-]{0,63}\Z")


def pipelines_folder() -> Path:
    """Return the folder of the pipeline files: ``DREAMFLOW_PIPELINES``, or ``include/pipelines`` of the project."""
    named = os.environ.get("DREAMFLOW_PIPELINES")
    return Path(named) if named else Path(__file__).parents[3] / "include" / "pipelines"


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
            return FromVariable(filled) if filled != item else item
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
