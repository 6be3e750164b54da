"""Waiting until the sessions that could write to the input have gone."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from typing import TYPE_CHECKING, Any

from dreamflow.errors import StateError
from dreamflow.tasks import COLLECT_SESSIONS, PipelineOperator, pull
from dreamflow.triggers.session import DrainTrigger

if TYPE_CHECKING:
    from airflow.sdk import Context

__all__ = ["DrainSensor"]

_STARTED = "started_at"
_BACKSTOP = timedelta(minutes=10)


class DrainSensor(PipelineOperator):
    """
    Wait, without a worker, until no session could still write to the input; at most ``retire.drain_timeout``.

    Running out of time is no failure: the store is then left to a later settle.
    """

    step_timeout = None

    def execute(self, context: Context) -> dict[str, Any]:
        from dreamflow.retirement import writers_of

        input_id = str(pull(context, COLLECT_SESSIONS)["input_store_id"])
        settings = self.pipeline.retire
        started = self._started(context)
        now = datetime.now(UTC)
        not_before, deadline = started + settings.grace, started + max(settings.drain_timeout, settings.grace)
        writers = writers_of(self.hook, input_id, settings.idle_for)
        if (not writers and now >= not_before) or now >= deadline:
            return self._left(started, writers)
        self.log.info("waiting for %d sessions that could write to %s", len(writers), input_id)
        self.defer(
            trigger=DrainTrigger(
                conn_id=self.pipeline.conn_id,
                memory_store_id=input_id,
                idle_for=settings.idle_for.total_seconds(),
                poll_interval=self.pipeline.dream.poll_interval.total_seconds(),
                not_before=not_before.isoformat(),
                deadline=deadline.isoformat(),
            ),
            method_name="execute_complete",
            timeout=deadline - now + self.pipeline.dream.poll_interval + _BACKSTOP,
        )

    def execute_complete(self, context: Context, event: dict[str, Any] | None = None) -> dict[str, Any]:
        if not event or event.get("status") not in ("drained", "timeout"):
            raise StateError(f"the trigger came back with {event!r}; clear this task to wait again")
        return self._left(self._started(context), list(event["still_mounted"]))

    def _started(self, context: Context) -> datetime:
        """Return when the first try began to wait."""
        noted = context["task_state_store"].get(_STARTED)
        if isinstance(noted, str):
            return datetime.fromisoformat(noted)
        started = datetime.now(UTC)
        context["task_state_store"].set(_STARTED, started.isoformat())
        return started

    def _left(self, started: datetime, writers: list[str]) -> dict[str, Any]:
        waited = (datetime.now(UTC) - started).total_seconds()
        self.log.info("waited %.0f s; %d sessions could still write", waited, len(writers))
        return {"waited_seconds": round(waited, 1), "still_mounted": writers}
