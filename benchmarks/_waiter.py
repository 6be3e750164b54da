"""
Wait with many triggers in one event loop, and tell what that took.

    python -m benchmarks._waiter KIND COUNT INTERVAL WINDOW URL

KIND is ``none`` (a trigger that only sleeps), ``dream`` or ``drain`` (ours), ``all`` (ours: one for COUNT dreams) or
``session`` (the Anthropic provider's).
"""

from __future__ import annotations

import asyncio
import gc
import json
import sys
import time
from collections.abc import AsyncIterator, Callable
from datetime import UTC, datetime, timedelta
from typing import Any

import psutil
from airflow.triggers.base import BaseTrigger, TriggerEvent

from benchmarks._stub import dream_id, session_id, store_id

__all__ = ["SleepTrigger", "trigger_factory"]


class SleepTrigger(BaseTrigger):
    """What a trigger costs that does nothing."""

    def __init__(self, seconds: float) -> None:
        super().__init__()  # type: ignore[no-untyped-call]
        self.seconds = seconds

    def serialize(self) -> tuple[str, dict[str, Any]]:
        return "benchmarks._waiter.SleepTrigger", {"seconds": self.seconds}

    async def run(self) -> AsyncIterator[TriggerEvent]:
        await asyncio.sleep(self.seconds)
        yield TriggerEvent({"status": "over"})


def trigger_factory(kind: str, interval: float) -> Callable[[int], BaseTrigger]:
    """
    Return what makes the n-th trigger of a kind, on the connection ``benchmark``.

    Each kind is imported alone: what the others take is no part of its memory.
    """
    end = datetime.now(UTC) + timedelta(days=1)
    if kind == "dream":
        from dreamflow.hooks import managed_agents  # noqa: F401, PLC0415 - before memory is first looked at
        from dreamflow.triggers.dream import DreamTrigger  # noqa: PLC0415 - alone

        return lambda n: DreamTrigger(
            "benchmark", dream_id(n), interval, end.isoformat(), budget_tokens=20_000_000
        )
    if kind == "drain":
        from dreamflow.triggers.session import DrainTrigger  # noqa: PLC0415 - alone

        now = datetime.now(UTC).isoformat()
        return lambda n: DrainTrigger("benchmark", store_id(n), 120.0, interval, now, end.isoformat())
    if kind == "session":
        from airflow.providers.anthropic.triggers.agent import AnthropicAgentSessionTrigger  # noqa: PLC0415

        return lambda n: AnthropicAgentSessionTrigger("benchmark", session_id(n), interval, end.timestamp())
    return lambda n: SleepTrigger(end.timestamp())


def _all_of(count: int, interval: float) -> Callable[[int], BaseTrigger]:
    """Return what makes the one trigger that waits for all dreams of a fleet."""
    from dreamflow.hooks import managed_agents  # noqa: F401, PLC0415 - before memory is first looked at
    from dreamflow.triggers.all_of import AllOf  # noqa: PLC0415 - alone

    end = datetime.now(UTC) + timedelta(days=1)
    common = {"conn_id": "benchmark", "poll_interval": interval, "budget_tokens": 20_000_000}
    each = {
        f"depl_{n}": {"dream_id": dream_id(n), "deadline": (end + timedelta(seconds=n)).isoformat()}
        for n in range(count)
    }
    return lambda _: AllOf("dreamflow.triggers.dream.DreamTrigger", common, each)


class Stalls:
    """How long the event loop ever kept a task waiting that was due."""

    STEP = 0.05

    def __init__(self) -> None:
        self.longest = 0.0

    async def watch(self) -> None:
        while True:
            before = time.perf_counter()
            await asyncio.sleep(self.STEP)
            self.longest = max(self.longest, time.perf_counter() - before - self.STEP)


async def wait(kind: str, count: int, interval: float, window: float) -> dict[str, Any]:
    make = trigger_factory(kind, interval) if kind != "all" else _all_of(count, interval)
    # A full collection walks all that Airflow imported, and would be taken for a stall of the trigger's.
    gc.collect()
    gc.freeze()
    process = psutil.Process()
    before, cpu_before = process.memory_info().rss, sum(process.cpu_times()[:2])
    stalls = Stalls()
    watching = asyncio.create_task(stalls.watch())
    began = time.perf_counter()
    waiting = []
    for number in range(1 if kind == "all" else count):
        waiting.append(asyncio.create_task(_first_event(make(number))))
        await asyncio.sleep(0)  # as the triggerer does between triggers
    await asyncio.sleep(window - (time.perf_counter() - began))
    figures = {
        "grown_bytes": process.memory_info().rss - before,
        "cpu_seconds": sum(process.cpu_times()[:2]) - cpu_before,
        "longest_stall_seconds": stalls.longest,
        "ended": sum(task.done() for task in waiting),
    }
    for task in [watching, *waiting]:
        task.cancel()
    await asyncio.gather(watching, *waiting, return_exceptions=True)
    return figures


async def _first_event(trigger: BaseTrigger) -> TriggerEvent | None:
    async for event in trigger.run():
        return event
    return None


if __name__ == "__main__":
    kind, count, interval, window = sys.argv[1:5]
    print(json.dumps(asyncio.run(wait(kind, int(count), float(interval), float(window)))))
