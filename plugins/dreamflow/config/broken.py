"""What is left of a pipeline whose file is wrong: what to say, when, and to whom."""

from __future__ import annotations

import os
import re
from contextlib import suppress
from dataclasses import dataclass, field
from difflib import get_close_matches
from pathlib import Path
from typing import Any

import yaml
from pydantic import TypeAdapter

from dreamflow.config.models import Schedule, Text
from dreamflow.config.variables import fill

__all__ = ["DAILY", "BrokenFile", "broken_file"]

#: When a file fails that means to have a schedule, and says none that can be read.
DAILY = Schedule(cron="0 0 * * *")
#: A key at the left edge with the lines below it, for a file that is no YAML as a whole.
_BLOCK = re.compile(r"^(?:schedule|notify) *:.*\n(?:(?:[ -].*)?\n)*", re.MULTILINE)


@dataclass(frozen=True)
class BrokenFile:
    """
    A DAG that can do nothing but fail.

    :param message: what is wrong, and what to do.
    :param schedule: when it fails. None: when it is triggered.
    :param notify: who is told.
    :param unpaused: whether it starts by itself. Not one that becomes a pipeline when its file is right.
    """

    dag_id: str
    message: str
    schedule: Schedule | None = None
    notify: tuple[str, ...] = field(default=(), repr=False)
    unpaused: bool = False


def broken_file(path: Path, dag_id: str, message: str) -> BrokenFile:
    """
    Return what can be read of a file that is wrong: ``schedule`` and ``notify``, each where it is right by itself.

    Where a schedule is meant and can't be read, or nobody can tell, the DAG fails once a day: nights must not be
    missing in silence. A file that has none fails when it is triggered.
    """
    try:
        text = f"{path.read_text(encoding='utf-8')}\n"
    except (OSError, ValueError):
        text = ""
    whole = _keys_of(text)
    keys = whole or {key: value for block in _BLOCK.findall(text) for key, value in _keys_of(block).items()}
    schedule = _right(Schedule, "schedule", keys)
    meant = [key for key in get_close_matches("schedule", map(str, whole)) if whole.get(key) is not None]
    if schedule is None and (meant or not whole):
        schedule = DAILY
    return BrokenFile(dag_id, message, schedule, _right(tuple[Text, ...], "notify", keys) or ())


def _keys_of(text: str) -> dict[Any, Any]:
    with suppress(yaml.YAMLError, ValueError, RecursionError):
        data = yaml.safe_load(text)
        return data if isinstance(data, dict) else {}
    return {}


def _right(kind: Any, key: str, keys: dict[Any, Any]) -> Any:
    """Return the key's value where it is of that kind, else None."""
    with suppress(ValueError, RecursionError):
        filled, _, wrong = fill({key: keys.get(key)}, os.environ)
        return None if wrong else TypeAdapter(kind).validate_python(filled[key])
    return None
