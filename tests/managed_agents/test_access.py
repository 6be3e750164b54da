"""Who may call, and how every kind of failure is answered."""

from __future__ import annotations

import json
from collections.abc import Iterator
from pathlib import Path

import pytest
from anthropic import Anthropic, AuthenticationError, BadRequestError, NotFoundError
from anthropic._exceptions import ContentTooLargeError
from fastapi.testclient import TestClient

from include.managed_agents.app import create_app
from include.managed_agents.settings import Settings
from tests.managed_agents.conftest import Connect, Serve
from tests.managed_agents.support import KEY, MODEL


@pytest.fixture
def http(tmp_path: Path) -> Iterator[TestClient]:
    app = create_app(Settings(database=f"sqlite:///{tmp_path / 'server.db'}", api_key=KEY))
    headers = {"x-api-key": KEY, "anthropic-beta": "managed-agents-2026-04-01"}
    with TestClient(app, headers=headers) as http:
        yield http


@pytest.mark.parametrize("headers", [{"x-api-key": KEY}, {"authorization": f"Bearer {KEY}"}])
def test_the_key_is_taken_as_x_api_key_or_as_a_bearer_token(
    http: TestClient, headers: dict[str, str]
) -> None:
    assert http.get("/v1/environments", headers={"x-api-key": "", **headers}).status_code == 200


@pytest.mark.parametrize(
    "headers",
    [
        {},
        {"x-api-key": "wrong"},
        {"x-api-key": f"{KEY}x"},
        {"authorization": f"Basic {KEY}"},
        {"authorization": "Bearer"},
        {"authorization": "Bearer wrong"},
        {"authorization": KEY},
    ],
)
def test_any_other_key_is_refused(http: TestClient, headers: dict[str, str]) -> None:
    answer = http.get("/v1/environments", headers={"x-api-key": "", **headers})
    assert answer.status_code == 401
    assert answer.json()["error"]["type"] == "authentication_error"


def test_the_sdk_raises_its_own_error_for_a_wrong_key(client: Anthropic) -> None:
    with pytest.raises(AuthenticationError):
        client.with_options(api_key="wrong").beta.agents.list()


def test_without_the_key_nothing_is_told_not_even_what_exists(http: TestClient) -> None:
    for path in ("/v1/agents", "/v1/none", "/_control/sessions/import", "/docs", "/openapi.json"):
        assert http.get(path, headers={"x-api-key": ""}).status_code == 401


def test_health_needs_no_key(http: TestClient) -> None:
    answer = http.get("/health", headers={"x-api-key": ""})
    assert (answer.status_code, answer.json()) == (200, {"status": "ok"})


def test_errors_have_the_apis_form_and_carry_the_requests_id(http: TestClient) -> None:
    answer = http.get("/v1/agents/agent_unknown")
    assert answer.status_code == 404
    body = answer.json()
    assert body["type"] == "error"
    assert body["error"]["type"] == "not_found_error"
    assert body["request_id"] == answer.headers["request-id"]
    assert body["request_id"].startswith("req_")


def test_an_unknown_endpoint_and_a_wrong_method_are_said_to_be_that(http: TestClient) -> None:
    unknown, wrong = http.get("/v1/files"), http.put("/v1/agents")
    assert (unknown.status_code, unknown.json()["error"]["type"]) == (404, "not_found_error")
    assert (wrong.status_code, wrong.json()["error"]["type"]) == (405, "invalid_request_error")


@pytest.mark.parametrize("path", ["/v1/agents", "/v1/sessions", "/v1/deployments", "/v1/memory_stores"])
def test_the_beta_header_is_wanted(http: TestClient, path: str) -> None:
    answer = http.get(path, headers={"anthropic-beta": ""})
    assert answer.status_code == 400
    assert "managed-agents-2026-04-01" in answer.json()["error"]["message"]


