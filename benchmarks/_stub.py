"""
A stub of the service's read calls, for measuring clients: it answers at once, from prepared bytes, and counts.

    python -m benchmarks._stub DREAMS

It is no server to build on: every dream runs for ever, and every session is busy; each dream's store has one, which
writes to it. Only the bodies are like the real
ones: a dream names a hundred sessions, and its tokens grow with the clock, so that every poll sees something new.
``GET /_counts`` tells the requests so far by kind. It serves until its standard input closes.
"""

from __future__ import annotations

import asyncio
import json
import sys
import time
from collections import Counter
from datetime import UTC, datetime, timedelta
from typing import Any
from urllib.parse import parse_qs, urlsplit

__all__ = ["PAGE", "dream_id", "session_id", "store_id"]

PAGE = 100
SESSIONS_OF_A_DREAM = 100
#: Where the bytes hold the tokens used so far: seven digits, replaced by seven others.
_TOKENS = 1_111_111
_STARTED = datetime.now(UTC)


def dream_id(number: int) -> str:
    return f"drm_01stubstubstubstub{number:08d}"


def session_id(number: int) -> str:
    return f"sesn_01stubstubstubstub{number:08d}"


def store_id(number: int) -> str:
    return f"memstore_01stubstubstub{number:08d}"


def dream_body(number: int) -> dict[str, Any]:
    """Return a running dream of a hundred sessions, as anthropic/types/beta/beta_dream.py describes it."""
    first = number * SESSIONS_OF_A_DREAM
    return {
        "type": "dream",
        "id": dream_id(number),
        "status": "running",
        "created_at": (_STARTED - timedelta(minutes=5, seconds=number)).isoformat(),
        "ended_at": None,
        "archived_at": None,
        "error": None,
        "inputs": [
            {"type": "memory_store", "memory_store_id": store_id(number)},
            {"type": "sessions", "session_ids": [session_id(first + n) for n in range(SESSIONS_OF_A_DREAM)]},
        ],
        "instructions": "Keep an index. Turn relative dates into absolute ones. Keep the newer of two that disagree.",
        "model": {"id": "claude-opus-4-8", "speed": "standard"},
        "output_behavior": {"type": "create_new"},
        "outputs": [{"type": "memory_store", "memory_store_id": f"memstore_02stubstubstub{number:08d}"}],
        "session_id": session_id(90_000_000 + number),
        "usage": {
            "input_tokens": _TOKENS,
            "output_tokens": 48_211,
            "cache_read_input_tokens": 9_400_117,
            "cache_creation_input_tokens": 310_540,
        },
    }


def session_body(wanted: str, store: int = 1) -> dict[str, Any]:
    """Return a running session with a memory store, as beta_managed_agents_session.py describes it."""
    tool = {
        "type": "agent_toolset_20260401",
        "configs": [],
        "default_config": {"enabled": True, "permission_policy": {"type": "always_allow"}},
    }
    return {
        "type": "session",
        "id": wanted,
        "status": "running",
        "title": "Booking change for a group of nine",
        "created_at": _STARTED.isoformat(),
        "updated_at": _STARTED.isoformat(),
        "archived_at": None,
        "environment_id": "env_01stubstubstubstubstub01",
        "deployment_id": None,
        "metadata": {"team": "support", "region": "emea"},
        "outcome_evaluations": [],
        "vault_ids": [],
        "stats": {"active_seconds": 61.5, "duration_seconds": 312.0},
        "usage": {"input_tokens": _TOKENS, "output_tokens": 9_114, "cache_read_input_tokens": 840_220},
        "resources": [
            {
                "type": "memory_store",
                "memory_store_id": store_id(store),
                "access": "read_write",
                "name": "Support",
                "mount_path": "/mnt/memory/support",
            }
        ],
        "agent": {
            "type": "agent",
            "id": "agent_01stubstubstubstubstub",
            "name": "Support",
            "description": "Answers customers by chat.",
            "execution_identity": {"type": "service_account"},
            "model": {"id": "claude-opus-4-8", "speed": "standard"},
            "system": "You answer customers. Look into the memory store before you answer. " * 20,
            "mcp_servers": [],
            "multiagent": None,
            "skills": [],
            "tools": [tool],
            "version": 3,
        },
    }


