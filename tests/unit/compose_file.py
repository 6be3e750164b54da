"""docker-compose.yaml as the containers see it: read with PyYAML, its variables put in as Compose does."""

from __future__ import annotations

import re
from collections.abc import Mapping
from pathlib import Path
from typing import Any

import yaml

PROJECT = Path(__file__).parents[2]
#: AIRFLOW_HOME in Airflow's image.
HOME = "/opt/airflow"
DAEMONS = {"api-server", "scheduler", "dag-processor", "triggerer", "worker"}
AIRFLOW = DAEMONS | {"init"}
SECRETS = {
    "ANTHROPIC_API_KEY",
    "AIRFLOW_FERNET_KEY",
    "AIRFLOW_SECRET_KEY",
    "AIRFLOW_JWT_SECRET",
    "AIRFLOW_ADMIN_PASSWORD",
    "POSTGRES_PASSWORD",
    "REDIS_PASSWORD",
}
#: An .env that sets what has to be set, each secret to a value that tells it from the others.
FILLED = {name: f"{name.lower().replace('_', '')}0123456789abcdef" for name in SECRETS}
TEXT = (PROJECT / "docker-compose.yaml").read_text(encoding="utf-8")
_VARIABLE = re.compile(r"\$\$|\$\{(?P<name>[A-Z_]+)(?:(?P<how>:[-?])(?P<rest>[^}]*))?\}")


class Unset(Exception):
    """A variable that has to be set is not: Compose would stop with this message."""


def read_compose(environ: Mapping[str, str] = FILLED) -> Any:
    """:raises Unset: a variable that has to be set is not."""
    return _walk(yaml.safe_load(TEXT), environ)


def read_services(environ: Mapping[str, str] = FILLED) -> dict[str, Any]:
    return dict(read_compose(environ)["services"])


def mounts_of(service: Mapping[str, Any]) -> dict[str, tuple[str, str]]:
    """Return, by path in the container, the source and the mode."""
    parts = [str(volume).split(":") for volume in service.get("volumes", [])]
    return {part[1]: (part[0], part[2] if len(part) > 2 else "rw") for part in parts}


def used_variables() -> dict[str, tuple[str, str]]:
    """Return, by the variable's name, how it is used (``:?``, ``:-``) and its message or default."""
    settings = "\n".join(line for line in TEXT.splitlines() if not line.lstrip().startswith("#"))
    return {m["name"]: (m["how"], m["rest"]) for m in _VARIABLE.finditer(settings) if m["name"]}


def constraint(package: str) -> str:
    """Return the version that constraints.txt pins."""
    pins = (PROJECT / "constraints.txt").read_text(encoding="utf-8")
    found = re.search(rf"^{re.escape(package)}==(\S+)", pins, re.MULTILINE)
    assert found, f"constraints.txt does not pin {package}"
    return found[1]


def _walk(item: Any, environ: Mapping[str, str]) -> Any:
    if isinstance(item, str):
        return _filled(item, environ)
    if isinstance(item, dict):
        return {key: _walk(value, environ) for key, value in item.items()}
    if isinstance(item, list):
        return [_walk(value, environ) for value in item]
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
