"""
Creating a dream exactly once.

The service has no idempotency key for a dream, and a reply can be lost after the dream was created. So the task notes
its intent, with the newest dreams it saw, before it creates one; and before it creates another, it looks for a newer
dream of the same request. No clock is asked.
"""

from __future__ import annotations

import logging
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, Protocol

from dreamflow.core.lifecycle import DreamRequest, Intent, find_own_dream, foreign_dreams
from dreamflow.core.values import IN_FLIGHT
from dreamflow.errors import NotFound, RateLimited, RequestRejected, ServiceUnavailable, StateError

if TYPE_CHECKING:
    from dreamflow.core.values import Dream
    from dreamflow.hooks.managed_agents import ManagedAgentsHook
    from dreamflow.run_files import RunFiles

__all__ = ["Launcher", "NotedState"]

log = logging.getLogger(__name__)

_INTENT = "intent"
_DREAM_ID = "dream_id"


class NotedState(Protocol):
    """What survives a task's retries: ``context["task_state_store"]``."""

    def get(self, key: str, default: Any = None) -> Any: ...

    def set(self, key: str, value: Any) -> None: ...

    def delete(self, key: str) -> None: ...


@dataclass(frozen=True)
class Launcher:
    """
    Launches the dreams of one task.

    :param noted: the task's state. Two tasks of a run must not share it.
    """

    hook: ManagedAgentsHook
    files: RunFiles
    noted: NotedState

    def launch(self, request: DreamRequest) -> Dream:
        """
        Return the dream of an earlier try, unless it ended badly; else create one.

        :raises StateError: another dream is in flight on the same input store.
        :raises ServiceUnavailable: no answer, and no such dream either: the next try looks again first.
        """
        dream = self._taken_over()
        if dream is None:
            self._refuse_company(request.input_store_id)
            dream = self._create(request)
        self.noted.set(_DREAM_ID, dream.id)
        self.files.mark_open({**self.files.read_marker(), "dream_id": dream.id})
        return dream

    def abandon(self) -> None:
        """Cancel the dream of an earlier try where it still runs, and forget it: the next launch creates another."""
        dream = self._taken_over()
        if dream is not None and dream.status in IN_FLIGHT:
            self.hook.cancel_dream(dream.id)
            log.info("canceled dream %s: the run asks for a new one", dream.id)
        for key in (_INTENT, _DREAM_ID):
            self.noted.delete(key)

    def _taken_over(self) -> Dream | None:
        if dream_id := self.noted.get(_DREAM_ID):
            try:
                dream = self.hook.retrieve_dream(str(dream_id))
            except NotFound:
                return None
            if dream.status in (*IN_FLIGHT, "completed"):
                log.info("taking over dream %s of an earlier try", dream.id)
                return dream
            return None
        if isinstance(intent := self.noted.get(_INTENT), dict):
            return self._found(Intent.from_json(intent))
        return None

    def _found(self, intent: Intent) -> Dream | None:
        dream = find_own_dream(intent, self.hook.list_dreams())
        if dream is not None:
            log.info("found dream %s: an earlier try created it, though its reply was lost", dream.id)
        return dream

    def _refuse_company(self, input_store_id: str) -> None:
        others = foreign_dreams(input_store_id, self.hook.list_dreams(in_flight=True), own=None)
        if others:
            raise StateError(
                f"dream {others[0].id} is {others[0].status} on memory store {input_store_id}, and this run did not "
                "start it. Wait for it or cancel it, then clear this task. Nothing was spent."
            )

    def _create(self, request: DreamRequest) -> Dream:
        intent = Intent(request, self.hook.newest_dream_ids())
        self.files.write_listing(
            "base", request.input_store_id, self.hook.list_memories(request.input_store_id)
        )
        self.files.mark_open({"intent": intent.to_json()})
        self.noted.delete(_DREAM_ID)
        self.noted.set(_INTENT, intent.to_json())
        try:
            return self.hook.create_dream(request)
        except RateLimited:
            raise
        except ServiceUnavailable:
            if found := self._found(intent):
                return found
            raise
        except RequestRejected:
            self.files.mark_settled()
            raise
