"""Triggering the pipeline's next run: for what was left over, or at the reviewer's wish."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from airflow.providers.standard.operators.trigger_dagrun import TriggerDagRunOperator

from dreamflow.core.run_ids import following_run_id
from dreamflow.operators.memory_store import discard_output
from dreamflow.tasks import APPROVE, COLLECT_SESSIONS, PipelineOperator, pull

if TYPE_CHECKING:
    from airflow.sdk import Context

    from dreamflow.config import Pipeline

__all__ = ["CatchUp", "DreamAgain"]


class _TriggerOwnDag(PipelineOperator, TriggerDagRunOperator):
    """Trigger this DAG again, once: the new run's id is made from this run's, so that a retry changes nothing."""

    template_fields = ()

    def __init__(self, *, pipeline: Pipeline, **kwargs: Any) -> None:
        super().__init__(
            pipeline=pipeline,
            trigger_dag_id=pipeline.dag_id,
            logical_date=None,
            skip_when_already_exists=True,
            **kwargs,
        )

    def trigger(self, context: Context, prefix: str, conf: dict[str, Any]) -> None:
        self.trigger_run_id = following_run_id(prefix, str(context["run_id"]))
        self.conf = conf
        self.log.info("triggering run %s of %s", self.trigger_run_id, self.dag_id)
        TriggerDagRunOperator.execute(self, context)


class CatchUp(_TriggerOwnDag):
    """Trigger the next run where sessions were left over. ``sessions.catch_up: false`` turns it off."""

    def execute(self, context: Context) -> None:
        left = int(pull(context, COLLECT_SESSIONS)["left_for_next_run"])
        if not left:
            self.log.info("no sessions were left over")
        elif not self.pipeline.sessions.catch_up:
            self.log.info(
                "%d sessions were left over; sessions.catch_up is off: the next run takes them", left
            )
        else:
            self.log.info("%d sessions were left over", left)
            self.trigger(context, "catch_up", dict(context["dag_run"].conf or {}))


class DreamAgain(_TriggerOwnDag):
    """Archive the output, and trigger a run that dreams with the reviewer's comment as its instructions."""

    def execute(self, context: Context) -> None:
        discard_output(self, context)
        comment = str(pull(context, APPROVE)["comment"])
        self.trigger(context, "again", {**(context["dag_run"].conf or {}), "instructions": comment})
