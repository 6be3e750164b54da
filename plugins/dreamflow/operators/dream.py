"""Launching a dream."""

from __future__ import annotations

from datetime import UTC, datetime
from typing import TYPE_CHECKING, Any

from dreamflow.config import INSTRUCTIONS_LIMIT
from dreamflow.core.beside import FOLD_IN
from dreamflow.core.estimate import describe_estimate, estimate_tokens, sum_estimates
from dreamflow.core.fleets import Outcome
from dreamflow.core.handoffs import Collected, Launched
from dreamflow.core.launching import DreamRequest
from dreamflow.errors import BudgetExceeded, SkipRun
from dreamflow.links import EstimateLink, push_estimate
from dreamflow.operators.base import PipelineOperator, clear_number, is_last_try
from dreamflow.steps.launch import abandon, check_may_replace, launch, note_of

if TYPE_CHECKING:
    from airflow.sdk import Context

    from dreamflow.core.fleets import Member
    from dreamflow.records.files import RunRecords
    from dreamflow.records.journal import DreamNote
    from dreamflow.steps.fleet import Worked
    from dreamflow.steps.world import World

__all__ = ["LaunchDream", "instructions_of", "request_of"]


def instructions_of(operator: PipelineOperator, context: Context, late: int) -> str | None:
    """
    Return what the run's dream is asked to do: what people say, then what is to become of late writes.

    :param late: memories of the input below ``/late/``. Where people's words leave no room, they stay there.
    """
    asked = operator.night_part(context).instructions(operator.settings(context).instructions)
    told = f"{asked}\n\n{FOLD_IN}" if asked else FOLD_IN
    return told if late and len(told) <= INSTRUCTIONS_LIMIT else asked


def request_of(
    operator: PipelineOperator, context: Context, input_store_id: str, session_ids: tuple[str, ...], late: int
) -> DreamRequest:
    """Return what the run asks of a dream over the store and the sessions."""
    model, instructions = operator.settings(context).model, instructions_of(operator, context, late)
    return DreamRequest(input_store_id, session_ids, model, instructions)


class LaunchDream(PipelineOperator):
    """
    Create the run's dream, or take over the one that an earlier try of the run created.

    Clearing the task takes over as well, unless the run's Param ``new_dream`` asks for a new one. With the Param
    ``dry_run``, what the dream would read is estimated, and nothing is spent.
    """

    operator_extra_links = (EstimateLink(),)
    counts = True

    def work_through(self, context: Context) -> Any:
        """Launch the dreams of those whose turn it is: the night's budget may not be enough for all."""
        now = self.round(context)
        ledger = self._ledger
        assert ledger is not None
        due, idle = now.due()
        is_dry = self.settings(context).dry_run
        left_out = {} if is_dry else ledger.admit(due, idle)

        def launched(member: Member, _: RunRecords, given: Any) -> Any:
            if why := left_out.get(member.id):
                raise SkipRun(why)
            own = self.of_member(member, given)
            if is_dry:
                estimate = _estimate(own.world, own._asked(context)[1])
                return Outcome(state="skipped", cleared=now.cleared, left=estimate, why=_dry(estimate))
            return own.work(context)

        def why_kept(member: Member, run: RunRecords) -> str | None:
            try:
                if not is_dry and self._is_to_replace(context, run):
                    check_may_replace(self.of_member(member, None).world, run)
            except BudgetExceeded as e:
                return str(e)
            return None

        worked: Worked[Any] = now.work(launched, keeps=why_kept, is_last=is_last_try(context))
        if not is_dry:
            ledger.note_turns(datetime.now(UTC))
            return self.leave(context, now, worked)
        whole = sum_estimates([one.left for one in worked.outcomes.values() if one.left])
        try:
            return self.leave(context, now, worked)
        except SkipRun as e:
            if not whole:
                raise
            push_estimate(context, whole)
            raise SkipRun(f"{len(worked.outcomes)} members: {_dry(whole)}") from e

    def _is_to_replace(self, context: Context, run: RunRecords) -> bool:
        """Tell whether the task was cleared to have a new dream in place of what an earlier life of it launched."""
        asked = self.settings(context).new_dream
        return asked and run.journal().launch_cleared not in (None, clear_number(context))

    def _asked(self, context: Context) -> tuple[Collected, DreamRequest]:
        collected = _as_asked_before(self.handed(Collected), self.run_of(context).journal().dream)
        request = request_of(
            self, context, collected.input_store_id, collected.session_ids, late=collected.late
        )
        return collected, request

    def work(self, context: Context) -> dict[str, Any]:
        collected, request = self._asked(context)
        if collected.late and not (request.instructions or "").endswith(FOLD_IN):
            self.log.warning(
                "%d memories stand under /late/, and the instructions leave no room to have them folded in: they stay. "
                "Shorten dream.instructions by %d characters.",
                collected.late,
                len(f"{request.instructions}\n\n{FOLD_IN}") - INSTRUCTIONS_LIMIT,
            )
        if self.settings(context).dry_run:
            estimate = _estimate(self.world, request)
            push_estimate(context, estimate)
            raise SkipRun(_dry(estimate))
        world, run, cleared = self.world, self.run_of(context), clear_number(context)
        if self._is_to_replace(context, run):
            abandon(world, run)
        run.note(launch_cleared=cleared, night=self.night_part(context).night)
        dream = launch(world, run, request, note_of(collected, self.pipeline.sessions.scope_mark))
        self.log.info("dream %s is %s, over %d sessions", dream.id, dream.status, len(dream.session_ids))
        return Launched(dream_id=dream.id).to_json()


def _as_asked_before(collected: Collected, asked: DreamNote | None) -> Collected:
    """
    Return what was collected, with as many late writes as the run's dream was asked about.

    Otherwise one that came in since would make another request of it, and the dream be paid for again.
    """
    if asked is None or asked.input_store_id != collected.input_store_id:
        return collected
    return collected.model_copy(update={"late": asked.late})


def _dry(estimate: dict[str, Any]) -> str:
    return f"dry run, nothing was spent. {describe_estimate(estimate)}"


def _estimate(world: World, request: DreamRequest) -> dict[str, Any]:
    """Return what the dream would read, and might cost."""
    sessions = {session_id: world.hook.transcript_bytes(session_id) for session_id in request.session_ids}
    listing = world.hook.list_memories(request.input_store_id)
    return estimate_tokens(
        sessions, sum(entry.size for entry in listing.values()), world.records.past_costs()
    )
