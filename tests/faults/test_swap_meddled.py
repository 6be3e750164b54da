"""A person who meddles with a swap between any two of its steps: told of it, and nothing is lost."""

from __future__ import annotations

import json
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import pytest
from anthropic import BadRequestError

from dreamflow.tasks import DISCARD_OUTPUT
from tests.faults.swap_scene import ADOPTION, Scene, SetScene
from tests.faults.table import Table
from tests.unit.service import mounted

THEIRS = "a store of theirs"
HEAD = ("a person", "when", "what came of it", "live", "verdict")


@dataclass
class Person:
    """
    Somebody who knows better, and mends what they are told of.

    :ivar trusts: the store that was live before they meddled.
    :ivar beside: a store that they mounted beside it.
    """

    scene: Scene
    beside: str | None = None

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
        trusted = next(
            (store_id for store_id in stores if not self.service.is_archived(store_id)), None
        ) or self._copy(self.trusts)
        self._repoint_deployment(trusted)
        self._repoint_agent(trusted)
        for target in self.scene.data["targets"][2:]:
            self._write_file(target["path"], trusted)
        self.scene.say(f"(they point all at {trusted})")

    def undone(self) -> list[str]:
        """Return what of theirs was undone."""
        there = [entry["memory_store_id"] for entry in self._resources()]
        return ["their resource is gone"] if self.beside and there[0] != self.beside else []

    @property
    def _other(self) -> str:
        stores = [self.scene.input_id, self.scene.output_id]
        stores.remove(self.trusts)
        return stores[0]

    def _copy(self, store_id: str) -> str:
        """Make a store that holds the same, and says of what it came."""
        lineage = {"dreamflow_parent": store_id, "dreamflow_adopted_at": datetime.now(UTC).isoformat()}
        copy_id = self.service.store(self.service.contents(store_id), name="A copy", metadata=lineage)
        self.scene.words[copy_id] = "COPY"
        self.scene.copies[copy_id] = store_id
        self.scene.theirs.add(copy_id)
        return copy_id

    def _own_store(self) -> str:
        store_id = self.service.store({"/mine.md": "mine"}, name="Mine")
        self.scene.words[store_id] = "THEIRS"
        self.scene.theirs.add(store_id)
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
        path = f"{self.scene.folder}/desk.json"
        self._write_file(path, store_id)
        self.scene.data["targets"].append({"type": "file", "path": path, "key": "memory"})

    def _write_file(self, path: str, store_id: str) -> None:
        Path(path).write_text(json.dumps({"memory": store_id}))


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
HELD = {"idle_for": "PT1H", "drain_timeout": "PT0.1S"}


@dataclass(frozen=True)
class Moment:
    """
    When a person meddles.

    :ivar done: the tasks that have run. :ivar ahead: those that follow.
    :ivar amid: whether the first of those was killed after its first write, and is tried again.
    """

    done: tuple[str, ...]
    ahead: tuple[str, ...]
    amid: bool = False

    def __str__(self) -> str:
        return f"{'amid' if self.amid else 'before'} {self.ahead[0] if self.ahead else 'the next night'}"


MOMENTS = (
    *(Moment(ADOPTION[:number], ADOPTION[number:]) for number in range(len(ADOPTION) + 1)),
    *(Moment(ADOPTION[:number], ADOPTION[number:], amid=True) for number in (0, 1, 4)),
    Moment((), (DISCARD_OUTPUT,)),
)


@pytest.mark.parametrize("what", MEDDLING)
def test_whatever_a_person_does_meanwhile_nothing_is_lost_doubled_or_left(
    set_swap: SetScene, table: Table, what: str
) -> None:
    first = len(table.rows)
    for moment in MOMENTS:
        scene = set_swap(**({"retire": HELD} if "session" in what else {}))
        if "session" in what:
            scene.service.session(scene.input_id)
        if DISCARD_OUTPUT in moment.ahead:
            scene.answer("Reject")
            scene.theirs.add(scene.output_id)
        scene.go_on(moment.done)
        if moment.amid:
            assert scene.killed_after(1, moment.ahead[0])
        person = Person(scene)
        try:
            MEDDLING[what](person)
        except BadRequestError:
            scene.say("(the service refuses: the store is archived)")
        scene.go_on(moment.ahead)
        if not scene.settle("the_next_night"):
            person.mends()
            scene.settle("the_night_after")
        table.add(scene, what, str(moment), undone=person.undone())
    table.assert_good(first)
