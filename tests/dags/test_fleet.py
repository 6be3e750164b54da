"""A fleet's night, from the DAG file on: every task works through all members, and one's failure stops no other."""

from __future__ import annotations

import json
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import pytest
import yaml
from airflow.sdk import DAG
from airflow.sdk.exceptions import DownstreamTasksSkipped
from anthropic import Anthropic

from dreamflow import tasks
from tests.dags.conftest import Parse
from tests.dags.secret_night import Record, Told, WiredNight, listening
from tests.managed_agents.support import message
from tests.support.server import KEY, LocalServer
from tests.support.workspace import Workspace, dreams_on, make_workspace, new_sessions, open_stores

UP_TO_THE_REVIEW = (
    tasks.SETTLE_EARLIER_RUNS,
    tasks.COLLECT_SESSIONS,
    tasks.LAUNCH_DREAM,
    tasks.WAIT_FOR_DREAM,
    tasks.REVIEW_CHANGES,
)
AFTER_ADOPT = (
    tasks.CARRY_LATE_WRITES,
    tasks.REPOINT,
    tasks.VERIFY_TARGETS,
    tasks.DRAIN_SESSIONS,
    tasks.RETIRE_INPUT,
    tasks.CATCH_UP,
)


@dataclass
class Fleet:
    """Stores of customers, each with a deployment, on one server; and the nights of the DAG that dreams for them."""

    client: Anthropic
    home: Workspace
    folder: Path
    told: Told
    dag: DAG

    def member(self, name: str, memory: str = "Opens at nine.") -> Workspace:
        store = self.client.beta.memory_stores.create(name=name)
        self.client.beta.memory_stores.memories.create(store.id, path="/hours.md", content=memory)
        deployment = self.client.beta.deployments.create(
            name=name,
            agent=self.home.agent,
            environment_id=self.home.environment,
            initial_events=[message("Good morning")],  # type: ignore[list-item]
            resources=[{"type": "memory_store", "memory_store_id": store.id, "access": "read_write"}],
        )
        return Workspace(self.home.agent, deployment.id, self.home.environment, store.id)

    def sessions(self, *members: Workspace) -> None:
        """Let each have two sessions with something to remember."""
        for member in members:
            new_sessions(self.client, member, f"one-{member.deployment}", f"two-{member.deployment}")

    def night(self, run_id: str, **params: Any) -> WiredNight:
        record = Record(run_id, self.told)
        task: Any = self.dag.get_task(tasks.COLLECT_SESSIONS)
        return WiredNight(
            task.pipeline, record, params={**self.dag.params.dump(), **params}, dag=self.dag, told=self.told
        )

    def approve(self, night: WiredNight) -> set[str]:
        """Run ``approve`` where nobody has to be asked; return the tasks that are skipped."""
        approve: Any = night.operator(tasks.APPROVE)
        with pytest.raises(DownstreamTasksSkipped) as skipped:
            approve.execute(night.record.context(tasks.APPROVE, night.params, approve))
        return {name if isinstance(name, str) else name[0] for name in skipped.value.tasks}

    def live(self, member: Workspace) -> str:
        (resource,) = self.client.beta.deployments.retrieve(member.deployment).resources
        return str(resource.memory_store_id)  # type: ignore[union-attr]

    def journal(self, member: Workspace, run_id: str) -> dict[str, Any]:
        file = self.folder / "reports" / "care" / "members" / member.deployment / run_id / "journal.json"
        return json.loads(file.read_text())  # type: ignore[no-any-return]


@pytest.fixture
def fleet(
    folder: Path, tmp_path_factory: pytest.TempPathFactory, parse: Parse, monkeypatch: pytest.MonkeyPatch
) -> Iterator[Fleet]:
    place = tmp_path_factory.mktemp("fleet")
    with LocalServer(place / "server.db") as server, listening() as told:
        connection = {"conn_type": "anthropic", "host": server.url, "password": KEY}
        monkeypatch.setenv("AIRFLOW_CONN_PROXIED", json.dumps(connection))
        (folder / "care.yaml").write_text(
            yaml.safe_dump(
                {
                    "conn_id": "proxied",
                    "fleet": {"deployments": {"name": "care-*"}, "concurrency": 4},
                    "approval": {"mode": "when_flagged"},
                    "retire": {"idle_for": "PT0S"},
                    "reports": {"location": f"file://{place}/reports"},
                }
            )
        )
        bag = parse()
        assert not bag.import_errors
        yield Fleet(server.client, make_workspace(server.client), place, told, bag.dags["dream__care"])


def test_a_night_dreams_for_every_member_and_swaps_each_store(fleet: Fleet) -> None:
    members = [fleet.member(f"care-{name}") for name in ("ash", "birch", "cedar")]
    fleet.sessions(*members)
    night = fleet.night("first")
    assert night.run(UP_TO_THE_REVIEW) == "success", night.errors
    for member in members:
        assert len(dreams_on(fleet.client, member.store)) == 1
    assert fleet.approve(night) == {tasks.DISCARD_OUTPUT, tasks.DREAM_AGAIN}
    assert night.run(AFTER_ADOPT) == "success", night.errors
    for member in members:
        assert fleet.live(member) != member.store
        assert member.store not in open_stores(fleet.client)
        assert fleet.journal(member, "first")["closed"]
