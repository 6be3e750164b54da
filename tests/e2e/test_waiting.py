"""What a person and a crash do to a task that waits for its dream, on a real Airflow; and runs in a row."""

from __future__ import annotations

import tempfile
from collections import Counter
from collections.abc import Iterator
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import psutil
import pytest
from anthropic import Anthropic
from anthropic.types.beta import BetaDream

from include.demo.processes import Program
from include.demo.seed import seed
from include.demo.settings import PROJECT, free_port
from include.demo.stack import Stack
from tests.e2e.cases import case
from tests.e2e.loop import Scene
from tests.e2e.runs import Run
from tests.e2e.world import World, small_world
from tests.support.server import KEY, HeldEngine, LocalServer
from tests.support.workspace import dreams_on, sessions_of

pytestmark = pytest.mark.e2e

AIRLINE = PROJECT.parent / "shared" / "data" / "airline" / "sessions.jsonl.gz"
WAIT = "wait_for_dream"

#: The cases whose dreams do not end by themselves, until they are taken out.
HELD = {"marked_failed", "run_given_up", "cleared", "triggerer_killed"}


class HeldServer:
    """An embedded server of these tests' own: nothing but the held engine tells it from the usual one."""

    def __init__(self) -> None:
        self.port = free_port()
        self._exit = ExitStack()
        self._server: LocalServer | None = None

    @property
    def client(self) -> Anthropic:
        if self._server is None:
            folder = self._exit.enter_context(tempfile.TemporaryDirectory())
            server = LocalServer(
                Path(folder) / "held.db", lambda: HeldEngine(HELD), self.port, dreams_at_a_time=16
            )
            self._server = self._exit.enter_context(server)
        return self._server.client

    def stop(self) -> None:
        self._exit.close()


SERVER = HeldServer()


@pytest.fixture(scope="session", autouse=True)
def held_server() -> Iterator[None]:
    yield
    SERVER.stop()


def held_world(_stack: Stack, _client: Anthropic, name: str) -> World:
    return small_world(_stack, SERVER.client, name)


def held(name: str) -> dict[str, Any]:
    """Return what a case says whose dream is held."""
    return {
        "make_world": held_world,
        "connection": {"host": f"http://127.0.0.1:{SERVER.port}", "password": KEY},
        "settings": {"dream": {"instructions": name}, "approval": {"mode": "never"}},
    }


@dataclass(frozen=True)
class Watched:
    """
    :ivar before: the dream when a trigger had seen it run.
    :ivar after: what became of it.
    :ivar next: the run after, where there is one.
    """

    scene: Scene
    before: BetaDream
    after: BetaDream
    next: Run | None = None


def dreams_of(scene: Scene) -> list[BetaDream]:
    return dreams_on(SERVER.client, scene.world.store)


def dreams_in_flight() -> list[BetaDream]:
    return list(SERVER.client.beta.dreams.list(statuses=["pending", "running"]))


def dream_watched(scene: Scene) -> BetaDream:
    """Wait until a trigger has seen the dream run: the task says so before it is deferred, and the trigger after."""
    scene.run.wait_for(WAIT, "deferred")
    (dream,) = dreams_of(scene)
    scene.run.wait_until(
        lambda: scene.run.log(WAIT).count(f"dream {dream.id} is running") >= 2, "the trigger to see the dream"
    )
    return dream


@contextmanager
def let_go_at_last(name: str) -> Iterator[None]:
    """Let a case's dream end with the case, also where that failed: others wait for it."""
    try:
        yield
    finally:
        HELD.discard(name)


def wait_until_it_is(scene: Scene, status: str) -> BetaDream:
    scene.run.wait_until(lambda: dreams_of(scene)[-1].status == status, f"the dream to be {status}")
    return dreams_of(scene)[-1]


@case(**held("marked_failed"))
@let_go_at_last("marked_failed")
def marked_failed(scene: Scene) -> Watched:
    """A person marks the waiting task failed; the next run goes on from there."""
    before = dream_watched(scene)
    path = f"/api/v2/dags/{scene.dag_id}/dagRuns/{scene.run.run_id}/taskInstances/{WAIT}"
    scene.stack.airflow.request("PATCH", path, {"new_state": "failed"})
    after = wait_until_it_is(scene, "canceled")
    scene.run.end()
    HELD.discard("marked_failed")
    following = scene.trigger()
    following.end()
    return Watched(scene, before, after, following)


def test_a_wait_that_is_marked_failed_cancels_its_dream(marked_failed: Watched) -> None:
    assert marked_failed.after.id == marked_failed.before.id
    assert marked_failed.scene.run.state() == "failed"


def test_what_a_canceled_dream_left_is_archived_by_the_next_run(marked_failed: Watched) -> None:
    assert marked_failed.next is not None
    assert marked_failed.next.state() == "success"
    (left,) = marked_failed.after.outputs
    assert marked_failed.scene.world.is_archived(left.memory_store_id)
    assert len(dreams_of(marked_failed.scene)) == 2


