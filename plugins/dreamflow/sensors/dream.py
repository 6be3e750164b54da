"""Waiting for a dream."""

from __future__ import annotations

from collections.abc import Mapping
from typing import TYPE_CHECKING, Any

from dreamflow.core.handoffs import Dreamed, Launched
from dreamflow.errors import DreamEnded
from dreamflow.links import DreamLink, DreamSessionLink, push_links
from dreamflow.operators.base import clear_number
from dreamflow.operators.dream import request_of
from dreamflow.operators.waiting import WaitingOperator, Watch
from dreamflow.steps.wait import STOPS, DreamWait
from dreamflow.triggers.dream import DreamTrigger

if TYPE_CHECKING:
    from airflow.sdk import Context

    from dreamflow.core.launching import DreamRequest
    from dreamflow.core.objects import Dream
    from dreamflow.records.journal import DreamNote

__all__ = ["DreamSensor"]

_EVENTS = ("over", "error", "refused", *STOPS)


class DreamSensor(WaitingOperator):
    """
    Wait for the run's dream without holding a worker, and leave its output store and what it cost.

    Past its deadline or budget the dream is canceled. What a dream that did not complete leaves behind is archived. One
    that failed for a cause that may pass is tried again, within the task's retries, as a new dream.
    """

    trigger = DreamTrigger
    counts = True
    operator_extra_links = (DreamLink(), DreamSessionLink())

    def look(self, context: Context, event: Mapping[str, Any] | None) -> dict[str, Any] | Watch:
        is_one = self.pipeline.member is None

        def show(dream: Dream) -> None:
            if is_one:
                push_links(context, self.hook, dream)

        def ask(note: DreamNote) -> DreamRequest:
            return request_of(self, context, note.input_store_id, note.session_ids, note.late)

        wait = DreamWait(self.world, self.run_of(context), clear_number(context), show)
        try:
            if event is None:
                seen = wait.begin(self.handed(Launched).dream_id, ask)
            elif event.get("status") not in _EVENTS or not event.get("dream_id"):
                raise DreamEnded(
                    f"the trigger came back with {event!r}; clear this task to wait for the same dream again"
                )
            else:
                seen = wait.resume(str(event["dream_id"]), event["status"], str(event.get("message", "")))
        except DreamEnded as e:
            if e.usage is not None and is_one:
                context["ti"].xcom_push(key="usage", value=e.usage)
            raise
        if isinstance(seen, Dreamed):
            return seen.to_json()
        kwargs = {
            "conn_id": self.pipeline.conn_id,
            "dream_id": seen.dream_id,
            "poll_interval": self.pipeline.dream.poll_interval.total_seconds(),
            "deadline": seen.deadline.isoformat(),
            "budget_tokens": seen.budget.tokens,
            "budget_usd": seen.budget.usd,
        }
        return Watch(kwargs, seen.deadline)
