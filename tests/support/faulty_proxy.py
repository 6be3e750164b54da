"""A proxy that stands for a bad day of the network or the service: a stated fault at the n-th request of a kind."""

from __future__ import annotations

import asyncio
import json
import re
import threading
from collections import Counter
from collections.abc import Awaitable, Callable
from dataclasses import dataclass, field
from types import TracebackType
from typing import Any, Self
from urllib.parse import parse_qs, urlsplit

import httpx

__all__ = ["Call", "Exchange", "Fault", "FaultyProxy", "Reply", "Request", "Rule", "kind_of"]

#: Headers about one connection only, or that are set anew.
_HOP = {"connection", "content-length", "transfer-encoding", "content-encoding", "host"}
_ID = re.compile(r"/[a-z]+_[A-Za-z0-9]{20,}")
#: The path under which another process tells in which phase of the run its requests come.
PHASE_PATH = "/_proxy/phase/"


@dataclass(frozen=True, order=True)
class Call:
    """
    A kind of request: what a run asks for in one of its phases.

    :ivar what: as ``kind_of`` returns it.
    :ivar nth: the how-manieth of its kind in its phase, from 1.
    """

    phase: str
    what: str
    nth: int = 1

    def __str__(self) -> str:
        return f"{self.phase}: {self.what} ({self.nth})"


@dataclass(frozen=True)
class Request:
    """
    A request as it arrived.

    :ivar call: of which kind it is.
    :ivar at: when it arrived, on the proxy's own clock, in seconds.
    """

    call: Call
    method: str
    target: str
    headers: dict[str, str]
    body: bytes
    at: float

    @property
    def path(self) -> str:
        return urlsplit(self.target).path


@dataclass(frozen=True)
class Reply:
    status: int
    headers: dict[str, str]
    body: bytes

    @property
    def json(self) -> Any:
        return json.loads(self.body)

    def with_json(self, data: Any) -> Reply:
        return Reply(self.status, self.headers, json.dumps(data).encode())


