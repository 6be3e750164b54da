"""Ten writers hammer the input while a dream is made, adopted and its input retired: the merge, in seconds."""

from __future__ import annotations

import json
from collections.abc import Iterator
from dataclasses import dataclass, replace

import pytest
from anthropic import Anthropic

from dreamflow.tasks import DRAIN_SESSIONS, RETIRE_INPUT, WAIT_FOR_DREAM
from include.demo.settings import PROJECT
from tests.faults.stage import CONNECTION, connection_to
from tests.managed_agents.support import contents, import_transcripts
from tests.support.aftermath import Aftermath, aftermath_of, made_by_the_dream
from tests.support.hammer import Hammer
from tests.support.night import Night, pipeline_of
from tests.support.run_record import RunRecord
from tests.support.server import LocalServer
from tests.support.workspace import Workspace, make_workspace

_DEMO = PROJECT / "include" / "transcripts"
#: Changes made in all when the dream begins, when a person answers, and when the input is to be retired.
_BEGUN, _ANSWERED, _RETIRED = 20, 120, 200


@dataclass(frozen=True)
class Hammered:
    night: Night
    aftermath: Aftermath
    input_is_archived: bool


def busy_workspace(client: Anthropic) -> Workspace:
    """Make a workspace with what the demo dreams about: a dream merges, moves and rewrites some of it."""
    workspace = make_workspace(client)
    for memory in json.loads((_DEMO / "demo_store.json").read_text())["memories"]:
        client.beta.memory_stores.memories.create(
            workspace.store, path=memory["path"], content=memory["content"]
        )
    recorded = [json.loads(line) for line in (_DEMO / "demo.jsonl").read_text().splitlines()]
    import_transcripts(client, recorded, agent_id=workspace.agent, memory_store_id=workspace.store)
    return workspace


@pytest.fixture(scope="module", params=[1, 2])
def hammered(request: pytest.FixtureRequest, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Hammered]:
    """A night, of which every step runs while ten writers do what they like to the input."""
    folder = tmp_path_factory.mktemp("hammer")
    with LocalServer(folder / "server.db") as server, pytest.MonkeyPatch.context() as patch:
        patch.setenv(CONNECTION, connection_to(server.url))
        client, workspace = server.client, busy_workspace(server.client)
        data = workspace.pipeline(
            folder / "reports", sessions={"agent_id": workspace.agent, "max_age": "P3650D"}
        )
        night = Night(pipeline_of(data), RunRecord("hammered"))
        with Hammer(client, workspace.store, talkers=1, seconds_between=0.05, seed=request.param) as hammer:
            hammer.wait_for(_BEGUN)
            assert night.run() == "success", night.errors
            output = night.left(WAIT_FOR_DREAM)["output_store_id"]
            reviewed = contents(client, output)
            made = made_by_the_dream(client, workspace.store, reviewed)
            hammer.covet({"/late/notes.md", *made})
            hammer.wait_for(_ANSWERED)
            night.adopt()
            hammer.wait_for(_RETIRED)
            hammer.hush()
            assert night.run((DRAIN_SESSIONS, RETIRE_INPUT)) == "success", night.errors
            hammer.wait_until_refused()
        store = client.beta.memory_stores.retrieve(workspace.store)
        aftermath = aftermath_of(client, workspace.store, output, hammer.ledger, reviewed, made)
        yield Hammered(night, aftermath, store.archived_at is not None)


def test_the_ledger_says_what_the_server_holds(hammered: Hammered) -> None:
    assert hammered.aftermath.misunderstood() == set()


def test_every_line_that_was_acknowledged_is_in_the_live_store_or_kept_aside(hammered: Hammered) -> None:
    assert hammered.aftermath.missing() == set()


def test_no_line_stands_twice(hammered: Hammered) -> None:
    assert hammered.aftermath.doubled() == set()


def test_what_was_taken_away_again_does_not_come_back(hammered: Hammered) -> None:
    assert hammered.aftermath.risen() == set()


def test_the_dreams_own_work_stands(hammered: Hammered) -> None:
    assert hammered.aftermath.undreamed() == set()
    assert hammered.aftermath.made
    assert hammered.aftermath.uprooted() == set()


def test_the_input_is_archived_and_no_step_was_tried_twice(hammered: Hammered) -> None:
    assert hammered.input_is_archived
    assert hammered.night.errors == []


def test_a_line_that_is_lost_doubled_or_brought_back_would_be_found(hammered: Hammered) -> None:
    found = hammered.aftermath
    path, lost = next(
        (path, line)
        for path, text in found.live.items()
        for line in found.at_the_archive.intersection(text.splitlines())
    )
    gone = min(found.ledger.removed - found.at_the_archive)
    without = replace(found, live={**found.live, path: found.live[path].replace(lost, "")})
    twice = replace(found, live={**found.live, "/late/again.md": lost})
    back = replace(found, live={**found.live, "/dock/again.md": gone}, reviewed={})
    assert without.missing() - found.missing() == {lost}
    assert twice.doubled() - found.doubled() == {lost}
    assert gone in back.risen()
