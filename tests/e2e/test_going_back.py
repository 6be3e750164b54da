"""Going back with ``restore_memory_store``: to the parent, to the dream again, to a store from before an upgrade."""

from __future__ import annotations

import gzip
from dataclasses import dataclass, replace
from datetime import UTC, datetime
from itertools import islice
from typing import Any

import pytest
from anthropic import Anthropic

from include.demo.seed import seed
from include.demo.settings import PROJECT
from include.demo.stack import Stack
from tests.e2e.cases import case
from tests.e2e.loop import Loop, Scene
from tests.e2e.runs import Run
from tests.e2e.world import World, demo_world
from tests.managed_agents.support import store_of

pytestmark = pytest.mark.e2e

AIRLINE = PROJECT.parent / "shared" / "data" / "airline" / "sessions.jsonl.gz"
RESTORE = "restore_memory_store"

SINCE = "The dock at gate 2 is repaired since 2026-11-20.\n"
MEANWHILE = "Marek called: the contract with Bluevan is signed.\n"
LEFT_BEHIND = "Etiq prints on recycled paper from now on.\n"


@dataclass(frozen=True)
class Restored:
    """
    One restore, adopted.

    :ivar asked: what the question said.
    :ivar replaced: the store that was live before. :ivar live: the one that is now, with what it held and its metadata.
    :ivar named: what the targets named then.
    """

    run: Run
    asked: str
    replaced: str
    live: str
    memories: dict[str, str]
    metadata: dict[str, str]
    named: tuple[str, str]


@dataclass(frozen=True)
class GoneBack:
    """
    What became of a pipeline that went back and forth.

    :ivar before: what the input held when it was retired. :ivar dreamed: what the dream's store held when it was.
    :ivar oldest: the store from before the upgrade.
    :ivar dreamt_next: the sessions that a dream would read once the dream was taken back.
    """

    world: World
    dream: Run
    before: dict[str, str]
    dreamed: dict[str, str]
    parent: Restored
    again: Restored
    dreamt_next: list[str] | None = None
    upgraded: Restored | None = None
    oldest: str | None = None


def restore(scene: Scene, *, meanwhile: dict[str, str] | None = None, **params: Any) -> Restored:
    """
    Go back as a person does: fill the form, read, adopt.

    :param meanwhile: what an agent writes to the live store while the person reads.
    """
    (replaced, _) = scene.world.live_stores()
    run_id = scene.stack.airflow.trigger(RESTORE, {"pipeline": scene.case.name, **params})
    run = Run(scene.stack, RESTORE, run_id)
    question = run.wait_until_asked()
    for path, text in (meanwhile or {}).items():
        on(scene.world, replaced).write(path, text)
    run.answer("Adopt", comment="the dream was wrong")
    assert run.end() == "success", run.tasks()
    named = scene.world.live_stores()
    metadata = scene.world.client.beta.memory_stores.retrieve(named[0]).metadata or {}
    return Restored(
        run, question["body"], replaced, named[0], scene.world.memories(named[0]), dict(metadata), named
    )


def on(world: World, store_id: str) -> World:
    """Return the world in which agents write to another store."""
    return replace(world, store=store_id)


def adopt(scene: Scene) -> Run:
    """Adopt the first run's dream."""
    scene.run.wait_until_asked()
    scene.run.answer("Adopt")
    assert scene.run.end() == "success", scene.run.tasks()
    scene.stack.wait_for_dag(RESTORE)
    return scene.run


def upgraded_world(stack: Stack, client: Anthropic, name: str) -> World:
    """
    Make the demo's world as the first release would have left it: an adopted store, and the archived one before it.

    That release wrote down neither where a line began nor which sessions it speaks of, and its files are gone.
    """
    world = demo_world(stack, client, name)
    stores = client.beta.memory_stores
    oldest = store_of(client, "Ops desk memory", team="Nadia Ferreira is head of operations.", desk="Leeds\n")
    stores.archive(oldest.id)
    pairs: dict[str, str | None] = {
        "dreamflow_pipeline": name,
        "dreamflow_parent": oldest.id,
        "dreamflow_dream": "drm_of_long_ago",
        "dreamflow_run": "scheduled__2026-10-01T02:30:00+00:00",
        "dreamflow_adopted_at": datetime.now(UTC).isoformat(),
        "dreamflow_adopted_by": "ada",
    }
    stores.update(world.store, metadata=pairs)
    return world


@case(make_world=upgraded_world)
def gone_back(scene: Scene) -> GoneBack:
    world, dream = scene.world, adopt(scene)
    output = dream.output_store
    oldest = world.client.beta.memory_stores.retrieve(world.store).metadata["dreamflow_parent"]
    on(world, output).write("/gates/gate-2.md", SINCE)
    parent = restore(scene, meanwhile={"/contracts/bluevan.md": MEANWHILE})
    dry = Run(scene.stack, scene.dag_id, scene.stack.airflow.trigger(scene.dag_id, {"dry_run": True}))
    dry.end()
    on(world, parent.live).write("/suppliers/paper.md", LEFT_BEHIND)
    again = restore(scene, memory_store_id=output, late_writes="list")
    upgraded = restore(scene, memory_store_id=oldest)
    return GoneBack(
        world,
        dream,
        world.memories(world.store),
        world.memories(output),
        parent,
        again,
        dry.left("collect_sessions")["session_ids"],
        upgraded,
        oldest,
    )


