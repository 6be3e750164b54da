"""Bodies: bounded before they are parsed, route by route, and parsed where they keep nobody waiting."""

from __future__ import annotations

import json
import threading
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from typing import Any

import pytest
from fastapi.testclient import TestClient

from include.managed_agents import decoding, reading
from include.managed_agents.app import create_app
from include.managed_agents.errors import endpoint_of
from include.managed_agents.settings import Settings
from tests.managed_agents.support import KEY, MODEL, PATIENCE_SECONDS, transcript
from tests.managed_agents.test_properties import HEADERS, one_of_each, valid_requests

IMPORT = "/_control/sessions/import"


@pytest.fixture
def http(tmp_path: Path) -> Iterator[TestClient]:
    app = create_app(Settings(database=f"sqlite:///{tmp_path / 'server.db'}", api_key=KEY))
    with TestClient(app, headers=HEADERS) as http:
        yield http


def test_a_body_is_large_only_where_transcripts_and_messages_go(http: TestClient) -> None:
    large = {path for path in valid_requests(one_of_each(http)) if path_takes(http, path, 3 * 1024 * 1024)}
    kinds = {path.split("/")[2] for path in large}
    assert kinds == {"sessions", "deployments"}  # importing is /_control/sessions
    assert not any(path_takes(http, path, 33 * 1024 * 1024) for path in large)


def path_takes(http: TestClient, path: str, size: int) -> bool:
    """Whether a body of so many bytes is read at all; it is refused then for what it says."""
    answer = http.post(path, content=b'{"nonsense": "' + b"x" * size + b'"}')
    assert answer.status_code in {400, 413}
    return answer.status_code == 400


@pytest.mark.parametrize(
    ("model", "told"),
    [
        ({}, "model.id: Field required"),
        ({"id": "m", "speed": "slow"}, "model.speed: Input should be "),
        (1, "model: Input should be a valid string"),
        ("", "model: String should have at least 1 character"),
    ],
)
def test_where_a_text_or_an_object_may_stand_the_error_is_of_what_came(
    http: TestClient, model: Any, told: str
) -> None:
    answer = http.post("/v1/agents", json={"name": "A", "model": model})
    assert answer.status_code == 400
    assert answer.json()["error"]["message"].startswith(told)


def test_what_takes_long_to_parse_keeps_nobody_waiting(
    http: TestClient, monkeypatch: pytest.MonkeyPatch
) -> None:
    parsing, go_on = threading.Event(), threading.Event()

    def decode_slowly(raw: bytes) -> Any:
        parsing.set()
        assert go_on.wait(PATIENCE_SECONDS), "no other request was answered meanwhile"
        return decoding.decode(raw)

    monkeypatch.setattr(reading, "decode", decode_slowly)
    body = {"transcripts": [transcript("t-1", "x" * 100_000)]}
    with ThreadPoolExecutor() as pool:
        importing = pool.submit(http.post, IMPORT, json=body)
        assert parsing.wait(PATIENCE_SECONDS)
        others = [pool.submit(http.get, path) for path in ("/health", "/v1/agents", "/v1/sessions")]
        assert [other.result(PATIENCE_SECONDS).status_code for other in others] == [200, 200, 200]
        go_on.set()
        assert importing.result().status_code == 200


@pytest.mark.parametrize(
    "body",
    [
        b'{"transcripts": [' + b"[]," * 2_000_000 + b"[]]}",
        b'{"transcripts": [' + b"1," * 4_000_000 + b"1]}",
        b'{"transcripts": [' + b'"",' * 2_000_000 + b'""]}',
    ],
)
def test_more_values_than_can_be_read_quickly_are_counted_not_built(
    http: TestClient, monkeypatch: pytest.MonkeyPatch, body: bytes
) -> None:
    monkeypatch.setattr(decoding, "object_of", None)  # building the first object would be a 500
    answer = http.post(IMPORT, content=body)
    assert answer.status_code == 400
    assert "more than 1,000,000" in answer.json()["error"]["message"]


