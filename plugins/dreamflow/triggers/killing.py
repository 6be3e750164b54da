"""What becomes of that which a trigger waits for when a person acts on the waiting task."""

from __future__ import annotations

import asyncio
from collections.abc import Callable, Coroutine
from contextlib import suppress
from typing import Any, Protocol, runtime_checkable

from dreamflow.errors import ServiceUnavailable

__all__ = ["GIVEN_UP", "KILL_PATIENCE", "Endable", "task_state", "undisturbed"]

#: States of a task in which nobody waits for anything any more: a person marked it, or its run.
GIVEN_UP = frozenset({"failed", "success", "skipped", "upstream_failed", "removed"})
#: Seconds that ending it all may take: Airflow gives ``on_kill`` 30.
KILL_PATIENCE = 25.0


@runtime_checkable
class Endable(Protocol):
    """A trigger that waits for something which goes on by itself, and costs."""

    async def give_up(self, state: str) -> None:
        """End it, because its task is in that state; where that fails, say so loudly."""

    def say_it_goes_on(self, why: str) -> None:
        """Say loudly that it could not be ended."""


async def undisturbed(work: Coroutine[Any, Any, None], interrupted: Callable[[], None]) -> None:
    """
    Do the work of an ``on_kill`` to its end.

    While that runs, Airflow 3.3 cancels it anew about every second, and says nothing of it. So the work is done in a
    task of its own, and what comes meanwhile is let pass. A triggerer that stops ends it: then
    ``interrupted`` is called.
    """
    task = asyncio.create_task(work, name="dreamflow-kill")
    while not task.done():
        with suppress(asyncio.CancelledError):
            await asyncio.wait([task])
    if task.cancelled():
        interrupted()
    await task


async def task_state(ti: Any) -> str | None:
    """
    Return the state that the task has now, after a person acted on it.

    :raises ServiceUnavailable: Airflow does not say.
    """
    from airflow.sdk.execution_time import task_runner  # noqa: PLC0415 - DAG files import this module

    if ti is None:
        return None
    asked: dict[str, Any] = {"dag_id": ti.dag_id, "task_ids": [ti.task_id], "run_ids": [ti.run_id]}
    name, map_index = ti.task_id, getattr(ti, "map_index", -1)
    if map_index is not None and map_index >= 0:
        # Airflow names the instances of a mapped task so in its answer.
        name, asked["map_index"] = f"{name}_{map_index}", map_index
    try:
        states = await asyncio.to_thread(task_runner.RuntimeTaskInstance.get_task_states, **asked)
    except Exception as e:
        raise ServiceUnavailable(f"Airflow does not say whether its task still waits for it: {e}") from e
    state = states.get(ti.run_id, {}).get(name)
    return None if state is None else str(state)
