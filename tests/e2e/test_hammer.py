"""Ten writers change the input at random from before the launch until it is archived; a person clicks Adopt."""

from __future__ import annotations

import os
import sys
from dataclasses import dataclass

import pytest
from anthropic import Anthropic

from include.demo.processes import Program, wait_until
from include.demo.seed import seed
from include.demo.settings import PROJECT, free_port
from include.demo.stack import Stack, answers
from tests.e2e.cases import case
from tests.e2e.loop import Scene
from tests.e2e.runs import Run
from tests.e2e.world import World
from tests.managed_agents.support import session_on
from tests.support.aftermath import Aftermath, aftermath_of, made_by_the_dream
from tests.support.hammer import Hammer
from tests.support.server import KEY

pytestmark = pytest.mark.e2e

#: Seconds that a dream on this server lasts at least.
PACE = 25
PORT = free_port()
URL = f"http://127.0.0.1:{PORT}"
#: Changes made in all when the person clicks, and when the last session leaves the input.
CLICKED, LEFT = 600, 1000
#: Seconds between two changes of one writer: what else is played on this Airflow needs the machine too.
BETWEEN = 0.7
WRITERS, TALKERS = 10, 2


def hammered_world(stack: Stack, _client: Anthropic, name: str) -> World:
    """Make what the demo dreams about, on an embedded server whose dreams take their time."""
    database = stack.folder / f"{name}.db"
    command = [sys.executable, "-m", "include.managed_agents", "serve", "--host", "127.0.0.1"]
    options = ["--port", str(PORT), "--database", f"sqlite:///{database}", "--pace", str(PACE)]
    env = {**os.environ, "AGENTS_API_KEY": KEY}
    log = stack.folder / f"{name}.log"
    server = stack.programs.start(
        lambda: Program(f"the server of {name}", [*command, *options], env, log, PROJECT)
    )
    wait_until(lambda: answers(f"{URL}/health"), seconds=60, what="the slow server", alive=[server])
    with a_client() as client:
        transcripts = PROJECT / "include" / "transcripts" / "demo.jsonl"
        seeded = seed(client, url=URL, api_key=KEY, transcripts=transcripts)
        return World(client, seeded.agent, seeded.deployment, seeded.input_store)


def a_client() -> Anthropic:
    return Anthropic(api_key=KEY, base_url=URL, timeout=60, max_retries=0)


@dataclass(frozen=True)
class Hammered:
    """
    :ivar changes: how many changes of each kind were acknowledged.
    :ivar sessions: those that wrote to the input.
    :ivar live: what the targets named at the end. :ivar archived: whether the input was archived.
    :ivar tries: how often each task was tried.
    """

    run: Run
    aftermath: Aftermath
    changes: dict[str, int]
    sessions: list[str]
    live: tuple[str, str]
    archived: bool
    tries: dict[str, int]


@case(
    make_world=hammered_world,
    connection={"host": URL, "password": KEY},
    settings={"retire": {"idle_for": "PT0S", "drain_timeout": "PT1H"}},
)
def hammered(scene: Scene) -> Hammered:
    """
    A session holds the input until the thousandth change; then it may be retired, and the writers go on all the same.
    """
    run = scene.run
    with a_client() as client:
        store = scene.world.store
        holder = session_on(client, store).id
        set_status(client, holder, "running")
        with Hammer(client, store, writers=WRITERS, talkers=TALKERS, seconds_between=BETWEEN) as hammer:
            run.wait_until_asked()
            world = World(client, scene.world.agent, scene.world.deployment, store)
            reviewed = world.memories(run.output_store)
            made = made_by_the_dream(client, store, reviewed)
            hammer.covet({"/late/notes.md", *made})
            hammer.wait_for(CLICKED)
            run.answer("Adopt")
            run.wait_for("drain_sessions", "deferred")
            hammer.wait_for(LEFT)
            hammer.hush()
            set_status(client, holder, "idle")
            run.end()
            hammer.wait_until_refused()
        aftermath = aftermath_of(client, store, run.output_store, hammer.ledger, reviewed, made)
        instances = scene.stack.airflow.task_instances(run.dag_id, run.run_id)
        return Hammered(
            run,
            aftermath,
            dict(hammer.ledger.changes),
            hammer.sessions,
            world.live_stores(),
            world.is_archived(store),
            {task["task_id"]: task["try_number"] for task in instances},
        )


def set_status(client: Anthropic, session_id: str, status: str) -> None:
    client.post(f"/_control/sessions/{session_id}/status", body={"status": status}, cast_to=object)


def test_a_thousand_changes_of_every_kind_were_made_some_by_sessions(hammered: Hammered) -> None:
    assert sum(hammered.changes.values()) >= LEFT
    assert min(hammered.changes.values()) > 10, hammered.changes
    assert sorted(hammered.changes) == ["append", "create", "delete", "edit", "rename", "session"]
    assert hammered.aftermath.misunderstood() == set()


def test_every_line_that_was_acknowledged_is_in_the_live_store_or_kept_aside(hammered: Hammered) -> None:
    assert hammered.aftermath.missing() == set()


def test_no_line_of_theirs_stands_twice(hammered: Hammered) -> None:
    assert hammered.aftermath.doubled() == set()


def test_what_they_took_away_again_does_not_come_back(hammered: Hammered) -> None:
    assert hammered.aftermath.risen() == set()


def test_the_dreams_own_work_stands(hammered: Hammered) -> None:
    assert hammered.aftermath.undreamed() == set()
    assert "/index.md" in hammered.aftermath.made
    assert hammered.aftermath.uprooted() == set()


def test_the_run_ends_adopted_with_nothing_but_the_click(hammered: Hammered) -> None:
    assert hammered.run.state() == "success"
    output = hammered.run.output_store
    assert hammered.live == (output, output)
    assert {task for task, number in hammered.tries.items() if number > 1} == set()


def test_the_input_is_archived(hammered: Hammered) -> None:
    assert hammered.archived
    assert hammered.run.left("retire_input")["held_by"] == []


def test_the_log_says_which_session_wrote_what_and_xcom_how_much_was_carried(hammered: Hammered) -> None:
    carried, retired = (hammered.run.left(task) for task in ("carry_late_writes", "retire_input"))
    assert carried["applied"]
    assert carried["conflicts"] == retired["conflicts"] == []
    assert sum(carried["counts"].values()) > 0
    log = hammered.run.log("carry_late_writes")
    assert [session for session in hammered.sessions if session in log]
