"""Waiting for a dream: what its state means for the run, and what is done about it."""

from __future__ import annotations

import logging
import time
from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime
from typing import TYPE_CHECKING

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
    unheld_budget,
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
)
from dreamflow.records.journal import Stop
from dreamflow.steps.launch import current_dream, keep_one, remaining_budget
from dreamflow.steps.stores import archive_output

if TYPE_CHECKING:
    from dreamflow.core.launching import DreamRequest
    from dreamflow.core.objects import Dream
    from dreamflow.records.files import RunRecords
    from dreamflow.steps.world import World

__all__ = ["STOPS", "Waiting", "resume_wait", "wait_for_dream"]

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
class _Watch:
    """
    One look at the run's dream.

    :ivar cleared: tells a retry of the task from a person's clear.
    :ivar show: is given the dream whenever it was read.
    """

    world: World
    run: RunRecords
    cleared: int
    show: Callable[[Dream], None]

    def judge(self, dream: Dream) -> Waiting | Dreamed:
        self.show(dream)
        world, run = self.world, self.run
        deadline, budget = self.deadline(), remaining_budget(world, run)
        told = dream.status == "completed" or budget.usd is not None
        cost = self.list_cost(dream) if told else None
        verdict = judge_dream(dream, budget=budget, deadline=deadline, now=world.now(), list_cost_usd=cost)
        log.info("%s", describe_progress(dream, cost, world.now()))
        if unheld := unheld_budget(budget.usd, cost, dream):
            log.error("%s", unheld)
        match verdict:
            case Wait():
                return Waiting(dream.id, deadline, budget)
            case Completed(output_store_id):
                return self.completed(dream, output_store_id, cost)
            case Unsuccessful(reason, error_type, passing):
                if dream.status == "canceled":
                    self.raise_if_stopped(dream)
                self.note_usage(dream, cost)
                again = passing and self.may_dream_anew(dream, error_type)
                self.clean_up(dream, keep_open=again)
                raise DreamFailed(reason, error_type=error_type, passing=again)
            case OverBudget(reason):
                return self.stop(dream, "over_budget", reason)
            case TimedOut(reason):
                return self.stop(dream, "timed_out", reason)

    def read(self, dream_id: str) -> Dream | Waiting:
        """
        Return the dream; where the service gives no answer, let the trigger go on asking until the deadline.

        That costs no worker and no try; a wait that fails would leave the dream to spend with nobody to watch.
        """
        try:
            return self.world.hook.retrieve_dream(dream_id)
        except NotFound:
            raise
        except ServiceError as e:
            if isinstance(e, ServiceUnavailable) and self.world.now() < self.deadline():
                log.warning("waiting on for dream %s: %s", dream_id, e)
                return Waiting(dream_id, self.deadline(), remaining_budget(self.world, self.run))
            raise DreamUnwatched(
                f"{e} Unless it has ended, dream {dream_id} is watched by nobody now, and may go on spending: mend "
                "this and clear the task, or cancel the dream by hand.",
                status=e.status,
                retry_after=e.retry_after,
            ) from e

    def deadline(self) -> datetime:
        """Return when the wait is over: counted from its first try, from a new dream, or from a person's clear."""
        began = self.run.began(
            f"wait_for_dream#{len(self.run.journal().dreams)}", self.cleared, self.world.now()
        )
        return began + self.world.pipeline.dream.timeout

    def list_cost(self, dream: Dream) -> float | None:
        if dream.session_id is None:
            return None
        try:
            return self.world.hook.retrieve_list_cost(dream.session_id)
        except ServiceError as e:
            log.warning("the list cost of dream %s is not known: %s", dream.id, e)
            return None

    def note_usage(self, dream: Dream, cost: float | None) -> None:
        if self.run.journal().dreams:
            journal = self.run.note_dream(tokens=dream.usage.total, usd=cost)
            self.world.records.note_in_night(journal.night, dream.id, dream.usage.total, cost)

    def completed(self, dream: Dream, output_store_id: str, cost: float | None) -> Dreamed:
        self.note_usage(dream, cost)
        if self.run.journal().dreams:
            note = self.run.note_dream(output_store_id=output_store_id, created_at=dream.created_at).dream
            assert note is not None
            keep_one(self.world, self.run, note, dream)
        self.world.records.note_cost(self.run.run_id, len(dream.session_ids), dream.usage.total, cost)
        return Dreamed(
            dream_id=dream.id,
            output_store_id=output_store_id,
            input_store_id=dream.input_store_id,
            created_at=dream.created_at,
            usage=dream.usage.to_json(),
            list_cost=cost,
            seconds=round(((dream.ended_at or self.world.now()) - dream.created_at).total_seconds(), 1),
        )

    def may_dream_anew(self, dream: Dream, error_type: str) -> bool:
        """Note that the next try dreams anew, without the sessions that are gone; return whether it may."""
        journal = self.run.journal()
        tried = sum(1 for note in journal.dreams if note.redo)
        if not journal.dreams or tried >= _NEW_DREAMS_LIMIT:
            return False
        missing: set[str] = set()
        if error_type == "input_session_unavailable":
            missing = self.world.hook.missing_sessions(dream.session_ids)
            if missing:
                log.warning(
                    "%d sessions are gone, and left out: %s", len(missing), ", ".join(sorted(missing)[:10])
                )
            if missing >= set(dream.session_ids):
                return False
        self.run.note_dream(redo=True, missing=tuple(sorted({*journal.missing, *missing})))
        return True

    def stop(self, dream: Dream, status: str, reason: str) -> Waiting | Dreamed:
        """
        Cancel the dream, and judge what it is then: one that completed meanwhile is paid for, and used.

        A cancel that fails is said loudly, and tried again where that may help.
        """
        note_stop(self.run, dream.id, status, reason)
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
        return self.judge(stopped)

    def raise_if_stopped(self, dream: Dream) -> None:
        """Record what a dream used that was canceled here or by the trigger, and say why it was."""
        note = self.run.journal().dream_named(dream.id)
        if note is None or note.stop is None:
            return
        settled = self.settled(dream)
        cost = self.list_cost(settled)
        self.note_usage(settled, cost)
        self.clean_up(settled)
        stopped = STOPS[note.stop.status](
            f"{note.stop.reason}. It was canceled, at {settled.usage.total:,} tokens. Raise the limit in the "
            "pipeline's file, or lower sessions.limit; then trigger a new run."
        )
        stopped.usage = {**settled.usage.to_json(), "dream_id": dream.id, "list_cost": cost}
        raise stopped

    def settled(self, dream: Dream) -> Dream:
        """Return the dream once its usage has stopped changing, or as it is after a few readings."""
        settled = self.world.hook.retrieve_dream(dream.id)
        for _ in range(_SETTLE_READS):
            time.sleep(_SETTLE_SECONDS)
            before, settled = settled, self.world.hook.retrieve_dream(dream.id)
            if settled.usage == before.usage:
                break
        return settled

    def clean_up(self, dream: Dream, *, keep_open: bool = False) -> None:
        """Archive what the dream left, which may be half a store."""
        if dream.output_store_id and dream.output_store_id != dream.input_store_id:
            archive_output(self.world, self.run, self.world.hook.retrieve_store(dream.output_store_id))
            log.info(
                "archived memory store %s, which dream %s left unfinished", dream.output_store_id, dream.id
            )
        if not keep_open:
            self.run.close(f"its dream {dream.id} was {dream.status}")


