"""What is live after a person adopted a dream, with what sessions wrote while the person was thinking."""

from __future__ import annotations

from dataclasses import dataclass

import pytest

from tests.e2e.cases import case
from tests.e2e.loop import Scene
from tests.e2e.runs import Run
from tests.e2e.world import World

pytestmark = pytest.mark.e2e

LATE_NOTE = "The dock at gate 2 is repaired since 2026-11-20.\n"


@dataclass(frozen=True)
class Adopted:
    """
    An adopted dream.

    :ivar reviewed: the output's memories when the person was asked.
    :ivar updated: path of a memory that a session rewrote after that.
    :ivar deleted: path of a memory that a session deleted after that.
    :ivar catch_up: the run that followed by itself.
    """

    world: World
    run: Run
    reviewed: dict[str, str]
    updated: str
    deleted: str
    catch_up: Run

    @property
    def output(self) -> str:
        return self.run.output_store


@case(settings={"sessions": {"limit": 2}})
def adopted(scene: Scene) -> Adopted:
    """
    A person reads for a while, sessions write meanwhile, the person adopts.

    One session was left over: it is dreamed by a run that follows by itself, and that is rejected.
    """
    world, run = scene.world, scene.run
    run.wait_until_asked()
    before, reviewed = world.memories(world.store), world.memories(run.output_store)
    untouched = [path for path in before if before[path] == reviewed.get(path)]
    assert len(untouched) >= 2, f"the dream left fewer than two memories as they were: {untouched}"
    updated, deleted = untouched[:2]
    world.write("/gates/gate-2.md", LATE_NOTE)
    world.write(updated, before[updated] + LATE_NOTE)
    world.delete(deleted)
    run.answer("Adopt", comment="reads well")
    assert run.end() == "success", run.tasks()
    catch_up = scene.follow_up()
    catch_up.wait_until_asked()
    catch_up.answer("Reject")
    catch_up.end()
    return Adopted(world, run, reviewed, updated, deleted, catch_up)


def test_every_target_names_the_output(adopted: Adopted) -> None:
    assert adopted.world.live_stores() == (adopted.output, adopted.output)


def test_the_deployments_other_resources_order_access_and_instructions_stay(adopted: Adopted) -> None:
    reference, store = adopted.world.resources()
    assert (reference["memory_store_id"], reference["access"]) == (adopted.world.reference, "read_only")
    assert (store["access"], store["instructions"]) == ("read_write", "Note what you learn.")


def test_the_agents_other_metadata_stays(adopted: Adopted) -> None:
    agent = adopted.world.client.beta.agents.retrieve(adopted.world.agent)
    assert agent.metadata["owner"] == "ops"


def test_the_output_carries_its_lineage(adopted: Adopted) -> None:
    metadata = adopted.world.client.beta.memory_stores.retrieve(adopted.output).metadata
    assert metadata["dreamflow_pipeline"] == "adopted"
    assert metadata["dreamflow_parent"] == adopted.world.store
    assert metadata["dreamflow_dream"] == adopted.run.left("launch_dream")["dream_id"]
    assert metadata["dreamflow_run"] == adopted.run.run_id
    assert metadata["dreamflow_adopted_by"] == "admin"
    assert {"dreamflow_through", "dreamflow_adopted_at"} <= metadata.keys()


def test_the_output_takes_over_the_inputs_name_description_and_metadata(adopted: Adopted) -> None:
    stores = adopted.world.client.beta.memory_stores
    output = stores.retrieve(adopted.output)
    assert (output.name, output.description) == ("Memory of adopted", "What adopted knows")
    assert output.metadata["team"] == "adopted"


def test_the_input_is_archived_and_the_output_is_not(adopted: Adopted) -> None:
    assert adopted.world.is_archived(adopted.world.store)
    assert not adopted.world.is_archived(adopted.output)


def test_the_output_has_an_index(adopted: Adopted) -> None:
    assert "/index.md" in adopted.world.memories(adopted.output)


def test_what_is_adopted_is_what_was_reviewed_plus_the_late_writes(adopted: Adopted) -> None:
    expected = dict(adopted.reviewed)
    expected["/gates/gate-2.md"] = LATE_NOTE
    expected[adopted.updated] += LATE_NOTE
    del expected[adopted.deleted]
    assert adopted.world.memories(adopted.output) == expected


def test_the_late_writes_are_listed(adopted: Adopted) -> None:
    carried = [write["path"] for write in adopted.run.left("carry_late_writes")["applied"]]
    assert sorted(carried) == sorted(["/gates/gate-2.md", adopted.updated, adopted.deleted])


def test_who_decided_what_and_on_which_review_is_kept(adopted: Adopted) -> None:
    answer = adopted.run.left("approve")
    assert (answer["decision"], answer["by"], answer["comment"]) == ("Adopt", "admin", "reads well")
    assert answer["digest"] == adopted.run.left("review_changes")["digest"]


def test_the_session_beyond_the_limit_is_dreamed_by_the_run_that_follows(adopted: Adopted) -> None:
    runs = (adopted.run, adopted.catch_up)
    collected = [run.left("collect_sessions") for run in runs]
    assert [c["left_for_next_run"] for c in collected] == [1, 0]
    assert [c["input_store_id"] for c in collected] == [adopted.world.store, adopted.output]
    dreamed = [session for c in collected for session in c["session_ids"]]
    assert dreamed == list(adopted.world.sessions)
    assert adopted.catch_up.state() == "success"
