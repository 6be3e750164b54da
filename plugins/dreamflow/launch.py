"""
Creating a dream exactly once.

The service has no idempotency key for a dream, and a reply can be lost after the dream was created. So the task notes
its intent, with the newest dreams it saw, before it creates one; and before it creates another, it looks for a newer
dream of the same request. No clock is asked.
"""

from __future__ import annotations

import logging
from collections.abc import Callable, Iterable
from contextlib import suppress
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, Protocol

from dreamflow.carry import check_unwritten
from dreamflow.core.launching import DreamRequest, Intent, dreams_of, find_own_dream, foreign_dreams
from dreamflow.core.objects import IN_FLIGHT
from dreamflow.errors import NotFound, RateLimited, RequestRejected, ServiceUnavailable, StateError

if TYPE_CHECKING:
    from dreamflow.core.objects import Dream
    from dreamflow.hooks.managed_agents import ManagedAgentsHook
    from dreamflow.run_files import RunFiles

__all__ = ["Launcher", "NotedState"]

log = logging.getLogger(__name__)

_INTENT = "intent"
_DREAM_ID = "dream_id"
#: Statuses in which a dream is taken over: one that ended badly is not.
_USABLE = (*IN_FLIGHT, "completed")


class NotedState(Protocol):
    """What survives a task's retries: ``context["task_state_store"]``."""

    def get(self, key: str, default: Any = None) -> Any: ...

    def set(self, key: str, value: Any) -> None: ...

    def delete(self, key: str) -> None: ...


@dataclass(frozen=True)
class Launcher:
    """
    Launches one dream of a task, however often it is tried.

    :param noted: the task's state. Two tasks of a run must not share it.
    :param is_adopted: tells whether a store is the live one, or one that it came of.
    :param name: under which the dream is noted, where the task launches several, one after the other.
    """

    hook: ManagedAgentsHook
    files: RunFiles
    noted: NotedState
    is_adopted: Callable[[str], bool]
    name: str = ""

    def launch(self, request: DreamRequest) -> Dream:
        """
        Return the dream of an earlier try that reads the same and did not end badly; else create one.

        What an earlier dream left that is not taken over is archived first: no later step would know of it.

        :raises StateError: another dream is in flight on the same input store, or this run was adopted.
        :raises ServiceUnavailable: no answer, and no such dream either: the next try looks again first.
        """
        return self._noted(self._taken_over(request) or self._create(request))

    def launch_once(self, request: DreamRequest) -> Dream:
        """Return the dream that an earlier try may have started under the name, however it ended; else launch one."""
        intent = self.noted.get(self._intent)
        if isinstance(intent, dict):
            started = next(dreams_of(Intent.from_json(intent), self.hook.list_dreams()), None)
            if started is not None:
                return self._noted(started)
        return self.launch(request)

    def abandon(self) -> None:
        """Cancel what earlier tries started, archive what it left, and forget it: the next launch creates another."""
        ended = [self._canceled(d) if d.status in IN_FLIGHT else d for d in self._earlier()]
        self._archive_outputs(ended)
        self.forget()
        self.files.mark_settled()

    def forget(self) -> None:
        """Take no dream over that this task has noted."""
        for key in (self._intent, self._dream_id):
            self.noted.delete(key)

    @property
    def dream_id(self) -> str | None:
        """Return the id that an earlier try has noted."""
        noted = self.noted.get(self._dream_id)
        return str(noted) if noted else None

    @property
    def _intent(self) -> str:
        return _INTENT + self.name

    @property
    def _dream_id(self) -> str:
        return _DREAM_ID + self.name

    def _noted(self, dream: Dream) -> Dream:
        self.noted.set(self._dream_id, dream.id)
        self.files.mark_open({**self.files.read_marker(), "dream_id": dream.id})
        return dream

    def _taken_over(self, request: DreamRequest) -> Dream | None:
        """Return an earlier try's dream that serves the request; where there is none, make room for another."""
        earlier = self._earlier()
        for dream in earlier:
            if dream.status in _USABLE and request.matches(dream):
                log.info("taking over dream %s of an earlier try", dream.id)
                return dream
        self._refuse_company(request.input_store_id, earlier)
        self._archive_outputs(earlier)
        return None

    def _canceled(self, dream: Dream) -> Dream:
        canceled = self.hook.cancel_dream(dream.id)
        log.info("dream %s is %s: the run asks for a new one", dream.id, canceled.status)
        return canceled

    def _earlier(self) -> list[Dream]:
        """
        Return the dreams that earlier tries of this run have started, as far as it is known.

        The run's marker names the newest, which another task may have started. Where a try died before it noted an
        id, there or here, the dreams that its intent may have created are looked for.
        """
        marker = self.files.read_marker()
        known = [
            (self.dream_id, self.noted.get(self._intent)),
            (marker.get("dream_id"), marker.get("intent")),
        ]
        dreams: dict[str, Dream] = {}
        for dream_id, intent in known:
            if dream_id:
                with suppress(NotFound):
                    dreams[dream_id] = dreams.get(dream_id) or self.hook.retrieve_dream(dream_id)
            elif isinstance(intent, dict):
                found = dreams_of(Intent.from_json(intent), self.hook.list_dreams())
                dreams.update((dream.id, dream) for dream in found)
        return list(dreams.values())

    def _archive_outputs(self, dreams: Iterable[Dream]) -> None:
        for dream in dreams:
            store_id = dream.output_store_id
            if store_id is None or store_id == dream.input_store_id:
                continue
            if dream.status == "completed" and self.is_adopted(store_id):
                raise StateError(
                    f"memory store {store_id}, which dream {dream.id} of this run made, was adopted: a second dream "
                    "would leave the run's records without it. Trigger a new run. Nothing was spent."
                )
            with suppress(NotFound):
                if dream.status == "completed":
                    check_unwritten(self.hook, self.files, self.hook.retrieve_store(store_id))
                self.hook.archive_store(store_id)
                log.info("archived memory store %s, which dream %s left", store_id, dream.id)

    def _found(self, intent: Intent) -> Dream | None:
        dream = find_own_dream(intent, self.hook.list_dreams())
        if dream is not None:
            log.info("found dream %s: an earlier try created it, though its reply was lost", dream.id)
        return dream

    def _refuse_company(self, input_store_id: str, earlier: Iterable[Dream]) -> None:
        others = [dream for dream in earlier if dream.status in IN_FLIGHT]
        others += foreign_dreams(input_store_id, self.hook.list_dreams(in_flight=True), own=None)
        if others:
            raise StateError(
                f"dream {others[0].id} is {others[0].status} on memory store {others[0].input_store_id}, and is not "
                "what this run asks for: somebody else started it, or this run did before its sessions were collected "
                "again. Wait for it or cancel it, then clear this task. Nothing was spent."
            )

    def _create(self, request: DreamRequest) -> Dream:
        base = self.hook.list_memories(request.input_store_id)
        intent = Intent(request, self.hook.newest_dream_ids())
        # The listing takes a while, and the service may process an earlier try's create late: look once more.
        if late := self._taken_over(request):
            return late
        self.files.forget_carries()
        self.files.write_listing("base", request.input_store_id, base)
        self.files.mark_open({"intent": intent.to_json()})
        self.noted.delete(self._dream_id)
        self.noted.set(self._intent, intent.to_json())
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