@pytest.mark.parametrize(
    ("body", "told"),
    [
        (b"{", "not valid JSON"),
        (b"[]", "must be a JSON object"),
        (b'{"name": "x", "model": "m", "metadata": {"a": NaN}}', "metadata.a: is no number"),
        (b'{"name": "\\ud800", "model": "m"}', "name: holds half a surrogate pair"),
        (
            b'{"name": "x", "model": "m", "metadata": {"\\udc00": "x"}}',
            "metadata: has a key with half a surrogate",
        ),
        (
            b'{"name": "x", "model": "m", "metadata": {"a": "b", "a": "c"}}',
            "metadata: has the same key twice",
        ),
        (b'{"name": "x", "model": "m", "metadata": {"a": 1e999}}', "metadata.a: is no number"),
        (
            b'{"name": "x", "model": "m", "metadata": {"a": 99999999999999999999}}',
            "metadata.a: is a whole number",
        ),
        (b'{"name": "x", "model": "m", "metadata": {"a": "\\u0000"}}', "metadata.a: must not contain NUL"),
        (b'{"name": "\xff", "model": "m"}', "not valid JSON"),
        (b'{"name": 5, "model": "m"}', "name"),
        (b'{"name": "x", "model": "m", "nmae": "y"}', "nmae"),
        (b"", "model"),
        (b"[" * 100_000, "nested deeper than 64 levels"),
        (b'{"name": ' + b"[" * 70 + b"]" * 70 + b"}", "nested deeper than 64 levels"),
        (b'{"name": "x", "model": "m", "tools": [{"type": "nonsense"}]}', "tools.0: 'type' must be one of"),
    ],
)
def test_a_body_that_is_wrong_is_told_where(http: TestClient, body: bytes, told: str) -> None:
    answer = http.post("/v1/agents", content=body)
    assert answer.status_code == 400
    assert told in answer.json()["error"]["message"]


def test_an_error_never_quotes_the_value_it_is_about(http: TestClient) -> None:
    answer = http.post("/v1/agents", content=json.dumps({"name": "x", "model": "m", "system": ["secret"]}))
    assert answer.status_code == 400
    assert "secret" not in answer.text


@pytest.mark.parametrize(
    ("query", "told"),
    [
        ("limit=x", "limit"),
        ("limit=1&limit=2", "more than once"),
        ("updated_at[gte]=2026-01-01T00:00:00Z", "updated_at[gte]"),
        ("created_at[gte]=yesterday", "created_at[gte]"),
        ("created_at[gte]=1700000000", "created_at[gte]"),
        ("include_archived=maybe", "include_archived"),
        ("page=nonsense", "page"),
    ],
)
def test_a_query_that_is_wrong_is_told_where(http: TestClient, query: str, told: str) -> None:
    answer = http.get(f"/v1/agents?{query}")
    assert answer.status_code == 400
    assert told in answer.json()["error"]["message"]


def test_a_list_may_be_written_with_brackets_or_without(http: TestClient) -> None:
    for query in (
        "statuses=idle&statuses=running",
        "statuses[]=idle&statuses[]=running",
        "statuses%5B%5D=idle",
    ):
        assert http.get(f"/v1/sessions?{query}").status_code == 200


def test_a_body_over_the_limit_is_refused_before_it_is_read_whole(connect: Connect) -> None:
    client = connect(max_body_bytes=1000)
    with pytest.raises(ContentTooLargeError) as caught:
        client.beta.agents.create(name="Agent", model=MODEL, system="x" * 1000)
    assert caught.value.status_code == 413
    http: TestClient = client._client  # type: ignore[assignment]

    def chunks() -> object:
        yield b'{"name": "'
        for _ in range(100):
            yield b"x" * 100

    headers = {"x-api-key": KEY, "anthropic-beta": "managed-agents-2026-04-01"}
    assert http.post("/v1/agents", content=chunks(), headers=headers).status_code == 413  # type: ignore[arg-type]


def test_neither_the_key_nor_its_plain_hash_is_in_the_database(serve: Serve, tmp_path: Path) -> None:
    server = serve()
    server.client.beta.agents.create(name="Agent", model=MODEL)
    server.stop()
    stored = b"".join(path.read_bytes() for path in tmp_path.glob("live.db*"))
    assert b"Agent" in stored
    assert KEY.encode() not in stored


def test_a_client_without_rights_learns_nothing_from_a_bad_body(http: TestClient) -> None:
    answer = http.post("/v1/agents", content=b"{", headers={"x-api-key": "wrong"})
    assert answer.status_code == 401


def test_strange_ids_are_not_found(client: Anthropic) -> None:
    for strange in ("x" * 5000, "%00", "a b", "é", "'; DROP TABLE agents; --"):
        with pytest.raises((NotFoundError, BadRequestError)):
            client.beta.agents.retrieve(strange)
