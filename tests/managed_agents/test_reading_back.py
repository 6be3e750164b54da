"""Whatever a request stored, every list and every retrieval shows: to strict clients, page by page, for good."""

from __future__ import annotations

import base64
import json
import sqlite3
from collections.abc import Callable, Iterator
from contextlib import closing
from functools import reduce
from pathlib import Path
from typing import Any
from uuid import uuid4

import pytest
from anthropic import Anthropic
from fastapi.testclient import TestClient
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from tests.managed_agents.conftest import sdk
from tests.managed_agents.support import import_transcripts, transcript
from tests.managed_agents.test_properties import (
    JSON,
    changed,
    new_server,
    one_of_each,
    places,
    valid_requests,
)

Kept = tuple[TestClient, dict[str, str]]

HALF = "\\ud800"
#: What was stored, or could be, and not shown again. As JSON text: Python's own writer refuses some of it.
UNSHOWABLE = {
    "a number beyond JSON": "1e999",
    "negative": "-1e999",
    "NaN": "NaN",
    "infinity": "-Infinity",
    "a whole number beyond 64 bits": "9223372036854775808",
    "a whole number of 5,000 digits": "9" * 5000,
    "half a surrogate pair": f'"{HALF}"',
    "the other half": '"\\udc00 and text"',
    "a key with half a pair": f'{{"{HALF}": 1}}',
    "nested too deep": "[" * 80 + "]" * 80,
    "nested very deep": "[" * 5000 + "]" * 5000,
}
TIMES = [
    *(
        "9999-12-31T23:59:59-14:00",
        "9999-12-31T23:59:59Z",
        "0001-01-01T00:00:00+14:00",
        "0001-01-01T00:00:00",
    ),
    *("0900-01-01", "2026-01-01T00:00:00", "2026-02-30", "2999-12-31T23:59:59.999999-12:00", "-0001-01-01"),
]
ARGUMENTS = [f'{{"a": {value}}}' for value in UNSHOWABLE.values()] + ['{"a": 1, "a": 2}', "[1]", "", HALF]
TEXTS = ["\x00", "a\x00b", "\ud800", "\udfff x", "\u2028", "\ufeff", "\U0001f600", "e\u0301", "\x1b[0m", " "]
VALUES: list[Any] = [
    *(float("inf"), float("nan"), 2**63, -(2**63) - 1, 10**30, 1e308, -0.0, True, None),
    json.loads("[" * 100 + "]" * 100),
    {"\ud800": 1},
    {"a\x00": "b"},
]


def at(value: Any, place: tuple[Any, ...]) -> Any:
    return reduce(lambda part, key: part[key], place, value)


def odd(place: tuple[Any, ...]) -> st.SearchStrategy[Any]:
    """What may be put in a place of a request: mostly what looks right there."""
    name = str(place[-1]) if place else ""
    fitting = TIMES if name.endswith("_at") else ARGUMENTS if name == "arguments" else TEXTS
    return st.sampled_from(fitting) | st.sampled_from(fitting) | st.sampled_from([*VALUES, *TEXTS]) | JSON


@pytest.fixture(scope="module")
def kept() -> Iterator[Kept]:
    with new_server() as http:
        yield http, one_of_each(http)


def everything(client: Anthropic, ids: dict[str, str]) -> dict[str, Callable[[], Any]]:
    """How to list what each kind of request stores."""
    beta = client.beta
    store, session = ids["memory_store_id"], ids["session_id"]
    return {
        "agents": lambda: [beta.agents.list(limit=100), beta.agents.versions.list(ids["agent_id"])],
        "environments": lambda: [beta.environments.list(limit=100)],
        "sessions": lambda: [beta.sessions.list(limit=100), beta.sessions.events.list(session, limit=1000)],
        "memory_stores": lambda: [
            beta.memory_stores.list(limit=100),
            beta.memory_stores.memories.list(store, view="full"),
            beta.memory_stores.memory_versions.list(store, view="full"),
        ],
        "deployments": lambda: [beta.deployments.list(limit=100), beta.deployment_runs.list(limit=100)],
        "dreams": lambda: [beta.dreams.list(limit=100)],
    }


def of_the_newest_session(client: Anthropic) -> Any:
    newest = client.beta.sessions.list(limit=1).data[0]
    return [client.beta.sessions.retrieve(newest.id), client.beta.sessions.events.list(newest.id, limit=1000)]


def read_back(client: Anthropic, ids: dict[str, str], path: str) -> None:
    """Read what a request to ``path`` may have stored: the client's strict validation does the rest."""
    kind = path.split("/")[2]
    assert everything(client, ids)[kind]()
    if kind == "sessions":
        assert of_the_newest_session(client)


def requests_of(ids: dict[str, str]) -> list[tuple[str, dict[str, Any]]]:
    requests = valid_requests(ids)
    recorded = requests["/_control/sessions/import"]["transcripts"][0]
    recorded |= {"id": str(uuid4()), "title": "T", "created_at": "2026-11-03T09:00:00Z"}
    return sorted(requests.items())


