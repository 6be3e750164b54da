"""Who may call: one API key per server, and the beta header that each endpoint wants."""

from __future__ import annotations

import hashlib
import hmac
import secrets
from collections.abc import Awaitable, Callable
from dataclasses import dataclass
from typing import Annotated

from fastapi import Depends, Request
from starlette.datastructures import Headers
from starlette.types import ASGIApp, Message, Receive, Scope, Send

from include.managed_agents.errors import InvalidRequest, Unauthenticated, error_body
from include.managed_agents.ids import new_id
from include.managed_agents.wire import Reply

__all__ = [
    "BETAS",
    "Actor",
    "Caller",
    "KeyCheck",
    "KeyRing",
    "dreaming_beta",
    "managed_agents_beta",
    "memory_beta",
]

AGENTS_BETA = "managed-agents-2026-04-01"
MEMORY_BETA = "agent-memory-2026-07-22"
DREAMING_BETA = "dreaming-2026-04-21"
OPEN_PATHS = frozenset({"/health"})


@dataclass(frozen=True)
class Actor:
    """Who changes a memory: an API key, or a session (an agent that writes through its mount)."""

    kind: str
    id: str

    @classmethod
    def api(cls, api_key_id: str) -> Actor:
        return cls("api_actor", api_key_id)

    @classmethod
    def of_session(cls, session_id: str) -> Actor:
        return cls("session_actor", session_id)

    def render(self) -> dict[str, str]:
        field = {"api_actor": "api_key_id", "session_actor": "session_id"}[self.kind]
        return {"type": self.kind, field: self.id}


class KeyRing:
    """
    The server's API key, kept as a salted hash: neither memory dumps nor the database give it away.

    The key's id is derived from salt and key, so versions written before a restart keep their author.
    """

    def __init__(self, api_key: str, salt: bytes) -> None:
        self._salt = salt
        self._hash = self._digest(api_key)
        self.api_key_id = f"apikey_01{hashlib.sha256(self._hash).hexdigest()[:22]}"

    def accepts(self, presented: str) -> bool:
        return hmac.compare_digest(self._digest(presented), self._hash)

    def _digest(self, api_key: str) -> bytes:
        return hmac.digest(self._salt, api_key.encode(errors="surrogateescape"), "sha256")

    @staticmethod
    def new_salt() -> bytes:
        return secrets.token_bytes(32)

    @staticmethod
    def new_key() -> str:
        return f"sk-local-{secrets.token_urlsafe(32)}"


class KeyCheck:
    """Middleware: refuse every request without the key, and give each an id, before anything reads its body."""

    def __init__(self, app: ASGIApp, keys: KeyRing) -> None:
        self.app = app
        self.keys = keys

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        if scope["type"] != "http":
            await self.app(scope, receive, send)
            return
        request_id = new_id("req")
        scope.setdefault("state", {})["request_id"] = request_id

        async def send_with_id(message: Message) -> None:
            if message["type"] == "http.response.start":
                message["headers"] = [*message["headers"], (b"request-id", request_id.encode())]
            await send(message)

        if scope["path"] in OPEN_PATHS or self._may_pass(Headers(scope=scope)):
            await self.app(scope, receive, send_with_id)
            return
        error = Unauthenticated("invalid API key: send this server's key as x-api-key or as a bearer token")
        body = error_body(error.type, error.message, request_id)
        await Reply(body, status_code=error.status)(scope, receive, send_with_id)

    def _may_pass(self, headers: Headers) -> bool:
        scheme, _, token = headers.get("authorization", "").partition(" ")
        presented = headers.get("x-api-key") or (token.strip() if scheme.lower() == "bearer" else "")
        return bool(presented) and self.keys.accepts(presented)


async def caller(request: Request) -> Actor:
    keys: KeyRing = request.app.state.keys
    return Actor.api(keys.api_key_id)


Caller = Annotated[Actor, Depends(caller)]


def require_beta(request: Request, *accepted: str) -> None:
    sent = {part.strip() for value in request.headers.getlist("anthropic-beta") for part in value.split(",")}
    if sent.isdisjoint(accepted):
        wanted = " or ".join(accepted)
        raise InvalidRequest(f"{request.url.path} is in beta: send the header anthropic-beta: {wanted}")


async def managed_agents_beta(request: Request) -> None:
    require_beta(request, *BETAS[managed_agents_beta])


async def memory_beta(request: Request) -> None:
    require_beta(request, *BETAS[memory_beta])


async def dreaming_beta(request: Request) -> None:
    require_beta(request, *BETAS[dreaming_beta])


#: The headers that each of these takes.
BETAS: dict[Callable[[Request], Awaitable[None]], tuple[str, ...]] = {
    managed_agents_beta: (AGENTS_BETA,),
    memory_beta: (MEMORY_BETA, AGENTS_BETA),
    dreaming_beta: (DREAMING_BETA,),
}
