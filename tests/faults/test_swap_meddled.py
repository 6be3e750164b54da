"""A person who meddles with a swap between any two of its steps: told of it, and nothing is lost."""

from __future__ import annotations

import json
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from typing import Any

import pytest

from dreamflow.tasks import DISCARD_OUTPUT
from tests.faults.conftest import PrintTable
from tests.faults.swap_scene import ADOPTION, Scene, SetScene, Table
from tests.unit.service import mounted

THEIRS = "a store of theirs"


@dataclass
class Person:
    """
    Somebody who knows better, and mends what they are told of.

    :ivar trusts: the store that was live before they meddled.
    """

    scene: Scene

    def __post_init__(self) -> None:
        self.service = self.scene.service
        self.trusts = self.scene.live_id

    def edits_other_resources(self) -> None:
        """Mount a store of instructions beside, before the live one."""
        self.beside = self.service.store({"/how.md": "how"}, name="Instructions")
        resources = [mounted(self.beside, access="read_only"), *self._resources()]
        self._write_resources(resources)

    def adds_a_target(self) -> None:
        self._add_target(self.trusts)

    def adds_a_target_that_names_the_input(self) -> None:
        self._add_target(self.scene.input_id)

    def repoints_the_first_to_a_store_of_theirs(self) -> None:
        self._repoint_deployment(self._own_store())

    def repoints_the_second_to_a_store_of_theirs(self) -> None:
        self._repoint_agent(self._own_store())

    def repoints_the_first_to_the_other_store(self) -> None:
        self._repoint_deployment(self._other)

    def repoints_the_second_to_the_other_store(self) -> None:
        self._repoint_agent(self._other)

    def archives_the_input(self) -> None:
        self.service.client.beta.memory_stores.archive(self.scene.input_id)

    def archives_the_output(self) -> None:
        self.service.client.beta.memory_stores.archive(self.scene.output_id)

    def deletes_the_session_that_holds_the_input(self) -> None:
        for session in self.service.client.beta.sessions.list(memory_store_id=self.scene.input_id):
            self.service.client.beta.sessions.delete(session.id)

    def mends(self) -> None:
        """Do what the settle that failed said: point all targets at a store that they trust, and that is open."""
        stores = (self.trusts, self._other)
        trusted = next(store_id for store_id in stores if not self.service.is_archived(store_id))
        self._repoint_deployment(trusted)
        self._repoint_agent(trusted)
        for target in self.scene.data["targets"][2:]:
            self._write_file(target["path"], trusted)
        self.scene.say(f"(they point all at {trusted})")

    @property
    def _other(self) -> str:
        stores = [self.scene.input_id, self.scene.output_id]
        stores.remove(self.trusts)
        return stores[0]

    def _own_store(self) -> str:
        store_id = self.service.store({"/mine.md": "mine"}, name="Mine")
        self.scene.words[store_id] = "THEIRS"
        return store_id

    def _resources(self) -> list[dict[str, Any]]:
        return self.service.resources(self.scene.prepared.deployment_id)

    def _write_resources(self, resources: Sequence[Any]) -> None:
        deployments = self.service.client.beta.deployments
        deployments.update(self.scene.prepared.deployment_id, resources=list(resources))

    def _repoint_deployment(self, store_id: str) -> None:
        live = self.scene.live_id
        resources = self._resources()
        for entry in resources:
            if entry["memory_store_id"] == live:
                entry["memory_store_id"] = store_id
        self._write_resources(resources)

    def _repoint_agent(self, store_id: str) -> None:
        agents, agent_id = self.service.client.beta.agents, self.scene.prepared.agent_id
        version = agents.retrieve(agent_id).version
        agents.update(agent_id, version=version, metadata={"memory_store_id": store_id})

    def _add_target(self, store_id: str) -> None:
        path = str(self.scene.folder / "desk.json")
        self._write_file(path, store_id)
        self.scene.data["targets"].append({"type": "file", "path": path, "key": "memory"})

    def _write_file(self, path: str, store_id: str) -> None:
        with open(path, "w") as file:
            json.dump({"memory": store_id}, file)


MEDDLING: dict[str, Callable[[Person], None]] = {
    name.replace("_", " "): getattr(Person, name)
    for name in (
        "edits_other_resources",
        "adds_a_target",
        "adds_a_target_that_names_the_input",
        "repoints_the_first_to_a_store_of_theirs",
        "repoints_the_second_to_a_store_of_theirs",
        "repoints_the_first_to_the_other_store",
        "repoints_the_second_to_the_other_store",
        "archives_the_input",
        "archives_the_output",
        "deletes_the_session_that_holds_the_input",
    )
}
#: How many steps were taken by then; None where the dream is rejected.
GAPS = [*range(len(ADOPTION) + 1), None]
HELD = {"idle_for": "PT1H", "drain_timeout": "PT0.1S"}


@pytest.fixture(scope="module")
def table(print_table: PrintTable) -> Iterator[Table]:
    with print_table("a person", "before", "what came of it", "verdict") as table:
        yield table


@pytest.mark.parametrize("what", MEDDLING)
def test_whatever_a_person_does_meanwhile_nothing_is_lost_doubled_or_left(
    set_swap: SetScene, table: Table, what: str
) -> None:
    first = len(table.rows)
    for steps in GAPS:
        scene = set_swap(**({"retire": HELD} if "session" in what else {}))
        if "session" in what:
            scene.service.session(scene.input_id)
        done, ahead = (ADOPTION[:steps], ADOPTION[steps:]) if steps is not None else ((), (DISCARD_OUTPUT,))
        if steps is None:
            scene.answer("Reject")
        scene.go_on(done)
        person = Person(scene)
        MEDDLING[what](person)
        scene.go_on(ahead)
        if not scene.settle("the_next_night"):
            person.mends()
            scene.settle("the_night_after")
        before = ahead[0] if ahead else "the next night"
        table.add(what, before, said=scene.said, problems=scene.problems())
    table.assert_good(first)
