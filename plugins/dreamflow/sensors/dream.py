"""Waiting for a dream."""

from __future__ import annotations

import time
from datetime import UTC, datetime, timedelta
from typing import TYPE_CHECKING, Any, NoReturn

from dreamflow.core.objects import IN_FLIGHT
from dreamflow.core.progress import describe_progress
from dreamflow.core.verdicts import Budget, Completed, OverBudget, TimedOut, Unsuccessful, Wait, judge_dream
from dreamflow.errors import (
    BudgetExceeded,
    DreamEnded,
    DreamFailed,
    DreamTimedOut,
    NotFound,
    RequestRejected,
    ServiceError,
    ServiceUnavailable,
)
from dreamflow.links import DreamLink, DreamSessionLink, push_links
from dreamflow.operators.dream import launcher_of, request_of
from dreamflow.tasks import LAUNCH_DREAM, PipelineOperator, clear_number, pull
from dreamflow.triggers.dream import DreamTrigger

if TYPE_CHECKING:
    from airflow.sdk import Context

    from dreamflow.core.objects import Dream

__all__ = ["DreamSensor"]

#: Keys of the task's state.
_DEADLINE = "deadline"
_CLEARED = "cleared"
_NEW_DREAMS = "new_dreams"
_STOPPED = "stopped"
#: New dreams that one run may start after a failure whose cause may pass: each is paid for.
_NEW_DREAMS_LIMIT = 2
#: Why a dream is canceled, as the trigger's events call it, and the error that tells.
_STOPS: dict[str, type[DreamEnded]] = {"over_budget": BudgetExceeded, "timed_out": DreamTimedOut}
_EVENTS = ("over", "error", "refused", *_STOPS)
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
        return self._judge(context, self._current(context))

    def _current(self, context: Context) -> Dream:
        """Return the dream to wait for: the launched one, or a new one where that failed for a passing cause."""
        launched = str(pull(context, LAUNCH_DREAM)["dream_id"])
        number = _new_dreams(context, launched)
        if not number:
            return self._read(context, launched, wait_on=True)
        # Each new dream is noted apart: what became of the last one is judged before another is paid for.
        launcher = launcher_of(self, context, f"_after_{launched}_{number}")
        if launcher.dream_id:
            return self._read(context, launcher.dream_id, wait_on=True)
        return launcher.launch_once(request_of(context))

    def execute_complete(self, context: Context, event: dict[str, Any] | None = None) -> dict[str, Any]:
        """Resume from the trigger's event. The dream is read again: it is the only witness of how it ended."""
        if not event or event.get("status") not in _EVENTS or not event.get("dream_id"):
            raise DreamEnded(
                f"the trigger came back with {event!r}; clear this task to wait for the same dream again"
            )
        status, dream_id, message = event["status"], str(event["dream_id"]), str(event.get("message", ""))
        if status in ("error", "refused"):
            self.log.warning("the trigger gave up polling dream %s: %s", dream_id, message)
        elif status in _STOPS:
            _note_stop(context, dream_id, status, message)
        dream = self._read(context, dream_id, wait_on=status == "error")
        if status == "refused" and dream.status in IN_FLIGHT:
            raise RequestRejected(
                f"dream {dream_id} is {dream.status}, and can't be polled: {message} Then clear this task."
            )
        return self._judge(context, dream)

    def _read(self, context: Context, dream_id: str, *, wait_on: bool) -> Dream:
        """
        Return the dream.

        :param wait_on: where the service gives no answer, let the trigger go on asking until the deadline. That costs
            no worker and no try; a wait that fails would leave the dream to spend with nobody to watch its budget.
        """
        try:
            return self.hook.retrieve_dream(dream_id)
        except NotFound:
            raise
        except ServiceError as e:
            deadline = self._deadline(context)
            if wait_on and isinstance(e, ServiceUnavailable) and datetime.now(UTC) < deadline:
                self.log.warning("waiting on for dream %s: %s", dream_id, e)
                self._defer(dream_id, deadline)
            raise type(e)(
                f"{e} Unless it has ended, dream {dream_id} is watched by nobody now, and may go on spending: mend "
                "this and clear the task, or cancel the dream by hand.",
                status=e.status,
                retry_after=e.retry_after,
            ) from e

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
                self._defer(dream.id, deadline)
            case Completed(output_store_id):
                return self._completed(context, dream, output_store_id, cost)
            case Unsuccessful(reason, error_type, passing):
                if dream.status == "canceled":
                    self._raise_if_stopped(context, dream)
                self._clean_up(context, dream)
                again = passing and self._note_new_dream(context)
                raise DreamFailed(reason, error_type=error_type, passing=again)
            case OverBudget(reason):
                return self._stop(context, dream, "over_budget", reason)
            case TimedOut(reason):
                return self._stop(context, dream, "timed_out", reason)

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
            "created_at": dream.created_at.isoformat(),
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
        launched = str(pull(context, LAUNCH_DREAM)["dream_id"])
        count = _new_dreams(context, launched) + 1
        if count > _NEW_DREAMS_LIMIT:
            return False
        noted.set(_NEW_DREAMS, {"after": launched, "count": count})
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

    def _defer(self, dream_id: str, deadline: datetime) -> NoReturn:
        settings = self.pipeline.dream
        self.defer(
            trigger=DreamTrigger(
                conn_id=self.pipeline.conn_id,
                dream_id=dream_id,
                poll_interval=settings.poll_interval.total_seconds(),
                deadline=deadline.isoformat(),
                budget_tokens=settings.budget.tokens,
                budget_usd=settings.budget.usd,
            ),
            method_name="execute_complete",
            timeout=max(deadline - datetime.now(UTC), timedelta(0)) + settings.poll_interval + _BACKSTOP,
        )

    def _stop(self, context: Context, dream: Dream, status: str, reason: str) -> dict[str, Any]:
        """
        Cancel the dream, and judge what it is then: one that completed meanwhile is paid for, and used.

        A cancel that fails is said loudly, and tried again where that may help.
        """
        _note_stop(context, dream.id, status, reason)
        loud = f"{reason}. It COULD NOT BE CANCELED and may go on spending: cancel it by hand"
        try:
            stopped = self.hook.cancel_dream(dream.id)
        except ServiceUnavailable as e:
            self.log.error("%s. %s", loud, e)
            raise type(e)(f"{loud}. {e}", status=e.status, retry_after=e.retry_after) from e
        except RequestRejected as e:
            self.log.error("%s. %s", loud, e)
            raise _STOPS[status](f"{loud}. {e}") from e
        if stopped.status in IN_FLIGHT:
            raise ServiceUnavailable(f"{loud}: the service still shows it as {stopped.status}.")
        return self._judge(context, stopped)

    def _raise_if_stopped(self, context: Context, dream: Dream) -> None:
        """Record what a dream used that was canceled here or by the trigger, and say why it was."""
        stop = context["task_state_store"].get(_STOPPED)
        if not isinstance(stop, dict) or stop["dream_id"] != dream.id:
            return
        settled = self._settled(dream)
        context["ti"].xcom_push(
            key="usage",
            value={**settled.usage.to_json(), "dream_id": dream.id, "list_cost": self._list_cost(settled)},
        )
        self._clean_up(context, settled)
        raise _STOPS[str(stop["status"])](
            f"{stop['reason']}. It was canceled, at {settled.usage.total:,} tokens. Raise the limit in the pipeline's "
            "file, or lower sessions.limit; then trigger a new run."
        )

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


def _new_dreams(context: Context, launched: str) -> int:
    """Return how many new dreams this task was to start after the failure of the one that was launched."""
    noted = context["task_state_store"].get(_NEW_DREAMS)
    if not isinstance(noted, dict) or noted["after"] != launched:
        return 0
    return int(str(noted["count"]))


def _note_stop(context: Context, dream_id: str, status: str, reason: str) -> None:
    """Note why the dream is canceled: a later try finds it canceled, and has to tell."""
    context["task_state_store"].set(_STOPPED, {"dream_id": dream_id, "status": status, "reason": reason})
