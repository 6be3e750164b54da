"""What is live after a person adopted a dream, with what sessions wrote until the old store was retired."""

from __future__ import annotations

from dataclasses import dataclass

import pytest

from tests.e2e.cases import case
from tests.e2e.loop import Scene
from tests.e2e.runs import Run
from tests.e2e.world import World

pytestmark = pytest.mark.e2e

LATE_NOTE = "The dock at gate 2 is repaired since 2026-11-20.\n"
LAST_NOTE = "Marek called: the contract with Bluevan is signed.\n"


@dataclass(frozen=True)
class Adopted:
    """
    An adopted dream.

    :ivar reviewed: the output's memories when the person was asked.
    :ivar updated: path of a memory that a session rewrote after that.
    :ivar deleted: path of a memory that a session deleted after that.
    :ivar swapped: what the targets named while a session still worked on the input.
    :ivar retired_early: whether the input was archived then.
    :ivar catch_up: the run that followed by itself.
    """

    world: World
    run: Run
    reviewed: dict[str, str]
    updated: str
    deleted: str
    swapped: tuple[str, str]
    retired_early: bool
    catch_up: Run

    @property
    def output(self) -> str:
        return self.run.output_store


@case(settings={"sessions": {"limit": 2}, "retire": {"drain_timeout": "PT10M"}})
def adopted(scene: Scene) -> Adopted:
    """
    A person reads for a while, sessions write meanwhile, the person adopts.

    A session still works on the old store when the targets are swapped, writes to it, and then becomes idle. Another
    one was left over: it is dreamed by a run that follows by itself, and that is rejected.
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
    world.set_status(world.sessions[0], "running")
    run.answer("Adopt", comment="reads well")
    run.wait_for("drain_sessions", "deferred")
    swapped, retired = world.live_stores(), world.is_archived(world.store)
    world.write("/last.md", LAST_NOTE)
    world.set_status(world.sessions[0], "idle")
    assert run.end() == "success", run.tasks()
    catch_up = scene.follow_up()
    catch_up.wait_until_asked()
    catch_up.answer("Reject")
    catch_up.end()
    return Adopted(world, run, reviewed, updated, deleted, swapped, retired, catch_up)


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
    expected["/last.md"] = LAST_NOTE
    expected[adopted.updated] += LATE_NOTE
    del expected[adopted.deleted]
    assert adopted.world.memories(adopted.output) == expected


def test_the_late_writes_are_listed(adopted: Adopted) -> None:
    carried = [write["path"] for write in adopted.run.left("carry_late_writes")["applied"]]
    assert sorted(carried) == sorted(["/gates/gate-2.md", adopted.updated, adopted.deleted])
    assert [write["path"] for write in adopted.run.left("retire_input")["applied"]] == ["/last.md"]


def test_the_input_is_not_retired_while_a_session_could_write_to_it(adopted: Adopted) -> None:
    assert adopted.swapped == (adopted.output, adopted.output)
    assert not adopted.retired_early
    assert adopted.run.left("drain_sessions")["still_mounted"] == []


def test_who_decided_what_and_on_which_review_is_kept(adopted: Adopted) -> None:
    answer = adopted.run.left("approve")
    assert (answer["decision"], answer["by"], answer["comment"]) == ("Adopt", "admin", "reads well")
    assert answer["digest"] == adopted.run.left("review_changes")["digest"]


def test_the_session_beyond_the_limit_is_dreamed_by_the_run_that_follows(adopted: Adopted) -> None:
    runs = (adopted.run, adopted.catch_up)
    first, second = (run.left("collect_sessions") for run in runs)
    assert (first["input_store_id"], second["input_store_id"]) == (adopted.world.store, adopted.output)
    *read, left_over = adopted.world.sessions
    assert (first["session_ids"], first["left_for_next_run"]) == (read, 1)
    assert (second["session_ids"], second["left_for_next_run"]) == ([left_over], 0)
    assert adopted.catch_up.state() == "success"


@case()
def overtaken(scene: Scene) -> tuple[Scene, str]:
    """A session rewrites a memory that the dream changed too, while a person reads the review."""
    world, run = scene.world, scene.run
    run.wait_until_asked()
    before, reviewed = world.memories(world.store), world.memories(run.output_store)
    path = next(path for path in before if before[path] != reviewed.get(path))
    world.write(path, LATE_NOTE)
    run.answer("Adopt")
    run.end()
    return scene, path


def test_a_late_write_to_what_the_dream_changed_too_stops_nothing_and_is_kept(
    overtaken: tuple[Scene, str],
) -> None:
    scene, path = overtaken
    world, run = scene.world, scene.run
    assert run.state() == "success"
    assert world.live_stores() == (run.output_store, run.output_store)
    held = world.memories(run.output_store)
    assert LATE_NOTE in "".join(held[at] for at in held if at == path or at.startswith("/late/"))
    assert sum(run.left("carry_late_writes")["counts"].values()) >= 1
