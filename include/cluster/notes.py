"""What a running cluster tells other programs about itself, and what they ask of it: small files in its folder."""

from __future__ import annotations

import json
import os
from collections.abc import Mapping
from pathlib import Path
from typing import Any

import psutil

from include.cluster.errors import ClusterError
from include.cluster.place import Place, private

__all__ = ["alive", "held", "hold", "note", "read_note", "release"]

_NOTE = "cluster.json"
_HELD = "stopped"


def note(place: Place, user: str, running: Mapping[str, Mapping[str, Any]]) -> None:
    """Write down where the cluster is reached, and which processes it has."""
    content = {
        "url": place.url,
        "user": user,
        "password": place.variables["AIRFLOW_ADMIN_PASSWORD"],
        "agents_url": place.agents_url,
        "api_key": place.variables["ANTHROPIC_API_KEY"],
        "keeper": {"pid": os.getpid(), "created": psutil.Process().create_time()},
        "running": running,
    }
    private(place.folder / _NOTE, content)


def read_note(folder: Path) -> dict[str, Any]:
    """:raises ClusterError: no cluster was ever started in the folder."""
    try:
        return dict(json.loads((folder / _NOTE).read_text()))
    except (FileNotFoundError, ValueError) as e:
        raise ClusterError(
            f"{folder} has no cluster: start one with up, or name its folder with --folder"
        ) from e


def alive(noted: Mapping[str, Any]) -> bool:
    """Tell whether the process that a note means still runs; a later one may have got its number."""
    try:
        process = psutil.Process(noted["pid"])
        return process.create_time() == noted["created"] and process.status() != psutil.STATUS_ZOMBIE
    except psutil.NoSuchProcess:
        return False


def hold(folder: Path, name: str) -> None:
    """Ask the cluster to stop a part, and to leave it so."""
    (folder / _HELD).mkdir(exist_ok=True)
    (folder / _HELD / name).touch()


def release(folder: Path, name: str) -> None:
    """Ask the cluster to start a part again."""
    (folder / _HELD / name).unlink(missing_ok=True)


def held(folder: Path) -> set[str]:
    """Return the parts that are to be stopped."""
    return {path.name for path in (folder / _HELD).glob("*")}
