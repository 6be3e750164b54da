"""What the sensors share: a wait without a worker, for one memory or for all members of a fleet."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from typing import TYPE_CHECKING, Any, ClassVar

from dreamflow.operators.base import PipelineOperator, is_last_try
from dreamflow.steps.fleet import Worked
from dreamflow.triggers.all_of import AllOf

if TYPE_CHECKING:
    from airflow.sdk import Context
    from airflow.triggers.base import BaseTrigger

__all__ = ["WaitingOperator", "Watch"]

#: Beyond a trigger's own deadline, so that its event comes first.
_BACKSTOP = timedelta(minutes=10)


@dataclass(frozen=True)
class Watch:
    """
    What a task has to wait for.

    :ivar kwargs: what its trigger is made with. :ivar deadline: when the trigger ends the wait at the latest.
    """

    kwargs: dict[str, Any]
    deadline: datetime


class WaitingOperator(PipelineOperator):
    """
    A task that waits without a worker: ``look`` returns what it leaves, or what is to be waited for.

    A fleet's waits for all its members in one trigger, and looks again at those that it has an event of.
    """

    step_timeout = None
    #: What is waited with, one for each wait.
    trigger: ClassVar[type[BaseTrigger]]

    def look(self, context: Context, event: Mapping[str, Any] | None) -> dict[str, Any] | Watch:
        """Look at what is waited for: anew, or after the trigger's event."""
        raise NotImplementedError

    def work(self, context: Context) -> Any:
        return self._left(self.look(context, None))

    def work_through(self, context: Context, events: Mapping[str, Any] | None = None) -> Any:
        now, events = self.round(context), events or {}
        worked: Worked[Watch] = now.work(
            lambda member, _, given: self.of_member(member, given).look(context, events.get(member.id)),
            waits=Watch,
            is_last=is_last_try(context),
        )
        if not worked.waiting:
            return self.leave(context, now, worked)
        first, *rest = (set(watch.kwargs.items()) for watch in worked.waiting.values())
        # Of a wait that fails, its own arguments are what its event has: of a single one too.
        poll = {"poll_interval": self.pipeline.dream.poll_interval.total_seconds()}
        common = dict(first.intersection(*rest)) if rest else poll
        each = {
            id_: {key: value for key, value in watch.kwargs.items() if key not in common}
            for id_, watch in worked.waiting.items()
        }
        kind = f"{self.trigger.__module__}.{self.trigger.__qualname__}"
        self._wait(AllOf(kind, common, each), max(watch.deadline for watch in worked.waiting.values()))

    def execute_complete(self, context: Context, event: dict[str, Any] | None = None) -> Any:
        """Go on from the trigger's event."""
        self.begin(context)
        if self.is_fleet:
            return self.work_through(context, (event or {}).get("events"))
        return self._left(self.look(context, event or {}))

    def _left(self, seen: dict[str, Any] | Watch) -> dict[str, Any]:
        if isinstance(seen, Watch):
            self._wait(self.trigger(**seen.kwargs), seen.deadline)
        assert not isinstance(seen, Watch)
        return seen

    def _wait(self, trigger: BaseTrigger, deadline: datetime) -> None:
        slack = self.pipeline.dream.poll_interval + _BACKSTOP
        left = max(deadline - datetime.now(UTC), timedelta(0))
        self.defer(trigger=trigger, method_name="execute_complete", timeout=left + slack)
