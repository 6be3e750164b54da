"""
Put deferred tasks into an Airflow database, for a triggerer to take up.

    AIRFLOW_HOME=… python -m benchmarks._deferred KIND FIRST COUNT INTERVAL

The rows are those that a scheduler and workers would leave: one DAG run whose one task is mapped many times, each
instance deferred to a trigger of its own (KIND as in ``_waiter``). Where FIRST is 0, the database is made too.
"""

from __future__ import annotations

import json
import os
import sys
from datetime import UTC, datetime
from typing import TYPE_CHECKING

from airflow.dag_processing.dagbag import DagBag, sync_bag_to_db
from airflow.models.dag_version import DagVersion
from airflow.models.dagbag import DBDagBag
from airflow.models.dagbundle import DagBundleModel
from airflow.models.taskinstance import TaskInstance
from airflow.models.trigger import Trigger
from airflow.providers.standard.operators.empty import EmptyOperator
from airflow.sdk import DAG
from airflow.serialization.definitions.dag import SerializedDAG
from airflow.utils import db
from airflow.utils.session import create_session
from airflow.utils.state import DagRunState, TaskInstanceState
from airflow.utils.types import DagRunTriggeredByType, DagRunType

from benchmarks._waiter import trigger_factory

if TYPE_CHECKING:
    from sqlalchemy.orm import Session

DAG_ID, TASK_ID, RUN_ID, BUNDLE = "waiting", "wait", "manual__1", "benchmark"


def fill(kind: str, first: int, count: int, interval: float) -> None:
    if first == 0:
        db.initdb()
        with create_session() as session:
            _store_dag(session)
        with create_session() as session:
            _start_run(session)
    with create_session() as session:
        _defer(session, kind, range(first, first + count), interval)


def _store_dag(session: Session) -> None:
    session.add(DagBundleModel(name=BUNDLE))
    session.flush()
    bag = DagBag(dag_folder=os.devnull, bundle_name=BUNDLE)
    with DAG(DAG_ID, schedule=None) as dag:
        EmptyOperator(task_id=TASK_ID)
    bag.bag_dag(dag)
    sync_bag_to_db(bag, BUNDLE, None, session=session)


def _stored_dag(session: Session) -> SerializedDAG:
    dag = DBDagBag().get_latest_version_of_dag(DAG_ID, session=session)
    assert dag is not None
    return dag


def _start_run(session: Session) -> None:
    _stored_dag(session).create_dagrun(
        run_id=RUN_ID,
        run_after=datetime.now(UTC),
        run_type=DagRunType.MANUAL,
        triggered_by=DagRunTriggeredByType.TEST,
        state=DagRunState.RUNNING,
        session=session,
    )


def _defer(session: Session, kind: str, numbers: range, interval: float) -> None:
    version = DagVersion.get_latest_version(DAG_ID, session=session)
    assert version is not None
    task = _stored_dag(session).get_task(TASK_ID)
    make = trigger_factory(kind, interval)
    triggers = [Trigger.from_object(make(number)) for number in numbers]
    session.add_all(triggers)
    session.flush()
    for number, trigger in zip(numbers, triggers, strict=True):
        instance = TaskInstance(task, dag_version_id=version.id, run_id=RUN_ID, map_index=number)
        instance.state, instance.trigger_id, instance.try_number = TaskInstanceState.DEFERRED, trigger.id, 1
        instance.next_method, instance.next_kwargs = "execute_complete", {}
        session.add(instance)


if __name__ == "__main__":
    kind, first, count, interval = sys.argv[1:5]
    fill(kind, int(first), int(count), float(interval))
    print(json.dumps({"deferred": int(count)}))
