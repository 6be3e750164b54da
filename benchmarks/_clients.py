"""
Many clients at once on an embedded server, and the sums that show whether an update was lost.

    python -m benchmarks._clients URL API_KEY CLIENTS REQUESTS

Each client repeats a mix of reads, creates and compare-and-swap updates, in an order of its own that is the same every
time. A refused swap (409) is an answer, not an error: the client reads again and goes on.
"""

from __future__ import annotations

import asyncio
import json
import random
import sys
import time
from collections import Counter
from collections.abc import Awaitable, Callable
from dataclasses import dataclass, field
from typing import Any

import httpx

from include.managed_agents.access import AGENTS_BETA

#: Stores that the clients share, and counters in each: few, so that swaps meet.
_STORES, _COUNTERS = 5, 4


@dataclass
class Ground:
    """What is there before the clients come."""

    agent_id: str
    environment_id: str
    store_ids: list[str]
    #: (store, memory) of each counter.
    counters: list[tuple[str, str]]


@dataclass
class Tally:
    """What the clients saw."""

    answers: Counter[int] = field(default_factory=Counter)
    unexpected: list[str] = field(default_factory=list)
    seconds: list[float] = field(default_factory=list)
    increments: int = 0
    created: int = 0
    agent_updates: int = 0


class Client:
    """One client with a connection of its own."""

    def __init__(self, number: int, http: httpx.AsyncClient, ground: Ground, tally: Tally) -> None:
        self._number = number
        self._http = http
        self._ground = ground
        self._tally = tally
        self._random = random.Random(number)
        self._store = ground.store_ids[number % len(ground.store_ids)]
        self._made = 0
        self._sent = 0
        # Names and weights in hundredths.
        self._mix: list[tuple[Callable[[], Awaitable[None]], int]] = [
            (self._increment, 20),
            (self._create_memory, 20),
            (self._list_memories, 15),
            (self._read_counter, 15),
            (self._list_versions, 5),
            (self._tag_agent, 5),
            (self._open_session, 5),
            (self._list_sessions, 10),
            (self._list_stores, 5),
        ]

    async def run(self, requests: int) -> None:
        actions, weights = zip(*self._mix, strict=True)
        while self._sent < requests:
            await self._random.choices(actions, weights)[0]()

    async def _ask(self, method: str, path: str, *expected: int, **more: Any) -> httpx.Response | None:
        """Return the answer if it is 200, else None; note what is neither that nor expected."""
        self._sent += 1
        began = time.perf_counter()
        try:
            answer = await self._http.request(method, path, **more)
        except httpx.HTTPError as e:
            self._tally.unexpected.append(f"{method} {path}: {type(e).__name__}: {e}")
            return None
        self._tally.seconds.append(time.perf_counter() - began)
        self._tally.answers[answer.status_code] += 1
        if answer.status_code not in (200, *expected):
            self._tally.unexpected.append(f"{method} {path}: {answer.status_code} {answer.text[:200]}")
        return answer if answer.status_code == 200 else None

    async def _increment(self) -> None:
        """
        Add one to a shared counter, if and only if nobody did meanwhile.

        The content names the writer too: where another has already written the very same, the API answers 200.
        """
        store_id, memory_id = self._random.choice(self._ground.counters)
        path = f"/v1/memory_stores/{store_id}/memories/{memory_id}"
        read = await self._ask("GET", path)
        if not read:
            return
        memory = read.json()
        swap = {
            "content": f"{_count(memory['content']) + 1} {self._number}-{self._sent}",
            "precondition": {"type": "content_sha256", "content_sha256": memory["content_sha256"]},
        }
        if await self._ask("POST", path, 409, json=swap):
            self._tally.increments += 1

    async def _create_memory(self) -> None:
        self._made += 1
        body = {"path": f"/client/{self._number}/{self._made:05d}.md", "content": "- a line of a note\n" * 20}
        path = f"/v1/memory_stores/{self._store}/memories"
        if await self._ask("POST", path, json=body):
            self._tally.created += 1

    async def _list_memories(self) -> None:
        await self._ask("GET", f"/v1/memory_stores/{self._store}/memories", params={"limit": 20})

    async def _read_counter(self) -> None:
        store_id, memory_id = self._random.choice(self._ground.counters)
        await self._ask("GET", f"/v1/memory_stores/{store_id}/memories/{memory_id}")

    async def _list_versions(self) -> None:
        await self._ask("GET", f"/v1/memory_stores/{self._store}/memory_versions", params={"limit": 20})

    async def _tag_agent(self) -> None:
        """Write a metadata value, if and only if the agent has the version that was read."""
        path = f"/v1/agents/{self._ground.agent_id}"
        read = await self._ask("GET", path)
        if not read:
            return
        swap = {
            "version": read.json()["version"],
            "metadata": {"tag": f"{self._number}-{self._random.random()}"},
        }
        if await self._ask("POST", path, 409, json=swap):
            self._tally.agent_updates += 1

    async def _open_session(self) -> None:
        mount = {"type": "memory_store", "memory_store_id": self._store}
        body = {
            "agent": self._ground.agent_id,
            "environment_id": self._ground.environment_id,
            "resources": [mount],
        }
        await self._ask("POST", "/v1/sessions", json=body)

    async def _list_sessions(self) -> None:
        await self._ask("GET", "/v1/sessions", params={"limit": 10, "memory_store_id": self._store})

    async def _list_stores(self) -> None:
        await self._ask("GET", "/v1/memory_stores", params={"limit": 10})