@case(**held("run_given_up"))
@let_go_at_last("run_given_up")
def run_given_up(scene: Scene) -> Watched:
    """A person marks the whole run failed."""
    before = dream_watched(scene)
    scene.run.mark_failed()
    return Watched(scene, before, wait_until_it_is(scene, "canceled"))


def test_a_run_that_is_marked_failed_cancels_its_dream(run_given_up: Watched) -> None:
    assert run_given_up.after.id == run_given_up.before.id
    assert len(dreams_of(run_given_up.scene)) == 1


@case(**held("cleared"))
@let_go_at_last("cleared")
def cleared(scene: Scene) -> Watched:
    """A person clears the waiting task."""
    before = dream_watched(scene)
    body = {"dry_run": False, "dag_run_id": scene.run.run_id, "task_ids": [WAIT], "only_failed": False}
    scene.stack.airflow.request("POST", f"/api/v2/dags/{scene.dag_id}/clearTaskInstances", body)
    scene.run.wait_until(lambda: try_number(scene.run) == 2, "the second try")
    scene.run.wait_for(WAIT, "deferred")
    (after,) = dreams_of(scene)
    HELD.discard("cleared")
    scene.run.end()
    return Watched(scene, before, after)


def try_number(run: Run) -> int:
    (task,) = (task for task in run.airflow.task_instances(run.dag_id, run.run_id) if task["task_id"] == WAIT)
    return int(task["try_number"])


def test_a_wait_that_is_cleared_goes_on_with_the_same_dream(cleared: Watched) -> None:
    assert (cleared.after.id, cleared.after.status) == (cleared.before.id, "running")
    assert cleared.scene.run.state() == "success"
    assert cleared.scene.run.left(WAIT)["dream_id"] == cleared.before.id
    assert len(dreams_of(cleared.scene)) == 1


@case(**held("triggerer_killed"))
def triggerer_killed(scene: Scene) -> Watched:
    """The triggerer dies of a kill -9 while the dream runs; a new one is started, and then the dream ends."""
    before = dream_watched(scene)
    # What others do to their tasks must reach a trigger first: one that dies in between can't cancel a dream.
    scene.run.wait_until(
        lambda: all(dream.id == before.id for dream in dreams_in_flight()), "the other held dreams to end"
    )
    (airflow,) = (program for program in scene.stack.programs.running if program.name == "Airflow")
    family = psutil.Process(airflow.process.pid).children(recursive=True)
    triggerer = next(process for process in family if process.cmdline()[-1:] == ["triggerer"])
    command, environment = triggerer.cmdline(), triggerer.environ()
    for process in [triggerer, *triggerer.children(recursive=True)]:
        process.kill()
    log = scene.stack.folder / "triggerer.log"
    scene.stack.programs.start(lambda: Program("the triggerer", command, environment, log, PROJECT))
    HELD.discard("triggerer_killed")
    after = wait_until_it_is(scene, "completed")
    scene.run.end()
    return Watched(scene, before, after)


def test_a_triggerer_that_dies_and_is_started_again_goes_on_waiting(triggerer_killed: Watched) -> None:
    run = triggerer_killed.scene.run
    assert run.state() == "success"
    assert try_number(run) == 1
    assert run.left(WAIT)["dream_id"] == triggerer_killed.before.id
    assert len(dreams_of(triggerer_killed.scene)) == 1


def airline_world(stack: Stack, client: Anthropic, name: str) -> World:
    seeded = seed(client, url=stack.agents_url, api_key=stack.api_key, transcripts=AIRLINE)
    return World(client, seeded.agent, seeded.deployment, seeded.input_store)


if AIRLINE.exists():

    @case(make_world=airline_world, settings={"sessions": {"limit": 50}, "approval": {"mode": "never"}})
    def airline(scene: Scene) -> list[Run]:
        """Two weeks of an airline's desk, more than a dream takes: runs follow each other until none is left."""
        path = f"/api/v2/dags/{scene.dag_id}/dagRuns?order_by=run_after"
        runs: list[Run] = []
        while len(listed := scene.stack.airflow.request("GET", path)["dag_runs"]) > len(runs):
            runs.append(Run(scene.stack, scene.dag_id, listed[len(runs)]["dag_run_id"]))
            runs[-1].end_unasked()
        return runs

else:

    @pytest.fixture
    def airline() -> list[Run]:
        pytest.skip(f"there is no {AIRLINE}")


def test_120_sessions_are_dreamed_in_three_runs_that_follow_by_themselves(airline: list[Run]) -> None:
    assert [run.state() for run in airline] == ["success"] * 3
    collected = [run.left("collect_sessions") for run in airline]
    assert [len(left["session_ids"]) for left in collected] == [50, 50, 20]
    assert [left["left_for_next_run"] for left in collected] == [70, 20, 0]


def test_each_of_the_120_sessions_is_read_by_exactly_one_dream(airline: list[Run]) -> None:
    client = airline[0].stack.client()
    dreams = [client.beta.dreams.retrieve(run.left("launch_dream")["dream_id"]) for run in airline]
    read = Counter(session_id for dream in dreams for session_id in sessions_of(dream))
    assert len(read) == 120
    assert set(read.values()) == {1}
    client.close()
