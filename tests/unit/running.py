"""One night of a pipeline, step by step, against the embedded server: the real steps in a world of their own."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from datetime import UTC, datetime
from typing import Any

import httpx2
import pytest

from dreamflow import storage
from dreamflow.config import Pipeline
from dreamflow.core.changes import digest
from dreamflow.core.handoffs import Decided, Dreamed, Reviewed, Settled, Swap
from dreamflow.core.late_writes import Carried
from dreamflow.errors import StateError
from dreamflow.records.files import Records, RunRecords, Storage
from dreamflow.records.journal import DreamNote
from dreamflow.steps.carry import carry_late_writes
from dreamflow.steps.decide import decide
from dreamflow.steps.retire import Retired, discard, retire_input
from dreamflow.steps.settle import settle
from dreamflow.steps.swap import repoint_targets, verify_targets
from dreamflow.steps.world import World
from dreamflow.targets import open_target, repoint
from tests.unit.service import Service, Wire, mounted, wired

__all__ = ["Night", "night_of", "pipeline_of", "world_of", "write_first", "write_late"]

#: Up to when the sessions that the dream read count as covered.
THROUGH = datetime(2026, 11, 20, 12, tzinfo=UTC)


def pipeline_of(location: str, *targets: Mapping[str, Any], **more: Any) -> Pipeline:
    """Return a pipeline that counts an idle session as gone at once."""
    data = {
        "name": "support",
        "targets": list(targets),
        "reports": {"location": location},
        "retire": {"idle_for": "PT0S"},
    }
    return Pipeline.model_validate({**data, **more})


def world_of(pipeline: Pipeline, wire: Wire, files: Storage = storage, **more: Any) -> World:
    """Return the pipeline's world: the service over the wire, and what it keeps where its file says."""
    hook = wired(wire)
    targets = [open_target(target, hook, pipeline.shown) for target in pipeline.targets]
    records = Records(files, storage.report_location(pipeline.reports.location), pipeline.name)
    return World(pipeline, hook, targets, records, **more)


@dataclass
class Night:
    """
    A run whose dream is done and approved: two targets name the input; the output is what was reviewed.

    :ivar input_id: the live store. :ivar output_id: what the dream made of it.
    :ivar settings: more of what the pipeline's file says.
    :ivar files: where the run's files are kept.
    :ivar adoptions: what settles have told of swaps that they finished.
    """

    service: Service
    location: str
    input_id: str
    output_id: str
    deployment_id: str
    agent_id: str
    run_id: str = "manual__1"
    wire: Wire = field(default_factory=Wire)
    settings: dict[str, Any] = field(default_factory=dict)
    files: Storage = storage
    adoptions: list[dict[str, Any]] = field(default_factory=list)

    def __post_init__(self) -> None:
        self.pipeline = pipeline_of(
            self.location,
            {"type": "deployment", "deployment_id": self.deployment_id},
            {"type": "agent", "agent_id": self.agent_id},
            **self.settings,
        )
        self.world = world_of(self.pipeline, self.wire, self.files)
        self.hook = self.world.hook

    @property
    def run(self) -> RunRecords:
        return self.world.records.run(self.run_id)

    @property
    def swap(self) -> Swap:
        swap = self.run.journal().swap
        assert swap is not None
        return swap

    def dreamed(self) -> Dreamed:
        """Note the dream as launch and wait do, and return what they hand on."""
        input_id = self.input_id
        note = DreamNote(
            input_store_id=input_id,
            through=THROUGH,
            scope_mark=self.pipeline.sessions.scope_mark,
            dream_id="drm_1",
            output_store_id=self.output_id,
        )
        self.run.write_listing("base", input_id, self.hook.list_memories(input_id))
        self.run.open(note)
        return Dreamed(dream_id="drm_1", output_store_id=self.output_id, input_store_id=input_id)

    def reviewed(self) -> Reviewed:
        """Return what a review of the output as it is now hands on."""
        return Reviewed(
            report_uri=self.run.report_uri,
            digest=digest(self.hook.list_memories(self.output_id)),
            dream_id="drm_1",
            input_store_id=self.input_id,
            output_store_id=self.output_id,
        )

    def decide(self, decision: str = "Adopt", reviewed: Reviewed | None = None) -> Decided:
        """Answer on what was reviewed: on the output as it is, where nothing else is said."""
        reviewed, at = reviewed or self.reviewed(), datetime(2026, 11, 21, 8, tzinfo=UTC)
        return decide(self.run, reviewed, decision, "Ada", at, "")

    def carry(self) -> list[Carried]:
        return list(carry_late_writes(self.world, self.run, self.swap)[0].carried)

    def repoint(self, position: int | None = None) -> list[dict[str, str]]:
        """Swap every target; or, as where the task died, one of them."""
        if position is None:
            return repoint_targets(self.world, self.run, self.swap)
        self.run.note(swap=self.swap.model_copy(update={"begun_at": self.world.now()}))
        repoint(self.world.targets[position], self.input_id, self.output_id)
        return []

    def verify(self) -> dict[str, Any]:
        return verify_targets(self.world, self.run)[0]

    def retire(self) -> Retired:
        return retire_input(self.world, self.run, self.swap)

    def discard(self) -> None:
        discard(self.world, self.run, self.output_id)

    def adopt(self) -> None:
        self.carry()
        self.repoint()
        self.verify()

    def settle(self, run_id: str = "manual__2", *, only_say: bool = False) -> Settled:
        """Settle in the next run."""
        settled, adoptions = settle(self.world, run_id, only_say=only_say)
        self.adoptions += adoptions
        return settled

    def next_night(self, reviewed: Mapping[str, str]) -> Night:
        """Return the night after this one was adopted, with its dream approved."""
        after = self.service.store(reviewed)
        night = Night(
            self.service,
            self.location,
            self.output_id,
            after,
            self.deployment_id,
            self.agent_id,
            run_id="manual__2",
        )
        night.dreamed()
        night.decide()
        return night

    def named(self) -> list[str]:
        """Return which store each target names: ``input``, ``output``, or an id."""
        names = {self.input_id: "input", self.output_id: "output"}
        (entry,) = self.service.resources(self.deployment_id)
        ids = [entry["memory_store_id"], self.service.agent_metadata(self.agent_id)["memory_store_id"]]
        return [names.get(store_id, store_id) for store_id in ids]

    def open_runs(self) -> list[str]:
        return self.world.records.open_runs()

    def state(self) -> dict[str, Any]:
        """Return everything that a person would look at afterwards."""
        output = self.service.client.beta.memory_stores.retrieve(self.output_id)
        metadata = dict(output.metadata or {})
        metadata.pop("dreamflow_adopted_at", None)
        return {
            "targets": self.named(),
            "input archived": self.service.is_archived(self.input_id),
            "output archived": output.archived_at is not None,
            "output": self.service.contents(self.output_id),
            "name": output.name,
            "metadata": metadata,
            "open": self.open_runs(),
        }

    def point_deployment_at(self, store_id: str) -> None:
        """Point the first target at the store, as somebody would in the Console."""
        resources: Any = [mounted(store_id)]
        self.service.client.beta.deployments.update(self.deployment_id, resources=resources)

    def point_by_hand(self, store_id: str) -> None:
        """Point both targets at the store."""
        self.point_deployment_at(store_id)
        agents = self.service.client.beta.agents
        version = agents.retrieve(self.agent_id).version
        agents.update(self.agent_id, version=version, metadata={"memory_store_id": store_id})


