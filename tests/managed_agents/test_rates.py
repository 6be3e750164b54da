"""A server that takes so many requests a minute refuses more, as the service does, and says when to come back."""

from __future__ import annotations

from pathlib import Path

import pytest
from anthropic import RateLimitError
from fastapi.testclient import TestClient

from include.managed_agents import rates
from include.managed_agents.rates import Rates
from tests.managed_agents.conftest import Command, Connect, Serve
from tests.managed_agents.support import contents, store_of


class Clock:
    """Stands still unless it is told to go on."""

    now = 0.0

    def __call__(self) -> float:
        return self.now


@pytest.fixture
def clock(monkeypatch: pytest.MonkeyPatch) -> Clock:
    clock = Clock()
    limiter = rates.RateLimiter
    monkeypatch.setattr(
        "include.managed_agents.app.RateLimiter", lambda app, rates: limiter(app, rates, now=clock)
    )
    return clock


def test_what_comes_too_fast_is_refused_and_told_when_to_come_back(connect: Connect, clock: Clock) -> None:
    client = connect(rates=Rates(reads=120, creates=600))
    store = store_of(client)
    for _ in range(2):
        client.beta.memory_stores.retrieve(store.id)
    with pytest.raises(RateLimitError) as refused:
        client.beta.memory_stores.retrieve(store.id)
    assert refused.value.response.headers["retry-after"] == "1"
    assert refused.value.response.json()["error"]["type"] == "rate_limit_error"
    assert refused.value.request_id
    clock.now = 0.5
    client.beta.memory_stores.retrieve(store.id)
    with pytest.raises(RateLimitError):
        client.beta.memory_stores.retrieve(store.id)


def test_no_more_is_saved_up_than_a_second_is_worth(connect: Connect, clock: Clock) -> None:
    client = connect(rates=Rates(reads=180, creates=600))
    clock.now = 3_600
    for _ in range(3):
        client.beta.agents.list()
    with pytest.raises(RateLimitError):
        client.beta.agents.list()


def test_a_rate_below_one_a_second_lets_one_through_at_a_time(connect: Connect, clock: Clock) -> None:
    client = connect(rates=Rates(reads=6, creates=600))
    client.beta.agents.list()
    with pytest.raises(RateLimitError) as refused:
        client.beta.agents.list()
    assert refused.value.response.headers["retry-after"] == "10"
    clock.now = 10
    client.beta.agents.list()


@pytest.mark.usefixtures("clock")
def test_reads_and_creates_are_counted_apart_and_nothing_is_made_by_what_was_refused(
    connect: Connect,
) -> None:
    client = connect(rates=Rates(reads=600, creates=120))
    store = store_of(client, a="one")
    with pytest.raises(RateLimitError):
        client.beta.memory_stores.memories.create(store.id, path="/b.md", content="two")
    assert contents(client, store.id) == {"/a.md": "one"}


@pytest.mark.usefixtures("clock")
def test_updates_deletes_and_whether_the_server_is_up_are_not_counted(connect: Connect) -> None:
    client = connect(rates=Rates(reads=60, creates=60))
    store = store_of(client)
    for number in range(5):
        client.beta.memory_stores.update(store.id, description=str(number))
    http = client._client
    assert isinstance(http, TestClient)
    assert {http.get("/health").status_code for _ in range(5)} == {200}


@pytest.mark.usefixtures("clock")
def test_who_has_no_key_takes_nothing_from_those_who_have(connect: Connect) -> None:
    client = connect(rates=Rates(reads=60, creates=60))
    http = client._client
    assert isinstance(http, TestClient)
    assert {http.get("/v1/agents").status_code for _ in range(5)} == {401}
    client.beta.agents.list()


def test_a_server_is_told_its_rates_as_it_starts(serve: Serve) -> None:
    client = serve("--rates", "60,60").client
    client.beta.agents.list()
    with pytest.raises(RateLimitError):
        client.beta.agents.list()


@pytest.mark.parametrize("given", ["60", "60,", ",60", "0,60", "60,0", "60,-1", "a,b", "60,60,60", ""])
def test_rates_that_are_none_are_refused_as_the_server_starts(command: Command, given: str) -> None:
    done = command("serve", "--rates", given)
    assert done.returncode == 2
    assert "expected READS,CREATES" in done.stderr


def test_the_commands_wait_where_the_server_asks_for_fewer_requests(
    serve: Serve, command: Command, tmp_path: Path
) -> None:
    notes = tmp_path / "notes"
    notes.mkdir()
    for number in range(4):
        (notes / f"{number}.md").write_text(f"note {number}", encoding="utf-8")
    server = serve("--rates", "600,120")
    done = command("seed", str(notes), "--url", server.url)
    assert done.returncode == 0, done.stderr
    assert len(contents(server.client, done.stdout.strip())) == 4
