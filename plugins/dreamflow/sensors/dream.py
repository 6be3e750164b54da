"""Waiting for a dream."""

from __future__ import annotations

import time
from datetime import UTC, datetime, timedelta
from typing import TYPE_CHECKING, Any, NoReturn

from dreamflow.core.lifecycle import (
    Budget,
    Completed,
    OverBudget,
    TimedOut,
    Unsuccessful,
    Wait,
    judge_dream,
)
from dreamflow.core.progress import describe_progress
from dreamflow.errors import (
    BudgetExceeded,
    DreamEnded,
    DreamFailed,
    DreamTimedOut,
    RequestRejected,
    ServiceError,
    ServiceUnavailable,
)
from dreamflow.launch import Launcher
from dreamflow.links import DreamLink, DreamSessionLink, push_links
from dreamflow.operators.dream import request_of
from dreamflow.tasks import LAUNCH_DREAM, PipelineOperator, clear_number, pull
from dreamflow.triggers.dream import DreamTrigger

if TYPE_CHECKING:
    from airflow.sdk import Context

    from dreamflow.core.values import Dream

__all__ = ["DreamSensor"]

#: Keys of the task's state.
_DEADLINE = "deadline"
_CLEARED = "cleared"
_NEW_DREAMS = "new_dreams"
#: New dreams that one run may start after a failure whose cause may pass: each is paid for.
_NEW_DREAMS_LIMIT = 2
#: Beyond the trigger's own deadline, so that its event comes first.
_BACKSTOP = timedelta(minutes=10)
#: After a cancel, usage may still change: it is read until two readings agree, this often, this many seconds apart.
_SETTLE_READS = 5
_SETTLE_SECONDS = 2.0


