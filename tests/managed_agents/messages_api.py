"""
A double of the Messages API that records every request, refuses what the real one refuses (`messages_rules`), counts
tokens, and caches as the real one documents.

A prompt is tools, then system, then messages; a cache entry ends at a block with ``cache_control``; a request reads the
longest entry that is a prefix of it, found within 20 blocks of a breakpoint, itself the first; an entry can be read
once the request that wrote it is answered; a prefix below the minimum length of its model is not cached, and no error
says so. A token is 4 bytes of UTF-8.
"""

from __future__ import annotations

import hashlib
import json
import threading
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field, replace
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any

from tests.managed_agents.messages_rules import bare, fault_of, flatten, signature_of

__all__ = ["MessagesApi", "Reply", "call", "cut_off", "messages_api", "refused", "said", "thinking"]

LOOKBACK = 20
#: Of the public documentation, by the start of a model's id; the first that fits holds.
MIN_CACHED_TOKENS = {
    "claude-opus-4-5": 4096,
    "claude-opus-4-6": 4096,
    "claude-haiku-4-5": 4096,
    "claude-opus-4-7": 2048,
    "claude-opus-4": 1024,
    "claude-sonnet": 1024,
    "claude-": 512,
}
ERROR_TYPES = {
    400: "invalid_request_error",
    401: "authentication_error",
    403: "permission_error",
    404: "not_found_error",
    413: "request_too_large",
    429: "rate_limit_error",
    529: "overloaded_error",
}

Think = Callable[[dict[str, Any]], "Reply"]


@dataclass(frozen=True)
class Reply:
    """What the model answers: content blocks and why it stopped, or an error status."""

    content: list[dict[str, Any]] = field(default_factory=list)
    stop_reason: str = "end_turn"
    status: int = 200
    stop_details: dict[str, Any] | None = None


def call(name: str, **arguments: Any) -> Reply:
    return Reply([{"type": "tool_use", "id": "", "name": name, "input": arguments}], "tool_use")


def said(text: str) -> Reply:
    return Reply([{"type": "text", "text": text}])


def thinking(reply: Reply, text: str = "Hm.") -> Reply:
    """The same answer, with a thinking block before it, as the newest models give them."""
    return replace(reply, content=[{"type": "thinking", "thinking": text}, *reply.content])


def cut_off(reply: Reply) -> Reply:
    """The same answer, but ended by ``max_tokens``."""
    return replace(reply, stop_reason="max_tokens")


def refused(category: str = "general_harms") -> Reply:
    details = {"type": "refusal", "category": category, "explanation": None}
    return Reply([], "refusal", stop_details=details)