def note_stop(run: RunRecords, dream_id: str, status: str, reason: str) -> None:
    """Note why the dream is canceled: a later try finds it canceled, and has to tell."""
    journal = run.journal()
    if journal.dream is not None and journal.dream.dream_id == dream_id:
        run.note_dream(stop=Stop(status=status, reason=reason))


def wait_for_dream(
    world: World,
    run: RunRecords,
    launched_id: str,
    request: Callable[[], DreamRequest],
    *,
    cleared: int,
    show: Callable[[Dream], None],
) -> Waiting | Dreamed:
    """
    Look at the run's dream: launch it anew where it failed for a cause that may pass, and judge what it is.

    Past its deadline or budget the dream is canceled. What a dream that did not complete leaves behind is archived.

    :raises DreamFailed: it failed or was canceled.
    :raises DreamTimedOut: ``dream.timeout`` passed.
    :raises BudgetExceeded: its budget, or the night's, was spent.
    """
    watch = _Watch(world, run, cleared, show)
    dream = current_dream(world, run, request(), launched_id)
    if dream is None:
        note = run.journal().dream
        known = note.dream_id if note and run.journal().dream_named(launched_id) else None
        return _judged(watch, watch.read(known or launched_id))
    return watch.judge(dream)


def resume_wait(
    world: World,
    run: RunRecords,
    dream_id: str,
    status: str,
    message: str,
    *,
    cleared: int,
    show: Callable[[Dream], None],
) -> Waiting | Dreamed:
    """
    Go on from the trigger's event. The dream is read again: it is the only witness of how it ended.

    A trigger that was refused had another client: where this one can read the dream, the wait goes on.
    """
    if status in ("error", "refused"):
        log.warning("the trigger gave up polling dream %s: %s", dream_id, message)
    elif status in STOPS:
        note_stop(run, dream_id, status, message)
    watch = _Watch(world, run, cleared, show)
    return _judged(watch, watch.read(dream_id))


def _judged(watch: _Watch, read: Dream | Waiting) -> Waiting | Dreamed:
    return read if isinstance(read, Waiting) else watch.judge(read)
