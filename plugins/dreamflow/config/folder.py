"""The folder of the pipeline files: which DAGs a DAG file makes of them."""

from __future__ import annotations

import hashlib
import os
import re
import zlib
from collections import defaultdict
from pathlib import Path

from dreamflow.config.broken import DAILY, BrokenFile, broken_file
from dreamflow.config.loading import FILE_NAME, load_pipeline, shown_path
from dreamflow.config.models import Pipeline
from dreamflow.errors import ConfigError

__all__ = ["dag_id_of", "load_folder", "pipeline_files", "pipelines_folder"]


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
    if not FILE_NAME.match(name):
        name = f"{re.sub(r'[^A-Za-z0-9_-]', '_', name)[:48]}_{hashlib.sha256(name.encode()).hexdigest()[:8]}"
    return f"dream__{name}"


def load_folder(
    folder: Path, dag_file: Path, *, limit: int, only: str | None = None
) -> list[Pipeline | BrokenFile]:
    """
    Return what the DAG file makes DAGs of, in the order of the pipelines' names.

    Copies of a DAG file (``nightly_dream.py``, ``nightly_dream_2.py`` …) share the pipelines: each has those whose
    name falls to it, wherever the others stand.

    :param limit: how many DAGs a DAG file may have. One more says that there are too many, while they still work.
    :param only: the id of the one DAG that is wanted. Other files are not read, so that a target which two pipelines
        share goes unnoticed.
    :raises ConfigError: there is no such folder.
    """
    files = [path for path in pipeline_files(folder) if only in (None, dag_id_of(path))]
    read = {path: _read(path) for path in files}
    for path, mistakes in _shared_targets(read).items():
        found = read[path]
        read[path] = BrokenFile(found.dag_id, "; ".join(mistakes), found.schedule, found.notify)
    copies = _copies(dag_file)
    mine = [
        found
        for found in read.values()
        if only or copies[zlib.crc32(found.dag_id.encode()) % len(copies)] == dag_file.name
    ]
    if len(mine) > limit:
        message = (
            f"{len(mine)} pipelines in one DAG file are more than the {limit} that Airflow reads for certain: it ends "
            f"what takes too long, and then all of them are gone, without an error. Copy {dag_file.name} to a name "
            "with a number, such as nightly_dream_2.py, beside it: the copies share the pipelines. Or raise "
            "[dag_processor] dag_file_processor_timeout and [core] dagbag_import_timeout."
        )
        mine.append(BrokenFile(f"too_many_pipelines__{dag_file.stem}", message, DAILY, unpaused=True))
    return mine


def _read(path: Path) -> Pipeline | BrokenFile:
    try:
        return load_pipeline(path)
    except ConfigError as e:
        return broken_file(path, dag_id_of(path), str(e))


def _shared_targets(read: dict[Path, Pipeline | BrokenFile]) -> dict[Path, list[str]]:
    """Return what is wrong with pipelines that name one target: each would swap what the other had read."""
    places: dict[str, list[tuple[Path, str, str]]] = defaultdict(list)
    for path, found in read.items():
        for position, target in enumerate(found.targets if isinstance(found, Pipeline) else ()):
            places[target.identity].append((path, f"targets.{position}", target.type))
    mistakes: dict[Path, list[str]] = defaultdict(list)
    for naming in places.values():
        for path, place, kind in naming:
            if others := [f"{shown_path(other)} ({at})" for other, at, _ in naming if other != path]:
                mistakes[path].append(
                    f"{shown_path(path)}: {place}: the same {kind} is a target of {', '.join(others)}: each pipeline "
                    "would swap what the other had read, and both be paid for. Keep it in one of them"
                )
    return mistakes


def _copies(dag_file: Path) -> list[str]:
    """Return the names of the DAG files that share the pipelines with this one, itself among them."""
    base = re.sub(r"_\d+\Z", "", dag_file.stem)
    beside = (path.name for path in dag_file.parent.glob(f"{base}*.py"))
    return sorted(
        {dag_file.name, *(name for name in beside if re.fullmatch(r"(_\d+)?\.py", name[len(base) :]))}
    )
