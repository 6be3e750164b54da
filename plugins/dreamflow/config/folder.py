"""The folder of the pipeline files: which DAGs a DAG file makes of them, those that are wrong among them."""

from __future__ import annotations

import hashlib
import os
import re
import zlib
from collections import defaultdict
from contextlib import suppress
from dataclasses import dataclass, field
from difflib import get_close_matches
from pathlib import Path
from typing import Any

import yaml
from pydantic import TypeAdapter

from dreamflow.config.loading import FILE_NAME, load_pipeline, shown_path
from dreamflow.config.models import Pipeline, Schedule
from dreamflow.config.values import Text
from dreamflow.config.variables import fill
from dreamflow.errors import ConfigError

__all__ = [
    "DAILY",
    "BrokenFile",
    "broken_file",
    "load_folder",
    "load_named",
    "load_others",
    "names_in",
    "pipeline_files",
    "pipelines_folder",
]

#: When a file fails that means to have a schedule, and says none that can be read.
DAILY = Schedule(cron="0 0 * * *")
#: Where a key at the left edge begins, for a file that is no YAML as a whole.
_KEY = re.compile(r"^(?=[^\s#-])", re.MULTILINE)


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

    def __str__(self) -> str:
        return self.dag_id

    def shown(self, text: str) -> str:
        """Return the text of a notice as it is: a message about a file holds nothing of its variables."""
        return text


def pipelines_folder() -> Path:
    """Return the folder of the pipeline files: ``DREAMFLOW_PIPELINES``, or ``include/pipelines`` of the project."""
    named = os.environ.get("DREAMFLOW_PIPELINES")
    return Path(named) if named else Path(__file__).parents[3] / "include" / "pipelines"


def pipeline_files(folder: Path) -> list[Path]:
    """
    Return the pipeline files in name order.

    :raises ConfigError: there is no such folder.
    """
    if not folder.is_dir():
        raise ConfigError(
            f"{folder} is not a folder: the pipeline files are looked for there. Make it, or set DREAMFLOW_PIPELINES "
            "to the folder that holds them, for the DAG processor and the workers."
        )
    return sorted(path for path in folder.glob("*.y*ml") if path.suffix in (".yaml", ".yml"))


def load_named(name: str) -> Pipeline:
    """
    Return the pipeline of that name.

    :raises ConfigError: there is none, or its file is wrong.
    """
    for path in pipeline_files(pipelines_folder()):
        if path.stem == name:
            return load_pipeline(path)
    raise ConfigError(
        f"there is no pipeline {name!r} in {pipelines_folder()}: choose one of those that are there"
    )


def load_others(name: str) -> list[Pipeline]:
    """Return the folder's pipelines but the one of that name. A file that is wrong swaps nothing: it is left out."""
    others = []
    for path in pipeline_files(pipelines_folder()):
        if path.stem != name:
            with suppress(ConfigError):
                others.append(load_pipeline(path))
    return others


def names_in(folder: Path, dag_file: Path, *, limit: int) -> list[str]:
    """
    Return the names of the pipelines whose files are right.

    :param limit: beyond so many files none is read, and all are named: there is no time for it while DAGs are parsed.
    """
    files = pipeline_files(folder)
    if len(files) > limit:
        return [path.stem for path in files]
    found = load_folder(folder, dag_file, limit=limit)
    return [pipeline.name for pipeline in found if isinstance(pipeline, Pipeline)]


def dag_id_of(path: Path) -> str:
    """Return the id of a file's DAG, which may be one that says what is wrong with it, whatever the file is called."""
    name = path.stem
    if not FILE_NAME.match(name):
        name = f"{re.sub(r'[^A-Za-z0-9_-]', '_', name)[:48]}_{hashlib.sha256(name.encode()).hexdigest()[:8]}"
    return f"dream__{name}"


