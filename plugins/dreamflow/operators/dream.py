"""Launching a dream, exactly once."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from dreamflow.core.lifecycle import DreamRequest, Intent, find_own_dream, foreign_dreams
from dreamflow.core.values import IN_FLIGHT
from dreamflow.errors import NotFound, RateLimited, RequestRejected, ServiceUnavailable, StateError
from dreamflow.tasks import COLLECT_SESSIONS, PipelineOperator, pull

if TYPE_CHECKING:
    from airflow.sdk import Context

    from dreamflow.core.values import Dream

__all__ = ["LaunchDream"]

_INTENT = "intent"
_DREAM_ID = "dream_id"


class LaunchDream(PipelineOperator):
    """
    Create the run's dream, or take over the one that an earlier try of the run created.

    The service has no idempotency key for a dream, so the task notes its intent and the newest dreams it saw before
    it creates one, and looks for a newer dream of the same request before it creates another. No clock is asked.

    :raises StateError: another dream is in flight on the same input store.
    :raises ServiceUnavailable: no answer, and no such dream either: a retry looks again first.
    """

    def execute(self, context: Context) -> dict[str, Any]:
        collected = pull(context, COLLECT_SESSIONS)
        params = context["params"]
        request = DreamRequest(
            input_store_id=collected["input_store_id"],
            session_ids=tuple(collected["session_ids"]),
            model=str(params["model"]),
            instructions=str(params["instructions"]) if params["instructions"] else None,
        )
        dream = self._taken_over(context)
        if dream is None:
            self._refuse_company(request.input_store_id)
            dream = self._create(context, request)
        self._note(context, dream)
        self.log.info("dream %s is %s, over %d sessions", dream.id, dream.status, len(dream.session_ids))
        return {"dream_id": dream.id}

    def _taken_over(self, context: Context) -> Dream | None:
        """Return the dream of an earlier try, unless it ended badly."""
        noted = context["task_state_store"]
        if dream_id := noted.get(_DREAM_ID):
            try:
                dream = self.hook.retrieve_dream(str(dream_id))
            except NotFound:
                return None
            if dream.status in (*IN_FLIGHT, "completed"):
                self.log.info("taking over dream %s of an earlier try", dream.id)
                return dream
            return None
        if isinstance(intent := noted.get(_INTENT), dict):
            return self._found(Intent.from_json(intent))
        return None

    def _found(self, intent: Intent) -> Dream | None:
        dream = find_own_dream(intent, self.hook.list_dreams())
        if dream is not None:
            self.log.info("found dream %s: an earlier try created it, though its reply was lost", dream.id)
        return dream

    def _refuse_company(self, input_store_id: str) -> None:
        others = foreign_dreams(input_store_id, self.hook.list_dreams(in_flight=True), own=None)
        if others:
            raise StateError(
                f"dream {others[0].id} is {others[0].status} on memory store {input_store_id}, and this run did not "
                "start it. Wait for it or cancel it, then clear this task. Nothing was spent."
            )

    def _create(self, context: Context, request: DreamRequest) -> Dream:
        intent = Intent(request, self.hook.newest_dream_ids())
        base = self.hook.list_memories(request.input_store_id)
        files = self.files(context)
        files.write_listing("base", request.input_store_id, base)
        files.mark_open({"intent": intent.to_json()})
        context["task_state_store"].delete(_DREAM_ID)
        context["task_state_store"].set(_INTENT, intent.to_json())
        try:
            return self.hook.create_dream(request)
        except RateLimited:
            raise
        except ServiceUnavailable:
            if found := self._found(intent):
                return found
            raise
        except RequestRejected:
            files.mark_settled()
            raise

    def _note(self, context: Context, dream: Dream) -> None:
        context["task_state_store"].set(_DREAM_ID, dream.id)
        files = self.files(context)
        files.mark_open({**files.read_marker(), "dream_id": dream.id})
