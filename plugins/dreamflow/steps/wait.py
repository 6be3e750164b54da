"""Waiting for a dream: what its state means for the run, and what is done about it."""

from __future__ import annotations

import logging
import time
from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime
from typing import TYPE_CHECKING, NoReturn

from dreamflow.core.handoffs import Dreamed
from dreamflow.core.objects import IN_FLIGHT
from dreamflow.core.progress import describe_progress
from dreamflow.core.verdicts import (
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
    DreamUnwatched,
    NotFound,
    RequestRejected,
    ServiceError,
    ServiceUnavailable,
    StateError,
)
from dreamflow.records.journal import DreamNote, Journal, Stop
from dreamflow.steps.launch import find_missing, give_up, keep_one, launch_anew
from dreamflow.steps.ledger import list_cost, note_usage, remaining_budget

if TYPE_CHECKING:
    from dreamflow.core.launching import DreamRequest
    from dreamflow.core.objects import Dream
    from dreamflow.records.files import RunRecords
    from dreamflow.steps.world import World

__all__ = ["STOPS", "DreamWait", "Waiting"]

log = logging.getLogger(__name__)

#: New dreams that one run may start after a failure whose cause may pass: each is paid for.
_NEW_DREAMS_LIMIT = 2
#: Why a dream is canceled, as the trigger's events call it, and the error that tells.
STOPS: dict[str, type[DreamEnded]] = {"over_budget": BudgetExceeded, "timed_out": DreamTimedOut}
#: After a cancel, usage may still change: it is read until two readings agree, this often, this many seconds apart.
_SETTLE_READS = 5
_SETTLE_SECONDS = 2.0


@dataclass(frozen=True)
class Waiting:
    """The dream is in flight: it is to be watched until it is over, its budget is spent or the deadline has passed."""

    dream_id: str
    deadline: datetime
    budget: Budget


