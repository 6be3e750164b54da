"""Many clients at once: one winner for every compare-and-swap, no lost update, no error."""

from __future__ import annotations

import hashlib
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from typing import Any, TypeVar

from anthropic import ConflictError

from tests.managed_agents.conftest import Serve
from tests.managed_agents.load import run
from tests.managed_agents.support import MODEL, contents, store_of

CLIENTS = 50
T = TypeVar("T")


def at_once(work: Callable[[int], T]) -> list[T]:
    with ThreadPoolExecutor(CLIENTS) as clients:
        return list(clients.map(work, range(CLIENTS)))


def won(attempt: Callable[[], object]) -> bool:
    try:
        attempt()
    except ConflictError:
        return False
    return True


def test_one_of_50_clients_wins_an_agents_version(serve: Serve) -> None:
    client = serve().client
    agent = client.beta.agents.create(name="Agent", model=MODEL)
    wins = at_once(
        lambda number: won(
            lambda: client.beta.agents.update(agent.id, version=1, metadata={"owner": str(number)})
        )
    )
    assert sum(wins) == 1
    latest = client.beta.agents.retrieve(agent.id)
    assert (latest.version, latest.metadata) == (2, {"owner": str(wins.index(True))})


def test_one_of_50_clients_wins_a_path(serve: Serve) -> None:
    client = serve().client
    store = store_of(client)
    wins = at_once(
        lambda number: won(
            lambda: client.beta.memory_stores.memories.create(store.id, path="/a.md", content=str(number))
        )
    )
    assert sum(wins) == 1
    assert contents(client, store.id) == {"/a.md": str(wins.index(True))}


def test_50_clients_that_add_to_one_memory_lose_no_line(serve: Serve) -> None:
    client = serve().client
    store = store_of(client, log="")
    memory: Any = client.beta.memory_stores.memories.list(store.id).data[0]

    def try_to_add(line: str) -> None:
        now = client.beta.memory_stores.memories.retrieve(memory.id, memory_store_id=store.id).content or ""
        sha256 = hashlib.sha256(now.encode()).hexdigest()
        client.beta.memory_stores.memories.update(
            memory.id,
            memory_store_id=store.id,
            content=f"{now}{line}\n",
            precondition={"type": "content_sha256", "content_sha256": sha256},
        )

    def add(number: int) -> None:
        while not won(lambda: try_to_add(str(number))):
            pass

    at_once(add)
    lines = contents(client, store.id)["/log.md"].split()
    assert sorted(lines, key=int) == [str(number) for number in range(CLIENTS)]
    versions = client.beta.memory_stores.memory_versions.list(store.id, memory_id=memory.id, limit=100)
    assert len(versions.data) == CLIENTS + 1


def test_50_clients_that_write_and_read_at_once_meet_no_error(serve: Serve) -> None:
    client = serve().client
    store = store_of(client)

    def work(number: int) -> None:
        memories = client.beta.memory_stores.memories
        for step in range(4):
            path = f"/client-{number}/{step}.md"
            memory = memories.create(store.id, path=path, content=path)
            memories.list(store.id, path_prefix=f"/client-{number}/")
            memories.update(memory.id, memory_store_id=store.id, content=f"{path} again")
            assert memories.retrieve(memory.id, memory_store_id=store.id).content == f"{path} again"

    at_once(work)
    assert len(contents(client, store.id)) == 4 * CLIENTS


def test_mixed_work_of_50_clients_meets_no_error_and_loses_no_update() -> None:
    result = run(clients=CLIENTS, requests=1_500)
    assert result.errors == []
    assert result.lost_updates == 0
