"""Waiting until the sessions that could write to the input have gone."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import UTC, datetime
from typing import TYPE_CHECKING, Any

from dreamflow.errors import StateError
from dreamflow.operators.base import clear_number
from dreamflow.operators.waiting import WaitingOperator, Watch
from dreamflow.steps.retire import drain
from dreamflow.triggers.session import DrainTrigger

if TYPE_CHECKING:
    from airflow.sdk import Context

__all__ = ["DrainSensor"]


class DrainSensor(WaitingOperator):
    """
    Wait, without a worker, until no session could still write to the input; at most ``retire.drain_timeout``.

    Running out of time is no failure: the store is then left to a later settle.
    """

    trigger = DrainTrigger

    def look(self, context: Context, event: Mapping[str, Any] | None) -> dict[str, Any] | Watch:
        if self.pipeline.member is not None and event is not None and event.get("status") == "error":
            self.log.warning("the wait failed, and is looked at again: %s", event.get("message"))
            event = None
        if event is not None:
            if event.get("status") not in ("drained", "timeout"):
                raise StateError(f"the trigger came back with {dict(event)!r}; clear this task to wait again")
            began = self.run_of(context).began("drain_sessions", clear_number(context), datetime.now(UTC))
            return self._over(context, began, event["still_mounted"])
        swap = self.swap(context)
        state = drain(self.world, self.run_of(context), swap, cleared=clear_number(context))
        if state.is_over:
            return self._over(context, state.began_at, state.writers)
        self.log.info("waiting for %d sessions that could write to %s", len(state.writers), swap.before)
        kwargs = {
            "conn_id": self.pipeline.conn_id,
            "memory_store_id": swap.before,
            "idle_for": self.pipeline.retire.idle_for.total_seconds(),
            "poll_interval": self.pipeline.dream.poll_interval.total_seconds(),
            "not_before": state.not_before.isoformat(),
            "deadline": state.deadline.isoformat(),
        }
        return Watch(kwargs, state.deadline)

    def _over(self, context: Context, began: datetime, writers: Sequence[str]) -> dict[str, Any]:
        waited = (datetime.now(UTC) - began).total_seconds()
        self.log.info("waited %.0f s; %d sessions could still write", waited, len(writers))
        swap = self.swap(context).to_json()
        return {"waited_seconds": round(waited, 1), "still_mounted": list(writers), "swap": swap}
