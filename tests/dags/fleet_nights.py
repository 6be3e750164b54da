"""A fleet's nights from the DAG file on: members on one server, tasks as Airflow runs them, answers as of people."""

from __future__ import annotations

import json
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from datetime import UTC, datetime
from pathlib import Path
from typing import TYPE_CHECKING, Any, cast

import pytest
import yaml
from airflow.sdk.exceptions import DownstreamTasksSkipped, TaskAwaitingInput
from anthropic import Anthropic

from dreamflow import storage, tasks
from dreamflow.notify import FailureNotice
from dreamflow.records.answers import OwnAnswer
from dreamflow.records.files import Records, RunRecords
from dreamflow.records.journal import Answer, Journal
from include.demo.airflow_api import filled_form
from tests.dags.secret_night import Record, Told, WiredNight
from tests.managed_agents.support import message
from tests.support.night import Night
from tests.support.server import KEY, LocalServer
from tests.support.workspace import Workspace, make_workspace, new_sessions

if TYPE_CHECKING:
    from airflow.sdk import DAG, Context

    from tests.dags.conftest import Parse

__all__ = [
    "AFTER_ADOPT",
    "AFTER_APPROVE",
    "UP_TO_THE_REVIEW",
    "Fleet",
    "FleetNight",
    "Server",
    "fleet_on",
    "serving",
]

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
_BRANCHES = {tasks.CARRY_LATE_WRITES, tasks.DISCARD_OUTPUT, tasks.DREAM_AGAIN}
AFTER_APPROVE = (*AFTER_ADOPT, tasks.DISCARD_OUTPUT, tasks.DREAM_AGAIN)


@dataclass(frozen=True)
class Server:
    """One server, which fleets share; each has a name pattern of its own."""

    url: str
    client: Anthropic
    home: Workspace


@contextmanager
def serving(folder: Path) -> Iterator[Server]:
    with LocalServer(folder / "server.db") as server:
        yield Server(server.url, server.client, make_workspace(server.client))


@dataclass
class FleetNight(WiredNight):
    """A run of a fleet's DAG, with the question as Airflow asks it and hands the answer over."""

    #: Which tasks ``approve`` goes on with, once it branched.
    branches: set[str] = field(default_factory=set)

    def run_task(self, task_id: str) -> str:
        """Run the task, and tell people where it failed for good."""
        state = Night.run_task(self, task_id)
        self.told.xcoms.append(self.record.xcoms)
        if state == "failed":
            context = self.record.context(task_id, self.params)
            FailureNotice(self.pipeline).notify(cast("Context", {**context, "exception": self.errors[-1]}))
        return state

    def approve(self, event: dict[str, Any] | None = None) -> str:
        """Run ``approve``, at first or with an answer: ``asked``, or ``decided`` once it branched."""
        approve: Any = self.operator(tasks.APPROVE)
        context = self.record.context(tasks.APPROVE, self.params, approve)
        try:
            if event is None:
                self.record.begin_try(tasks.APPROVE)
                left = approve.execute(self.record.context(tasks.APPROVE, self.params, approve))
            else:
                left = approve.execute_complete(context, event)
        except TaskAwaitingInput:
            return "asked"
        except DownstreamTasksSkipped as skip:
            skipped = {name if isinstance(name, str) else name[0] for name in skip.tasks}
        else:
            # Of a mapped task Airflow's scheduler skips what it did not branch to.
            skipped = _BRANCHES - {*self.left(tasks.APPROVE, "skipmixin_key")["followed"]}
            assert left == self.left(tasks.APPROVE)
        self.branches = _BRANCHES - skipped
        for task_id in skipped:
            self.record.end(task_id, "skipped")
        return "decided"

    def form(self) -> dict[str, Any]:
        """Return the form as it was last asked, with every tick that it offers."""
        return filled_form(self.told.asked[-1])

    def answer_rest(self, option: str, comment: str = "", by: str | None = "Ada", **form: Any) -> str:
        """Answer the question. ``by``: None where nobody did in time."""
        return self.approve(
            {
                "chosen_options": [option],
                "params_input": {**self.form(), "comment": comment, **form} if by else {},
                "responded_at": datetime.now(UTC) if by else None,
                "responded_by_user": {"id": "7", "name": by} if by else None,
            }
        )

    def run_rest(self) -> dict[str, str]:
        """Run what follows the decision, each branch by itself, and return how its tasks ended."""
        for branch in (AFTER_ADOPT, (tasks.DISCARD_OUTPUT,), (tasks.DREAM_AGAIN,)):
            if branch[0] in self.branches:
                self.run(branch)
        return {task_id: state for task_id in AFTER_APPROVE if (state := self.record.ended(task_id))}