class Answers:
    """The prepared bodies, and how often each kind was asked for."""

    def __init__(self, dreams: int) -> None:
        self.counts: Counter[str] = Counter()
        self._pages_of_poll = 0
        self._dreams = {dream_id(n): _encoded(dream_body(n)) for n in range(dreams)}
        self._lengths = [min(PAGE, dreams - start) for start in range(0, dreams, PAGE)]
        self._pages = [
            _encoded(
                {
                    "data": [dream_body(n) for n in range(start, min(start + PAGE, dreams))],
                    "next_page": str(start // PAGE + 1) if start + PAGE < dreams else None,
                }
            )
            for start in range(0, dreams, PAGE)
        ]

    def to(self, target: str) -> tuple[int, bytes]:
        """Return status and body for a request target."""
        url = urlsplit(target)
        match url.path.strip("/").split("/"):
            case ["_counts"]:
                return 200, _encoded(dict(self.counts))
            case ["v1", "dreams"]:
                page = int(parse_qs(url.query).get("page", ["0"])[0])
                self._count(looks=self._lengths[page])
                self._count_page(page)
                return 200, self._now(self._pages[page])
            case ["v1", "dreams", wanted] if wanted in self._dreams:
                self._count(looks=1)
                return 200, self._now(self._dreams[wanted])
            case ["v1", "sessions"]:
                return 200, self._page_of_sessions(parse_qs(url.query))
            case ["v1", "sessions", wanted]:
                self._count(looks=1)
                return 200, self._now(_encoded(session_body(wanted)))
            case ["v1", "sessions", _, "events"]:
                self._count(looks=0)
                return 200, b'{"data":[],"next_page":null}'
        error = {"type": "not_found_error", "message": f"the stub has no {url.path}"}
        return 404, _encoded({"type": "error", "error": error})

    def _page_of_sessions(self, query: dict[str, list[str]]) -> bytes:
        """Return those at work on all stores, a page, or those on one store, which is one request more of a poll."""
        if "memory_store_id" in query:
            numbers = [int(query["memory_store_id"][0][-8:])]
            self._count_page(1)
        else:
            page = int(query.get("page", ["0"])[0])
            numbers = list(range(page * PAGE, page * PAGE + self._lengths[page]))
            self._count_page(page)
        self._count(looks=len(numbers))
        following = numbers[-1] // PAGE + 1
        more = "memory_store_id" not in query and following < len(self._lengths)
        data = [session_body(session_id(number), number) for number in numbers]
        return _encoded({"data": data, "next_page": str(following) if more else None})

    def _count(self, looks: int) -> None:
        """A request, which shows the state of so many dreams or sessions."""
        self.counts["requests"] += 1
        self.counts["looks"] += looks

    def _count_page(self, page: int) -> None:
        """A poll begins with the first page; the others of the same poll follow before the next one begins."""
        self.counts["polls"] += page == 0
        self._pages_of_poll = 1 if page == 0 else self._pages_of_poll + 1
        self.counts["most in a poll"] = max(self.counts["most in a poll"], self._pages_of_poll)

    def _now(self, body: bytes) -> bytes:
        grown = _TOKENS + int((time.time() - _STARTED.timestamp()) * 1000)
        return body.replace(b'"input_tokens":%d' % _TOKENS, b'"input_tokens":%d' % min(grown, 9_999_999))


class Connection(asyncio.Protocol):
    """One kept-alive connection of GET requests."""

    def __init__(self, answers: Answers) -> None:
        self._answers = answers
        self._pending = b""
        self._transport: asyncio.Transport | None = None

    def connection_made(self, transport: asyncio.BaseTransport) -> None:
        assert isinstance(transport, asyncio.Transport)
        self._transport = transport

    def data_received(self, data: bytes) -> None:
        assert self._transport is not None
        self._pending += data
        while b"\r\n\r\n" in self._pending:
            head, self._pending = self._pending.split(b"\r\n\r\n", 1)
            target = head.split(b" ", 2)[1].decode()
            status, body = self._answers.to(target)
            self._transport.write(
                b"HTTP/1.1 %d STUB\r\ncontent-type: application/json\r\ncontent-length: %d\r\n\r\n"
                % (status, len(body))
            )
            self._transport.write(body)


def _encoded(body: Any) -> bytes:
    return json.dumps(body, separators=(",", ":")).encode()


async def _serve(dreams: int) -> None:
    loop = asyncio.get_running_loop()
    answers = Answers(dreams)
    server = await loop.create_server(lambda: Connection(answers), "127.0.0.1", 0, backlog=4096)
    print(server.sockets[0].getsockname()[1], flush=True)
    await loop.run_in_executor(None, sys.stdin.read)
    server.close()


if __name__ == "__main__":
    asyncio.run(_serve(int(sys.argv[1])))
