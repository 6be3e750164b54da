"""Opening the API's async client in the triggerer."""

from __future__ import annotations

import asyncio
import importlib
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from dreamflow.hooks.asynchronous import AsyncManagedAgents

__all__ = ["open_client"]


async def open_client(conn_id: str) -> AsyncManagedAgents:
    """
    Return an open client of the connection; close it when done.

    The first import of the SDK takes over a second. It runs in a thread, so that the event loop goes on meanwhile.
    """
    hooks = await asyncio.to_thread(importlib.import_module, "dreamflow.hooks.managed_agents")
    api: AsyncManagedAgents = await hooks.ManagedAgentsHook(conn_id).open_async()
    return api
