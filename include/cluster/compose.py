"""
docker-compose.yaml, read with PyYAML, and with its variables put in as Compose does.

Settings have their home there. Here they are only brought to one machine, where services share addresses and folders.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Mapping
from typing import Any

import yaml

from include.demo.settings import PROJECT

__all__ = ["HOME", "TEXT", "Unset", "read_compose", "used_variables", "walked"]

#: AIRFLOW_HOME in Airflow's image.
HOME = "/opt/airflow"
TEXT = (PROJECT / "docker-compose.yaml").read_text(encoding="utf-8")
_VARIABLE = re.compile(r"\$\$|\$\{(?P<name>[A-Z_]+)(?:(?P<how>:[-?])(?P<rest>[^}]*))?\}")


class Unset(Exception):
    """A variable that has to be set is not: Compose would stop with this message."""


def read_compose(environ: Mapping[str, str]) -> Any:
    """:raises Unset: a variable that has to be set is not."""
    return walked(yaml.safe_load(TEXT), lambda text: _filled(text, environ))


def used_variables() -> dict[str, tuple[str, str]]:
    """Return, by the variable's name, how it is used (``:?``, ``:-``) and its message or default."""
    settings = "\n".join(line for line in TEXT.splitlines() if not line.lstrip().startswith("#"))
    return {m["name"]: (m["how"], m["rest"]) for m in _VARIABLE.finditer(settings) if m["name"]}


def walked(item: Any, change: Callable[[str], str]) -> Any:
    """Return the item with every text in it changed, keys excepted."""
    if isinstance(item, str):
        return change(item)
    if isinstance(item, dict):
        return {key: walked(value, change) for key, value in item.items()}
    if isinstance(item, list):
        return [walked(value, change) for value in item]
    return item


def _filled(text: str, environ: Mapping[str, str]) -> str:
    def value(match: re.Match[str]) -> str:
        name, rest = match["name"], match["rest"] or ""
        if name is None:
            return "$"
        if environ.get(name):
            return environ[name]
        if match["how"] == ":?":
            raise Unset(f"{name}: {rest}")
        return rest

    return _VARIABLE.sub(value, text)
