"""
The error tree. Services raise, one handler renders.

```
ApiError
├── InvalidRequest          400 invalid_request_error
├── Unauthenticated         401 authentication_error
├── NotFound                404 not_found_error
├── Conflict                409 conflict_error
│   ├── PathConflict        409 memory_path_conflict_error
│   └── PreconditionFailed  409 memory_precondition_failed_error
├── TooLarge                413 request_too_large
├── RateLimited             429 rate_limit_error
└── TooSlow                 408 timeout_error
```

What nobody foresaw is a 500 for the client, and one line of kind and place in the log: its text may quote a memory.
"""

from __future__ import annotations

import asyncio
import logging
from typing import Any

from fastapi import FastAPI, Request
from starlette.exceptions import HTTPException
from starlette.requests import ClientDisconnect
from starlette.routing import Match
from starlette.types import ASGIApp, Message, Receive, Scope, Send

from include.managed_agents.decoding import shortened
from include.managed_agents.wire import Reply
from include.managed_agents.workers import told_of

__all__ = [
    "ApiError",
    "Conflict",
    "CrashGuard",
    "InvalidRequest",
    "NotFound",
    "PathConflict",
    "PreconditionFailed",
    "RateLimited",
    "TooLarge",
    "TooSlow",
    "Unauthenticated",
    "error_body",
    "install_error_handlers",
]

logger = logging.getLogger(__name__)

#: The types that the API documents, by HTTP status.
TYPE_BY_STATUS = {
    400: "invalid_request_error",
    401: "authentication_error",
    403: "permission_error",
    404: "not_found_error",
    405: "invalid_request_error",
    408: "timeout_error",
    409: "conflict_error",
    413: "request_too_large",
    429: "rate_limit_error",
    431: "request_too_large",
    529: "overloaded_error",
}


class ApiError(Exception):
    """An error with a place in the API: it is rendered as ``status`` and ``type``, never as a 500."""

    status = 500
    type = "api_error"

    def __init__(self, message: str, *, details: dict[str, Any] | None = None) -> None:
        super().__init__(message)
        self.message = message
        self.details = details


class InvalidRequest(ApiError):
    """The request can't be carried out as it is: a field is wrong, or the object's state forbids it."""

    status = 400
    type = "invalid_request_error"


class Unauthenticated(ApiError):
    """The API key is missing or wrong."""

    status = 401
    type = "authentication_error"


class NotFound(ApiError):
    """There is no such object."""

    status = 404
    type = "not_found_error"

    @classmethod
    def of(cls, kind: str, object_id: str) -> NotFound:
        return cls(f"{kind} '{shortened(object_id)}' not found")


class Conflict(ApiError):
    """The object changed, or is in a state that excludes this request."""

    status = 409
    type = "conflict_error"


class PathConflict(Conflict):
    """Another memory has this path."""

    type = "memory_path_conflict_error"


class PreconditionFailed(Conflict):
    """The memory's content is not what the caller expected."""

    type = "memory_precondition_failed_error"


class TooLarge(ApiError):
    """The request's body is over the server's limit."""

    status = 413
    type = "request_too_large"


class RateLimited(ApiError):
    """There are more requests a minute than the server is told to take."""

    status = 429
    type = "rate_limit_error"


class TooSlow(ApiError):
    """The request's body took too long to arrive."""

    status = 408
    type = "timeout_error"


def error_body(error_type: str, message: str, request_id: str | None, details: Any = None) -> dict[str, Any]:
    """Return the body that the API gives for every error."""
    error: dict[str, Any] = {"type": error_type, "message": message}
    if details is not None:
        error["details"] = details
    return {"type": "error", "error": error, "request_id": request_id}


def install_error_handlers(app: FastAPI) -> None:
    """Register the one rendering of every kind of failure that has a place in the API."""

    def render(request: Request, error: ApiError) -> Reply:
        body = error_body(error.type, error.message, request_id_of(request), error.details)
        return Reply(body, status_code=error.status)

    async def on_api_error(request: Request, error: Exception) -> Reply:
        assert isinstance(error, ApiError)
        return render(request, error)

    async def on_http_exception(request: Request, error: Exception) -> Reply:
        assert isinstance(error, HTTPException)
        wanted = f"{request.method} {shortened(request.url.path)}"
        message = (
            f"{wanted}: no such endpoint on this server"
            if error.status_code == 404
            else f"{wanted}: {error.detail}"
        )
        error_type = TYPE_BY_STATUS.get(error.status_code, "api_error")
        body = error_body(error_type, message, request_id_of(request))
        headers = {"allow": methods_at(request)} if error.status_code == 405 else None
        return Reply(body, status_code=error.status_code, headers=headers)

    app.add_exception_handler(ApiError, on_api_error)
    app.add_exception_handler(HTTPException, on_http_exception)


def methods_at(request: Request) -> str:
    """Return the methods of all routes at the request's path; the framework names only those of the first."""
    there = [route for route in request.app.routes if route.matches(request.scope)[0] is not Match.NONE]
    return ", ".join(sorted({method for route in there for method in getattr(route, "methods", None) or ()}))


class CrashGuard:
    """Middleware: let no exception through to those who would log all of it."""

    def __init__(self, app: ASGIApp) -> None:
        self.app = app

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        is_answered = False

        async def noting_send(message: Message) -> None:
            nonlocal is_answered
            is_answered = True
            await send(message)

        try:
            await self.app(scope, receive, noting_send)
        except ClientDisconnect:
            logger.info("%s: the client hung up before its request was complete", endpoint_of(scope))
        except asyncio.CancelledError:
            logger.info("%s: given up, for the server stops", endpoint_of(scope))
            if is_answered:
                await send({"type": "http.response.body", "body": b"", "more_body": False})
            else:
                await failure(scope, 529, "this server stops")(scope, receive, send)
        except Exception as error:
            logger.error("%s: %s", endpoint_of(scope), told_of(error))
            if not is_answered:
                message = "internal server error; the server's log names it"
                await failure(scope, 500, message)(scope, receive, send)


def failure(scope: Scope, status: int, message: str) -> Reply:
    request_id = scope.get("state", {}).get("request_id")
    body = error_body(TYPE_BY_STATUS.get(status, "api_error"), message, request_id)
    return Reply(body, status_code=status)


def endpoint_of(scope: Scope) -> str:
    """Return method and route, such as ``GET /v1/agents/{agent_id}``: a path is the client's own text."""
    return f"{scope.get('method', scope['type'])} {getattr(scope.get('route'), 'path', 'outside all routes')}"


def request_id_of(request: Request) -> str | None:
    return getattr(request.state, "request_id", None)
