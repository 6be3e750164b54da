"""
Import the SDK once in the process that tasks are forked from, instead of in every task.

Airflow imports this module wherever it starts, if its folder is on ``PYTHONPATH``: the demo and docker-compose.yaml
put it there. A task is a process forked from a Celery worker's pool, or with the LocalExecutor from the scheduler, and
inherits what that has imported. The SDK takes over a second, which is most of what a short task needs. The other parts
of Airflow don't fork tasks; the DAG processor never needs the SDK.
"""

from __future__ import annotations

import sys

from airflow.configuration import conf


def _forks_tasks(arguments: list[str]) -> bool:
    """Tell whether the tasks of this command line of Airflow's are forked from its process."""
    match arguments[1:]:
        case ["celery", "worker", *_]:
            return True
        case ["scheduler", *_]:
            return "LocalExecutor" in conf.get("core", "executor")
    return False


if _forks_tasks(sys.argv):
    import anthropic  # noqa: F401

#: Airflow takes over every public name of this module as a setting; this one has none.
__all__: list[str] = []
