"""What every request may need of the running server, as arguments of routes."""

from __future__ import annotations

from typing import Annotated

from fastapi import Depends, Request

from include.managed_agents.database import Database
from include.managed_agents.settings import Price
from include.managed_agents.workers import Queue

__all__ = ["Db", "Prices", "Turns"]


async def database(request: Request) -> Database:
    found: Database = request.app.state.database
    return found


async def price(request: Request) -> Price:
    found: Price = request.app.state.settings.price
    return found


async def turns(request: Request) -> Queue:
    found: Queue = request.app.state.turns
    return found


Db = Annotated[Database, Depends(database)]
Prices = Annotated[Price, Depends(price)]
#: Who runs the turns of sessions. Sessions come before turns, so that all they know is how to ask for one.
Turns = Annotated[Queue, Depends(turns)]
