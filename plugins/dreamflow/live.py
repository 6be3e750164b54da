"""
Which memory store of a pipeline is live: for applications that create sessions themselves.

    STORE=$(python -m dreamflow.live support)

It wants this package and Airflow's installed, the pipeline's file with its variables, and the connection: no Airflow
that runs, and no database of one. An application asks whenever it creates a session, and keeps the answer for no other.
"""

from __future__ import annotations

import argparse
import os
from difflib import get_close_matches
from typing import NoReturn

from dreamflow.config import Pipeline, load_pipeline, pipeline_files, pipelines_folder
from dreamflow.errors import ConfigError, DreamflowError
from dreamflow.targets import live_store, open_target

__all__ = ["live_store_id"]

#: Seconds to wait for one answer, and tries after the first: somebody waits for the session.
_TIMEOUT, _RETRIES = 10.0, 2


def live_store_id(pipeline_name: str) -> str:
    """
    Return the id of the memory store that is live now: the one that the pipeline's first target names.

    Two requests, nothing is written and nothing kept, so it may be called for every session, from several threads,
    and while a run swaps the store. One for each store mounted comes on top where the target has ``replaces:``.

    :param pipeline_name: the name of the pipeline's file, without ``.yaml``.
    :raises ConfigError: there is no such pipeline, its file is wrong, or its connection is not defined.
    :raises StateError: the target names no store, or one that is archived.
    :raises StorageUnavailable: the target's file could not be read just now.
    :raises ServiceUnavailable: the service gave no answer: it may pass.
    :raises RequestRejected: the service refused: a wrong key, or an id that is not there.
    """
    pipeline = _pipeline(pipeline_name)
    from dreamflow.hooks.managed_agents import ManagedAgentsHook  # noqa: PLC0415 - it imports anthropic, and Airflow

    hook = ManagedAgentsHook(conn_id=pipeline.conn_id)
    hook.patience = _TIMEOUT
    try:
        hook.client = hook.client.with_options(timeout=_TIMEOUT, max_retries=_RETRIES)
    except ConfigError as e:
        raise ConfigError(
            f"{e} An application has it from its environment: set AIRFLOW_CONN_{pipeline.conn_id.upper()}."
        ) from e
    with hook.client:
        return live_store(open_target(pipeline.targets[0], hook, pipeline.shown), hook).id


def _pipeline(name: str) -> Pipeline:
    folder = pipelines_folder()
    files = {path.stem: path for path in pipeline_files(folder)}
    if name not in files:
        near = ", ".join(get_close_matches(name, files, n=5, cutoff=0.5))
        raise ConfigError(
            f"there is no pipeline {name!r}: {folder} has no file of that name. "
            f"{f'Is it {near}?' if near else 'DREAMFLOW_PIPELINES names another folder.'}"
        )
    return load_pipeline(files[name])


class _Parser(argparse.ArgumentParser):
    def error(self, message: str) -> NoReturn:
        """Fail with one line, and code 1, whatever is wrong."""
        self.exit(1, f"{self.prog}: {' '.join(message.split())}\n")


def main() -> None:
    """Print the id of a pipeline's live store, and nothing else, on stdout."""
    parser = _Parser(
        prog="python -m dreamflow.live", description="Print the id of a pipeline's live memory store."
    )
    parser.add_argument("pipeline", help="the name of the pipeline's file, without .yaml")
    name = parser.parse_args().pipeline
    # Whatever Airflow, or a plugin of it, logs or prints there meanwhile is no part of the answer.
    stdout = os.dup(1)
    os.dup2(os.open(os.devnull, os.O_WRONLY), 1)
    try:
        answer = live_store_id(name)
    except Exception as e:
        parser.error(str(e) if isinstance(e, DreamflowError) else f"{type(e).__name__}: {e}")
    os.write(stdout, f"{answer}\n".encode())


if __name__ == "__main__":
    main()
