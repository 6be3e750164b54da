"""docker-compose.yaml as the containers see it, with an .env that sets what has to be set."""

from __future__ import annotations

import re
from collections.abc import Mapping
from pathlib import Path
from typing import Any

from include.cluster import compose
from include.cluster.compose import HOME, TEXT, Unset, used_variables

__all__ = [
    "AIRFLOW",
    "DAEMONS",
    "FILLED",
    "HOME",
    "PROJECT",
    "SECRETS",
    "TEXT",
    "Unset",
    "constraint",
    "mounts_of",
    "read_compose",
    "read_services",
    "used_variables",
]

PROJECT = Path(__file__).parents[2]
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


def read_compose(environ: Mapping[str, str] = FILLED) -> Any:
    """:raises Unset: a variable that has to be set is not."""
    return compose.read_compose(environ)


def read_services(environ: Mapping[str, str] = FILLED) -> dict[str, Any]:
    return dict(read_compose(environ)["services"])


def mounts_of(service: Mapping[str, Any]) -> dict[str, tuple[str, str]]:
    """Return, by path in the container, the source and the mode."""
    parts = [str(volume).split(":") for volume in service.get("volumes", [])]
    return {part[1]: (part[0], part[2] if len(part) > 2 else "rw") for part in parts}


def constraint(package: str) -> str:
    """Return the version that constraints.txt pins."""
    pins = (PROJECT / "constraints.txt").read_text(encoding="utf-8")
    found = re.search(rf"^{re.escape(package)}==(\S+)", pins, re.MULTILINE)
    assert found, f"constraints.txt does not pin {package}"
    return found[1]
