"""The task ids of a dream's DAG, and what each leaves in XCom. A contract: other DAGs and people read them."""

from __future__ import annotations

from datetime import datetime, timedelta
from functools import cached_property
from typing import TYPE_CHECKING, Any, ClassVar

from airflow.sdk import BaseOperator

from dreamflow.errors import StateError
from dreamflow.run_files import RunFiles, report_location

if TYPE_CHECKING:
    from airflow.sdk import Context

    from dreamflow.config import Pipeline
    from dreamflow.hooks.managed_agents import ManagedAgentsHook
    from dreamflow.targets import LiveTarget

__all__ = [
    "APPROVE",
    "CARRY_LATE_WRITES",
    "CATCH_UP",
    "COLLECT_SESSIONS",
    "DISCARD_OUTPUT",
    "DRAIN_SESSIONS",
    "DREAM_AGAIN",
    "LAUNCH_DREAM",
    "REPOINT",
    "RETIRE_INPUT",
    "REVIEW_CHANGES",
    "SETTLE_EARLIER_RUNS",
    "VERIFY_TARGETS",
    "WAIT_FOR_DREAM",
    "PipelineOperator",
    "clear_number",
    "moment_of",
    "pull",
]

SETTLE_EARLIER_RUNS = "settle_earlier_runs"
COLLECT_SESSIONS = "collect_sessions"
LAUNCH_DREAM = "launch_dream"
WAIT_FOR_DREAM = "wait_for_dream"
REVIEW_CHANGES = "review_changes"
APPROVE = "approve"
CARRY_LATE_WRITES = "carry_late_writes"
REPOINT = "repoint"
VERIFY_TARGETS = "verify_targets"
DRAIN_SESSIONS = "drain_sessions"
RETIRE_INPUT = "retire_input"
CATCH_UP = "catch_up"
DISCARD_OUTPUT = "discard_output"
DREAM_AGAIN = "dream_again"


def pull(context: Context, task_id: str) -> dict[str, Any]:
    """
    Return what the task of this run left.

    :raises StateError: it left nothing: it did not run, or its XCom was cleared.
    """
    left = context["ti"].xcom_pull(task_ids=task_id)
    if not isinstance(left, dict):
        raise StateError(
            f"{task_id} left nothing to go on in this run. Clear it and what follows, or trigger a new run."
        )
    return left


def moment_of(left: dict[str, Any], key: str) -> datetime | None:
    """Return the moment that a task left under the key; None where it left none."""
    text = left.get(key)
    return datetime.fromisoformat(text) if text else None


def clear_number(context: Context) -> int:
    """
    Return a number that stays the same through a task's retries and changes when a person clears it.

    Airflow raises ``max_tries`` on a clear, and leaves it alone on a retry.
    """
    return int(context["ti"].max_tries)


class PipelineOperator(BaseOperator):
    """
    A step of one pipeline's DAG.

    :param pipeline: the pipeline, as its file says.
    """

    #: How long a step may take at most, however slowly the service answers. None for steps that wait.
    step_timeout: ClassVar[timedelta | None] = timedelta(hours=1)

    def __init__(self, *, pipeline: Pipeline, **kwargs: Any) -> None:
        kwargs.setdefault("execution_timeout", self.step_timeout)
        super().__init__(**kwargs)
        self.pipeline = pipeline

    @cached_property
    def hook(self) -> ManagedAgentsHook:
        """Return the hook. Imported late: it imports anthropic."""
        from dreamflow.hooks.managed_agents import ManagedAgentsHook

        return ManagedAgentsHook(conn_id=self.pipeline.conn_id)

    @cached_property
    def targets(self) -> list[LiveTarget]:
        from dreamflow.targets import open_target

        return [open_target(target, self.hook) for target in self.pipeline.targets]

    def output_of(self, context: Context) -> str:
        """
        Return the id of the run's output store.

        :raises StateError: it is archived: it was discarded, or a later run has settled this one.
        """
        output_id = str(pull(context, WAIT_FOR_DREAM)["output_store_id"])
        if self.hook.retrieve_store(output_id).archived_at is not None:
            raise StateError(
                f"memory store {output_id}, which this run's dream made, is archived: it was discarded, or a later run "
                "settled what this one left. No target was changed. Trigger a new run."
            )
        return output_id

    def files_of(self, run_id: str) -> RunFiles:
        """Return the files of one run of this pipeline."""
        return RunFiles(report_location(self.pipeline.reports.location), self.pipeline.name, run_id)

    def files(self, context: Context) -> RunFiles:
        """Return the files of the run that this task is of."""
        return self.files_of(str(context["run_id"]))
