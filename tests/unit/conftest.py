"""One embedded server for all unit tests, in a process of its own, behind an Airflow connection."""

from __future__ import annotations

import json
import os
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

import pytest
from anthropic import Anthropic

from dreamflow.hooks.managed_agents import ManagedAgentsHook
from tests.unit.service import OPEN_WIRES, Service, Wire, wired

ROOT = Path(__file__).parents[2]
KEY = "unit-test-key"


@pytest.fixture(scope="session")
def service_url(tmp_path_factory: pytest.TempPathFactory) -> Iterator[str]:
    """Serve on a free port for the whole session, and make the connection ``anthropic_default`` lead there."""
    database = tmp_path_factory.mktemp("service") / "service.db"
    process = subprocess.Popen(
        [sys.executable, "-m", "include.managed_agents", "serve", "--port", "0", "--database", f"sqlite:///{database}"],
        cwd=ROOT,
        env={**os.environ, "AGENTS_API_KEY": KEY},
        stdout=subprocess.PIPE,
        text=True,
    )  # fmt: skip
    assert process.stdout is not None
    url = next(word for word in process.stdout.readline().split() if word.startswith("http://"))
    with pytest.MonkeyPatch.context() as patch:
        connection = {"conn_type": "anthropic", "host": url, "password": KEY}
        patch.setenv("AIRFLOW_CONN_ANTHROPIC_DEFAULT", json.dumps(connection))
        yield url
    process.kill()
    process.wait()
    process.stdout.close()


@pytest.fixture(scope="session")
def service(service_url: str) -> Iterator[Service]:
    with Anthropic(
        api_key=KEY, base_url=service_url, max_retries=0, _strict_response_validation=True
    ) as client:
        yield Service(client)


@pytest.fixture(autouse=True)
def close_wires() -> Iterator[None]:
    yield
    while OPEN_WIRES:
        OPEN_WIRES.pop().close()


@pytest.fixture
def hook(service: Service) -> ManagedAgentsHook:
    return wired(Wire())
