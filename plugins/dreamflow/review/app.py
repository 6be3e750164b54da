"""The app behind the review tab: its routes, its headers, and how its errors are told."""

from __future__ import annotations

import logging
from collections.abc import Awaitable, Callable, Mapping

from fastapi import FastAPI, Request, Response
from fastapi.exceptions import RequestValidationError
from fastapi.responses import HTMLResponse, JSONResponse
from starlette.exceptions import HTTPException

from dreamflow.core.secrets.masking import mask
from dreamflow.errors import (
    AccessDenied,
    DreamflowError,
    MendConflict,
    NotFound,
    ServiceUnavailable,
    StateError,
    StorageUnavailable,
)
from dreamflow.review.pages import rendered
from dreamflow.review.routes import assets, page, review, texts

__all__ = ["create_app"]

log = logging.getLogger(__name__)

#: Nothing loads from elsewhere, nothing of the text runs, and only Airflow's own pages may frame this one.
_HEADERS = {
    "Content-Security-Policy": "default-src 'none'; style-src 'self'; script-src 'self'; img-src 'self' data:; "
    "connect-src 'self'; form-action 'none'; base-uri 'none'; frame-ancestors 'self'",
    "X-Content-Type-Options": "nosniff",
    "Referrer-Policy": "no-referrer",
    "Cache-Control": "no-store",
}
_STATUS: tuple[tuple[type[DreamflowError], int], ...] = (
    (MendConflict, 409),
    (NotFound, 404),
    (AccessDenied, 502),
    (ServiceUnavailable, 503),
    (StorageUnavailable, 503),
    (StateError, 409),
)


def create_app() -> FastAPI:
    """Return the app that the plugin mounts. It has no documentation routes: those would want no login."""
    app = FastAPI(title="Dreamflow review", docs_url=None, redoc_url=None, openapi_url=None)
    for routes in (page.router, texts.router, review.router, assets.router):
        app.include_router(routes)

    @app.middleware("http")
    async def protect(request: Request, call_next: Callable[[Request], Awaitable[Response]]) -> Response:
        response = await call_next(request)
        response.headers.update(_HEADERS)
        return response

    @app.exception_handler(HTTPException)
    async def refuse(request: Request, error: HTTPException) -> Response:
        return _told(request, error.status_code, str(error.detail), headers=error.headers)

    @app.exception_handler(RequestValidationError)
    async def misread(request: Request, error: RequestValidationError) -> Response:
        places = ", ".join(".".join(map(str, one["loc"][1:])) or "the body" for one in error.errors())
        return _told(request, 422, f"This can't be read: {places}.")

    @app.exception_handler(DreamflowError)
    async def fail(request: Request, error: DreamflowError) -> Response:
        status = next((status for kind, status in _STATUS if isinstance(error, kind)), 500)
        return _told(request, status, str(error))

    @app.exception_handler(OSError)
    async def unkept(request: Request, error: OSError) -> Response:
        log.error("%s of %s: %s", request.method, request.url.path, error, exc_info=error)
        return _told(
            request, 503, "The run's files can't be read or written just now. Try again in a moment."
        )

    @app.exception_handler(Exception)
    async def broken(request: Request, error: Exception) -> Response:
        # It is told outside of the middleware, so that it needs the headers here.
        return _told(request, 500, "That did not work. The web server's log says why.", headers=_HEADERS)

    return app


def _told(request: Request, status: int, message: str, headers: Mapping[str, str] | None = None) -> Response:
    """Return an error as a page where a person looks at it, else as JSON; a path that it names may hold a secret."""
    message = mask(message)
    if request.method == "GET" and "text/html" in request.headers.get("accept", ""):
        root = str(request.scope.get("root_path", "")).rstrip("/")
        text = rendered("error.html", status=status, message=message, static=f"{root}/static")
        return HTMLResponse(text, status, headers)
    return JSONResponse({"detail": message}, status, headers)
