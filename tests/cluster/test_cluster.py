"""
The compose topology, hurt as machines hurt it: every night on it ends right.

One story is played, and its outcome told by several tests. A triggerer dies with -9 as it waits for a dream, a worker
as it creates another, and then PostgreSQL and Redis are both away for four minutes, in the middle of a third night's
task, and just as a fourth night's has created its dream.
"""

from __future__ import annotations

import time
from collections.abc import Iterator
from contextlib import ExitStack
from dataclasses import dataclass

import pytest

from tests.cluster.nights import LATE_NOTE, SINGLE, Gate, Night
from tests.cluster.running import Running, reason_to_skip, running_cluster
from tests.e2e.runs import Run

pytestmark = [
    pytest.mark.cluster,
    pytest.mark.skipif(bool(reason_to_skip()), reason=reason_to_skip()),
]

#: Seconds that PostgreSQL and Redis are away.
AWAY = 240.0
#: Seconds for a night to go on by itself: a dead worker's task is missed after two minutes, and waits before a retry.
PATIENCE = 330.0

#: What each night meets, by its name.
GATES = {
    "posting": Gate.at("POST", "/v1/dreams$"),
    "waiting": Gate.at("GET", "/v1/dreams/"),
    "working": Gate.at("GET", "/v1/sessions$"),
    "ending": Gate.at("POST", "/v1/dreams$"),
}


@dataclass(frozen=True)
class Played:
    """
    One night as it ended.

    :ivar ended: the state of its run.
    """

    night: Night
    run: Run
    ended: str

    @property
    def output(self) -> str:
        return self.run.output_store


@dataclass(frozen=True)
class Story:
    """
    :ivar nights: by name.
    :ivar killed: the parts that were killed.
    :ivar starts: how often each part had been started when all was over.
    :ivar said: what the cluster told.
    """

    nights: dict[str, Played]
    killed: tuple[str, ...]
    starts: dict[str, int]
    said: str


@pytest.fixture(scope="module")
def story() -> Iterator[Story]:
    with running_cluster() as running, ExitStack() as open_until_stopped:
        yield play(running, open_until_stopped)


def play(running: Running, open_until_stopped: ExitStack) -> Story:
    running.wait_for_agents()
    nights = {name: Night(running, SINGLE, name, gate) for name, gate in GATES.items()}
    for night in nights.values():
        open_until_stopped.enter_context(night.proxy)
        night.write_file()
    running.wait_until_up()
    running.tell("up")
    for night in nights.values():
        night.connect()
    runs = {"waiting": nights["waiting"].begin()}
    triggerer = lose_a_triggerer(running, nights["waiting"], runs["waiting"])
    runs["posting"] = nights["posting"].begin()
    worker = lose_a_worker(running, nights["posting"])
    wait_for_another_triggerer(running, nights["waiting"])
    for name in ("working", "ending"):
        runs[name] = nights[name].begin()
    for name in ("working", "ending"):
        running.wait(lambda: GATES[name].held > 0, "a task to be at work", PATIENCE)  # noqa: B023
        running.tell(f"{name} is at work")
    with running.away("postgres", "redis"):
        # One task has done its work and can't say so; the other is killed, because it can't say that it lives.
        GATES["ending"].opened.set()
        time.sleep(AWAY)
        for gate in GATES.values():
            gate.opened.set()
    running.wait_until_well()
    running.tell("all of Airflow is healthy")
    for name, run in runs.items():
        run.wait_for("approve", "awaiting_input")
        running.tell(f"{name} asks")
        nights[name].world.write("/gates/gate-2.md", LATE_NOTE)
        run.answer("Adopt", comment="reads well")
    played = {name: Played(nights[name], run, run.end(PATIENCE)) for name, run in runs.items()}
    for name, one in played.items():
        running.tell(f"{name} ended: {one.ended}, tries {tries(one.run)}")
    return Story(played, (triggerer, worker), dict(running.starts()), running.said())


def lose_a_worker(running: Running, night: Night) -> str:
    """Kill the worker that has asked for a dream and has not heard of it yet; return its name."""
    running.wait(lambda: night.gate.held > 0, "a dream to be asked for", PATIENCE)
    part = running.part_of(night.port)
    running.kill(part)
    night.gate.opened.set()
    return part


def lose_a_triggerer(running: Running, night: Night, run: Run) -> str:
    """Kill the triggerer that asks for a dream's state; return its name."""
    night.gate.armed = False
    run.wait_for("wait_for_dream", "deferred")
    night.gate.armed = True
    running.wait(lambda: night.gate.held > 0, "a triggerer to look at the dream", 60)
    part = running.part_of(night.port)
    night.gate.held = 0
    running.kill(part)
    return part


def wait_for_another_triggerer(running: Running, night: Night) -> None:
    running.wait(lambda: night.gate.held > 0, "another triggerer to take over", 180)
    running.tell(f"{running.part_of(night.port)} waits for the dream now")


def tries(run: Run) -> dict[str, int]:
    return {name: number for name in run.tasks() if (number := run.tries(name)) > 1}


@pytest.mark.parametrize("name", GATES)
def test_every_night_ends_well(story: Story, name: str) -> None:
    assert story.nights[name].ended == "success", story.nights[name].run.tasks()


@pytest.mark.parametrize("name", GATES)
def test_there_is_exactly_one_dream(story: Story, name: str) -> None:
    (dream,) = story.nights[name].night.dreams()
    assert dream.id == story.nights[name].run.left("launch_dream")["dream_id"]


@pytest.mark.parametrize("name", GATES)
def test_every_target_names_the_output(story: Story, name: str) -> None:
    one = story.nights[name]
    assert one.night.world.live_stores() == (one.output, one.output)


@pytest.mark.parametrize("name", GATES)
def test_no_memory_is_lost(story: Story, name: str) -> None:
    """What the live store held is in the adopted one, or in the reviewed list of what went; the late write is there."""
    one = story.nights[name]
    live = one.night.world.memories(one.output)
    reviewed = {change["path"] for change in one.run.review()["changes"]}
    assert one.night.before.keys() <= live.keys() | reviewed
    assert live["/gates/gate-2.md"] == LATE_NOTE


@pytest.mark.parametrize("name", GATES)
def test_the_old_store_is_retired_or_it_is_said_why_not(story: Story, name: str) -> None:
    one = story.nights[name]
    if not one.night.world.is_archived(one.night.world.store):
        assert one.run.left("retire_input")["archived_at"] is None
        assert "left to" in one.run.log("retire_input")


@pytest.mark.parametrize(
    ("name", "task"),
    [("posting", "launch_dream"), ("working", "collect_sessions"), ("ending", "launch_dream")],
)
def test_the_task_that_was_lost_was_tried_again(story: Story, name: str, task: str) -> None:
    assert story.nights[name].run.tries(task) > 1


def test_what_died_was_started_again_and_that_was_said(story: Story) -> None:
    for part in story.killed:
        assert story.starts[part] > 1
        assert f"{part} ended (by SIGKILL): it is started again" in story.said
