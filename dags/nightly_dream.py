"""
The nightly dreaming loop: one DAG, ``dream__<name>``, for each pipeline file.

Settle what earlier runs left, collect the sessions since the last dream, launch a dream over them and the live
store, wait for it, review what it changed, and ask a person. Adopted: carry the writes that came in meanwhile,
repoint every target, verify, let the old sessions drain, retire the old store, and catch up on what was left.
"""

from __future__ import annotations

from datetime import timedelta
from pathlib import Path

from airflow.sdk import DAG, CronTriggerTimetable, TriggerRule, chain, get_parsing_context

from dreamflow import tasks
from dreamflow.config import BrokenFile, Pipeline, load_folder, pipelines_folder
from dreamflow.notify import FailureNotice
from dreamflow.operators.approval import ApproveDream
from dreamflow.operators.broken_pipeline import TASK_ID as BROKEN
from dreamflow.operators.broken_pipeline import BrokenPipeline, pipelines_limit
from dreamflow.operators.dream import LaunchDream
from dreamflow.operators.memory_store import CarryLateWrites, DiscardOutput, RetireInput
from dreamflow.operators.review import ReviewChanges
from dreamflow.operators.session import CollectSessions
from dreamflow.operators.settle import SettleEarlierRuns
from dreamflow.operators.target import Repoint, VerifyTargets
from dreamflow.operators.trigger_run import CatchUp, DreamAgain
from dreamflow.params import run_params
from dreamflow.retry import RetryByCause
from dreamflow.sensors.dream import DreamSensor
from dreamflow.sensors.session import DrainSensor

TAGS = ["dreamflow"]


def nightly_dream(pipeline: Pipeline) -> DAG:
    schedule = pipeline.schedule
    with DAG(
        pipeline.dag_id,
        schedule=CronTriggerTimetable(schedule.cron, timezone=schedule.timezone) if schedule else None,
        catchup=False,
        max_active_runs=1,
        # No backfill: Airflow does not count its runs among the active ones, and two would swap the same targets.
        allowed_run_types=["scheduled", "manual", "operator_triggered"],  # type: ignore[list-item]
        params=run_params(pipeline),
        default_args={
            "pipeline": pipeline,
            "retries": 5,
            "retry_delay": timedelta(seconds=30),
            "retry_policy": RetryByCause(),
            "on_failure_callback": FailureNotice(pipeline),
        },
        doc_md=__doc__,
        tags=TAGS,
    ) as dag:
        approve = ApproveDream(task_id=tasks.APPROVE)
        chain(
            SettleEarlierRuns(task_id=tasks.SETTLE_EARLIER_RUNS),
            CollectSessions(task_id=tasks.COLLECT_SESSIONS),
            LaunchDream(task_id=tasks.LAUNCH_DREAM),
            DreamSensor(task_id=tasks.WAIT_FOR_DREAM),
            ReviewChanges(task_id=tasks.REVIEW_CHANGES),
            approve,
        )
        # Adopt: one target after the other, the first first.
        chain(
            approve,
            CarryLateWrites(task_id=tasks.CARRY_LATE_WRITES),
            Repoint.partial(task_id=tasks.REPOINT, max_active_tis_per_dagrun=1).expand(
                position=list(range(len(pipeline.targets)))
            ),
            VerifyTargets(task_id=tasks.VERIFY_TARGETS, trigger_rule=TriggerRule.NONE_SKIPPED),
            DrainSensor(task_id=tasks.DRAIN_SESSIONS),
            RetireInput(task_id=tasks.RETIRE_INPUT),
            CatchUp(task_id=tasks.CATCH_UP),
        )
        # Reject, or no answer in time.
        chain(approve, DiscardOutput(task_id=tasks.DISCARD_OUTPUT))
        # Dream again, with the reviewer's comment as instructions.
        chain(approve, DreamAgain(task_id=tasks.DREAM_AGAIN))
    return dag


def placeholder(broken: BrokenFile) -> DAG:
    schedule = broken.schedule
    # Indented, every line: what a file says stays text on the page.
    said = "\n".join(f"    {line}" for line in broken.message.splitlines())
    with DAG(
        broken.dag_id,
        dag_display_name=f"{broken.dag_id} (broken)",
        # It fails when the pipeline would have run: what is missing is red, every night.
        schedule=CronTriggerTimetable(schedule.cron, timezone=schedule.timezone) if schedule else None,
        catchup=False,
        is_paused_upon_creation=False if broken.unpaused else None,
        doc_md=f"This pipeline can't run:\n\n{said}",
        tags=[*TAGS, "broken"],
    ) as dag:
        BrokenPipeline(task_id=BROKEN, broken=broken)
    return dag


# A worker wants the one DAG whose task it runs; the DAG processor, which wants all, names none. Only a task that is to
# say what is wrong needs the other files too: what is wrong may be in two of them.
wanted = get_parsing_context()
only = None if wanted.task_id == BROKEN else wanted.dag_id
for found in load_folder(pipelines_folder(), Path(__file__), limit=pipelines_limit(), only=only):
    if wanted.dag_id in (None, found.dag_id):
        dag = placeholder(found) if isinstance(found, BrokenFile) else nightly_dream(found)
        globals()[dag.dag_id] = dag
