"""What a request needs of the running server."""

from __future__ import annotations

from typing import Annotated

from fastapi import Depends, Request

from include.managed_agents.database import Database
from include.managed_agents.dreams.runner import DreamRunner
from include.managed_agents.session_events.stream import Streams
from include.managed_agents.settings import Price
from include.managed_agents.turns.runner import TurnRunner

__all__ = ["Db", "Dreaming", "LiveStreams", "Prices", "Turns"]


def database(request: Request) -> Database:
    found: Database = request.app.state.database
    return found


def price(request: Request) -> Price:
    found: Price = request.app.state.settings.price
    return found


def dreaming(request: Request) -> DreamRunner:
    found: DreamRunner = request.app.state.dreams
    return found


def turns(request: Request) -> TurnRunner:
    found: TurnRunner = request.app.state.turns
    return found


def streams(request: Request) -> Streams:
    found: Streams = request.app.state.streams
    return found


Db = Annotated[Database, Depends(database)]
Dreaming = Annotated[DreamRunner, Depends(dreaming)]
LiveStreams = Annotated[Streams, Depends(streams)]
Prices = Annotated[Price, Depends(price)]
Turns = Annotated[TurnRunner, Depends(turns)]
