"""Triggers in an event loop, as a triggerer runs them, and dreams for them to wait for."""

from __future__ import annotations

import asyncio
from collections.abc import Sequence
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest
from airflow.triggers.base import BaseTrigger

from dreamflow.triggers.dream import DreamTrigger
from dreamflow.triggers.session import DrainTrigger
from tests.faults.stage import CONNECTION, Stage, connection_to
from tests.managed_agents.support import dream_of
from tests.support.faulty_proxy import Exchange, Request, Rule
from tests.support.injected_faults import refusal
from tests.support.night import first_event
from tests.support.server import KEY

__all__ = [
    "announce_new_key",
    "drain_of",
    "dream_in_flight",
    "is_list",
    "is_read",
    "started",
    "trigger_of",
    "wait_for",
    "withdraw_key",
]

#: Seconds between polls.
POLL = 0.05


def dream_in_flight(stage: Stage) -> str:
    """Create a dream that comes to no end by itself, and return its id."""
    stage.finishes = False
    return dream_of(stage.client, stage.past.live, stage.past.to_dream[0]).id


def trigger_of(
    dream_id: str, *, conn_id: str = "proxied", seconds: float = 600.0, **more: Any
) -> DreamTrigger:
    """Return a trigger whose deadline is so many seconds away."""
    deadline = datetime.now(UTC) + timedelta(seconds=seconds)
    known = {"poll_interval": POLL, "deadline": deadline.isoformat()}
    return DreamTrigger(conn_id=conn_id, dream_id=dream_id, **{**known, **more})


def drain_of(
    store_id: str, *, conn_id: str = "proxied", seconds: float = 600.0, idle_for: float = 0.0
) -> DrainTrigger:
    """Return a trigger that waits for the store's writers, at most so many seconds."""
    now = datetime.now(UTC)
    deadline = now + timedelta(seconds=seconds)
    return DrainTrigger(conn_id, store_id, idle_for, POLL, now.isoformat(), deadline.isoformat())


def started(triggers: Sequence[BaseTrigger]) -> list[asyncio.Task[Any]]:
    """Run the triggers, each in a task that returns its event."""
    return [asyncio.create_task(first_event(trigger)) for trigger in triggers]


def withdraw_key(stage: Stage, status: int = 401) -> None:
    """Rotate the API key: from now on the service refuses the old one, and takes a new one."""

    async def fault(exchange: Exchange) -> None:
        headers = exchange.request.headers
        if headers["authorization"] == f"Bearer {KEY}":
            await refusal(status)(exchange)
        else:
            headers["authorization"] = f"Bearer {KEY}"
            await exchange.answer(await exchange.forward())

    stage.proxy.add(Rule(fault, times=10**9))


def announce_new_key(stage: Stage, patch: pytest.MonkeyPatch) -> None:
    """Let Airflow's connection have the new key."""
    patch.setenv(CONNECTION, connection_to(stage.proxy.url).replace(KEY, "the-new-key"))


async def wait_for(reached: Any, what: str, seconds: float = 60.0) -> None:
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
