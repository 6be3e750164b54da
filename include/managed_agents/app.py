"""Build the server as an ASGI app, of its settings, routes and runners."""

from __future__ import annotations

from collections.abc import AsyncIterator, Callable
from contextlib import asynccontextmanager
from functools import cache, partial
from typing import Any

import anyio.to_thread
from fastapi import Depends, FastAPI

from include.managed_agents.access import KeyCheck, KeyRing
from include.managed_agents.agents.routes import router as agents
from include.managed_agents.control.routes import router as control
from include.managed_agents.database import Database
from include.managed_agents.deployments.routes import router as deployments
from include.managed_agents.deployments.routes import runs_router as deployment_runs
from include.managed_agents.dreams.claude import ClaudeEngine
from include.managed_agents.dreams.engine import DreamEngine
from include.managed_agents.dreams.offline import OfflineEngine
from include.managed_agents.dreams.routes import router as dreams
from include.managed_agents.dreams.runner import DreamRunner
from include.managed_agents.environments.routes import router as environments
from include.managed_agents.errors import CrashGuard, install_error_handlers
from include.managed_agents.facts import fact
from include.managed_agents.memories.routes import router as memories
from include.managed_agents.memory_stores.routes import router as memory_stores
from include.managed_agents.memory_versions.routes import router as memory_versions
from include.managed_agents.openapi import describe_api
from include.managed_agents.rates import RateLimiter
from include.managed_agents.reading import refuse_stray_query
from include.managed_agents.session_events.routes import router as session_events
from include.managed_agents.session_events.stream import Streams
from include.managed_agents.session_resources.routes import router as session_resources
from include.managed_agents.session_threads.routes import router as session_threads
from include.managed_agents.sessions.routes import router as sessions
from include.managed_agents.settings import Settings
from include.managed_agents.tables import create_tables
from include.managed_agents.turns.claude import ClaudeModel
from include.managed_agents.turns.model import SessionModel
from include.managed_agents.turns.offline import OfflineModel
from include.managed_agents.turns.runner import TurnRunner
from include.managed_agents.wire import Reply

__all__ = ["create_app", "routed"]

ROUTERS = (
    agents,
    environments,
    sessions,
    session_events,
    session_resources,
    session_threads,
    memory_stores,
    memories,
    memory_versions,
    deployments,
    deployment_runs,
    dreams,
    control,
)


REQUEST_THREADS = 100


def create_app(
    settings: Settings,
    make_engine: Callable[[], DreamEngine] | None = None,
    make_model: Callable[[], SessionModel] | None = None,
) -> FastAPI:
    """
    Return the server as an ASGI app. It works without its lifespan too (a bare ``TestClient(app)``); the
    lifespan takes up unfinished dreams and turns at the start, and stops them and closes the database at the end.

    :param make_engine: what dreams are dreamed with, instead of what the settings say.
    :param make_model: what sessions think with, instead of what the settings say.
    :raises DatabaseError: if the database can't be used.
    """
    database = open_database(settings.database)
    streams = Streams(database)
    dreaming = DreamRunner(database, settings, make_engine or engine_of(settings))
    turns = TurnRunner(database, streams, settings, make_model or model_of(settings))

    @asynccontextmanager
    async def lifespan(_app: FastAPI) -> AsyncIterator[None]:
        # Requests that wait for the one writer hold a thread each: leave enough for those that only read.
        anyio.to_thread.current_default_thread_limiter().total_tokens = REQUEST_THREADS
        turns.resume()
        dreaming.resume()
        yield
        streams.close()
        turns.stop()
        dreaming.stop()
        database.close()

    app = routed(lifespan=lifespan)
    app.state.settings = settings
    app.state.database = database
    app.state.streams = streams
    app.state.dreams = dreaming
    app.state.turns = turns
    app.state.keys = key_ring(database, settings.api_key)
    app.add_middleware(CrashGuard)
    if settings.rates is not None:
        app.add_middleware(RateLimiter, rates=settings.rates)
    app.add_middleware(KeyCheck, keys=app.state.keys)  # the outer one: it gives each request its id
    return app


def routed(**options: Any) -> FastAPI:
    """Return the app with its routes and errors alone: enough to describe it, too little to answer."""
    # No redirects: with an empty id, a path that ends with a slash would be led to another endpoint.
    app = FastAPI(title="Managed Agents, embedded", openapi_url=None, redirect_slashes=False, **options)
    install_error_handlers(app)
    for router in ROUTERS:
        app.include_router(router, dependencies=[Depends(refuse_stray_query)])
    described = cache(partial(describe_api, app))

    @app.get("/health")
    async def health() -> Reply:
        return Reply({"status": "ok"})

    @app.get("/openapi.json", include_in_schema=False)
    def openapi() -> Reply:
        return Reply(described())

    return app


def open_database(url: str) -> Database:
    database = Database(url)
    try:
        create_tables(database)
    except BaseException:
        database.close()
        raise
    return database


def key_ring(database: Database, api_key: str) -> KeyRing:
    with database.write() as unit:
        salt = fact(unit.session, "key_salt", lambda: KeyRing.new_salt().hex())
    return KeyRing(api_key, bytes.fromhex(salt))


def engine_of(settings: Settings) -> Callable[[], DreamEngine]:
    claude = settings.claude
    if claude is None:
        return OfflineEngine
    return lambda: ClaudeEngine(claude, settings.dream_token_ceiling)


def model_of(settings: Settings) -> Callable[[], SessionModel]:
    claude = settings.claude
    return OfflineModel if claude is None else lambda: ClaudeModel(claude)
