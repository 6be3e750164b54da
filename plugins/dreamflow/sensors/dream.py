"""Waiting for a dream."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from typing import TYPE_CHECKING, Any

from dreamflow.core.handoffs import Dreamed, Launched
from dreamflow.errors import DreamEnded
from dreamflow.links import DreamLink, DreamSessionLink, push_links
from dreamflow.operators.base import PipelineOperator, clear_number
from dreamflow.operators.dream import request_of
from dreamflow.steps.wait import STOPS, Waiting, resume_wait, wait_for_dream
from dreamflow.triggers.dream import DreamTrigger

if TYPE_CHECKING:
    from collections.abc import Callable

    from airflow.sdk import Context

    from dreamflow.core.launching import DreamRequest
    from dreamflow.core.objects import Dream

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
        launched = self.handed(Launched)

        def look(**more: Any) -> Waiting | Dreamed:
            request = self._request(context)
            return wait_for_dream(self.world, self.run_of(context), launched.dream_id, request, **more)

        return self._go_on(context, look)

    def execute_complete(self, context: Context, event: dict[str, Any] | None = None) -> dict[str, Any]:
        """Resume from the trigger's event."""
        if not event or event.get("status") not in _EVENTS or not event.get("dream_id"):
            raise DreamEnded(
                f"the trigger came back with {event!r}; clear this task to wait for the same dream again"
            )
        status, dream_id, message = event["status"], str(event["dream_id"]), str(event.get("message", ""))

        def look(**more: Any) -> Waiting | Dreamed:
            return resume_wait(self.world, self.run_of(context), dream_id, status, message, **more)

        return self._go_on(context, look)

    def _go_on(self, context: Context, look: Callable[..., Waiting | Dreamed]) -> dict[str, Any]:
        def show(dream: Dream) -> None:
            push_links(context, self.hook, dream)

        try:
            seen = look(cleared=clear_number(context), show=show)
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

    def _request(self, context: Context) -> Callable[[], DreamRequest]:
        def request() -> DreamRequest:
            note = self.run_of(context).journal().dream
            store_id, session_ids = (note.input_store_id, note.session_ids) if note else ("", ())
            return request_of(self, context, store_id, session_ids)

        return request
