"""One embedded server for all unit tests, in a process of its own, behind an Airflow connection."""

from __future__ import annotations

import json
from collections.abc import Iterator

import pytest
from anthropic import Anthropic

from dreamflow.hooks.managed_agents import ManagedAgentsHook
from tests.support.server import KEY, serving
from tests.unit.service import OPEN_WIRES, Service, Wire, wired


@pytest.fixture(scope="session")
def service_url(tmp_path_factory: pytest.TempPathFactory) -> Iterator[str]:
    """Serve on a free port for the whole session, and make the connection ``anthropic_default`` lead there."""
    with (
        serving(tmp_path_factory.mktemp("service") / "service.db") as url,
        pytest.MonkeyPatch.context() as patch,
    ):
        connection = {"conn_type": "anthropic", "host": url, "password": KEY}
        patch.setenv("AIRFLOW_CONN_ANTHROPIC_DEFAULT", json.dumps(connection))
        yield url


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
