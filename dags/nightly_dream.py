"""
The nightly dreaming loop: one DAG, ``dream__<name>``, for each pipeline file.

Settle what earlier runs left, collect the sessions since the last dream, launch a dream over them and the live
store, wait for it, review what it changed, and ask a person. Adopted: carry the writes that came in meanwhile,
repoint every target, verify, let the old sessions drain, retire the old store, and catch up on what was left.
"""

from __future__ import annotations

from airflow.sdk import DAG, CronTriggerTimetable, TriggerRule, get_parsing_context

from dreamflow import tasks
from dreamflow.config import Pipeline, dag_id_of, load_pipeline, pipeline_files, pipelines_folder
from dreamflow.errors import ConfigError
from dreamflow.notify import FailureNotice
from dreamflow.operators.approval import ApproveDream
from dreamflow.operators.broken_pipeline import BrokenPipeline
from dreamflow.operators.dream import LaunchDream
from dreamflow.operators.memory_store import CarryLateWrites, DiscardOutput, RetireInput
from dreamflow.operators.review import ReviewChanges
from dreamflow.operators.session import CollectSessions
from dreamflow.operators.settle import SettleEarlierRuns
from dreamflow.operators.target import Repoint, VerifyTargets
from dreamflow.operators.trigger_run import CatchUp, DreamAgain
from dreamflow.params import run_params
from dreamflow.retry import RETRIES
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
            **RETRIES,
            "pool": pipeline.pool,
            "on_failure_callback": FailureNotice(pipeline),
        },
        doc_md=__doc__,
        tags=TAGS,
    ) as dag:
        settled = SettleEarlierRuns(task_id=tasks.SETTLE_EARLIER_RUNS, pipeline=pipeline)
        collected = CollectSessions(task_id=tasks.COLLECT_SESSIONS, pipeline=pipeline, given=settled.output)
        launched = LaunchDream(task_id=tasks.LAUNCH_DREAM, pipeline=pipeline, given=collected.output)
        dreamed = DreamSensor(task_id=tasks.WAIT_FOR_DREAM, pipeline=pipeline, given=launched.output)
        reviewed = ReviewChanges(task_id=tasks.REVIEW_CHANGES, pipeline=pipeline, given=dreamed.output)
        decided = ApproveDream(task_id=tasks.APPROVE, pipeline=pipeline, given=reviewed.output)

        # Adopt: from here on the hand-off is the swap.
        carried = CarryLateWrites(task_id=tasks.CARRY_LATE_WRITES, pipeline=pipeline, given=decided.output)
        repointed = Repoint(task_id=tasks.REPOINT, pipeline=pipeline, given=carried.output)
        verified = VerifyTargets(
            task_id=tasks.VERIFY_TARGETS,
            pipeline=pipeline,
            given=repointed.output,
            trigger_rule=TriggerRule.NONE_SKIPPED,
        )
        drained = DrainSensor(task_id=tasks.DRAIN_SESSIONS, pipeline=pipeline, given=verified.output)
        retired = RetireInput(task_id=tasks.RETIRE_INPUT, pipeline=pipeline, given=drained.output)
        CatchUp(task_id=tasks.CATCH_UP, pipeline=pipeline, given=retired.output)

        # Reject, or no answer in time.
        DiscardOutput(task_id=tasks.DISCARD_OUTPUT, pipeline=pipeline, given=decided.output)
        # Dream again, with the reviewer's words beside the standing instructions.
        DreamAgain(task_id=tasks.DREAM_AGAIN, pipeline=pipeline, given=decided.output)
    return dag


def placeholder(dag_id: str, error: ConfigError) -> DAG:
    # Indented, every line: what a file says stays text on the page.
    said = "\n".join(f"    {line}" for line in str(error).splitlines())
    with DAG(dag_id, schedule=None, doc_md=f"This pipeline can't run:\n\n{said}", tags=TAGS) as dag:
        BrokenPipeline(task_id="broken_pipeline_file", message=str(error))
    return dag


# A worker wants the one DAG whose task it runs; the DAG processor, which wants all, names none.
wanted = get_parsing_context().dag_id
for file in pipeline_files(pipelines_folder()):
    if wanted not in (None, dag_id_of(file)):
        continue
    try:
        dag = nightly_dream(load_pipeline(file))
    except ConfigError as error:
        dag = placeholder(dag_id_of(file), error)
    globals()[dag.dag_id] = dag
