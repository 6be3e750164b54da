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

from include.managed_agents.app import create_app, routed
from include.managed_agents.openapi import describe_api
from include.managed_agents.settings import Settings
from tests.managed_agents.conftest import sdk
from tests.managed_agents.support import KEY, dream_of, ended, recorded, session_on, store_of
from tests.managed_agents.test_properties import HEADERS, one_of_each, valid_requests

SCHEMA = schemathesis.openapi.from_dict(describe_api(routed()))
SCHEMA.config.update(base_url="http://testserver")
#: Parts of bodies of which no schema can say all: which objects exist, and what a path may be.
REFERENCES = {
    "/v1/sessions": ("agent", "environment_id", "resources"),
    "/v1/deployments": ("agent", "environment_id", "resources"),
    "/v1/dreams": ("inputs",),
    "/v1/memory_stores/{memory_store_id}/memories": ("path",),
}
STREAM = r"/stream$"  # has no end


@pytest.fixture(scope="module")
def app() -> Iterator[Any]:
    with tempfile.TemporaryDirectory() as folder:
        yield create_app(Settings(database=f"sqlite:///{Path(folder) / 'server.db'}", api_key=KEY))


@pytest.fixture(scope="module")
def known(app: Any) -> Iterator[dict[str, dict[str, str]]]:
    """One object of every kind, so that requests reach past 'not found'; and more of each, to be ended."""
    with TestClient(app, headers=HEADERS) as http:
        yield {fate: all_of(http, fate) for fate in ("kept", "deleted", "archived")}


def all_of(http: TestClient, fate: str) -> dict[str, str]:
    client, ids = sdk("http://testserver", http_client=http), one_of_each(http)
    store = store_of(client, a="one")
    repository = {"type": "github_repository", "url": "https://github.com/a/b", "authorization_token": "t"}
    session = session_on(client, repository)
    (resource,) = client.beta.sessions.resources.list(session.id)
    (thread,) = client.beta.sessions.threads.list(session.id)
    dream = dream_of(client, store.id, recorded(client, "Hello"))
    if fate == "archived":
        ended(client, dream)
    return ids | {
        "agent_id": session.agent.id,
        "environment_id": session.environment_id,
        "session_id": session.id,
        "resource_id": str(resource.to_dict()["id"]),
        "thread_id": thread.id,
        "dream_id": dream.id,
    }


def test_the_description_is_served_with_the_key_and_leaves_nothing_out(app: Any) -> None:
    http = TestClient(app)
    assert http.get("/openapi.json").status_code == 401
    served = http.get("/openapi.json", headers=HEADERS).json()
    assert served == SCHEMA.raw_schema
    assert set(served["paths"]) == {route.path for route in app.routes} - {"/openapi.json"}
    importing = served["paths"]["/_control/sessions/import"]["post"]
    assert importing["requestBody"]["content"]["application/json"]["schema"]["$ref"].endswith(
        "/ImportRequest"
    )
    listing = served["paths"]["/v1/sessions"]["get"]
    assert {"created_at[gte]", "statuses", "anthropic-beta"} <= {one["name"] for one in listing["parameters"]}
    listed = listing["responses"]["200"]["content"]["application/json"]["schema"]["properties"]["data"]
    assert listed["items"]["$ref"].endswith("/BetaManagedAgentsSession")


def fate_by(case: Any) -> str:
    """Return what a call does to the object that it names."""
    if case.path.endswith("/archive"):
        return "archived"
    return "deleted" if case.method == "DELETE" else "kept"


@SCHEMA.exclude(path_regex=STREAM).parametrize()
@settings(max_examples=8, derandomize=True, deadline=None, suppress_health_check=list(HealthCheck))
def test_every_call_keeps_to_its_description(case: Any, app: Any, known: dict[str, dict[str, str]]) -> None:
    """No 500, no answer that breaks its schema, and nothing accepted that the description forbids."""
    ids = known[fate_by(case)]
    if not case.meta.is_negative_at(ParameterLocation.PATH):
        case.path_parameters = {name: ids.get(name, value) for name, value in case.path_parameters.items()}
    if (
        case.path in REFERENCES
        and isinstance(case.body, dict)
        and not case.meta.is_negative_at(ParameterLocation.BODY)
    ):
        right = valid_requests(ids)[case.formatted_path]
        case.body = case.body | {name: right[name] for name in REFERENCES[case.path]}
    keyed = {} if case.meta.is_negative_at(ParameterLocation.HEADER) else {"x-api-key": KEY}
    # The description can't say every rule, such as which references exist: a refusal is no failure here.
    case.operation.schema.app = case.operation.app = app
    case.call_and_validate(headers=keyed, excluded_checks=[positive_data_acceptance])
