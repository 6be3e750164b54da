"""
The nightly dreaming loop: one DAG, ``dream__<name>``, for each pipeline file.

Settle what earlier runs left, collect the sessions since the last dream, launch a dream over them and the live
store, wait for it, review what it changed, and ask a person. Adopted: carry the writes that came in meanwhile,
repoint every target, verify, let the old sessions drain, retire the old store, and catch up on what was left.
"""

from __future__ import annotations

from pathlib import Path

from airflow.sdk import DAG, CronTriggerTimetable, TriggerRule, get_parsing_context, task_group

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
from dreamflow.retry import RETRIES
from dreamflow.sensors.dream import DreamSensor
from dreamflow.sensors.session import DrainSensor

TAGS = ["dreamflow"]
#: Nights of a fleet that may be under way at once: those that wait for an answer among them.
NIGHTS_AT_ONCE = 16


def chain(pipeline: Pipeline) -> None:
    """Wire the tasks of a pipeline, each to what the one before it leaves."""
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


def nightly_dream(pipeline: Pipeline) -> DAG:
    schedule = pipeline.schedule
    with DAG(
        pipeline.dag_id,
        schedule=CronTriggerTimetable(schedule.cron, timezone=schedule.timezone) if schedule else None,
        catchup=False,
        # A fleet's runs overlap: one that waits for an answer holds back the members that it asks about, and no others.
        max_active_runs=NIGHTS_AT_ONCE if pipeline.fleet else 1,
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
        shards = pipeline.fleet.shards if pipeline.fleet else 1
        if shards == 1:
            chain(pipeline)
        else:
            # Each shard of a fleet runs the chain for its members: the tasks are mapped, and keep their ids.
            @task_group(group_id="shards", prefix_group_id=False)
            def shard_of_fleet(shard: int) -> None:
                chain(pipeline)

            shard_of_fleet.expand(shard=list(range(shards)))
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
