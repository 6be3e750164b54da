"""Triggering the pipeline's next run: for what was left over, or at the reviewer's wish."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
from typing import TYPE_CHECKING, Any, ClassVar

from airflow.providers.standard.operators.trigger_dagrun import TriggerDagRunOperator
from airflow.sdk.exceptions import DagRunTriggerException
from airflow.sdk.execution_time import task_runner

from dreamflow.core.handoffs import AGAIN
from dreamflow.core.nights import NightPart, following_run_id
from dreamflow.errors import StateError
from dreamflow.operators.base import PipelineOperator, clear_number, shard_of_task
from dreamflow.steps.ledger import why_night_is_over
from dreamflow.steps.retire import discard

if TYPE_CHECKING:
    from airflow.sdk import Context

    from dreamflow.config import Pipeline
    from dreamflow.steps.fleet import Round, Worked

__all__ = ["CatchUp", "DreamAgain"]


class _TriggerOwnDag(PipelineOperator, TriggerDagRunOperator):
    """
    Trigger this DAG again, once: the new run's id is made from this run's, so that a retry changes nothing.

    Of a fleet, one run follows for all members that need one; after a person's clear another, for those that were not
    handed on yet.
    """

    template_fields: Sequence[str] = ("given",)
    #: What the new run's id begins with.
    prefix: ClassVar[str]

    def __init__(self, *, pipeline: Pipeline, **kwargs: Any) -> None:
        super().__init__(
            pipeline=pipeline,
            trigger_dag_id=pipeline.dag_id,
            logical_date=None,
            skip_when_already_exists=True,
            **kwargs,
        )

    def following(self, context: Context) -> NightPart | None:
        """Return the next run's part of the night; None where none is needed."""
        raise NotImplementedError

    def may_follow(self, now: Round) -> bool:
        """Tell whether a run may follow: two of one night at once would each take what is left of its budget."""
        return True

    def work(self, context: Context) -> Any:
        part = self.following(context)
        if self.pipeline.member is not None:
            return part and part.own()
        if part is not None:
            self.trigger(context, part.conf(context["dag_run"].conf, self.pipeline.approval.mode))
        return None

    def leave(self, context: Context, now: Round, worked: Worked[Any]) -> Any:
        if worked.passing:
            raise now.unfinished(worked)
        left = {id_: outcome for id_, outcome in worked.outcomes.items() if outcome.left}
        lives = {outcome.cleared for outcome in left.values()}
        handed_on = {life for life in lives if self._has_handed_on(context, life)}
        parts = {
            id_: outcome.left
            for id_, outcome in left.items()
            if outcome.cleared not in handed_on and not self._is_followed(context, id_, outcome.cleared)
        }
        if parts and not self.may_follow(now):
            self.log.info("%d members have sessions left: the next night takes them", len(parts))
            parts = {}
        failed = now.failed(worked)
        if parts:
            conf = self.night_part(context).conf_of_members(
                context["dag_run"].conf, self.pipeline.approval.mode, parts
            )
            self.log.info("%d members are dreamed for again", len(parts))
            for member in now.members:
                if member.id in parts and left[member.id].cleared != now.cleared:
                    # Of an earlier life, which came to no run: the one that it is handed on in is this one's.
                    now.note(member, self.task_id, parts[member.id])
            self.trigger(context, conf, life=now.cleared, at_once=failed is not None)
        return super().leave(context, now, worked)

    def _has_handed_on(self, context: Context, life: int) -> bool:
        """Tell whether an earlier life of the task has triggered its run, for all that it had until then."""
        is_earlier = life != clear_number(context)
        return is_earlier and self._is_there(self.dag_id, self._following_run_id(context, life))

    def _is_followed(self, context: Context, id_: str, life: int) -> bool:
        """Tell whether the first run that followed works on a member, which was handed on to it in a later life."""
        if life in (self.retries, clear_number(context)):
            return False
        # A release before had no other run for a clear.
        first = self._following_run_id(context, None)
        try:
            return bool(self.records.member(id_).run(first).journal().tasks)
        except StateError as e:
            self.log.warning(
                "%s counts as handed on to run %s, so that nothing is paid for twice: %s", id_, first, e
            )
            return True

    def _following_run_id(self, context: Context, life: int | None) -> str:
        """:param life: of a fleet's task: what a clear hands on is for others than what was handed on before it."""
        shard = shard_of_task(context)
        prefix = f"{self.prefix}_shard_{shard}" if shard else self.prefix
        if life not in (None, self.retries):
            # In front: what follows a run whose own id ends like this is another.
            prefix = f"{prefix}_cleared_{life}"
        return following_run_id(prefix, str(context["run_id"]))

    def trigger(
        self, context: Context, conf: dict[str, Any], *, life: int | None = None, at_once: bool = False
    ) -> None:
        """
        :param life: as for ``_following_run_id``.
        :param at_once: do here what Airflow does where the task ends with it: this one is to fail then.
        """
        self.trigger_run_id, self.conf = self._following_run_id(context, life), conf
        self.log.info("triggering run %s of %s", self.trigger_run_id, self.dag_id)
        try:
            TriggerDagRunOperator.execute(self, context)
        except DagRunTriggerException as e:
            if not at_once:
                raise
            ti: Any = context["ti"]
            task_runner._handle_trigger_dag_run(e, context, ti, self.log)


class CatchUp(_TriggerOwnDag):
    """
    Trigger the next run where sessions were left over: for those, and none that came since.

    ``sessions.catch_up: false`` turns it off, and ``night`` bounds how many follow.
    """

    prefix = "catch_up"
    counts = True

    def may_follow(self, now: Round) -> bool:
        return AGAIN not in now.decisions()

    def following(self, context: Context) -> NightPart | None:
        journal = self.run_of(context).journal()
        note, part = journal.dream, self.night_part(context)
        if note is None or not note.left:
            self.log.info("no sessions were left over")
            return None
        why = why_night_is_over(self.pipeline, self.records, part.night, self.world.ledger)
        if not self.pipeline.sessions.catch_up:
            why = "sessions.catch_up is off"
        elif not note.left_until:
            why = "which they are is not known: this run began before the upgrade"
        if why:
            self.log.info("%d sessions were left over; %s: the next night takes them", note.left, why)
            return None
        self.log.info("%d sessions were left over", note.left)
        return replace(part, until=note.left_until)


class DreamAgain(_TriggerOwnDag):
    """Archive the output, and trigger a run that dreams with the reviewer's words beside the standing instructions."""

    prefix = "again"
    decision = AGAIN

    def following(self, context: Context) -> NightPart | None:
        run, part = self.run_of(context), self.night_part(context)
        decided = self.decided(context)
        discard(self.world, run, decided.output_store_id)
        return part.with_words(decided.comment)