@dataclass
class Fleet:
    """Stores of customers, each with a deployment, on one server; and the nights of the DAG that dreams for them."""

    server: Server
    name: str
    folder: Path
    told: Told
    dag: DAG
    location: str = ""

    @property
    def client(self) -> Anthropic:
        return self.server.client

    @property
    def records(self) -> Records:
        return Records(storage, self.location or f"file://{self.folder}/reports", self.name)

    def member(self, name: str, memory: str = "Opens at nine.", sessions: int = 2) -> Workspace:
        """Make a member, with sessions that have something to remember."""
        home, called = self.server.home, f"{self.name}-{name}"
        store = self.client.beta.memory_stores.create(name=called)
        self.client.beta.memory_stores.memories.create(store.id, path="/hours.md", content=memory)
        deployment = self.client.beta.deployments.create(
            name=called,
            agent=home.agent,
            environment_id=home.environment,
            initial_events=[message("Good morning")],  # type: ignore[list-item]
            resources=[{"type": "memory_store", "memory_store_id": store.id, "access": "read_write"}],
        )
        member = Workspace(home.agent, deployment.id, home.environment, store.id)
        if sessions:
            new_sessions(self.client, member, *(f"{called}-{number}" for number in range(sessions)))
        return member

    def members(self, *names: str) -> tuple[Workspace, ...]:
        return tuple(self.member(name) for name in names)

    def night(self, run_id: str, conf: dict[str, Any] | None = None, **params: Any) -> FleetNight:
        record = Record(run_id, self.told)
        record.conf = conf or {}
        task: Any = self.dag.get_task(tasks.COLLECT_SESSIONS)
        return FleetNight(
            task.pipeline, record, params={**self.dag.params.dump(), **params}, dag=self.dag, told=self.told
        )

    def reviewed(self, run_id: str, flagged: tuple[Workspace, ...] = (), **params: Any) -> FleetNight:
        """Run a night up to its reviews. ``flagged``: the outputs of these get a line that no session says."""
        night = self.night(run_id, **params)
        assert night.run(UP_TO_THE_REVIEW[:-1]) == "success", night.errors
        for member in flagged:
            self.write(
                self.output(member, run_id), "/odd.md", "The owner is Zebulon Quux, at 99 Nowhere Street."
            )
        assert night.run(UP_TO_THE_REVIEW[-1:]) == "success", night.errors
        return night

    def write(self, store_id: str, path: str, text: str) -> None:
        self.client.beta.memory_stores.memories.create(store_id, path=path, content=text)

    def rewrite(self, store_id: str, path: str, text: str) -> None:
        listed = self.client.beta.memory_stores.memories.list(store_id, limit=20)
        (found,) = (one for one in listed if one.type == "memory" and one.path == path)
        self.client.beta.memory_stores.memories.update(found.id, memory_store_id=store_id, content=text)

    def remove(self, store_id: str, path: str) -> None:
        listed = self.client.beta.memory_stores.memories.list(store_id, limit=20)
        (found,) = (one for one in listed if one.type == "memory" and one.path == path)
        self.client.beta.memory_stores.memories.delete(found.id, memory_store_id=store_id)

    def texts(self, store_id: str) -> dict[str, str]:
        listed = self.client.beta.memory_stores.memories.list(store_id, view="full", limit=20)
        return {memory.path: memory.content or "" for memory in listed if memory.type == "memory"}

    def live(self, member: Workspace) -> str:
        (resource,) = self.client.beta.deployments.retrieve(member.deployment).resources
        return str(resource.memory_store_id)  # type: ignore[union-attr]

    def is_archived(self, store_id: str) -> bool:
        return self.client.beta.memory_stores.retrieve(store_id).archived_at is not None

    def run(self, member: Workspace, run_id: str) -> RunRecords:
        return self.records.member(member.deployment).run(run_id)

    def journal(self, member: Workspace, run_id: str) -> Journal:
        return self.run(member, run_id).journal()

    def output(self, member: Workspace, run_id: str) -> str:
        dream = self.journal(member, run_id).dream
        assert dream is not None and dream.output_store_id
        return dream.output_store_id

    def state(self, member: Workspace, run_id: str, task_id: str) -> str:
        """Return what became of the member in a task, and why."""
        outcome = self.journal(member, run_id).tasks.get(task_id)
        return f"{outcome.state} {outcome.why}".strip() if outcome else "none"

    def choose(
        self,
        night: FleetNight,
        member: Workspace,
        decision: str,
        comment: str = "",
        seen: OwnAnswer | None = None,
    ) -> bool:
        """Decide on a member by itself, as the tab does, and tell whether it was in time. ``seen``: None: as it is."""
        run = self.run(member, night.record.run_id)
        review = run.read_review()
        assert review is not None
        ticked = tuple(flag.id for flag in review.flags())
        cleared = night.record.max_tries(tasks.APPROVE)
        answer = Answer(
            decision=decision,
            by="Grace",
            at=datetime.now(UTC),
            comment=comment,
            digest=review.digest,
            ticked=ticked,
            cleared=cleared,
        )
        return run.follow_answer(seen or run.own_answer(cleared), cleared, answer)


def fleet_on(
    server: Server,
    name: str,
    folder: Path,
    place: Path,
    parse: Parse,
    monkeypatch: pytest.MonkeyPatch,
    keep: str = "P90D",
    **more: Any,
) -> Callable[[Told], Fleet]:
    """Write the fleet's file, and return what makes the fleet with those who listen to it."""
    connection = {"conn_type": "anthropic", "host": server.url, "password": KEY}
    monkeypatch.setenv("AIRFLOW_CONN_PROXIED", json.dumps(connection))
    data: dict[str, Any] = {
        "conn_id": "proxied",
        "fleet": {"deployments": {"name": f"{name}-*"}, "concurrency": 4},
        "approval": {"mode": "when_flagged"},
        "retire": {"idle_for": "PT0S"},
        "reports": {"location": f"file://{place}/reports", "keep": keep},
        "notify": ["json://127.0.0.1:1"],
    }
    for key, value in more.items():
        data[key] = {**data[key], **value} if isinstance(data.get(key), dict) else value
    if "members" in data["fleet"]:
        del data["fleet"]["deployments"]
    (folder / f"{name}.yaml").write_text(yaml.safe_dump(data))
    bag = parse()
    assert not bag.import_errors
    return lambda told: Fleet(server, name, place, told, bag.dags[f"dream__{name}"])


MakeFleet = Callable[..., Fleet]