@dataclass(frozen=True)
class DreamWait:
    """
    Looks at the run's dream: launches it anew where it failed for a cause that may pass, and judges what it is.

    Past its deadline or budget the dream is canceled. What a dream that did not complete leaves behind is archived.

    :ivar cleared: tells a retry of the task from a person's clear.
    :ivar show: is given the dream whenever it was read.
    """

    world: World
    run: RunRecords
    cleared: int
    show: Callable[[Dream], None]

    def begin(self, launched_id: str, ask: Callable[[DreamNote], DreamRequest]) -> Waiting | Dreamed:
        """
        Look at the dream that was launched, or at what was dreamed in its place.

        :param ask: returns what to ask of a dream that is launched anew.
        :raises DreamFailed: it failed or was canceled.
        :raises DreamTimedOut: ``dream.timeout`` passed.
        :raises BudgetExceeded: its budget, or the night's, was spent.
        :raises DreamUnwatched: it can't be read.
        """
        journal = self._journal(launched_id)
        note = journal.dream if journal.dream_named(launched_id) else None
        if note is not None and (note.redo or not note.dream_id):
            return self._judge(launch_anew(self.world, self.run, note, ask(note)))
        return self._look((note and note.dream_id) or launched_id)

    def resume(self, dream_id: str, status: str, message: str) -> Waiting | Dreamed:
        """
        Go on from the trigger's event. The dream is read again: it is the only witness of how it ended.

        A trigger that was refused had another client: where this one can read the dream, the wait goes on.
        """
        self._journal(dream_id)
        if status in STOPS:
            self.run.note_dream(dream_id, stop=Stop(status=status, reason=message))
        elif status != "over":
            log.warning("the trigger gave up polling dream %s: %s", dream_id, message)
        return self._look(dream_id)

    def _journal(self, dream_id: str) -> Journal:
        """Return the journal. One that can't be read just now must not leave the dream to spend unseen for good."""
        try:
            return self.run.journal()
        except StateError as e:
            raise DreamUnwatched(
                f"{e} Until then dream {dream_id} is watched by nobody, and may go on spending."
            ) from e

    def _look(self, dream_id: str) -> Waiting | Dreamed:
        """
        Read and judge the dream; where the service gives no answer, let the trigger go on asking until the deadline.

        That costs no worker and no try; a wait that fails would leave the dream to spend with nobody to watch.
        """
        try:
            dream = self.world.hook.retrieve_dream(dream_id)
        except NotFound:
            raise
        except ServiceError as e:
            deadline = self._deadline(dream_id)
            if isinstance(e, ServiceUnavailable) and self.world.now() < deadline:
                log.warning("waiting on for dream %s: %s", dream_id, e)
                return Waiting(dream_id, deadline, remaining_budget(self.world, self.run))
            raise DreamUnwatched(
                f"{e} Unless it has ended, dream {dream_id} is watched by nobody now, and may go on spending: mend "
                "this and clear the task, or cancel the dream by hand.",
                status=e.status,
                retry_after=e.retry_after,
            ) from e
        return self._judge(dream)

    def _judge(self, dream: Dream) -> Waiting | Dreamed:
        self.show(dream)
        deadline, budget = self._deadline(dream.id), remaining_budget(self.world, self.run)
        is_told = dream.status not in IN_FLIGHT or budget.usd is not None
        cost = list_cost(self.world, dream, budget.usd) if is_told else None
        now = self.world.now()
        verdict = judge_dream(dream, budget=budget, deadline=deadline, now=now, list_cost_usd=cost)
        log.info("%s", describe_progress(dream, cost, now))
        match verdict:
            case Wait():
                return Waiting(dream.id, deadline, budget)
            case Completed(output_store_id):
                return self._completed(dream, output_store_id, cost)
            case Unsuccessful():
                self._fail(dream, verdict)
            case OverBudget(reason):
                return self._stop(dream, "over_budget", reason)
            case TimedOut(reason):
                return self._stop(dream, "timed_out", reason)

    def _deadline(self, dream_id: str) -> datetime:
        """Return when the wait is over: counted from its first try for this dream, or from a person's clear."""
        began = self.run.began(f"wait_for_dream {dream_id}", self.cleared, self.world.now())
        return began + self.world.pipeline.dream.timeout

    def _completed(self, dream: Dream, output_store_id: str, cost: float | None) -> Dreamed:
        note_usage(self.world, self.run, dream, cost)
        self.run.note_dream(dream.id, output_store_id=output_store_id, created_at=dream.created_at)
        keep_one(self.world, self.run, dream.id)
        self.world.records.note_cost(self.run.run_id, len(dream.session_ids), dream.usage.total, cost)
        return Dreamed(
            dream_id=dream.id,
            output_store_id=output_store_id,
            input_store_id=dream.input_store_id,
            created_at=dream.created_at,
            usage=dream.usage.to_json(),
            list_cost=cost,
            seconds=round(((dream.ended_at or self.world.now()) - dream.created_at).total_seconds(), 1),
            session_id=dream.session_id or "",
        )

    def _fail(self, dream: Dream, verdict: Unsuccessful) -> NoReturn:
        """Say why the dream was stopped, or how it failed: then note whether the next try dreams anew."""
        note = self.run.journal().dream_named(dream.id)
        if note is not None and note.stop is not None and dream.status == "canceled":
            self._tell(dream, note.stop)
        again = verdict.passing and self._may_dream_anew(dream, verdict.error_type)
        self._account_for(dream, close=not again)
        raise DreamFailed(verdict.reason, error_type=verdict.error_type, passing=again)

    def _may_dream_anew(self, dream: Dream, error_type: str) -> bool:
        """Note that the next try dreams anew, without the sessions that are gone; return whether it may."""
        note = self.run.journal().dream
        if note is None or note.dream_id != dream.id or note.anew >= _NEW_DREAMS_LIMIT:
            return False
        missing = set(note.missing)
        if error_type == "input_session_unavailable":
            missing |= find_missing(self.world, dream.session_ids)
        self.run.note_dream(dream.id, redo=True, missing=tuple(sorted(missing)))
        return True

    def _stop(self, dream: Dream, status: str, reason: str) -> Waiting | Dreamed:
        """
        Cancel the dream, and judge what it is then: one that completed meanwhile is paid for, and used.

        A cancel that fails is said loudly, and tried again where that may help.
        """
        # A later try finds it canceled, and has to tell why.
        self.run.note_dream(dream.id, stop=Stop(status=status, reason=reason))
        loud = f"{reason}. It COULD NOT BE CANCELED and may go on spending: cancel it by hand"
        try:
            stopped = self.world.hook.cancel_dream(dream.id)
        except ServiceUnavailable as e:
            log.error("%s. %s", loud, e)
            raise type(e)(f"{loud}. {e}", status=e.status, retry_after=e.retry_after) from e
        except RequestRejected as e:
            log.error("%s. %s", loud, e)
            raise STOPS[status](f"{loud}. {e}") from e
        if stopped.status in IN_FLIGHT:
            raise ServiceUnavailable(f"{loud}: the service still shows it as {stopped.status}.")
        return self._judge(stopped)

    def _tell(self, dream: Dream, stop: Stop) -> NoReturn:
        """Record what a dream used that was canceled here or by the trigger, and say why it was."""
        settled = self._settled(dream)
        cost = list_cost(self.world, settled)
        self._account_for(settled)
        before = self.world.records.spent_in(self.run.journal().night, but=dream.id)
        others = (
            f" Earlier dreams of this night had used {before.tokens:,} tokens and USD {before.usd:.2f}."
            if before.tokens
            else ""
        )
        stopped = STOPS[stop.status](
            f"{stop.reason}. It was canceled, at {settled.usage.total:,} tokens.{others} Raise the limit in the "
            "pipeline's file, or lower sessions.limit; then trigger a new run."
        )
        stopped.usage = {**settled.usage.to_json(), "dream_id": dream.id, "list_cost": cost}
        raise stopped

    def _account_for(self, dream: Dream, *, close: bool = True) -> None:
        """Archive what the dream left, and any second one; what can't be is the next settle's, and hides no cause."""
        try:
            give_up(self.world, self.run, dream)
            if keep_one(self.world, self.run, dream.id) and close:
                self.run.close(f"its dream {dream.id} was {dream.status}")
        except StateError as e:
            log.error("what dream %s left is not archived: %s", dream.id, e)

    def _settled(self, dream: Dream) -> Dream:
        """Return the dream once its usage has stopped changing, or as it is after a few readings."""
        settled = self.world.hook.retrieve_dream(dream.id)
        for _ in range(_SETTLE_READS):
            time.sleep(_SETTLE_SECONDS)
            before, settled = settled, self.world.hook.retrieve_dream(dream.id)
            if settled.usage == before.usage:
                break
        return settled
