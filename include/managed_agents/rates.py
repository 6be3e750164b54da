"""How many requests a minute a client may send, where the server is told to hold it to that."""

from __future__ import annotations

import math
import re
import time
from collections.abc import Callable
from dataclasses import dataclass

from starlette.types import ASGIApp, Receive, Scope, Send

from include.managed_agents.errors import RateLimited, error_body
from include.managed_agents.wire import Reply

__all__ = ["RateLimiter", "Rates"]

#: What is made with a POST to a collection.
_CREATE = re.compile(
    r"/v1/(?:agents|environments|sessions|memory_stores(?:/[^/]+/memories)?|deployments|dreams)"
)


@dataclass(frozen=True)
class Rates:
    """Requests a minute: what is read (GET), and what is made (POST to a collection). Others are not counted."""

    reads: int
    creates: int


class _Bucket:
    """Lets a second's worth of requests through at once, and then as many as are due."""

    def __init__(self, per_minute: int, now: Callable[[], float]) -> None:
        self._per_second, self._now = per_minute / 60, now
        self._most = max(1.0, self._per_second)
        self._left, self._at = self._most, now()

    def take(self) -> float:
        """Take one. Return 0, or the seconds after which there is one, where there is none."""
        now = self._now()
        self._left, self._at = min(self._most, self._left + (now - self._at) * self._per_second), now
        if self._left < 1:
            return (1 - self._left) / self._per_second
        self._left -= 1
        return 0.0


class RateLimiter:
    """Middleware: answer what comes too fast with 429 and ``retry-after``, in whole seconds."""

    def __init__(self, app: ASGIApp, rates: Rates, now: Callable[[], float] = time.monotonic) -> None:
        self.app = app
        self._reads, self._creates = _Bucket(rates.reads, now), _Bucket(rates.creates, now)

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        bucket = self._bucket_of(scope) if scope["type"] == "http" else None
        if bucket is None or not (seconds := bucket.take()):
            await self.app(scope, receive, send)
            return
        error = RateLimited("too many requests a minute: wait as long as retry-after says")
        body = error_body(error.type, error.message, scope.get("state", {}).get("request_id"))
        headers = {"retry-after": str(math.ceil(seconds))}
        await Reply(body, status_code=error.status, headers=headers)(scope, receive, send)

    def _bucket_of(self, scope: Scope) -> _Bucket | None:
        if scope["method"] == "GET" and scope["path"].startswith("/v1/"):
            return self._reads
        return self._creates if scope["method"] == "POST" and _CREATE.fullmatch(scope["path"]) else None
