"""
A double of the Messages API that records every request, counts tokens, and caches as the real one documents.

Documented rules that it keeps: a prompt is tools, then system, then messages; a cache entry ends at a block
with ``cache_control``, at most four a request; a request reads the longest entry that is a prefix of it, found at a
breakpoint or within the 20 blocks before one; an entry exists once the request that wrote it is answered; a
prefix below the minimum length is not cached. A token is 4 bytes of UTF-8.
"""

from __future__ import annotations

import hashlib
import json
import threading
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any

__all__ = ["MessagesApi", "Reply", "call", "messages_api", "said"]

LOOKBACK = 20
MAX_BREAKPOINTS = 4
MIN_CACHED_TOKENS = 1024

Think = Callable[[dict[str, Any]], "Reply"]


@dataclass(frozen=True)
class Reply:
    """What the model answers: content blocks, or an error status."""

    content: list[dict[str, Any]] = field(default_factory=list)
    stop_reason: str = "end_turn"
    status: int = 200


def call(name: str, **arguments: Any) -> Reply:
    return Reply([{"type": "tool_use", "id": "", "name": name, "input": arguments}], "tool_use")


def said(text: str) -> Reply:
    return Reply([{"type": "text", "text": text}])


@dataclass
class MessagesApi:
    """:param think: what the model is: from a request to its answer."""

    think: Think
    requests: list[dict[str, Any]] = field(default_factory=list)
    usages: list[dict[str, int]] = field(default_factory=list)
    url: str = ""
    _entries: set[str] = field(default_factory=set)
    _lock: threading.Lock = field(default_factory=threading.Lock)

    def answer(self, request: dict[str, Any]) -> tuple[int, dict[str, Any]]:
        with self._lock:
            self.requests.append(request)
            number = len(self.requests)
        counted, written = self._count(request)
        reply = self.think(request)
        if reply.status != 200:
            kind = {429: "rate_limit_error", 529: "overloaded_error"}.get(reply.status, "api_error")
            return reply.status, {"type": "error", "error": {"type": kind, "message": "as scripted"}}
        content = [
            {**block, **({"id": f"toolu_{number}_{place}"} if block["type"] == "tool_use" else {})}
            for place, block in enumerate(reply.content)
        ]
        usage = {**counted, "output_tokens": tokens(content)}
        with self._lock:
            self._entries |= written
            self.usages.append(usage)
        return 200, {
            "id": f"msg_{number}",
            "type": "message",
            "role": "assistant",
            "model": request["model"],
            "content": content,
            "stop_reason": reply.stop_reason,
            "stop_sequence": None,
            "usage": usage,
        }

    def _count(self, request: dict[str, Any]) -> tuple[dict[str, int], set[str]]:
        """Return the input tokens by how they were had, and the cache entries that this request writes."""
        blocks = list(flatten(request))
        digests: list[str] = []
        sizes: list[int] = []
        digest = hashlib.sha256(request["model"].encode())
        for block in blocks:
            bare = {key: value for key, value in block.items() if key != "cache_control"}
            digest.update(json.dumps(bare, sort_keys=True).encode())
            digests.append(digest.hexdigest())
            sizes.append((sizes[-1] if sizes else 0) + tokens(bare))
        breakpoints = [place for place, block in enumerate(blocks) if "cache_control" in block]
        assert len(breakpoints) <= MAX_BREAKPOINTS, "the real API answers 400 to a fifth breakpoint"
        with self._lock:
            entries = set(self._entries)
        read = max(
            (
                sizes[p]
                for b in breakpoints
                for p in range(max(0, b - LOOKBACK), b + 1)
                if digests[p] in entries
            ),
            default=0,
        )
        cached_to = max((sizes[b] for b in breakpoints if sizes[b] >= MIN_CACHED_TOKENS), default=0)
        counted = {
            "input_tokens": sizes[-1] - max(cached_to, read),
            "cache_read_input_tokens": read,
            "cache_creation_input_tokens": max(0, cached_to - read),
        }
        return counted, {digests[b] for b in breakpoints if sizes[b] >= MIN_CACHED_TOKENS}

    @property
    def share_read_from_cache(self) -> float:
        """The share of all input tokens that were cache reads."""
        inputs = ("input_tokens", "cache_read_input_tokens", "cache_creation_input_tokens")
        total = sum(usage[kind] for usage in self.usages for kind in inputs)
        return sum(usage["cache_read_input_tokens"] for usage in self.usages) / total

    def total(self, kind: str) -> int:
        return sum(usage[kind] for usage in self.usages)


def flatten(request: dict[str, Any]) -> Iterator[dict[str, Any]]:
    yield from request.get("tools") or ()
    system = request.get("system") or ()
    yield from [{"type": "text", "text": system}] if isinstance(system, str) else system
    for message in request["messages"]:
        content = message["content"]
        for block in [{"type": "text", "text": content}] if isinstance(content, str) else content:
            yield {"role": message["role"], **block}


def tokens(value: Any) -> int:
    return len(json.dumps(value, ensure_ascii=False).encode()) // 4


@contextmanager
def messages_api(think: Think) -> Iterator[MessagesApi]:
    """Serve the double over HTTP, on a free port."""
    api = MessagesApi(think)

    class Handler(BaseHTTPRequestHandler):
        protocol_version = "HTTP/1.1"

        def do_POST(self) -> None:
            request = json.loads(self.rfile.read(int(self.headers["content-length"])))
            status, body = api.answer(request)
            raw = json.dumps(body).encode()
            self.send_response(status)
            self.send_header("content-type", "application/json")
            self.send_header("content-length", str(len(raw)))
            self.send_header("retry-after-ms", "1")
            self.end_headers()
            self.wfile.write(raw)

        def log_message(self, format: str, *args: Any) -> None:
            pass

    server = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
    server.daemon_threads = True
    api.url = f"http://127.0.0.1:{server.server_address[1]}"
    thread = threading.Thread(target=server.serve_forever, daemon=True)
    thread.start()
    try:
        yield api
    finally:
        server.shutdown()
        server.server_close()
        thread.join()
