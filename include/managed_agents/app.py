"""Putting the server together."""

from __future__ import annotations

import importlib
from collections.abc import AsyncIterator, Callable
from contextlib import asynccontextmanager
from typing import cast

from fastapi import FastAPI

from include.managed_agents.access import KeyCheck, KeyRing
from include.managed_agents.agents.routes import router as agents
from include.managed_agents.control.routes import router as control
from include.managed_agents.database import Database
from include.managed_agents.deployments.routes import router as deployments
from include.managed_agents.deployments.routes import runs_router as deployment_runs
from include.managed_agents.dreams.engine import DreamEngine
from include.managed_agents.dreams.routes import router as dreams
from include.managed_agents.dreams.runner import DreamRunner
from include.managed_agents.environments.routes import router as environments
from include.managed_agents.errors import install_error_handlers
from include.managed_agents.facts import fact
from include.managed_agents.memories.routes import router as memories
from include.managed_agents.memory_stores.routes import router as memory_stores
from include.managed_agents.memory_versions.routes import router as memory_versions
from include.managed_agents.session_events.routes import router as session_events
from include.managed_agents.session_events.stream import Streams
from include.managed_agents.session_resources.routes import router as session_resources
from include.managed_agents.sessions.routes import router as sessions
from include.managed_agents.settings import Settings
from include.managed_agents.turns.model import SessionModel
from include.managed_agents.turns.offline import OfflineModel
from include.managed_agents.turns.runner import TurnRunner
from include.managed_agents.wire import Reply

__all__ = ["create_app", "offline_engine"]

ROUTERS = (
    agents,
    environments,
    sessions,
    session_events,
    session_resources,
    memory_stores,
    memories,
    memory_versions,
    deployments,
    deployment_runs,
    dreams,
    control,
)


def create_app(
    settings: Settings,
    make_engine: Callable[[], DreamEngine] | None = None,
    make_model: Callable[[], SessionModel] | None = None,
) -> FastAPI:
    """
    Return the server as an ASGI app. It works without its lifespan too (a bare ``TestClient(app)``); the
    lifespan takes up unfinished dreams at the start, and stops them and closes the database at the end.

    :param make_engine: what dreams are dreamed with; the offline engine, if not given.
    :param make_model: what sessions think with; the offline model, if not given.
    :raises DatabaseError: if the database can't be used.
    """
    database = Database(settings.database)
    database.create_tables()
    streams = Streams(database)
    dreaming = DreamRunner(database, settings, make_engine or offline_engine)
    turns = TurnRunner(database, streams, settings, make_model or OfflineModel)

    @asynccontextmanager
    async def lifespan(_app: FastAPI) -> AsyncIterator[None]:
        turns.settle_interrupted()
        dreaming.resume()
        yield
        streams.close()
        turns.stop()
        dreaming.stop()
        database.close()

    app = FastAPI(title="Managed Agents, embedded", openapi_url=None, lifespan=lifespan)
    app.state.settings = settings
    app.state.database = database
    app.state.streams = streams
    app.state.dreams = dreaming
    app.state.turns = turns
    app.state.keys = key_ring(database, settings.api_key)
    app.add_middleware(KeyCheck, keys=app.state.keys)
    install_error_handlers(app)
    for router in ROUTERS:
        app.include_router(router)

    @app.get("/health")
    async def health() -> Reply:
        return Reply({"status": "ok"})

    return app


def key_ring(database: Database, api_key: str) -> KeyRing:
    with database.write() as unit:
        salt = fact(unit.session, "key_salt", lambda: KeyRing.new_salt().hex())
    return KeyRing(api_key, bytes.fromhex(salt))


def offline_engine() -> DreamEngine:
    # Imported at the first dream: the engine is its own package, and a server that never dreams needs none.
    module = importlib.import_module("include.managed_agents.dreams.offline")
    return cast(DreamEngine, module.OfflineEngine())