def airline_world(stack: Stack, client: Anthropic, name: str) -> World:
    """Make a world of as many of the airline's sessions as one dream takes."""
    stack.folder.mkdir(parents=True, exist_ok=True)
    some = stack.folder / f"{name}.jsonl"
    with gzip.open(AIRLINE, "rt", encoding="utf-8") as lines:
        some.write_text("".join(islice(lines, 100)), encoding="utf-8")
    seeded = seed(client, url=stack.agents_url, api_key=stack.api_key, transcripts=some)
    return World(client, seeded.agent, seeded.deployment, seeded.input_store)


if AIRLINE.exists():

    @case(make_world=airline_world, settings={"sessions": {"limit": 100}})
    def airline_back(scene: Scene) -> GoneBack:
        world, dream = scene.world, adopt(scene)
        on(world, dream.output_store).write("/gates/gate-2.md", SINCE)
        parent = restore(scene, meanwhile={"/contracts/bluevan.md": MEANWHILE})
        on(world, parent.live).write("/suppliers/paper.md", LEFT_BEHIND)
        again = restore(scene, memory_store_id=dream.output_store, late_writes="list")
        before, dreamed = world.memories(world.store), world.memories(dream.output_store)
        return GoneBack(world, dream, before, dreamed, parent, again)

else:

    @pytest.fixture
    def airline_back() -> GoneBack:
        pytest.skip(f"there is no {AIRLINE}")


@pytest.fixture(params=["gone_back", "airline_back"], ids=["demo", "airline"])
def story(request: pytest.FixtureRequest, loop: Loop) -> GoneBack:
    told: GoneBack = request.getfixturevalue(request.param)
    return told


def test_the_parent_comes_back_with_what_was_written_since(story: GoneBack) -> None:
    since = {"/gates/gate-2.md": SINCE, "/contracts/bluevan.md": MEANWHILE}
    assert story.parent.memories == story.before | since


def test_the_dream_comes_back_without_what_was_only_listed(story: GoneBack) -> None:
    assert story.again.memories == story.dreamed
    assert "/suppliers/paper.md" not in story.again.memories
    assert "/suppliers/paper.md" in story.again.asked


def test_every_target_names_the_clone_and_the_store_before_it_is_archived(story: GoneBack) -> None:
    ids = [story.world.store, story.dream.output_store, story.parent.live, story.again.live]
    assert len(set(ids)) == 4
    for restored in (story.parent, story.again):
        assert restored.named == (restored.live, restored.live)
        assert story.world.is_archived(restored.replaced)
        (*_, target) = restored.run.left("repoint")
        assert (target["before"], target["after"]) == (restored.replaced, restored.live)


def test_the_clone_says_what_it_replaced_whose_content_it_goes_on_from_and_who_wanted_it(
    story: GoneBack,
) -> None:
    output = story.dream.output_store
    for restored, ancestor in ((story.parent, story.world.store), (story.again, output)):
        assert restored.metadata["dreamflow_parent"] == restored.replaced
        assert restored.metadata["dreamflow_content"] == ancestor
        assert restored.metadata["dreamflow_adopted_by"] == "admin"
        assert "dreamflow_dream" not in restored.metadata


def test_whoever_waits_for_the_live_stores_asset_is_told_of_the_restore(story: GoneBack) -> None:
    (event,) = story.parent.run.asset_events("verify_targets")
    assert event["name"] == f"memory_store__{story.dream.dag_id.removeprefix('dream__')}"
    told = event["extra"]
    assert (told["memory_store_id"], told["parent"]) == (story.parent.live, story.parent.replaced)
    assert (told["ancestor_id"], told["dream_id"]) == (story.world.store, "")
    assert told["adopted_by"] == "admin"


def test_the_sessions_that_only_the_abandoned_dream_has_read_come_back(gone_back: GoneBack) -> None:
    read = gone_back.dream.left("collect_sessions")["session_ids"]
    assert gone_back.dreamt_next is not None
    assert set(read) <= set(gone_back.dreamt_next)


def test_an_archived_store_from_before_an_upgrade_comes_back(gone_back: GoneBack) -> None:
    upgraded = gone_back.upgraded
    assert upgraded is not None
    assert upgraded.named == (upgraded.live, upgraded.live)
    assert upgraded.metadata["dreamflow_content"] == gone_back.oldest
    held = {"/team.md": "Nadia Ferreira is head of operations.", "/desk.md": "Leeds\n"}
    since = {
        "/gates/gate-2.md": SINCE,
        "/contracts/bluevan.md": MEANWHILE,
        "/suppliers/paper.md": LEFT_BEHIND,
    }
    assert upgraded.memories == held | since
