"""The server describes itself as OpenAPI, and schemathesis holds it to that description."""

from __future__ import annotations

import tempfile
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
import schemathesis
from fastapi.testclient import TestClient
from hypothesis import HealthCheck, settings
from schemathesis.core.parameters import ParameterLocation
from schemathesis.specs.openapi.checks import positive_data_acceptance

from include.managed_agents.app import create_app
from include.managed_agents.settings import Settings
from tests.managed_agents.support import KEY
from tests.managed_agents.test_properties import HEADERS, one_of_each

FOLDER = tempfile.TemporaryDirectory()
APP = create_app(Settings(database=f"sqlite:///{Path(FOLDER.name) / 'server.db'}", api_key=KEY))
SCHEMA = schemathesis.openapi.from_asgi("/openapi.json", APP, headers=HEADERS)
#: A stream has no end, and these end what other requests need.
ENDING = r"/stream$|/archive$"


@pytest.fixture(scope="module")
def known() -> Iterator[dict[str, str]]:
    """One object of every kind, so that requests reach past 'not found'."""
    with TestClient(APP, headers=HEADERS) as http:
        yield one_of_each(http)
    FOLDER.cleanup()


@SCHEMA.exclude(path_regex=ENDING).exclude(method="DELETE").parametrize()
@settings(max_examples=8, derandomize=True, deadline=None, suppress_health_check=list(HealthCheck))
def test_every_call_keeps_to_its_description(case: Any, known: dict[str, str]) -> None:
    """No 500, no answer that breaks its schema, and nothing accepted that the description forbids."""
    if not case.meta.is_negative_at(ParameterLocation.PATH):
        case.path_parameters = {name: known.get(name, value) for name, value in case.path_parameters.items()}
    # The description can't say every rule, such as which references exist: a refusal is no failure here.
    case.call_and_validate(headers={"x-api-key": KEY}, excluded_checks=[positive_data_acceptance])
