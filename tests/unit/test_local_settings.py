"""The SDK is imported once, where tasks are forked from, and nowhere else, as Airflow itself starts."""

from __future__ import annotations

import os
import subprocess
import sys
from pathlib import Path

import pytest

PROJECT = Path(__file__).parents[2]
FOLDER = PROJECT / "include" / "local_settings"

#: Starts as `airflow <arguments>` does, forks as executor and supervisor do, and says what the task finds imported.
PROBE = """
import multiprocessing, os, sys
sys.argv[0] = "airflow"
from airflow.executors.local_executor import LocalExecutor

def run_task():
    task = os.fork()
    if not task:
        print("inherited" if "anthropic" in sys.modules else "not there", flush=True)
        os._exit(0)
    os.waitpid(task, 0)

assert LocalExecutor(parallelism=1).is_mp_using_fork
worker = multiprocessing.Process(target=run_task)
worker.start()
worker.join()
"""


@pytest.mark.parametrize(
    ("command", "executor", "found"),
    [
        ("celery worker --concurrency 8", "CeleryExecutor", "inherited"),
        ("scheduler", "LocalExecutor", "inherited"),
        ("scheduler", "CeleryExecutor", "not there"),
        ("dag-processor", "LocalExecutor", "not there"),
    ],
)
def test_a_task_finds_the_sdk_imported_where_it_was_forked_from_and_nobody_else_imports_it(
    command: str, executor: str, found: str
) -> None:
    env = {**os.environ, "PYTHONPATH": str(FOLDER), "AIRFLOW__CORE__EXECUTOR": executor}
    done = subprocess.run(
        [sys.executable, "-c", PROBE, *command.split()], env=env, capture_output=True, text=True, check=False
    )
    assert done.returncode == 0, done.stderr
    assert done.stdout.split("\n")[-2] == found
