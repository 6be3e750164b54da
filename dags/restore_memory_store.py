"""
Going back: one DAG, ``restore_memory_store``, for every pipeline. Trigger it, and choose.

An earlier store is copied, as an archived one can't be mounted again; what agents wrote since is carried into the copy,
or listed. A person is shown what would change against the live store. Adopted, it is swapped as a dream's output is:
with the writes that came in meanwhile, target after target, and the store that was live is retired. It is a step
forward: what was left can be gone back to in the same way.
"""

from __future__ import annotations

from pathlib import Path

from airflow.sdk import DAG, TriggerRule, get_parsing_context

from dreamflow import tasks
from dreamflow.config import names_in, pipeline_files, pipelines_folder
from dreamflow.notify import FailureNotice
from dreamflow.operators.broken_pipeline import pipelines_limit
from dreamflow.operators.memory_store import CarryLateWrites, DiscardOutput, RetireInput
from dreamflow.operators.restore import ApproveRestore, BeginRestore, CloneAncestor, ReviewRestore
from dreamflow.operators.target import Repoint, VerifyTargets
from dreamflow.params import restore_params
from dreamflow.retry import RETRIES
from dreamflow.sensors.session import DrainSensor


def restore_memory_store(pipelines: list[str]) -> DAG:
    with DAG(
        tasks.RESTORE_DAG_ID,
        schedule=None,
        catchup=False,
        is_paused_upon_creation=False,
        allowed_run_types=["manual", "operator_triggered"],  # type: ignore[list-item]
        params=restore_params(pipelines),
        # Which pipeline's people are told, and all else that its file says, is known when a run is.
        default_args={**RETRIES, "on_failure_callback": FailureNotice()},
        doc_md=__doc__,
        tags=["dreamflow"],
    ) as dag:
        settled = BeginRestore(task_id=tasks.SETTLE_EARLIER_RUNS)
        cloned = CloneAncestor(task_id=tasks.CLONE_ANCESTOR, given=settled.output)
        reviewed = ReviewRestore(task_id=tasks.REVIEW_CHANGES, given=cloned.output)
        decided = ApproveRestore(task_id=tasks.APPROVE, given=reviewed.output)

        # Adopt: from here on the hand-off is the swap.
        carried = CarryLateWrites(task_id=tasks.CARRY_LATE_WRITES, given=decided.output)
        repointed = Repoint(task_id=tasks.REPOINT, given=carried.output)
        verified = VerifyTargets(
            task_id=tasks.VERIFY_TARGETS, given=repointed.output, trigger_rule=TriggerRule.NONE_SKIPPED
        )
        drained = DrainSensor(task_id=tasks.DRAIN_SESSIONS, given=verified.output)
        RetireInput(task_id=tasks.RETIRE_INPUT, given=drained.output)

        # Reject, or no answer in time.
        DiscardOutput(task_id=tasks.DISCARD_OUTPUT, given=decided.output)
    return dag


# A worker runs a task of a run that was given its pipeline: that its file is wrong by now is the task's to say.
wanted = get_parsing_context().dag_id
if wanted == tasks.RESTORE_DAG_ID:
    dag = restore_memory_store([path.stem for path in pipeline_files(pipelines_folder())])
elif wanted is None:
    dag = restore_memory_store(names_in(pipelines_folder(), Path(__file__), limit=pipelines_limit()))
