"""A run that dies between two targets, and the run that settles what it left."""

from __future__ import annotations

import threading
from dataclasses import dataclass

import psutil
import pytest

from tests.e2e.cases import case
from tests.e2e.loop import Scene
from tests.e2e.runs import Run
from tests.e2e.world import World
from tests.support.injected_faults import calling

pytestmark = pytest.mark.e2e

#: Set when the second target is about to be repointed, and when it no longer will be.
ABOUT_TO_SWAP, DEAD = threading.Event(), threading.Event()


def hold_until_dead() -> None:
    ABOUT_TO_SWAP.set()
    DEAD.wait(1_500)


@dataclass(frozen=True)
class Settled:
    """
    :ivar left: what deployment and agent named when the first run was dead.
    :ivar dead: the run that died.
    :ivar next: the run after it.
    """

    world: World
    left: tuple[str, str]
    dead: Run
    next: Run


@case(
    settings={"approval": {"mode": "never"}, "checks": {"protect": ["/**"]}}, fault=calling(hold_until_dead)
)
def killed(scene: Scene) -> Settled:
    """The task's process dies with the first target swapped and the second not; the run is given up."""
    try:
        scene.run.wait_until(ABOUT_TO_SWAP.is_set, "the second target to be repointed")
        task_process(scene).kill()
        scene.run.wait_for("repoint", "up_for_retry", "failed")
        scene.run.mark_failed()
    finally:
        DEAD.set()
    left = scene.world.live_stores()
    after = scene.trigger()
    after.end()
    return Settled(scene.world, left, scene.run, after)


def task_process(scene: Scene) -> psutil.Process:
    """Return the process that waits for an answer through the scene's proxy."""
    assert scene.proxy is not None
    port = int(scene.proxy.url.rpartition(":")[2])
    (pid,) = {
        connection.pid
        for connection in psutil.net_connections("tcp")
        if connection.raddr and connection.raddr.port == port and connection.status == psutil.CONN_ESTABLISHED
    }
    return psutil.Process(pid)


def test_a_pipeline_that_never_asks_goes_on_with_what_a_check_flagged(killed: Settled) -> None:
    assert killed.dead.left("review_changes")["verdict"] == "flagged"
    answer = killed.dead.left("approve")
    assert (answer["decision"], answer["by"]) == ("Adopt", "approval.mode: never")


def test_the_kill_leaves_the_targets_apart(killed: Settled) -> None:
    assert killed.left == (killed.dead.output_store, killed.world.store)


def test_the_next_run_finishes_the_swap(killed: Settled) -> None:
    assert killed.next.state() == "success"
    output = killed.dead.output_store
    assert killed.world.live_stores() == (output, output)
    assert killed.next.left("settle_earlier_runs")["live_store_id"] == output


def test_the_next_run_retires_the_store_that_the_dead_one_superseded(killed: Settled) -> None:
    assert killed.world.is_archived(killed.world.store)
    assert not killed.world.is_archived(killed.dead.output_store)


def test_the_next_run_says_what_it_settled(killed: Settled) -> None:
    did = "\n".join(killed.next.left("settle_earlier_runs")["did"])
    assert "finished the interrupted swap" in did
    assert f"retired memory store {killed.world.store}" in did


def test_whoever_waits_for_the_live_stores_asset_is_told_of_the_swap_that_was_finished(
    killed: Settled,
) -> None:
    (event,) = killed.next.asset_events("settle_earlier_runs")
    assert event["name"] == f"memory_store__{killed.next.dag_id.removeprefix('dream__')}"
    assert event["extra"]["memory_store_id"] == killed.dead.output_store
    assert (event["extra"]["parent"], event["extra"]["adopted_by"]) == (
        killed.world.store,
        "approval.mode: never",
    )


def test_the_sessions_of_the_dead_run_are_not_dreamed_again(killed: Settled) -> None:
    assert killed.next.tasks()["collect_sessions"] == "skipped"
    assert "0 sessions qualify, fewer than sessions.minimum: 1" in killed.next.log("collect_sessions")
