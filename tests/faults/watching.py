"""Triggers in an event loop, as a triggerer runs them, and dreams for them to wait for."""

from __future__ import annotations

import asyncio
from collections.abc import Sequence
from datetime import UTC, datetime, timedelta
from typing import Any

from dreamflow.triggers.dream import DreamTrigger
from tests.faults.stage import Stage
from tests.managed_agents.support import dream_of
from tests.support.faulty_proxy import Request
from tests.support.night import first_event

__all__ = ["dream_in_flight", "is_list", "is_read", "started", "trigger_of", "wait_for"]

#: Seconds between polls.
POLL = 0.05


def dream_in_flight(stage: Stage) -> str:
    """Create a dream that comes to no end by itself, and return its id."""
    stage.finishes = False
    return dream_of(stage.client, stage.past.live, stage.past.to_dream[0]).id


def trigger_of(
    dream_id: str, *, conn_id: str = "proxied", seconds: float = 60.0, **more: Any
) -> DreamTrigger:
    """Return a trigger whose deadline is so many seconds away."""
    deadline = datetime.now(UTC) + timedelta(seconds=seconds)
    known = {"poll_interval": POLL, "deadline": deadline.isoformat()}
    return DreamTrigger(conn_id=conn_id, dream_id=dream_id, **{**known, **more})


def started(triggers: Sequence[DreamTrigger]) -> list[asyncio.Task[Any]]:
    """Run the triggers, each in a task that returns its event."""
    return [asyncio.create_task(first_event(trigger), name=trigger.dream_id) for trigger in triggers]


async def wait_for(reached: Any, what: str, seconds: float = 20.0) -> None:
    """Wait for something that is bound to come, while the triggers go on."""
    try:
        async with asyncio.timeout(seconds):
            while not reached():  # noqa: ASYNC110 - what is waited for happens in other threads
                await asyncio.sleep(0.01)
    except TimeoutError:
        raise AssertionError(f"waited in vain for {what}") from None


def is_list(request: Request) -> bool:
    return request.method == "GET" and request.path == "/v1/dreams"


def is_read(request: Request) -> bool:
    return request.method == "GET" and request.path.startswith("/v1/dreams/")