@dataclass
class MessagesApi:
    """
    :param think: what the model is: from a request to its answer.
    :param context: tokens that the model can read.
    :param lacks: which of ``count_tokens`` and ``models`` this API doesn't offer, as a gateway may not.
    """

    think: Think
    context: int = 1_000_000
    max_output: int = 64_000
    lacks: frozenset[str] = frozenset()
    requests: list[dict[str, Any]] = field(default_factory=list)
    usages: list[dict[str, int]] = field(default_factory=list)
    #: What was refused with a 400, of which a correct client sends nothing.
    faults: list[str] = field(default_factory=list)
    url: str = ""
    _entries: set[str] = field(default_factory=set)
    _lock: threading.Lock = field(default_factory=threading.Lock)

    def post(self, path: str, request: dict[str, Any]) -> tuple[int, dict[str, Any]]:
        if path.endswith("/count_tokens"):
            if "count_tokens" in self.lacks:
                return error(404, "there is no such endpoint")
            return 200, {"input_tokens": sum(tokens(bare(block)) for block in flatten(request))}
        return self.answer(request)

    def get(self, path: str) -> tuple[int, dict[str, Any]]:
        if "models" in self.lacks:
            return error(404, "there is no such endpoint")
        name = path.rpartition("/")[2]
        limits = {"max_input_tokens": self.context, "max_tokens": self.max_output}
        known = {"id": name, "type": "model", "display_name": name, "lifecycle": "active"}
        return 200, {**known, "created_at": "2026-01-01T00:00:00Z", **limits}

    def answer(self, request: dict[str, Any]) -> tuple[int, dict[str, Any]]:
        fault = fault_of(request) or self._size_fault(request)
        with self._lock:
            self.requests.append(request)
            number = len(self.requests)
            if fault is not None:
                self.faults.append(fault)
        if fault is not None:
            return error(400, fault)
        counted, written = self._count(request)
        reply = self.think(request)
        if reply.status != 200:
            return error(reply.status, "as scripted")
        content = self._content(request, reply, number)
        stop_reason = reply.stop_reason
        if tokens(content) > request["max_tokens"]:
            # What came so far, of which this double leaves little: input that ends anywhere is as good as none.
            content = [
                {**block, **({"input": {}} if block["type"] == "tool_use" else {})} for block in content[:1]
            ]
            stop_reason = "max_tokens"
        output = request["max_tokens"] if stop_reason == "max_tokens" else tokens(content)
        usage = {**counted, "output_tokens": output}
        with self._lock:
            self._entries |= written
            self.usages.append(usage)
        return 200, {
            "id": f"msg_{number}",
            "type": "message",
            "role": "assistant",
            "model": request["model"],
            "content": content,
            "stop_reason": stop_reason,
            "stop_sequence": None,
            "stop_details": reply.stop_details,
            "usage": usage,
        }

    def _size_fault(self, request: dict[str, Any]) -> str | None:
        size = sum(tokens(bare(block)) for block in flatten(request))
        if size > self.context:
            return f"prompt is too long: {size} tokens > {self.context} maximum"
        if request["max_tokens"] > self.max_output:
            return f"max_tokens: {request['max_tokens']} > {self.max_output}, which is the maximum"
        return None

    def _content(self, request: dict[str, Any], reply: Reply, number: int) -> list[dict[str, Any]]:
        """Return the blocks of an answer with their ids, and thinking signed for where it stands."""
        before = list(flatten(request))
        content = []
        for place, block in enumerate(reply.content):
            more = {}
            if block["type"] == "tool_use":
                more = {"id": f"toolu_{number}_{place}"}
            elif block["type"] == "thinking":
                more = {"signature": signature_of(request["model"], before, block["thinking"])}
            content.append({**block, **more})
            before.append({"role": "assistant", **block, **more})
        return content

    def _count(self, request: dict[str, Any]) -> tuple[dict[str, int], set[str]]:
        """Return the input tokens by how they were had, and the cache entries that this request writes."""
        blocks = list(flatten(request))
        digests: list[str] = []
        sizes: list[int] = []
        digest = hashlib.sha256(request["model"].encode())
        for block in blocks:
            digest.update(json.dumps(bare(block), sort_keys=True).encode())
            digests.append(digest.hexdigest())
            sizes.append((sizes[-1] if sizes else 0) + tokens(bare(block)))
        breakpoints = [place for place, block in enumerate(blocks) if "cache_control" in block]
        with self._lock:
            entries = set(self._entries)
        read = max(
            (
                sizes[p]
                for b in breakpoints
                for p in range(max(0, b - LOOKBACK + 1), b + 1)
                if digests[p] in entries
            ),
            default=0,
        )
        minimum = next(
            least for start, least in MIN_CACHED_TOKENS.items() if request["model"].startswith(start)
        )
        cached_to = max((sizes[b] for b in breakpoints if sizes[b] >= minimum), default=0)
        counted = {
            "input_tokens": sizes[-1] - max(cached_to, read),
            "cache_read_input_tokens": read,
            "cache_creation_input_tokens": max(0, cached_to - read),
        }
        return counted, {digests[b] for b in breakpoints if sizes[b] >= minimum}

    @property
    def share_read_from_cache(self) -> float:
        """The share of all input tokens that were cache reads."""
        inputs = ("input_tokens", "cache_read_input_tokens", "cache_creation_input_tokens")
        total = sum(usage[kind] for usage in self.usages for kind in inputs)
        return sum(usage["cache_read_input_tokens"] for usage in self.usages) / total

    def total(self, kind: str) -> int:
        return sum(usage[kind] for usage in self.usages)


def error(status: int, message: str) -> tuple[int, dict[str, Any]]:
    kind = ERROR_TYPES.get(status, "api_error")
    return status, {"type": "error", "error": {"type": kind, "message": message}}


def tokens(value: Any) -> int:
    return len(json.dumps(value, ensure_ascii=False).encode(errors="surrogatepass")) // 4


@contextmanager
def messages_api(think: Think, **options: Any) -> Iterator[MessagesApi]:
    """Serve the double over HTTP, on a free port."""
    api = MessagesApi(think, **options)

    class Handler(BaseHTTPRequestHandler):
        protocol_version = "HTTP/1.1"

        def do_POST(self) -> None:
            request = json.loads(self.rfile.read(int(self.headers["content-length"])))
            self._send(*api.post(self.path.partition("?")[0], request))

        def do_GET(self) -> None:
            self._send(*api.get(self.path.partition("?")[0]))

        def _send(self, status: int, body: dict[str, Any]) -> None:
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
