"""Waiting for a dream."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from typing import TYPE_CHECKING, Any

from dreamflow.core.handoffs import Dreamed, Launched
from dreamflow.errors import DreamEnded
from dreamflow.links import DreamLink, DreamSessionLink, push_links
from dreamflow.operators.base import PipelineOperator, clear_number
from dreamflow.operators.dream import request_of
from dreamflow.steps.wait import STOPS, DreamWait, Waiting
from dreamflow.triggers.dream import DreamTrigger

if TYPE_CHECKING:
    from collections.abc import Callable

    from airflow.sdk import Context

    from dreamflow.core.launching import DreamRequest
    from dreamflow.core.objects import Dream
    from dreamflow.records.journal import DreamNote

__all__ = ["DreamSensor"]

_EVENTS = ("over", "error", "refused", *STOPS)
#: Beyond the trigger's own deadline, so that its event comes first.
_BACKSTOP = timedelta(minutes=10)


class DreamSensor(PipelineOperator):
    """
    Wait for the run's dream without holding a worker, and leave its output store and what it cost.

    Past its deadline or budget the dream is canceled. What a dream that did not complete leaves behind is archived. One
    that failed for a cause that may pass is tried again, within the task's retries, as a new dream.
    """

    step_timeout = None
    operator_extra_links = (DreamLink(), DreamSessionLink())

    def work(self, context: Context) -> dict[str, Any]:
        def ask(note: DreamNote) -> DreamRequest:
            return request_of(self, context, note.input_store_id, note.session_ids, note.late)

        launched = self.handed(Launched)
        return self._left(context, lambda wait: wait.begin(launched.dream_id, ask))

    def execute_complete(self, context: Context, event: dict[str, Any] | None = None) -> dict[str, Any]:
        """Resume from the trigger's event."""
        if not event or event.get("status") not in _EVENTS or not event.get("dream_id"):
            raise DreamEnded(
                f"the trigger came back with {event!r}; clear this task to wait for the same dream again"
            )
        status, dream_id, message = event["status"], str(event["dream_id"]), str(event.get("message", ""))
        return self._left(context, lambda wait: wait.resume(dream_id, status, message))

    def _left(self, context: Context, look: Callable[[DreamWait], Waiting | Dreamed]) -> dict[str, Any]:
        """Return what the dream left, or defer until it is over."""

        def show(dream: Dream) -> None:
            push_links(context, self.hook, dream)

        try:
            seen = look(DreamWait(self.world, self.run_of(context), clear_number(context), show))
        except DreamEnded as e:
            if e.usage is not None:
                context["ti"].xcom_push(key="usage", value=e.usage)
            raise
        if isinstance(seen, Dreamed):
            return seen.to_json()
        poll_interval = self.pipeline.dream.poll_interval
        self.defer(
            trigger=DreamTrigger(
                conn_id=self.pipeline.conn_id,
                dream_id=seen.dream_id,
                poll_interval=poll_interval.total_seconds(),
                deadline=seen.deadline.isoformat(),
                budget_tokens=seen.budget.tokens,
                budget_usd=seen.budget.usd,
            ),
            method_name="execute_complete",
            timeout=max(seen.deadline - datetime.now(UTC), timedelta(0)) + poll_interval + _BACKSTOP,
        )
