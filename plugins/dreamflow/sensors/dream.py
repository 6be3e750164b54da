"""Waiting for a dream."""

from __future__ import annotations

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
from dreamflow.errors import (
    BudgetExceeded,
    DreamEnded,
    DreamFailed,
    DreamTimedOut,
    RequestRejected,
    ServiceError,
    ServiceUnavailable,
)
from dreamflow.tasks import LAUNCH_DREAM, PipelineOperator, pull
from dreamflow.triggers.dream import DreamTrigger

if TYPE_CHECKING:
    from airflow.sdk import Context

    from dreamflow.core.values import Dream

__all__ = ["DreamSensor"]

_DEADLINE = "deadline"
#: Beyond the trigger's own deadline, so that its event comes first.
_BACKSTOP = timedelta(minutes=10)


class DreamSensor(PipelineOperator):
    """
    Wait for the run's dream without holding a worker, and leave its output store and what it cost.

    Past its deadline or budget the dream is canceled. What a dream that did not complete leaves behind is archived.

    :raises DreamFailed: the dream failed or was canceled.
    :raises DreamTimedOut: ``dream.timeout`` passed.
    :raises BudgetExceeded: ``dream.budget`` was spent.
    """

    def execute(self, context: Context) -> dict[str, Any]:
        return self._judge(context, self.hook.retrieve_dream(str(pull(context, LAUNCH_DREAM)["dream_id"])))

    def execute_complete(self, context: Context, event: dict[str, Any] | None = None) -> dict[str, Any]:
        """Resume from the trigger's event; the dream itself is read again and is the only witness."""
        if not event or event.get("status") not in ("over", "error") or not event.get("dream_id"):
            raise DreamEnded(
                f"the trigger came back with {event!r}; clear this task to wait for the same dream again"
            )
        if event["status"] == "error":
            raise ServiceUnavailable(f"polling dream {event['dream_id']} failed: {event['message']}")
        return self._judge(context, self.hook.retrieve_dream(str(event["dream_id"])))

    def _judge(self, context: Context, dream: Dream) -> dict[str, Any]:
        deadline = self._deadline(context)
        cost = self._list_cost(dream)
        budget = self.pipeline.dream.budget
        verdict = judge_dream(
            dream,
            budget=Budget(budget.tokens, budget.usd),
            deadline=deadline,
            now=datetime.now(UTC),
            list_cost_usd=cost,
        )
        match verdict:
            case Wait():
                self._defer(dream, deadline)
            case Completed(output_store_id):
                self._note_output(context, dream)
                ended = dream.ended_at or datetime.now(UTC)
                return {
                    "dream_id": dream.id,
                    "output_store_id": output_store_id,
                    "usage": dream.usage.to_json(),
                    "list_cost": cost,
                    "seconds": round((ended - dream.created_at).total_seconds(), 1),
                }
            case Unsuccessful(reason, error_type, passing):
                self._clean_up(context, dream)
                raise DreamFailed(reason, error_type=error_type, passing=passing)
            case OverBudget(reason):
                raise BudgetExceeded(self._stop(context, dream, reason))
            case TimedOut(reason):
                raise DreamTimedOut(self._stop(context, dream, reason))

    def _deadline(self, context: Context) -> datetime:
        """Return when the wait is over: counted from its first try, whichever try this is."""
        noted = context["task_state_store"].get(_DEADLINE)
        if isinstance(noted, str):
            return datetime.fromisoformat(noted)
        deadline = datetime.now(UTC) + self.pipeline.dream.timeout
        context["task_state_store"].set(_DEADLINE, deadline.isoformat())
        return deadline

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
        """Cancel the dream and return what happened. A cancel that fails is said loudly."""
        try:
            canceled = self.hook.cancel_dream(dream.id)
        except RequestRejected:
            canceled = self.hook.retrieve_dream(dream.id)
        except ServiceUnavailable as e:
            self.log.error("dream %s COULD NOT BE CANCELED and may go on spending: %s", dream.id, e)
            return f"{reason}. It COULD NOT BE CANCELED and may go on spending: cancel it by hand. {e}"
        self._clean_up(context, canceled)
        return f"{reason}. It was canceled at {canceled.usage.total:,} tokens."

    def _clean_up(self, context: Context, dream: Dream) -> None:
        """Archive what the dream left, which may be half a store."""
        if dream.output_store_id and dream.output_store_id != dream.input_store_id:
            self.hook.archive_store(dream.output_store_id)
            self.log.info(
                "archived memory store %s, which dream %s left unfinished", dream.output_store_id, dream.id
            )
        self.files(context).mark_settled()

    def _note_output(self, context: Context, dream: Dream) -> None:
        files = self.files(context)
        files.mark_open(
            {**files.read_marker(), "dream_id": dream.id, "output_store_id": dream.output_store_id}
        )