class DreamSensor(PipelineOperator):
    """
    Wait for the run's dream without holding a worker, and leave its output store and what it cost.

    Past its deadline or budget the dream is canceled. What a dream that did not complete leaves behind is archived. One
    that failed for a cause that may pass is tried again, within the task's retries, as a new dream.

    :raises DreamFailed: the dream failed or was canceled.
    :raises DreamTimedOut: ``dream.timeout`` passed.
    :raises BudgetExceeded: ``dream.budget`` was spent.
    """

    step_timeout = None
    operator_extra_links = (DreamLink(), DreamSessionLink())

    def execute(self, context: Context) -> dict[str, Any]:
        if _new_dreams(context):
            dream = Launcher(self.hook, self.files(context), context["task_state_store"]).launch(
                request_of(context)
            )
        else:
            dream = self.hook.retrieve_dream(str(pull(context, LAUNCH_DREAM)["dream_id"]))
        return self._judge(context, dream)

    def execute_complete(self, context: Context, event: dict[str, Any] | None = None) -> dict[str, Any]:
        """Resume from the trigger's event. The dream is read again: it is the only witness of how it ended."""
        if not event or event.get("status") not in ("over", "error") or not event.get("dream_id"):
            raise DreamEnded(
                f"the trigger came back with {event!r}; clear this task to wait for the same dream again"
            )
        if event["status"] == "error":
            self.log.warning("the trigger gave up polling dream %s: %s", event["dream_id"], event["message"])
        return self._judge(context, self.hook.retrieve_dream(str(event["dream_id"])))

    def _judge(self, context: Context, dream: Dream) -> dict[str, Any]:
        push_links(context, self.hook, dream)
        deadline = self._deadline(context)
        budget = self.pipeline.dream.budget
        over = dream.status == "completed" or budget.usd is not None
        cost = self._list_cost(dream) if over else None
        verdict = judge_dream(
            dream,
            budget=Budget(budget.tokens, budget.usd),
            deadline=deadline,
            now=datetime.now(UTC),
            list_cost_usd=cost,
        )
        self.log.info("%s", describe_progress(dream, cost, datetime.now(UTC)))
        match verdict:
            case Wait():
                self._defer(dream, deadline)
            case Completed(output_store_id):
                return self._completed(context, dream, output_store_id, cost)
            case Unsuccessful(reason, error_type, passing):
                self._clean_up(context, dream)
                again = passing and self._note_new_dream(context)
                raise DreamFailed(reason, error_type=error_type, passing=again)
            case OverBudget(reason):
                raise BudgetExceeded(self._stop(context, dream, reason))
            case TimedOut(reason):
                raise DreamTimedOut(self._stop(context, dream, reason))

    def _completed(
        self, context: Context, dream: Dream, output_store_id: str, cost: float | None
    ) -> dict[str, Any]:
        files = self.files(context)
        files.mark_open({**files.read_marker(), "dream_id": dream.id, "output_store_id": output_store_id})
        files.note_cost(len(dream.session_ids), dream.usage.total, cost)
        ended = dream.ended_at or datetime.now(UTC)
        return {
            "dream_id": dream.id,
            "output_store_id": output_store_id,
            "usage": dream.usage.to_json(),
            "list_cost": cost,
            "seconds": round((ended - dream.created_at).total_seconds(), 1),
        }

    def _deadline(self, context: Context) -> datetime:
        """Return when the wait is over: counted from its first try, or from a person's clear."""
        noted = context["task_state_store"]
        deadline = noted.get(_DEADLINE)
        if isinstance(deadline, str) and noted.get(_CLEARED) == clear_number(context):
            return datetime.fromisoformat(deadline)
        fresh = datetime.now(UTC) + self.pipeline.dream.timeout
        noted.set(_DEADLINE, fresh.isoformat())
        noted.set(_CLEARED, clear_number(context))
        return fresh

    def _note_new_dream(self, context: Context) -> bool:
        """Note that the next try dreams anew, and return whether it may."""
        noted = context["task_state_store"]
        count = _new_dreams(context) + 1
        if count > _NEW_DREAMS_LIMIT:
            return False
        noted.set(_NEW_DREAMS, count)
        noted.delete(_DEADLINE)
        return True

    def _list_cost(self, dream: Dream) -> float | None:
        if dream.session_id is None:
            return None
        try:
            return self.hook.retrieve_list_cost(dream.session_id)
        except ServiceError as e:
            self.log.warning("the list cost of dream %s is not known: %s", dream.id, e)
            return None

    def _defer(self, dream: Dream, deadline: datetime) -> NoReturn:
        settings = self.pipeline.dream
        self.defer(
            trigger=DreamTrigger(
                conn_id=self.pipeline.conn_id,
                dream_id=dream.id,
                poll_interval=settings.poll_interval.total_seconds(),
                deadline=deadline.isoformat(),
                budget_tokens=settings.budget.tokens,
                budget_usd=settings.budget.usd,
            ),
            method_name="execute_complete",
            timeout=max(deadline - datetime.now(UTC), timedelta(0)) + settings.poll_interval + _BACKSTOP,
        )

    def _stop(self, context: Context, dream: Dream, reason: str) -> str:
        """Cancel the dream, record what it used, and return what happened. A cancel that fails is said loudly."""
        try:
            self.hook.cancel_dream(dream.id)
        except RequestRejected as e:
            self.log.info("dream %s had ended by itself: %s", dream.id, e)
        except ServiceUnavailable as e:
            self.log.error("dream %s COULD NOT BE CANCELED and may go on spending: %s", dream.id, e)
            return f"{reason}. It COULD NOT BE CANCELED and may go on spending: cancel it by hand. {e}"
        settled = self._settled(dream)
        context["ti"].xcom_push(
            key="usage",
            value={**settled.usage.to_json(), "dream_id": dream.id, "list_cost": self._list_cost(settled)},
        )
        self._clean_up(context, settled)
        return f"{reason}. It was canceled, at {settled.usage.total:,} tokens."

    def _settled(self, dream: Dream) -> Dream:
        """Return the dream once its usage has stopped changing, or as it is after a few readings."""
        settled = self.hook.retrieve_dream(dream.id)
        for _ in range(_SETTLE_READS):
            time.sleep(_SETTLE_SECONDS)
            before, settled = settled, self.hook.retrieve_dream(dream.id)
            if settled.usage == before.usage:
                break
        return settled

    def _clean_up(self, context: Context, dream: Dream) -> None:
        """Archive what the dream left, which may be half a store."""
        if dream.output_store_id and dream.output_store_id != dream.input_store_id:
            self.hook.archive_store(dream.output_store_id)
            self.log.info(
                "archived memory store %s, which dream %s left unfinished", dream.output_store_id, dream.id
            )
        self.files(context).mark_settled()


def _new_dreams(context: Context) -> int:
    """Return how many new dreams this task was to start after failures."""
    noted = context["task_state_store"].get(_NEW_DREAMS)
    return noted if isinstance(noted, int) else 0