class Exchange:
    """One request, and what a fault may do with it: forward it, answer it, cut its connection."""

    def __init__(self, request: Request, writer: asyncio.StreamWriter, upstream: httpx.AsyncClient) -> None:
        self.request = request
        self._writer = writer
        self._upstream = upstream

    async def forward(self) -> Reply:
        """Let the service process the request, and return its reply."""
        headers = {name: value for name, value in self.request.headers.items() if name not in _HOP}
        reply = await self._upstream.request(
            self.request.method, self.request.target, headers=headers, content=self.request.body
        )
        kept = {name: value for name, value in reply.headers.items() if name not in _HOP}
        return Reply(reply.status_code, kept, reply.content)

    async def answer(self, reply: Reply, *, pieces: int = 1, pause_seconds: float = 0.0) -> None:
        """Send the reply; in so many pieces, with a pause before each, where asked for."""
        lines = [f"HTTP/1.1 {reply.status} x", *(f"{name}: {value}" for name, value in reply.headers.items())]
        head = "\r\n".join([*lines, f"content-length: {len(reply.body)}", "connection: close", "", ""])
        raw = head.encode("latin-1") + reply.body
        size = -(-len(raw) // pieces)
        for start in range(0, len(raw), size):
            await asyncio.sleep(pause_seconds)
            self._writer.write(raw[start : start + size])
            await self._writer.drain()

    def cut(self) -> None:
        """Reset the connection: the client never hears of its request again."""
        self._writer.transport.abort()


#: What happens to a request instead of being forwarded and answered.
Fault = Callable[[Exchange], Awaitable[None]]


@dataclass
class Rule:
    """
    A fault, and which requests it strikes.

    :ivar matches: tells whether a request is of the kind.
    :ivar first: the first one struck, counted from 1 among those that match.
    :ivar times: how many are struck from there on.
    """

    fault: Fault
    matches: Callable[[Request], bool] = lambda request: True
    first: int = 1
    times: int = 1
    met: int = 0
    struck: int = 0

    @classmethod
    def at(cls, call: Call, fault: Fault, times: int = 1) -> Rule:
        """Strike at this call, and at the following ones of its kind."""
        return cls(fault, lambda r: (r.call.phase, r.call.what) == (call.phase, call.what), call.nth, times)

    def strikes(self, request: Request) -> bool:
        if not self.matches(request):
            return False
        self.met += 1
        hit = self.first <= self.met < self.first + self.times
        self.struck += hit
        return hit


@dataclass
class FaultyProxy:
    """
    The proxy, in a thread of its own.

    :param upstream: the service, such as ``http://127.0.0.1:8787``.
    :ivar rules: the first that strikes decides; a request that none strikes goes through.
    :ivar phase: where the run is, as whoever drives it says.
    :ivar on_phase: called with each phase that another process tells, before its requests come.
    :ivar on_answered: called with each request that was answered as the service did.
    """

    upstream: str
    rules: list[Rule] = field(default_factory=list)
    requests: list[Request] = field(default_factory=list)
    phase: str = ""
    on_phase: Callable[[str], None] = lambda phase: None
    on_answered: Callable[[Request, Reply], None] = lambda request, reply: None
    url: str = ""
    _counts: Counter[tuple[str, str]] = field(default_factory=Counter)
    _crashes: list[BaseException] = field(default_factory=list)
    _under_way: set[asyncio.Task[None]] = field(default_factory=set)
    _loop: asyncio.AbstractEventLoop = field(default_factory=asyncio.new_event_loop)
    _stop: asyncio.Event = field(default_factory=asyncio.Event)

    def __enter__(self) -> Self:
        started = threading.Event()
        self._thread = threading.Thread(target=lambda: self._loop.run_until_complete(self._serve(started)))
        self._thread.start()
        assert started.wait(60), "the proxy did not start"
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self._loop.call_soon_threadsafe(self._stop.set)
        self._thread.join()
        self._loop.close()
        if error is None and self._crashes:
            raise self._crashes[0]

    @property
    def calls(self) -> list[Call]:
        return [request.call for request in self.requests]

    def add(self, rule: Rule) -> Rule:
        self.rules.append(rule)
        return rule

    def wait_until_quiet(self) -> None:
        """Wait until the service has processed all that was sent to it, late requests included."""
        asyncio.run_coroutine_threadsafe(self._quiet(), self._loop).result(120)

    async def _quiet(self) -> None:
        while self._under_way:
            await asyncio.wait(list(self._under_way))

    async def _serve(self, started: threading.Event) -> None:
        # A connection that was kept could be closed by the service just as the next request is sent on it.
        limits = httpx.Limits(max_keepalive_connections=0)
        async with httpx.AsyncClient(base_url=self.upstream, timeout=60, limits=limits) as client:
            server = await asyncio.start_server(lambda r, w: self._connection(r, w, client), "127.0.0.1", 0)
            self.url = f"http://127.0.0.1:{server.sockets[0].getsockname()[1]}"
            started.set()
            await self._stop.wait()
            server.close()
            for task in self._under_way:
                task.cancel()
            await asyncio.gather(*self._under_way, return_exceptions=True)

    async def _connection(
        self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter, client: httpx.AsyncClient
    ) -> None:
        task = asyncio.create_task(self._handle(reader, writer, client))
        self._under_way.add(task)
        task.add_done_callback(self._under_way.discard)
        try:
            await task
        except (asyncio.CancelledError, ConnectionError, asyncio.IncompleteReadError):
            pass  # the client went away: that is its right
        except Exception as e:
            self._crashes.append(e)
        finally:
            writer.close()

    async def _handle(
        self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter, client: httpx.AsyncClient
    ) -> None:
        head = (await reader.readuntil(b"\r\n\r\n")).decode("latin-1").split("\r\n")
        method, target, _ = head[0].split(" ", 2)
        pairs = (line.split(":", 1) for line in head[1:] if line)
        headers = {name.lower(): value.strip() for name, value in pairs}
        body = await reader.readexactly(int(headers.get("content-length", 0)))
        if target.startswith(PHASE_PATH):
            self.phase = target.removeprefix(PHASE_PATH)
            await asyncio.to_thread(self.on_phase, self.phase)
            await Exchange(self._numbered(method, target, headers, body), writer, client).answer(_DONE)
            return
        request = self._numbered(method, target, headers, body)
        self._counts[request.call.phase, request.call.what] += 1
        self.requests.append(request)
        exchange = Exchange(request, writer, client)
        rule = next((rule for rule in self.rules if rule.strikes(request)), None)
        if rule is not None:
            await rule.fault(exchange)
            return
        reply = await exchange.forward()
        self.on_answered(request, reply)
        await exchange.answer(reply)

    def _numbered(self, method: str, target: str, headers: dict[str, str], body: bytes) -> Request:
        what = kind_of(method, target)
        nth = self._counts[self.phase, what] + 1
        return Request(Call(self.phase, what, nth), method, target, headers, body, self._loop.time())


def kind_of(method: str, target: str) -> str:
    """Return what a request asks for: method, path without ids, and the names of the query's keys."""
    parts = urlsplit(target)
    keys = "&".join(sorted(key.removesuffix("[]") for key in parse_qs(parts.query) if key != "beta"))
    return f"{method} {_ID.sub('/{id}', parts.path)}{'?' + keys if keys else ''}"


_DONE = Reply(204, {}, b"")
