"""Waiting for a dream in the triggerer."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager, suppress
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import TYPE_CHECKING, ClassVar

from airflow.triggers.base import TriggerEvent

from dreamflow.core.objects import Dream
from dreamflow.core.progress import describe_progress
from dreamflow.core.verdicts import (
    Budget,
    CostReading,
    OverBudget,
    TimedOut,
    Verdict,
    Wait,
    judge_dream,
    should_read_cost,
    timed_out,
    unheld_budget,
)
from dreamflow.errors import AccessDenied, DreamflowError, NotFound, ServiceUnavailable
from dreamflow.triggers.killing import GIVEN_UP, KILL_PATIENCE, task_state, undisturbed
from dreamflow.triggers.shared_poll import Follower, FollowingTrigger, SharedPoll, Subject, follow

if TYPE_CHECKING:
    from dreamflow.hooks.asynchronous import AsyncManagedAgents

__all__ = ["DREAMS", "DreamTrigger"]


async def _read(api: AsyncManagedAgents, dream_id: str) -> list[Dream]:
    return [await api.retrieve_dream(dream_id)]


#: Dreams, followed by their own ids.
DREAMS = Subject[Dream](
    "the dreams in flight", lambda api: api.pages_of_dreams_in_flight(), lambda dream: (dream.id,), _read
)

#: Failed polls in a row after which a wait gives up, as the Anthropic provider's triggers do.
_FAILURES_LIMIT = 5
#: How often a cancel is tried.
_CANCEL_TRIES = 3


@dataclass(eq=False, repr=False)
class DreamTrigger(FollowingTrigger):
    """
    Wait until a dream is over, its budget is spent or its deadline has passed; then say so, once.

    A poll that fails is repeated, one that is refused too: the rotation of a key may take a minute. The fifth failure
    in a row ends the wait here, but not the dream: whoever gets the event looks for himself. A dream that is not there
    ends the wait at once. Past budget or deadline the dream is canceled here: a worker may be long in coming.

    :param conn_id: the connection to poll with.
    :param dream_id: the dream.
    :param poll_interval: seconds between polls.
    :param deadline: ISO 8601 moment with zone after which the wait is over. Wall-clock, because a trigger may
        resume in another process.
    :param budget_tokens: tokens that the dream may use, or None.
    :param budget_usd: list price in US dollars that the dream may cost, or None.
    """

    what: ClassVar[str] = "dreams"

    conn_id: str
    dream_id: str
    poll_interval: float
    deadline: str
    budget_tokens: int | None = None
    budget_usd: float | None = None

    async def run(self) -> AsyncIterator[TriggerEvent]:
        """
        Yield one event: ``{"status", "dream_id", "message"}``.

        The status is ``over``; why the dream was to be canceled: ``over_budget``, ``timed_out``; or how the last poll
        failed: ``refused`` by the service, or else ``error``. After these two nobody watches the dream.
        """
        status, message = "over", ""
        try:
            async with follow(DREAMS, self.conn_id, self.dream_id, self.poll_interval) as follower:
                verdict = await self._wait_until_over(follower)
                if isinstance(verdict, OverBudget | TimedOut):
                    status = "over_budget" if isinstance(verdict, OverBudget) else "timed_out"
                    message = verdict.reason
                    async with self._loudly():
                        await self._cancel(follower.poll, message)
        except DreamflowError as e:
            status = "error" if isinstance(e, ServiceUnavailable) else "refused"
            message = str(e)
        yield TriggerEvent({"status": status, "dream_id": self.dream_id, "message": message})

    async def on_kill(self) -> None:
        """Cancel the dream, unless the task was cleared: then it will wait for the same dream again."""
        await undisturbed(
            self._cancel_where_given_up(),
            lambda: self.say_it_goes_on("The triggerer stopped before it could be."),
        )

    async def _cancel_where_given_up(self) -> None:
        async with self._loudly():
            state = await task_state(self.task_instance)
            if state in GIVEN_UP:
                await self.give_up(state)
            else:
                self.log.info(
                    "dream %s goes on: its task is %s, and waits for it again", self.dream_id, state
                )

    async def give_up(self, state: str) -> None:
        """Cancel the dream, if it is there, because its task was marked so; where that fails, say so loudly."""
        async with (
            self._loudly(),
            follow(DREAMS, self.conn_id, self.dream_id, self.poll_interval) as follower,
        ):
            with suppress(NotFound):
                await self._cancel(follower.poll, f"the task that waited for it was marked {state}")

    async def _wait_until_over(self, follower: Follower[Dream]) -> Verdict:
        deadline, budget = datetime.fromisoformat(self.deadline), Budget(self.budget_tokens, self.budget_usd)
        failures, shown = 0, ""
        reading: CostReading | None = None
        while True:
            seen = await follower.next(max((deadline - datetime.now(UTC)).total_seconds(), 0.0))
            if seen is None:
                return timed_out(self.dream_id, deadline)
            if isinstance(seen, DreamflowError):
                failures += 1
                if failures == _FAILURES_LIMIT or isinstance(seen, NotFound):
                    raise seen
                self.log.warning("poll failed, %d in a row: %s", failures, seen)
                continue
            failures = 0
            (dream,) = seen
            reading = await self._read_cost(follower.poll, dream, reading)
            now, cost = datetime.now(UTC), reading.usd if reading else None
            if (progress := describe_progress(dream, cost, now)) != shown:
                shown = progress
                self.log.info("%s", progress)
            verdict = judge_dream(dream, budget=budget, deadline=deadline, now=now, list_cost_usd=cost)
            if not isinstance(verdict, Wait):
                return verdict

    async def _read_cost(
        self, poll: SharedPoll[Dream], dream: Dream, last: CostReading | None
    ) -> CostReading | None:
        """Read the list cost where the budget may be near; a reading that fails leaves the last one."""
        if dream.session_id is None or not should_read_cost(self.budget_usd, last, dream.usage.priced):
            return last
        try:
            api = await poll.api()
            cost = await api.retrieve_list_cost(dream.session_id)
            if last is None and (unheld := unheld_budget(self.budget_usd, cost, dream)):
                self.log.error("%s", unheld)
            return CostReading(cost, dream.usage.priced)
        except DreamflowError as e:
            self.log.warning("the list cost of dream %s could not be read: %s", dream.id, e)
            return last

    @asynccontextmanager
    async def _loudly(self) -> AsyncIterator[None]:
        """Give the block, which cancels the dream, its time; where it fails, say so loudly."""
        try:
            async with asyncio.timeout(KILL_PATIENCE):
                yield
        except (DreamflowError, TimeoutError) as e:
            self.say_it_goes_on(str(e) or f"No answer within {KILL_PATIENCE:.0f} s.")

    def say_it_goes_on(self, why: str) -> None:
        """Say loudly that the dream could not be canceled."""
        self.log.error(
            "dream %s COULD NOT BE CANCELED and may go on spending: cancel it by hand. %s", self.dream_id, why
        )

    async def _cancel(self, poll: SharedPoll[Dream], reason: str) -> None:
        for attempt in range(1, _CANCEL_TRIES + 1):
            api = None
            try:
                api = await poll.api()
                async with poll.places:
                    dream = await api.cancel_dream(self.dream_id)
            except (ServiceUnavailable, AccessDenied) as e:
                if attempt == _CANCEL_TRIES:
                    raise
                self.log.warning("canceling dream %s failed, try %d: %s", self.dream_id, attempt, e)
                if isinstance(e, AccessDenied):
                    await poll.give_up(api)
                await asyncio.sleep(attempt)
            else:
                self.log.info(
                    "dream %s is %s at %d tokens: %s", dream.id, dream.status, dream.usage.total, reason
                )
                return
