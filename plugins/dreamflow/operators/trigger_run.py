"""Triggering the pipeline's next run: for what was left over, or at the reviewer's wish."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
from typing import TYPE_CHECKING, Any

from airflow.providers.standard.operators.trigger_dagrun import TriggerDagRunOperator

from dreamflow.core.nights import NightPart, following_run_id
from dreamflow.operators.base import PipelineOperator, night_part
from dreamflow.steps.ledger import why_night_is_over
from dreamflow.steps.retire import discard

if TYPE_CHECKING:
    from airflow.sdk import Context

    from dreamflow.config import Pipeline

__all__ = ["CatchUp", "DreamAgain"]


class _TriggerOwnDag(PipelineOperator, TriggerDagRunOperator):
    """Trigger this DAG again, once: the new run's id is made from this run's, so that a retry changes nothing."""

    template_fields: Sequence[str] = ("given",)

    def __init__(self, *, pipeline: Pipeline, **kwargs: Any) -> None:
        super().__init__(
            pipeline=pipeline,
            trigger_dag_id=pipeline.dag_id,
            logical_date=None,
            skip_when_already_exists=True,
            **kwargs,
        )

    def trigger(self, context: Context, prefix: str, part: NightPart) -> None:
        self.trigger_run_id = following_run_id(prefix, str(context["run_id"]))
        self.conf = part.conf(context["dag_run"].conf, self.pipeline.approval.mode)
        self.log.info("triggering run %s of %s", self.trigger_run_id, self.dag_id)
        TriggerDagRunOperator.execute(self, context)


class CatchUp(_TriggerOwnDag):
    """
    Trigger the next run where sessions were left over: for those, and none that came since.

    ``sessions.catch_up: false`` turns it off, and ``night`` bounds how many follow.
    """

    def work(self, context: Context) -> None:
        journal = self.run_of(context).journal()
        note, part = journal.dream, night_part(context)
        if note is None or not note.left:
            self.log.info("no sessions were left over")
            return
        why = why_night_is_over(self.pipeline, self.records, part.night)
        if not self.pipeline.sessions.catch_up:
            why = "sessions.catch_up is off"
        elif not note.left_until:
            why = "which they are is not known: this run began before the upgrade"
        if why:
            self.log.info("%d sessions were left over; %s: the next night takes them", note.left, why)
        else:
            self.log.info("%d sessions were left over", note.left)
            self.trigger(context, "catch_up", replace(part, until=note.left_until))


class DreamAgain(_TriggerOwnDag):
    """Archive the output, and trigger a run that dreams with the reviewer's words beside the standing instructions."""

    def work(self, context: Context) -> None:
        run, part = self.run_of(context), night_part(context)
        decided = self.decided(context)
        discard(self.world, run, decided.output_store_id)
        self.trigger(context, "again", part.with_words(decided.comment))
