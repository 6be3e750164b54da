"""Where the service asks for fewer requests, they wait as long as it says; none is lost, and none is sent early."""

from __future__ import annotations

import json
from collections.abc import Callable, Iterator
from pathlib import Path

import httpx2
import pytest

from dreamflow.errors import RateLimited
from dreamflow.hooks.managed_agents import ManagedAgentsHook
from dreamflow.hooks.patience import Patience
from include.managed_agents.rates import Rates
from tests.support.server import KEY, LocalServer

Answer = Callable[[httpx2.Request], httpx2.Response]


class Clock:
    """A clock that goes on only where somebody sleeps."""

    def __init__(self) -> None:
        self.now = 0.0

    def __call__(self) -> float:
        return self.now

    def sleep(self, seconds: float) -> None:
        self.now += seconds


class Far:
    """A service, and a client that waits for it with a clock of its own. :ivar sent: when, and with which body."""

    def __init__(self, answer: Answer, longest: float = 120.0) -> None:
        self.clock = Clock()
        self.sent: list[tuple[float, bytes]] = []

        def handle(request: httpx2.Request) -> httpx2.Response:
            self.sent.append((self.clock.now, request.read()))
            return answer(request)

        patience = Patience(longest, self.clock.sleep, self.clock)
        self.client = httpx2.Client(transport=httpx2.MockTransport(handle), auth=patience)

    def get(self) -> int:
        return self.client.get("http://service/v1/agents").status_code


def refusing(times: int, headers: dict[str, str], status: int = 429) -> Answer:
    """Refuse so many requests, and take all others."""
    left = [times]

    def answer(_: httpx2.Request) -> httpx2.Response:
        left[0] -= 1
        return httpx2.Response(status, headers=headers) if left[0] >= 0 else httpx2.Response(200)

    return answer


def test_what_was_one_too_many_is_sent_again_when_the_service_said() -> None:
    far = Far(refusing(1, {"retry-after": "7"}))
    assert far.get() == 200
    (first, _), (again, _) = far.sent
    assert first == 0
    assert 7 <= again <= 7 * 1.25


def test_whoever_else_asks_meanwhile_waits_too() -> None:
    far = Far(refusing(1, {"retry-after": "7"}), longest=5)
    assert far.get() == 429
    far = Far(refusing(1, {"retry-after": "7"}))
    far.get()
    far.clock.now = 0
    assert far.get() == 200
    assert far.sent[-1][0] >= 7


def test_a_write_is_sent_again_with_all_that_it_says() -> None:
    far = Far(refusing(2, {"retry-after": "1"}))
    url = "http://service/v1/memory_stores/memstore_1/memories"
    assert far.client.post(url, json={"content": "x" * 9_000}).status_code == 200
    assert [len(json.loads(body)["content"]) for _, body in far.sent] == [9_000] * 3


@pytest.mark.parametrize("path", ["/v1/dreams", "/v1/memory_stores", "/behind/v1/dreams"])
def test_what_must_not_be_there_twice_is_sent_once_and_the_others_wait_all_the_same(path: str) -> None:
    far = Far(refusing(1, {"retry-after": "7"}))
    assert far.client.post(f"http://service{path}", json={}).status_code == 429
    assert far.get() == 200
    assert [at >= 7 for at, _ in far.sent] == [False, True]


def test_a_service_that_refuses_on_and_on_is_asked_ever_more_seldom_and_no_longer_than_it_is_waited_for() -> (
    None
):
    far = Far(refusing(10**6, {"retry-after": "0"}))
    assert far.get() == 429
    times = [at for at, _ in far.sent]
    assert times[-1] <= 120
    assert 5 < len(times) < 20


@pytest.mark.parametrize(
    ("status", "headers"),
    [
        (429, {}),
        (429, {"retry-after": "soon"}),
        (429, {"retry-after": "121"}),
        (429, {"retry-after": "inf"}),
        (529, {"retry-after": "1"}),
        (500, {"retry-after": "1"}),
        (409, {}),
    ],
)
def test_all_else_is_answered_at_once(status: int, headers: dict[str, str]) -> None:
    """What an overloaded or broken service did with it is not known; and a wait of an hour is the next try's."""
    far = Far(refusing(1, headers, status))
    assert far.get() == status
    assert len(far.sent) == 1


@pytest.fixture
def limited(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[LocalServer]:
    """A server that takes two reads a second, where the connection ``limited`` leads."""
    with LocalServer(tmp_path / "limited.db", rates=Rates(reads=120, creates=6_000)) as server:
        connection = {"conn_type": "anthropic", "host": server.url, "password": KEY}
        monkeypatch.setenv("AIRFLOW_CONN_LIMITED", json.dumps(connection))
        yield server


def test_many_who_read_at_once_at_the_rate_that_the_service_takes_all_come_through(
    limited: LocalServer,
) -> None:
    memories = limited.client.beta.memory_stores.memories
    store_id = limited.client.beta.memory_stores.create(name="Notes").id
    for number in range(16):
        memories.create(store_id, path=f"/{number:02}.md", content=f"memory {number}")
    hook = ManagedAgentsHook("limited")
    bodies = hook.read_bodies(store_id, hook.list_memories(store_id))
    assert bodies == {f"/{number:02}.md": f"memory {number}" for number in range(16)}


def test_whoever_does_not_wait_is_told_what_the_service_asks_for(limited: LocalServer) -> None:
    store_id = limited.client.beta.memory_stores.create(name="Notes").id
    hook = ManagedAgentsHook("limited")
    hook.patience = 0.0

    with pytest.raises(RateLimited, match="The service asks to wait 1 s"):
        hook.in_parallel(hook.retrieve_store, [store_id] * 32)