@pytest.mark.parametrize("number", range(16))
@settings(max_examples=80, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(data=st.data())
def test_whatever_a_request_stored_every_list_shows(kept: Kept, number: int, data: st.DataObject) -> None:
    http, ids = kept
    path, body = requests_of(ids)[number]
    everywhere = list(places(body))
    in_text = [place for place in everywhere if place and isinstance(at(body, place), str)]
    for place in data.draw(
        st.lists(st.sampled_from(in_text) | st.sampled_from(everywhere), min_size=1, max_size=2)
    ):
        if place in set(places(body)):
            body = changed(body, place, data.draw(odd(place)))
    answer = http.post(path, content=json.dumps(body).replace("Infinity", "1e999"))
    assert answer.status_code < 500
    if answer.status_code == 200:
        read_back(sdk("http://testserver", http_client=http), ids, path)


def test_no_kind_of_request_is_left_out(kept: Kept) -> None:
    assert len(requests_of(kept[1])) == 16


@pytest.mark.parametrize("value", UNSHOWABLE.values(), ids=UNSHOWABLE)
@pytest.mark.parametrize("as_text", [False, True])
def test_a_tool_call_that_could_not_be_shown_is_not_imported(kept: Kept, value: str, as_text: bool) -> None:
    http, ids = kept
    arguments = f'{{"deep": {value}}}'
    sent = json.dumps(arguments) if as_text else arguments
    call = f'{{"role": "assistant", "tool_calls": [{{"name": "find", "arguments": {sent}}}]}}'
    answer = http.post(
        "/_control/sessions/import",
        content=f'{{"transcripts": [{{"id": "t", "messages": [{{"role": "user", "content": "x"}}, {call}]}}]}}',
    )
    message = answer.json()["error"]["message"]
    assert answer.status_code == 400, message
    assert "\n" not in message
    assert "messages.1.tool_calls.0.arguments" in message or "nested deeper" in message
    assert value not in message
    read_back(sdk("http://testserver", http_client=http), ids, "/_control/sessions/import")


def test_a_file_that_an_earlier_version_spoiled_can_be_read(client: Anthropic, tmp_path: Path) -> None:
    calls = [{"name": "find", "arguments": {"number": 1, "text": "half", "list": ["x"]}}]
    spoken = {"messages": [{"role": "assistant", "tool_calls": calls}]}
    session_id = import_transcripts(client, [transcript("t-1", "Hello") | spoken])[0]["session_id"]
    with closing(sqlite3.connect(tmp_path / "server-0.db")) as file, file:
        file.execute("UPDATE sessions SET created_at = ?, updated_at = ?", (2**60, -(2**60)))
        spoiled = f"""replace(replace(fields, '"number": 1', '"number": Infinity'), '"half"', '"{HALF}"')"""
        file.execute(f"UPDATE session_events SET fields = {spoiled}")
    assert client.beta.sessions.retrieve(session_id).created_at.year == 9999
    assert [session.id for session in client.beta.sessions.list(limit=1)] == [session_id]
    found: Any = client.beta.sessions.events.list(session_id, types=["agent.custom_tool_use"]).data[0]
    assert found.input == {"number": None, "text": "?", "list": ["x"]}


@pytest.mark.parametrize(
    "parts",
    [
        ["agents", True, False, 10**18, "x"],
        ["agents", True, False, -(10**18), "x"],
        ["agents", True, False, 10**40, "x"],
        ["agents", True, True, 0, 2**70],
        ["agents", True, False, 0, "\ud800"],
        ["agents", True, False, 0, "\x00"],
        ["agents", True, False, float("nan"), "x"],
        ["agents", True, False, 0, None],
        ["agents", True, False, "0", "x"],
        ["sessions", True, False, 0, "x"],
        [[[]]],
        {},
        "agents",
    ],
)
def test_a_forged_page_is_a_page_or_refused(kept: Kept, parts: object) -> None:
    http, _ = kept
    page = "page_" + base64.urlsafe_b64encode(json.dumps(parts).encode()).decode().rstrip("=")
    assert http.get("/v1/agents", params={"page": page}).status_code in {200, 400}


@pytest.mark.parametrize(
    "page", ["page_", "page_é", "page_====", "page_\ud7ff", "\x00", "page_" + "W" * 9999]
)
def test_what_is_no_page_at_all_is_refused(kept: Kept, page: str) -> None:
    http, ids = kept
    for path in ("/v1/agents", "/v1/sessions", f"/v1/memory_stores/{ids['memory_store_id']}/memories"):
        assert http.get(path, params={"page": page}).status_code == 400


def test_lists_go_on_past_the_years_that_a_cursor_once_held(client: Anthropic) -> None:
    years = ("1900", "1969", "2026", "2999")
    for year in years:
        import_transcripts(client, [transcript(year, "Hello", created_at=f"{year}-06-01T00:00:00Z")])
    for order, expected in (("asc", years), ("desc", years[::-1])):
        titles = [session.title for session in client.beta.sessions.list(limit=1, order=order)]  # type: ignore[arg-type]
        assert titles == list(expected)
