"""Memory stores of any size on an embedded server."""

from __future__ import annotations

import random
from collections.abc import Callable, Iterator, Mapping
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from functools import cached_property
from typing import Any

import httpx

from benchmarks._processes import BenchmarkError, Server
from include.managed_agents.access import AGENTS_BETA

__all__ = [
    "Contents",
    "create",
    "fill_store",
    "import_sessions",
    "open_client",
    "rewrite_store",
    "text_lines",
]

#: Writers at once: the server writes one at a time, and is kept busy.
_WRITERS = 4
#: Bytes of one message of an imported session.
_MESSAGE = 10_000
_WORDS = (
    "the", "customer", "asked", "for", "a", "refund", "of", "booking", "after", "flight", "was", "moved", "agent",
    "confirmed", "policy", "allows", "one", "change", "within", "day", "card", "seat", "upgrade", "denied", "because",
    "fare", "is", "basic", "economy", "follow", "up", "by", "phone", "on", "monday",
)  # fmt: skip


@dataclass(frozen=True)
class Contents:
    """
    The memories of a store, made as they are asked for: always the same for the same values.

    :ivar size: bytes of each memory.
    :ivar changed: share of the memories, spread evenly, that differ from those of the same count and size.
    :ivar stride: in those, every so manieth line is another.
    """

    count: int
    size: int
    changed: float = 0.0
    stride: int = 20

    def memory(self, number: int) -> tuple[str, str]:
        """Return path and content of the n-th memory."""
        lines = [f"# Notes {number}", *self._lines[self.differs(number)]]
        return f"/notes/{number // 100:03d}/{number:05d}.md", "\n".join(lines)[: self.size]

    def differs(self, number: int) -> bool:
        return int((number + 1) * self.changed) > int(number * self.changed)

    @cached_property
    def _lines(self) -> tuple[list[str], list[str]]:
        lines = text_lines(self.size)
        return lines, [line[::-1] if n % self.stride == 0 else line for n, line in enumerate(lines)]


def text_lines(size: int) -> list[str]:
    """Return lines of about a hundred characters, at least so many bytes in all, always the same."""
    rng = random.Random(7)
    lines: list[str] = []
    length = 0
    while length <= size:
        lines.append(f"- 2026-11-{rng.randint(1, 20):02d} " + " ".join(rng.choices(_WORDS, k=16)))
        length += len(lines[-1]) + 1
    return lines


def open_client(server: Server) -> httpx.Client:
    headers = {"x-api-key": server.api_key, "anthropic-beta": AGENTS_BETA}
    return httpx.Client(base_url=server.url, headers=headers, timeout=120)


def create(client: httpx.Client, path: str, body: dict[str, Any]) -> dict[str, Any]:
    """:raises BenchmarkError: the server refused."""
    answer = client.post(path, json=body)
    if not answer.is_success:
        raise BenchmarkError(f"POST {path} answered {answer.status_code}: {answer.text[:300]}")
    created: dict[str, Any] = answer.json()
    return created


def fill_store(server: Server, name: str, contents: Contents) -> str:
    """Make a store with these memories, and return its id."""
    with open_client(server) as client, ThreadPoolExecutor(_WRITERS) as pool:
        store_id = str(create(client, "/v1/memory_stores", {"name": name})["id"])

        def write(number: int) -> None:
            path, content = contents.memory(number)
            create(client, f"/v1/memory_stores/{store_id}/memories", {"path": path, "content": content})

        for _ in pool.map(write, range(contents.count)):
            pass
    return store_id


def rewrite_store(server: Server, store_id: str, contents: Contents) -> None:
    """Write, as a dream would, what differs in the contents from what the store was filled with."""
    made = Contents(contents.count, contents.size)
    pairs = (contents.memory(number) for number in range(contents.count))
    texts = dict(pair for number, pair in enumerate(pairs) if pair != made.memory(number))
    with open_client(server) as client, ThreadPoolExecutor(_WRITERS) as pool:
        memories = f"/v1/memory_stores/{store_id}/memories"

        def write(entry: Mapping[str, Any]) -> None:
            create(client, f"{memories}/{entry['id']}", {"content": texts[entry["path"]]})

        for _ in pool.map(write, [entry for entry in _listed(client, memories) if entry["path"] in texts]):
            pass


def _listed(client: httpx.Client, path: str) -> Iterator[Mapping[str, Any]]:
    params = {"limit": "100", "view": "basic"}
    while True:
        answer = client.get(path, params=params).json()
        yield from answer["data"]
        if not answer["next_page"]:
            return
        params["page"] = answer["next_page"]


def import_sessions(server: Server, count: int, size: int, text: Callable[[int, int, int], str]) -> list[str]:
    """
    Import sessions of so many bytes of text each, in messages of 10 kB, and return their ids.

    :param text: returns what is said, by the session's number, the message's, and its bytes.
    """
    roles = ("user", "assistant")

    def messages(session: int) -> list[dict[str, str]]:
        numbers = range(-(-size // _MESSAGE))
        return [{"role": roles[n % 2], "content": text(session, n, _MESSAGE)} for n in numbers]

    with open_client(server) as client:
        return [
            str(_import_one(client, {"id": f"transcript-{number}", "messages": messages(number)}))
            for number in range(count)
        ]


def _import_one(client: httpx.Client, transcript: dict[str, Any]) -> Any:
    imported = create(client, "/_control/sessions/import", {"transcripts": [transcript]})
    return imported["data"][0]["session_id"]