def night_of(
    service: Service,
    location: str,
    before: Mapping[str, str],
    reviewed: Mapping[str, str],
    *,
    late: Mapping[str, str | None] | None = None,
    dream: Callable[[str], None] = lambda output_id: None,
    **more: Any,
) -> Night:
    """
    Make a night: the output is a copy of ``before`` that was then made ``reviewed``.

    :param late: what reaches the input after the dream was launched: content, or None for a delete.
    :param dream: what else the dream does to the output, such as to rename.
    """
    input_id = service.store(before, name="Support", description="What we know", metadata={"team": "support"})
    output_id = service.store(before, name="Support (dream)", metadata={"brought": "by the clone"})
    for path in before.keys() - reviewed.keys():
        service.remove(output_id, path)
    for path, content in reviewed.items():
        if before.get(path) != content:
            service.put(output_id, path, content)
    dream(output_id)
    night = Night(
        service,
        location,
        input_id,
        output_id,
        service.deployment(mounted(input_id)),
        service.agent(memory_store_id=input_id),
        **more,
    )
    night.dreamed()
    night.decide()
    write_late(night, late or {})
    return night


def write_first(night: Night, late: Mapping[str, str | None]) -> None:
    """Let a session write to the output right before Dreamflow next writes a memory there."""

    def interfere(number: int, request: httpx2.Request) -> None:
        if request.method != "GET" and f"/{night.output_id}/memories" in request.url.path:
            night.wire.before = lambda number, request: None
            write_late(night, late, night.output_id)

    night.wire.before = interfere


def take_back(night: Night, late: Mapping[str, str | None]) -> None:
    """Swap one target of two, let agents write to the output, and let verify take the swap back."""
    night.carry()
    night.repoint(0)
    write_late(night, late, night.output_id)
    with pytest.raises(StateError, match="was set back"):
        night.verify()


def write_late(night: Night, late: Mapping[str, str | None], store_id: str | None = None) -> None:
    for path, content in late.items():
        if content is None:
            night.service.remove(store_id or night.input_id, path)
        else:
            night.service.put(store_id or night.input_id, path, content)
