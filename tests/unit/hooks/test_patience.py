"""Where the service asks for fewer requests, they wait as long as it says; none is lost, and none is sent early."""

from __future__ import annotations

import json
from collections.abc import Callable, Iterator
from functools import partial
from pathlib import Path

import httpx2
import pytest
from anthropic import Anthropic, APIStatusError
from anthropic._base_client import SyncAPIClient

from dreamflow.errors import RateLimited
from dreamflow.hooks.managed_agents import ManagedAgentsHook
from dreamflow.hooks.patience import Patience
from include.managed_agents.rates import Rates
from tests.support.server import KEY, LocalServer

Answer = Callable[[httpx2.Request], httpx2.Response]


PATH = "/v1/memory_stores/memstore_1/memories"


class Clock:
    """A clock that goes on only where somebody sleeps."""

    def __init__(self) -> None:
        self.now = 0.0

    def __call__(self) -> float:
        return self.now

    def sleep(self, seconds: float) -> None:
        self.now += seconds


class Far:
    """
    A service that answers as it is told, and the SDK's client, with a clock that only its waits move.

    :ivar sent: when each request reached the service, and with which body.
    """

    def __init__(
        self, monkeypatch: pytest.MonkeyPatch, answer: Answer, longest: float = 120.0, max_retries: int = 2
    ) -> None:
        self.clock = Clock()
        self.sent: list[tuple[float, bytes]] = []

        def handle(request: httpx2.Request) -> httpx2.Response:
            self.sent.append((self.clock.now, request.read()))
            return answer(request)

        monkeypatch.setattr(SyncAPIClient, "_sleep_for_retry", self._count_sdk_waits)
        self.sdk_waits = 0
        self.client = Anthropic(
            api_key=KEY,
            base_url="http://service",
            max_retries=max_retries,
            http_client=httpx2.Client(transport=httpx2.MockTransport(handle)),
            middleware=[Patience(longest, self.clock.sleep, self.clock)],
        )

    def _count_sdk_waits(self, **_: object) -> None:
        self.sdk_waits += 1

    def get(self, path: str = PATH) -> int:
        return self._status(lambda: self.client.get(path, cast_to=object))

    def post(self, path: str = PATH, **body: object) -> int:
        return self._status(lambda: self.client.post(path, cast_to=object, body=body))

    def _status(self, send: Callable[[], object]) -> int:
        try:
            send()
        except APIStatusError as e:
            return e.status_code
        return 200


Service = Callable[..., Far]


@pytest.fixture
def far(monkeypatch: pytest.MonkeyPatch) -> Service:
    return partial(Far, monkeypatch)


def refusing(times: int, headers: dict[str, str], status: int = 429) -> Answer:
    """Refuse so many requests, and take all others."""
    left = [times]

    def answer(_: httpx2.Request) -> httpx2.Response:
        left[0] -= 1
        return httpx2.Response(status, headers=headers) if left[0] >= 0 else httpx2.Response(200, json={})

    return answer


def test_what_was_one_too_many_is_sent_again_when_the_service_said(far: Service) -> None:
    service = far(refusing(1, {"retry-after": "7"}))
    assert service.get() == 200
    (first, _), (again, _) = service.sent
    assert first == 0
    assert 7 <= again <= 7 * 1.25


def test_whoever_else_asks_meanwhile_waits_too(far: Service) -> None:
    service = far(refusing(1, {"retry-after": "7"}))
    service.get()
    service.clock.now = 0
    assert service.get() == 200
    assert service.sent[-1][0] >= 7


def test_a_write_is_sent_again_with_all_that_it_says(far: Service) -> None:
    service = far(refusing(2, {"retry-after": "1"}))
    assert service.post(content="x" * 9_000) == 200
    assert [len(json.loads(body)["content"]) for _, body in service.sent] == [9_000] * 3


@pytest.mark.parametrize("path", ["/v1/dreams", "/v1/memory_stores", "/v1/dreams?beta=true"])
def test_what_must_not_be_there_twice_is_sent_once_and_the_others_wait_all_the_same(
    far: Service, path: str
) -> None:
    service = far(refusing(1, {"retry-after": "7"}))
    assert service.post(path) == 429
    assert service.get() == 200
    assert [at >= 7 for at, _ in service.sent] == [False, True]


@pytest.mark.parametrize("retry_after", ["0", "1", "30", "60", "119", "121", "3600", "inf"])
@pytest.mark.parametrize("longest", [10.0, 120.0])
def test_a_request_waits_no_longer_than_it_was_told_whatever_the_service_says(
    far: Service, retry_after: str, longest: float
) -> None:
    """And what is refused on and on is asked for ever more seldom."""
    service = far(refusing(10**6, {"retry-after": retry_after}), longest)
    assert service.get() == 429
    assert service.clock.now <= longest
    assert service.sdk_waits == 0
    assert len(service.sent) < 20


def test_a_request_waits_no_longer_where_others_are_refused_on_and_on(far: Service) -> None:
    service = far(refusing(10**6, {"retry-after": "1"}), 10)
    patience, sleep = service.client.middleware[0], service.clock.sleep
    assert isinstance(patience, Patience)

    def sleep_while_others_ask(seconds: float) -> None:
        sleep(seconds)
        patience._opens_at = service.clock.now + 5

    patience._sleep = sleep_while_others_ask
    assert service.get() == 429
    assert service.clock.now <= 10


@pytest.mark.parametrize(
    ("status", "headers"),
    [(429, {}), (429, {"retry-after": "soon"}), (529, {"retry-after": "1"}), (500, {"retry-after": "1"})],
)
def test_all_else_is_the_sdks(far: Service, status: int, headers: dict[str, str]) -> None:
    """What an overloaded or broken service did with it is not known."""
    service = far(refusing(1, headers, status))
    assert service.get() == 200
    assert service.clock.now == 0
    assert service.sdk_waits == 1


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
