"""One run of restore_memory_store as Airflow drives it, but for the person's answer."""

from __future__ import annotations

from datetime import UTC, datetime

from airflow.sdk import DAG

from dreamflow.core.handoffs import Reviewed
from dreamflow.operators.base import PipelineOperator
from dreamflow.operators.memory_store import CarryLateWrites, DiscardOutput, RetireInput
from dreamflow.operators.restore import BeginRestore, CloneAncestor, ReviewRestore
from dreamflow.operators.target import Repoint, VerifyTargets
from dreamflow.records.journal import RESTORE_KEY
from dreamflow.sensors.session import DrainSensor
from dreamflow.steps.decide import decide
from dreamflow.tasks import (
    APPROVE,
    CARRY_LATE_WRITES,
    CLONE_ANCESTOR,
    DISCARD_OUTPUT,
    DRAIN_SESSIONS,
    REPOINT,
    RESTORE_DAG_ID,
    RETIRE_INPUT,
    REVIEW_CHANGES,
    SETTLE_EARLIER_RUNS,
    VERIFY_TARGETS,
)
from tests.support.night import Night

__all__ = ["RestoreNight"]

#: As the DAG file has them: what each task is, and whose hand-off it takes.
_OPERATORS: dict[str, tuple[type[PipelineOperator], str | None]] = {
    SETTLE_EARLIER_RUNS: (BeginRestore, None),
    CLONE_ANCESTOR: (CloneAncestor, SETTLE_EARLIER_RUNS),
    REVIEW_CHANGES: (ReviewRestore, CLONE_ANCESTOR),
    CARRY_LATE_WRITES: (CarryLateWrites, APPROVE),
    REPOINT: (Repoint, CARRY_LATE_WRITES),
    VERIFY_TARGETS: (VerifyTargets, REPOINT),
    DRAIN_SESSIONS: (DrainSensor, VERIFY_TARGETS),
    RETIRE_INPUT: (RetireInput, DRAIN_SESSIONS),
    DISCARD_OUTPUT: (DiscardOutput, APPROVE),
}


class RestoreNight(Night):
    """A run that goes back; its ``params`` name the pipeline, whose file is where ``DREAMFLOW_PIPELINES`` says."""

    def make(self, task_id: str) -> PipelineOperator:
        kind, before = _OPERATORS[task_id]
        with DAG(RESTORE_DAG_ID, schedule=None):
            return kind(task_id=task_id, given=self.left(before) if before else None)

    def answer(self, decision: str, by: str = "Ada") -> None:
        """Let a person answer on what was reviewed."""
        operator = self.operator(REVIEW_CHANGES)
        operator.begin(self.record.context(REVIEW_CHANGES, self.params))
        run = operator.records.run(RESTORE_KEY + self.record.run_id)
        reviewed = Reviewed.of(self.left(REVIEW_CHANGES), REVIEW_CHANGES)
        decided = decide(run, reviewed, decision, by, datetime.now(UTC), "")
        self.record.leave(APPROVE, "return_value", decided.to_json())
