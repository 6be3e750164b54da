"""What a request needs of the running server."""

from __future__ import annotations

from typing import Annotated

from fastapi import Depends, Request

from include.managed_agents.database import Database
from include.managed_agents.settings import Price

__all__ = ["Db", "Prices"]


def database(request: Request) -> Database:
    found: Database = request.app.state.database
    return found


def price(request: Request) -> Price:
    found: Price = request.app.state.settings.price
    return found


Db = Annotated[Database, Depends(database)]
Prices = Annotated[Price, Depends(price)]