def test_a_large_text_is_no_large_number_of_values(http: TestClient) -> None:
    code = 'print("a, b", [1, 2])\n' * 200_000
    answer = http.post(IMPORT, json={"transcripts": [transcript("t-1", code)]})
    assert answer.status_code == 200


@pytest.mark.parametrize(
    "body", ['"\\', '"\\"' * 100_000, '{"a": "\\u00', '{"a": "x\ny"}', "\ufeff{}", '{"a"', "{}{}"]
)
def test_what_is_cut_off_or_goes_on_is_no_json(http: TestClient, body: str) -> None:
    answer = http.post("/v1/agents", content=body.encode())
    assert answer.status_code == 400
    assert "not valid JSON" in answer.json()["error"]["message"]


def test_a_query_where_none_is_read_is_refused_like_elsewhere(http: TestClient) -> None:
    store = http.post("/v1/memory_stores", json={"name": "Notes"}).json()["id"]
    refused = http.get(f"/v1/memory_stores/{store}", params={"veiw": "full"})
    assert (refused.status_code, "veiw" in refused.json()["error"]["message"]) == (400, True)
    assert http.get(f"/v1/memory_stores/{store}", params={"beta": "true"}).status_code == 200


def test_a_crash_is_one_line_of_kind_and_place(
    http: TestClient, monkeypatch: pytest.MonkeyPatch, caplog: pytest.LogCaptureFixture
) -> None:
    def crash(*_: object) -> None:
        raise RuntimeError("secret")

    monkeypatch.setattr("include.managed_agents.agents.routes.render_agent", crash)
    answer = http.post("/v1/agents", json={"name": "secret", "model": MODEL})
    assert (answer.status_code, answer.json()["error"]["type"]) == (500, "api_error")
    assert answer.json()["request_id"] == answer.headers["request-id"]
    assert "secret" not in answer.text + caplog.text
    [line] = [record.getMessage() for record in caplog.records if record.levelname == "ERROR"]
    assert line.startswith("POST /v1/agents: RuntimeError at ")
    assert "test_bodies.py" in line


def test_an_error_never_quotes_the_kind_that_came_instead(http: TestClient) -> None:
    body = {"agent": "a", "environment_id": "e", "resources": [{"type": "secret"}]}
    told = http.post("/v1/sessions", json=body).json()["error"]["message"]
    assert "resources.0: 'type' must be one of" in told
    assert "secret" not in told


def test_a_place_is_named_in_one_short_line_whatever_it_is_called(http: TestClient) -> None:
    name = "a\n\x1b[0m" + "x" * 5000
    told = http.post("/v1/memory_stores", json={"name": "x", name: 1}).json()["error"]["message"]
    assert len(told) < 300
    assert told.isprintable()
    refused = http.get("/v1/agents", params={name: "1"}).json()["error"]["message"]
    assert len(refused) < 300
    assert refused.isprintable()
    for path in (f"/v1/agents/{'x' * 5000}", f"/v1/none/{'x' * 5000}", "/v1/agents/a%0d%0ax"):
        missing = http.get(path).json()["error"]["message"]
        assert len(missing) < 300
        assert missing.isprintable()


def test_a_tool_that_is_not_what_its_type_says_is_refused(http: TestClient) -> None:
    tools = [{"type": "agent_toolset_20260401", "configs": [{"name": "web_fetch", "type": "web_search"}]}]
    answer = http.post("/v1/agents", json={"name": "A", "model": MODEL, "tools": tools})
    assert answer.status_code == 400


def test_a_wrong_method_is_told_all_that_are_right(http: TestClient) -> None:
    assert http.put("/v1/agents").headers["allow"] == "GET, POST"


def test_names_of_endpoints_in_logs_are_the_servers_own() -> None:
    assert endpoint_of({"type": "http", "method": "GET", "path": "/x\n"}) == "GET outside all routes"
    assert json.dumps(endpoint_of({"type": "lifespan"}))
