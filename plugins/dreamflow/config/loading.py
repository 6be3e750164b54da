"""Reading one pipeline file: every mistake of it said at once."""

from __future__ import annotations

import os
import re
from collections.abc import Mapping
from pathlib import Path
from typing import Any

import yaml
from pydantic import ValidationError

from dreamflow.config.mistakes import mistakes_of, yaml_mistake
from dreamflow.config.models import Pipeline
from dreamflow.config.variables import fill
from dreamflow.errors import ConfigError

__all__ = ["FILE_NAME", "load_pipeline", "shown_path"]

#: What a file may be called: it becomes part of a DAG id, a folder and a metadata value.
FILE_NAME = re.compile(r"[A-Za-z0-9][A-Za-z0-9_-]{0,63}\Z")


def load_pipeline(path: Path, environ: Mapping[str, str] | None = None) -> Pipeline:
    """
    Read one pipeline file. Variables are put in after YAML is parsed: their content can't change its structure.

    :raises ConfigError: file, key, value, and what was expected; every mistake of the file at once, and nothing that a
        variable holds.
    """
    where = shown_path(path)
    if not FILE_NAME.match(path.stem):
        raise ConfigError(
            f"{where}: the file's name {path.stem!r} becomes a DAG id: use letters, digits, - and _, 64 at most"
        )
    twins = [path.with_suffix(".yaml"), path.with_suffix(".yml")]
    if all(twin.exists() for twin in twins):
        raise ConfigError(
            f"{where}: {twins[0].name} and {twins[1].name} name the same pipeline: keep one of them"
        )
    data = _keys_of(path, where)
    try:
        filled, variables, wrong = fill(data, os.environ if environ is None else environ)
    except RecursionError as e:
        raise ConfigError(f"{where}: an alias leads back to itself") from e
    if wrong:
        raise ConfigError("; ".join(f"{where}: {mistake}" for mistake in wrong))
    try:
        pipeline = Pipeline.model_validate({**filled, "name": path.stem}, context=variables)
    except ValidationError as e:
        raise ConfigError("; ".join(f"{where}: {mistake}" for mistake in mistakes_of(e))) from e
    identities = [target.identity for target in pipeline.targets]
    for position, identity in enumerate(identities):
        if identity in identities[:position]:
            raise ConfigError(f"{where}: targets.{position}: stands there twice")
    return pipeline


def _keys_of(path: Path, where: str) -> dict[Any, Any]:
    text = ""
    try:
        text = path.read_text(encoding="utf-8")
        data = yaml.load(text, Loader=_UniqueKeyLoader)  # noqa: S506 - a SafeLoader
    except (yaml.YAMLError, ValueError, RecursionError) as e:
        raise ConfigError(f"{where}: {yaml_mistake(e, text)}") from e
    except OSError as e:
        raise ConfigError(f"{where}: can't be read: {e.strerror}") from e
    if data is None:
        raise ConfigError(f"{where}: the file is empty: it needs targets: at least")
    if not isinstance(data, dict):
        raise ConfigError(f"{where}: expected keys such as targets:, found {type(data).__name__}")
    if "name" in data:
        raise ConfigError(f"{where}: name: is not a key: the file's name is the pipeline's")
    return data


def shown_path(path: Path) -> str:
    """Return the path as a person wrote it: from ``include/`` on, where it lies there."""
    parts = path.parts
    return str(Path(*parts[parts.index("include") :])) if "include" in parts else str(path)


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