def load_folder(
    folder: Path, dag_file: Path, *, limit: int, only: str | None = None
) -> list[Pipeline | BrokenFile]:
    """
    Return what the DAG file makes DAGs of, in the order of the pipelines' names.

    Copies of a DAG file (``nightly_dream.py``, ``nightly_dream_2.py`` …) share the pipelines, by their names.

    :param limit: how many DAGs a DAG file may have. One more says that there are too many, while they still work.
    :param only: the id of the one DAG that is wanted. Other files are not read, so that a target which two pipelines
        share goes unnoticed.
    :raises ConfigError: there is no such folder.
    """
    read: dict[Path, Pipeline | BrokenFile] = {}
    for path in pipeline_files(folder):
        if only in (None, dag_id_of(path)):
            try:
                read[path] = load_pipeline(path)
            except ConfigError as e:
                read[path] = broken_file(path, str(e))
    for path, mistakes in _shared_targets(read).items():
        read[path] = broken_file(path, "; ".join(mistakes))
    copies = _copies(dag_file)
    own = copies.index(dag_file.name)
    mine = [f for f in read.values() if only or zlib.crc32(f.dag_id.encode()) % len(copies) == own]
    if len(mine) > limit:
        message = (
            f"{len(mine)} pipelines in one DAG file are more than the {limit} that Airflow reads for certain: it ends "
            f"what takes too long, and then all of them are gone, without an error. Copy {dag_file.name} to a name "
            "with a number, such as nightly_dream_2.py, beside it: the copies share the pipelines. Or raise "
            "[dag_processor] dag_file_processor_timeout and [core] dagbag_import_timeout."
        )
        mine.append(BrokenFile(f"too_many_pipelines__{dag_file.stem}", message, DAILY, unpaused=True))
    return mine


def _shared_targets(read: dict[Path, Pipeline | BrokenFile]) -> dict[Path, list[str]]:
    """Return what is wrong with pipelines that name one target: one's swap would undo the other's."""
    places: dict[str, list[tuple[Path, str, str]]] = defaultdict(list)
    for path, found in read.items():
        for position, target in enumerate(found.targets if isinstance(found, Pipeline) else ()):
            places[target.identity].append((path, f"targets.{position}", target.type))
    mistakes: dict[Path, list[str]] = defaultdict(list)
    for naming in places.values():
        for path, place, kind in naming:
            if others := [f"{shown_path(other)} ({at})" for other, at, _ in naming if other != path]:
                mistakes[path].append(
                    f"{shown_path(path)}: {place}: the same {kind} is a target of {', '.join(others)}: both would "
                    "dream and be paid for, and one's swap undo the other's. Keep it in one of them"
                )
    return mistakes


def _copies(dag_file: Path) -> list[str]:
    """Return the names of the DAG files that share the pipelines with this one, itself among them."""

    def base(path: Path) -> str:
        return re.sub(r"_\d+\Z", "", path.stem)

    beside = (path.name for path in dag_file.parent.glob("*.py") if base(path) == base(dag_file))
    return sorted({dag_file.name, *beside})


def broken_file(path: Path, message: str) -> BrokenFile:
    """
    Return what can be read of a file that is wrong: ``schedule`` and ``notify``, each where it is right by itself.

    Where a schedule is meant and can't be read, or nobody can tell, the DAG fails once a day: nights must not be
    missing in silence. A file that has none fails when it is triggered.
    """
    text = ""
    with suppress(OSError, ValueError):
        text = path.read_text(encoding="utf-8")
    whole = _keys_of(text)
    keys = whole or {key: value for part in _KEY.split(text) for key, value in _keys_of(part).items()}
    schedule = _right(Schedule, "schedule", keys)
    meant = any(keys.get(key) is not None for key in get_close_matches("schedule", map(str, keys)))
    if schedule is None and (meant or not whole):
        schedule = DAILY
    return BrokenFile(dag_id_of(path), message, schedule, _right(tuple[Text, ...], "notify", keys) or ())


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
