"""Airflow's own web application in the tests' process, with its login, its database, and the plugin as it loads it."""

from __future__ import annotations

import json
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import pytest
from airflow import settings
from airflow.api_fastapi.app import create_app, purge_cached_app
from airflow.dag_processing.dagbag import DagBag, sync_bag_to_db
from airflow.models import import_all_models
from airflow.models.base import Base
from airflow.models.dagbundle import DagBundleModel
from airflow.models.dagrun import DagRun
from airflow.models.hitl import HITLDetail
from airflow.models.serialized_dag import SerializedDagModel
from airflow.models.taskinstance import TaskInstance
from airflow.utils.db import synchronize_log_template
from airflow.utils.session import create_session
from airflow.utils.state import DagRunState, TaskInstanceState
from airflow.utils.types import DagRunTriggeredByType, DagRunType
from fastapi.testclient import TestClient
from sqlalchemy import select

__all__ = ["USERS", "AirflowHere", "airflow_here"]

#: Two who may answer, one who may look; and nobody.
USERS = {"ada": "user", "ben": "user", "vic": "viewer"}
PROJECT = Path(__file__).parents[3]


@dataclass
class AirflowHere:
    """:ivar passwords: by user's name, as Airflow made them."""

    app: Any
    passwords: dict[str, str]

    def browser(self, user: str | None = None) -> TestClient:
        """Return a client that has the user's cookie, as a browser has it after the login; without a user, none."""
        client = TestClient(self.app, base_url="http://localhost:8080")
        if user is not None:
            login = {"username": user, "password": self.passwords[user]}
            token = client.post("/auth/token", json=login).json()["access_token"]
            client.cookies.clear()
            client.cookies.set("_token", token)
        return client

    def ask(
        self,
        dag_id: str,
        run_id: str,
        assignees: tuple[str, ...] = (),
        conf: dict[str, Any] | None = None,
        shards: int = 1,
    ) -> None:
        """Let a run of the DAG wait for an answer, or for one a shard."""

        with create_session() as session:
            serialized = SerializedDagModel.get_dag(dag_id, session=session)
            assert serialized is not None
            if not session.scalar(select(DagRun).where(DagRun.dag_id == dag_id, DagRun.run_id == run_id)):
                serialized.create_dagrun(
                    run_id=run_id,
                    conf=conf,
                    run_after=datetime(2026, 11, 20, tzinfo=UTC),
                    run_type=DagRunType.MANUAL,
                    triggered_by=DagRunTriggeredByType.TEST,
                    state=DagRunState.RUNNING,
                    session=session,
                )
                session.flush()
            run = session.scalar(select(DagRun).where(DagRun.dag_id == dag_id, DagRun.run_id == run_id))
            assert run is not None
            asking = [ti for ti in run.get_task_instances(session=session) if ti.task_id == "approve"]
            if shards > 1:
                asking = self._map(session, serialized, asking, shards)
            for task in asking:
                task.state = TaskInstanceState.AWAITING_INPUT
                session.merge(
                    HITLDetail(
                        ti_id=task.id,
                        options=["Adopt", "Reject", "Dream again"],
                        subject="Adopt?",
                        params={},
                        assignees=[{"id": name, "name": name} for name in assignees],
                        responded_at=None,
                    )
                )

    def _map(self, session: Any, dag: Any, found: list[TaskInstance], shards: int) -> list[TaskInstance]:
        """Return the task's instances as they are where its group is mapped, instead of what was found."""
        (one,) = found[:1]
        for task in found:
            session.delete(task)
        session.flush()
        made = [
            TaskInstance(
                task=dag.get_task("approve"),
                run_id=one.run_id,
                dag_version_id=one.dag_version_id,
                map_index=number,
            )
            for number in range(shards)
        ]
        session.add_all(made)
        session.flush()
        return made

    def triggered_with(self, dag_id: str, run_id: str, conf: dict[str, Any]) -> None:
        """Let the run have been triggered with that."""
        with create_session() as session:
            run = session.scalars(
                select(DagRun).where(DagRun.dag_id == dag_id, DagRun.run_id == run_id)
            ).one()
            run.conf = conf

    def set_state(self, dag_id: str, run_id: str, state: TaskInstanceState) -> None:
        """Let the task that asks be in a state."""
        with create_session() as session:
            for task in self._asking(session, dag_id, run_id):
                task.state = state

    def cleared(self, dag_id: str, run_id: str) -> int:
        """Return in which life the task that asks is; before it is there, its first."""
        with create_session() as session:
            tasks = list(self._asking(session, dag_id, run_id))
            return int(tasks[0].max_tries) if tasks else 0

    @staticmethod
    def _asking(session: Any, dag_id: str, run_id: str) -> Iterator[TaskInstance]:
        where = (TaskInstance.dag_id == dag_id, TaskInstance.run_id == run_id)
        yield from session.scalars(select(TaskInstance).where(*where, TaskInstance.task_id == "approve"))

    def answer(self, dag_id: str, run_id: str, option: str, by: str) -> None:
        """Let somebody have answered the one question."""
        with create_session() as session:
            where = (TaskInstance.dag_id == dag_id, TaskInstance.run_id == run_id)
            asked = select(HITLDetail).join(TaskInstance, HITLDetail.ti_id == TaskInstance.id).where(*where)
            detail = session.scalars(asked).one()
            detail.responded_at = datetime(2026, 11, 21, 8, tzinfo=UTC)
            detail.responded_by = {"id": by, "name": by}
            detail.chosen_options = [option]


@contextmanager
def airflow_here(folder: Path) -> Iterator[AirflowHere]:
    """
    Make Airflow's application over a database of its own, with the pipelines of a folder.

    The folder's DAGs are parsed and kept as the DAG processor does it.
    """
    with pytest.MonkeyPatch.context() as patch:
        users = ",".join(f"{name}:{role}" for name, role in USERS.items())
        passwords = folder / "passwords.json"
        patch.setenv("AIRFLOW__CORE__SIMPLE_AUTH_MANAGER_USERS", users)
        patch.setenv("AIRFLOW__CORE__SIMPLE_AUTH_MANAGER_PASSWORDS_FILE", str(passwords))
        patch.setenv(
            "AIRFLOW__API_AUTH__JWT_SECRET",
            "a secret of these tests, as long as one for SHA512 is to be: 64 bytes" * 2,
        )
        patch.setenv("DREAMFLOW_PIPELINES", str(folder))

        settings.configure_orm()
        import_all_models()
        Base.metadata.create_all(settings.engine)
        synchronize_log_template()
        with create_session() as session:
            session.add(DagBundleModel(name="tests"))
        sync_bag_to_db(DagBag(PROJECT / "dags", bundle_name="tests"), "tests", None)
        app = create_app("core")
        yield AirflowHere(app, json.loads(passwords.read_text()))
        purge_cached_app()