def _count(content: str) -> int:
    return int(content.split(maxsplit=1)[0])


async def prepare(http: httpx.AsyncClient) -> Ground:
    async def create(path: str, /, **body: Any) -> str:
        answer = await http.post(path, json=body)
        answer.raise_for_status()
        return str(answer.json()["id"])

    store_ids = [await create("/v1/memory_stores", name=f"Store {n}") for n in range(_STORES)]
    return Ground(
        await create("/v1/agents", name="Agent", model="claude-opus-4-8"),
        await create("/v1/environments", name="Environment"),
        store_ids,
        [
            (
                store_id,
                await create(f"/v1/memory_stores/{store_id}/memories", path=f"/counter/{n}.md", content="0"),
            )
            for store_id in store_ids
            for n in range(_COUNTERS)
        ],
    )


async def lost_updates(http: httpx.AsyncClient, ground: Ground, tally: Tally) -> int:
    """Return how many updates were answered with 200 and can't be found."""
    counted = created = 0
    for store_id, memory_id in ground.counters:
        memory = await _read(http, f"/v1/memory_stores/{store_id}/memories/{memory_id}")
        counted += _count(memory["content"])
    for store_id in ground.store_ids:
        created += await _count_created(http, f"/v1/memory_stores/{store_id}/memories")
    agent_updates = int((await _read(http, f"/v1/agents/{ground.agent_id}"))["version"]) - 1
    return (
        abs(tally.increments - counted)
        + abs(tally.agent_updates - agent_updates)
        + abs(tally.created - created)
    )


async def _count_created(http: httpx.AsyncClient, memories: str) -> int:
    count = 0
    page: dict[str, str] = {}
    while True:
        listed = await _read(http, memories, limit=100, path_prefix="/client/", **page)
        count += len(listed["data"])
        if not listed["next_page"]:
            return count
        page = {"page": listed["next_page"]}


async def _read(http: httpx.AsyncClient, path: str, **query: Any) -> dict[str, Any]:
    answer = await http.get(path, params=query)
    answer.raise_for_status()
    read: dict[str, Any] = answer.json()
    return read


async def main(url: str, api_key: str, clients: int, requests: int) -> dict[str, Any]:
    headers = {"x-api-key": api_key, "anthropic-beta": AGENTS_BETA}
    tally = Tally()
    async with httpx.AsyncClient(base_url=url, headers=headers, timeout=60) as http:
        ground = await prepare(http)
        connections = [httpx.AsyncClient(base_url=url, headers=headers, timeout=60) for _ in range(clients)]
        crowd = [Client(number, own, ground, tally) for number, own in enumerate(connections)]
        began = time.perf_counter()
        await asyncio.gather(*(client.run(requests // clients) for client in crowd))
        seconds = time.perf_counter() - began
        for own in connections:
            await own.aclose()
        return {
            "seconds": seconds,
            "requests": sum(tally.answers.values()),
            "conflicts": tally.answers[409],
            "unexpected": tally.unexpected[:5],
            "errors": len(tally.unexpected),
            "lost_updates": await lost_updates(http, ground, tally),
            "updates": tally.increments + tally.agent_updates + tally.created,
            "latencies": sorted(tally.seconds),
        }


if __name__ == "__main__":
    url, api_key, clients, requests = sys.argv[1:5]
    print(json.dumps(asyncio.run(main(url, api_key, int(clients), int(requests)))))
