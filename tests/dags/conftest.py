"""A folder of pipeline files, and what Airflow makes of it."""

from __future__ import annotations

import itertools
import os
import string
import subprocess
import sys
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest
from airflow.dag_processing.dagbag import DagBag

from tests.dags.fleet_nights import Fleet, MakeFleet, Server, fleet_on, serving
from tests.dags.secret_night import listening

PROJECT = Path(__file__).parents[2]
#: ``parse`` gives each file an agent of its own: two pipelines must not share a target.
GOOD = "targets: [{type: agent, agent_id: agent_1}]\n"

#: What fleets are called by: short, so that no session's code, which has the name in it, looks like a secret.
_LETTERS = map("".join, itertools.product(string.ascii_lowercase, repeat=2))

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
            timeout=300,
        )

    return run_code


@pytest.fixture(scope="module")
def fleet_server(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Server]:
    with serving(tmp_path_factory.mktemp("fleets")) as served:
        yield served


@pytest.fixture
def make_fleet(
    fleet_server: Server,
    folder: Path,
    tmp_path_factory: pytest.TempPathFactory,
    parse: Parse,
    monkeypatch: pytest.MonkeyPatch,
) -> Iterator[MakeFleet]:
    """Make a fleet on the module's server; its name, which its members' begin with, is its own."""
    name = f"care{next(_LETTERS)}"
    with listening() as told:

        def make(**more: Any) -> Fleet:
            place = tmp_path_factory.mktemp(name)
            return fleet_on(fleet_server, name, folder, place, parse, monkeypatch, **more)(told)

        yield make


@pytest.fixture
def fleet(make_fleet: MakeFleet) -> Fleet:
    return make_fleet()
