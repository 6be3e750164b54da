"""Launching a dream."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from airflow.sdk.exceptions import AirflowSkipException

from dreamflow.core.estimate import describe_estimate, estimate_tokens
from dreamflow.core.launching import DreamRequest
from dreamflow.launch import Launcher
from dreamflow.tasks import COLLECT_SESSIONS, PipelineOperator, clear_number, pull

if TYPE_CHECKING:
    from airflow.sdk import Context

__all__ = ["LaunchDream", "launcher_of", "request_of"]

_CLEARED = "cleared"


def request_of(context: Context) -> DreamRequest:
    """Return what the run's dream is asked to do."""
    collected = pull(context, COLLECT_SESSIONS)
    params = context["params"]
    return DreamRequest(
        input_store_id=collected["input_store_id"],
        session_ids=tuple(collected["session_ids"]),
        model=str(params["model"]),
        instructions=str(params["instructions"]) if params["instructions"] else None,
    )


def launcher_of(operator: PipelineOperator, context: Context, name: str = "") -> Launcher:
    """Return the launcher of a task's dream; of several that follow each other, each has its name."""

    def is_adopted(store_id: str) -> bool:
        from dreamflow.core.ancestry import was_adopted

        return was_adopted(operator.hook.find_store, store_id, operator.targets[0].read())

    return Launcher(operator.hook, operator.files(context), context["task_state_store"], is_adopted, name)


class LaunchDream(PipelineOperator):
    """
    Create the run's dream, or take over the one that an earlier try of the run created.

    Clearing the task takes over as well, unless the run's Param ``new_dream`` asks for a new one. With the Param
    ``dry_run``, what the dream would read is estimated, and nothing is spent.

    :raises StateError: another dream is in flight on the same input store.
    :raises ServiceUnavailable: no answer, and no such dream either: a retry looks again first.
    """

    def execute(self, context: Context) -> dict[str, Any]:
        request = request_of(context)
        if context["params"]["dry_run"]:
            self._estimate(context, request)
        noted = context["task_state_store"]
        launcher = launcher_of(self, context)
        if context["params"]["new_dream"] and noted.get(_CLEARED, 0) != clear_number(context):
            launcher.abandon()
        noted.set(_CLEARED, clear_number(context))
        dream = launcher.launch(request)
        self.log.info("dream %s is %s, over %d sessions", dream.id, dream.status, len(dream.session_ids))
        return {"dream_id": dream.id}

    def _estimate(self, context: Context, request: DreamRequest) -> None:
        """Push what the dream would read and might cost, and skip the rest of the run."""
        sessions = {session_id: self.hook.transcript_bytes(session_id) for session_id in request.session_ids}
        listing = self.hook.list_memories(request.input_store_id)
        past = self.files(context).past_costs()
        estimate = estimate_tokens(sessions, sum(entry.size for entry in listing.values()), past)
        context["ti"].xcom_push(key="estimate", value=estimate)
        raise AirflowSkipException(f"dry run, nothing was spent. {describe_estimate(estimate)}")
