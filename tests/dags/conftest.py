"""A folder of pipeline files, and what Airflow makes of it."""

from __future__ import annotations

import os
import subprocess
import sys
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest
from airflow.dag_processing.dagbag import DagBag

PROJECT = Path(__file__).parents[2]
#: ``parse`` gives each file an agent of its own: two pipelines must not share a target.
GOOD = "targets: [{type: agent, agent_id: agent_1}]\n"

Parse = Callable[..., DagBag]
Run = Callable[..., subprocess.CompletedProcess[str]]


@pytest.fixture
def folder(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    monkeypatch.setenv("DREAMFLOW_PIPELINES", str(tmp_path))
    return tmp_path


@pytest.fixture
def parse(folder: Path) -> Iterator[Parse]:
    """Write pipeline files, and let Airflow parse the DAG folder."""
    path = list(sys.path)

    def parse_with(**files: str) -> DagBag:
        for name, text in files.items():
            (folder / f"{name}.yaml").write_text(
                text.replace("agent_1", f"agent_of_{name}"), encoding="utf-8"
            )
        return DagBag(PROJECT / "dags")

    yield parse_with
    sys.path[:] = path


@pytest.fixture
def run(folder: Path) -> Run:
    """Run Python code in a process of its own, as fresh as the DAG processor's, with the plugins folder on its path."""

    def run_code(code: str, **environ: str) -> subprocess.CompletedProcess[str]:
        return subprocess.run(
            [sys.executable, "-c", code],
            cwd=folder,
            env={**os.environ, "PYTHONPATH": str(PROJECT / "plugins"), **environ},
            capture_output=True,
            text=True,
            check=False,
            timeout=60,
        )

    return run_code
