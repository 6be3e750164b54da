"""
The compose topology, hurt as machines hurt it: every night on it ends right.

One story is played, and its outcome told by several tests. A triggerer dies with -9 as it waits for the dreams of a
fleet of two hundred members, a worker as it creates those of another such fleet, and then PostgreSQL and Redis are both
away for four minutes, in the middle of a third night's task, and just as a fourth night's has created its dream.
"""

from __future__ import annotations

import time
from collections.abc import Iterator
from contextlib import ExitStack
from dataclasses import dataclass

import pytest
from anthropic.types.beta import BetaDream

from tests.cluster.nights import FLEET, SINGLE, Gate, Kind, Night, dreams_of
from tests.cluster.running import Running, reason_to_skip, running_cluster
from tests.e2e.runs import Run
from tests.managed_agents.support import contents

pytestmark = [
    pytest.mark.cluster,
    pytest.mark.skipif(bool(reason_to_skip()), reason=reason_to_skip()),
]

#: Seconds that PostgreSQL and Redis are away.
AWAY = 240.0
#: Seconds for a night to go on by itself: a dead worker's task is missed after two minutes, and waits before a retry.
PATIENCE = 660.0

#: Written into one of a night's stores while a person reads.
LATE_NOTE = "The dock at gate 2 is repaired since 2026-11-20.\n"
LATE_PATH = "/gates/gate-2.md"

#: Each night by its name: its kind, and what it meets.
NIGHTS: dict[str, tuple[Kind, Gate]] = {
    "posting": (FLEET, Gate.at("POST", "/v1/dreams$")),
    "waiting": (FLEET, Gate.at("GET", "/v1/dreams", armed=False)),
    "working": (SINGLE, Gate.at("GET", "/v1/sessions$")),
    "ending": (SINGLE, Gate.at("POST", "/v1/dreams$")),
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


@dataclass(frozen=True)
class Story:
    """
    :ivar nights: by name.
    :ivar dreams: every dream that there is, by the store that it was made of.
    :ivar killed: the parts that were killed.
    :ivar starts: how often each part had been started when all was over.
    :ivar said: what the cluster told.
    """

    nights: dict[str, Played]
    dreams: dict[str, list[BetaDream]]
    killed: tuple[str, ...]
    starts: dict[str, int]
    said: str


@pytest.fixture(scope="module")
def story() -> Iterator[Story]:
    with running_cluster() as running, ExitStack() as open_until_stopped:
        yield play(running, open_until_stopped)


def play(running: Running, open_until_stopped: ExitStack) -> Story:
    running.wait_for_agents()
    nights = {name: Night(running, kind, name, gate) for name, (kind, gate) in NIGHTS.items()}
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
    for name in ("working", "ending"):
        runs[name] = nights[name].begin()
    wait_for_another_triggerer(running, nights["waiting"])
    for name in ("working", "ending"):
        wait_until_held(running, nights[name])
    with running.away("postgres", "redis"):
        # One task has done its work and can't say so; the other is killed, because it can't say that it lives.
        nights["ending"].gate.opened.set()
        time.sleep(AWAY)
        for night in nights.values():
            night.gate.opened.set()
    running.wait_until_well()
    running.tell("all of Airflow is healthy")
    for name, run in runs.items():
        if nights[name].kind.asks:
            run.wait_for("approve", "awaiting_input")
            running.tell(f"{name} asks")
            nights[name].stores[0].write(LATE_PATH, LATE_NOTE)
            run.answer("Adopt", comment="reads well")
    played = {name: Played(nights[name], run, run.end(PATIENCE)) for name, run in runs.items()}
    for name, one in played.items():
        running.tell(f"{name} ended: {one.ended}, tries {tries(one.run)}")
    return Story(
        played, dreams_of(running.client()), (triggerer, worker), dict(running.starts()), running.said()
    )


def wait_until_held(running: Running, night: Night) -> None:
    running.wait(lambda: night.gate.held > 0, f"{night.name} to be held", PATIENCE)
    running.tell(f"{night.name} is held")


def lose_a_worker(running: Running, night: Night) -> str:
    """Kill the worker that has asked for a dream and has not heard of it yet; return its name."""
    wait_until_held(running, night)
    part = running.part_of(night.port)
    running.kill(part)
    night.gate.opened.set()
    return part


def lose_a_triggerer(running: Running, night: Night, run: Run) -> str:
    """Kill the triggerer that asks for a dream's state; return its name."""
    run.wait_for("wait_for_dream", "deferred")
    night.gate.armed = True
    wait_until_held(running, night)
    part = running.part_of(night.port)
    night.gate.held = 0
    running.kill(part)
    return part


def wait_for_another_triggerer(running: Running, night: Night) -> None:
    running.wait(lambda: night.gate.held > 0, "another triggerer to take over", 180)
    running.tell(f"{running.part_of(night.port)} waits for the dream now")


def tries(run: Run) -> dict[str, int]:
    return {name: number for name in run.tasks() if (number := run.tries(name)) > 1}


@pytest.mark.parametrize("name", NIGHTS)
def test_every_night_ends_well(story: Story, name: str) -> None:
    assert story.nights[name].ended == "success", story.nights[name].run.tasks()


@pytest.mark.parametrize("name", NIGHTS)
def test_every_store_is_dreamed_exactly_once_and_its_targets_name_what_came_out(
    story: Story, name: str
) -> None:
    for store in story.nights[name].night.stores:
        (dream,) = story.dreams[store.id]
        assert store.named() == {dream.outputs[0].memory_store_id}


@pytest.mark.parametrize("name", NIGHTS)
def test_no_memory_is_lost(story: Story, name: str) -> None:
    """What a live store held is in the adopted one, or in the reviewed list of what went; the late write is there."""
    one = story.nights[name]
    for store in one.night.stores:
        live = contents(store.client, *store.named())
        assert store.before.keys() <= live.keys() | one.night.kind.reviewed(one.run, store)
    if one.night.kind.asks:
        first = one.night.stores[0]
        assert contents(first.client, *first.named())[LATE_PATH] == LATE_NOTE


@pytest.mark.parametrize("name", NIGHTS)
def test_every_old_store_is_retired_or_it_is_said_why_not(story: Story, name: str) -> None:
    one = story.nights[name]
    said = one.run.log("retire_input")
    assert all(store.is_archived() or store.id in said for store in one.night.stores)


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
