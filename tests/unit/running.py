"""One night of a pipeline, step by step, against the embedded server: the real operators in a small context."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any, cast

import httpx2
from dreamflow.run_files import RunFiles, open_runs

from dreamflow.config import Pipeline
from dreamflow.core.changes import digest
from dreamflow.core.objects import Listing
from dreamflow.operators.memory_store import CarryLateWrites, DiscardOutput, RetireInput
from dreamflow.operators.settle import SettleEarlierRuns
from dreamflow.operators.target import Repoint, VerifyTargets
from dreamflow.tasks import APPROVE, CARRY_LATE_WRITES, COLLECT_SESSIONS, WAIT_FOR_DREAM, PipelineOperator
from tests.unit.service import Service, Wire, mounted, wired

if TYPE_CHECKING:
    from airflow.sdk import Context


@dataclass
class TaskInstance:
    """The part of Airflow's that the operators use: what each task of the run has left."""

    left: dict[str, Any] = field(default_factory=dict)
    task_id: str = ""
    task: Any = None
    max_tries: int = 5
    map_index: int = -1

    def xcom_pull(self, task_ids: str) -> Any:
        return self.left.get(task_ids)

    def xcom_push(self, key: str, value: Any) -> None:
        if key == "return_value":
            self.left[self.task_id] = value


class TaskState(dict[str, Any]):
    """A task's state store."""

    def set(self, key: str, value: Any) -> None:
        self[key] = value

    def delete(self, key: str) -> None:
        self.pop(key, None)


class OutletEvents(dict[Any, Any]):
    """The events of a task's assets, each made when it is asked for."""

    def __missing__(self, asset: Any) -> Any:
        self[asset] = type("Event", (), {"extra": {}})()
        return self[asset]


def context_of(run_id: str, left: Mapping[str, Any] | None = None, **params: Any) -> Context:
    context = {
        "run_id": run_id,
        "ti": TaskInstance(dict(left or {})),
        "task_state_store": TaskState(),
        "params": params,
        "outlet_events": OutletEvents(),
    }
    return cast("Context", context)


def pipeline_of(location: str, *targets: Mapping[str, Any], **more: Any) -> Pipeline:
    """Return a pipeline that counts an idle session as gone at once."""
    data = {
        "name": "support",
        "targets": list(targets),
        "reports": {"location": location},
        "retire": {"idle_for": "PT0S"},
    }
    return Pipeline.model_validate({**data, **more})


@dataclass
class Night:
    """
    A run whose dream is done and approved: two targets name the input; the output is what was reviewed.

    :ivar input_id: the live store. :ivar output_id: what the dream made of it.
    """

    service: Service
    location: str
    input_id: str
    output_id: str
    deployment_id: str
    agent_id: str
    run_id: str = "manual__1"
    wire: Wire = field(default_factory=Wire)
    retire_settings: dict[str, Any] = field(default_factory=lambda: {"idle_for": "PT0S"})

    def __post_init__(self) -> None:
        self.hook = wired(self.wire)
        self.pipeline = pipeline_of(
            self.location,
            {"type": "deployment", "deployment_id": self.deployment_id},
            {"type": "agent", "agent_id": self.agent_id},
            retire=self.retire_settings,
        )
        self.context = context_of(self.run_id)

    @property
    def left(self) -> dict[str, Any]:
        return cast(TaskInstance, self.context["ti"]).left

    @property
    def files(self) -> RunFiles:
        return RunFiles(self.location, "support", self.run_id)

    def approve(self, base: Listing) -> None:
        """Leave what the tasks before the decision leave: base listing, marker, and an Adopt of the output as it is."""
        reviewed = digest(self.hook.list_memories(self.output_id))
        self.files.write_listing("base", self.input_id, base)
        self.files.mark_open({"output_store_id": self.output_id})
        self.left[COLLECT_SESSIONS] = {
            "input_store_id": self.input_id,
            "session_ids": [],
            "through": "2026-11-20T12:00:00+00:00",
            "left_for_next_run": 0,
        }
        self.left[WAIT_FOR_DREAM] = {"dream_id": "drm_1", "output_store_id": self.output_id}
        self.left[APPROVE] = {"decision": "Adopt", "by": "Ada", "digest": reviewed, "comment": ""}

    def equip(self, operator: PipelineOperator) -> PipelineOperator:
        operator.__dict__["hook"] = self.hook
        return operator

    def carry(self) -> dict[str, Any]:
        operator = self.equip(CarryLateWrites(task_id=CARRY_LATE_WRITES, pipeline=self.pipeline))
        self.left[CARRY_LATE_WRITES] = left = operator.execute(self.context)
        return cast(dict[str, Any], left)

    def repoint(self, position: int) -> Any:
        operator = Repoint(task_id=f"repoint_{position}", pipeline=self.pipeline, position=position)
        return self.equip(operator).execute(self.context)

    def verify(self) -> Any:
        return self.equip(VerifyTargets(task_id="verify_targets", pipeline=self.pipeline)).execute(
            self.context
        )

    def retire(self) -> Any:
        return self.equip(RetireInput(task_id="retire_input", pipeline=self.pipeline)).execute(self.context)

    def discard(self) -> Any:
        return self.equip(DiscardOutput(task_id="discard_output", pipeline=self.pipeline)).execute(
            self.context
        )

    def adopt(self) -> None:
        self.carry()
        self.repoint(0)
        self.repoint(1)
        self.verify()

    def settle(self, run_id: str = "manual__2") -> dict[str, Any]:
        """Settle in the next run."""
        operator = self.equip(SettleEarlierRuns(task_id="settle_earlier_runs", pipeline=self.pipeline))
        return cast(dict[str, Any], operator.execute(context_of(run_id)))

    def named(self) -> list[str]:
        """Return which store each target names: ``input``, ``output``, or an id."""
        names = {self.input_id: "input", self.output_id: "output"}
        (entry,) = self.service.resources(self.deployment_id)
        ids = [entry["memory_store_id"], self.service.agent_metadata(self.agent_id)["memory_store_id"]]
        return [names.get(store_id, store_id) for store_id in ids]

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
            "open": open_runs(self.location, "support"),
        }


def night_of(
    service: Service,
    location: str,
    before: Mapping[str, str],
    reviewed: Mapping[str, str],
    *,
    late: Mapping[str, str | None] | None = None,
    **more: Any,
) -> Night:
    """Make a night. ``late`` is what reaches the input after the dream was launched: content, or None for a delete."""
    input_id = service.store(before, name="Support", description="What we know", metadata={"team": "support"})
    output_id = service.store(reviewed, name="Support (dream)", metadata={"brought": "by the clone"})
    night = Night(
        service,
        location,
        input_id,
        output_id,
        service.deployment(mounted(input_id)),
        service.agent(memory_store_id=input_id),
        **more,
    )
    night.approve(night.hook.list_memories(input_id))
    write_late(night, late or {})
    return night


def write_first(night: Night, late: Mapping[str, str | None]) -> None:
    """Let a session write to the output right before Dreamflow next writes a memory there."""

    def interfere(number: int, request: httpx2.Request) -> None:
        if request.method != "GET" and f"/{night.output_id}/memories" in request.url.path:
            night.wire.before = lambda number, request: None
            write_late(night, late, night.output_id)

    night.wire.before = interfere


def write_late(night: Night, late: Mapping[str, str | None], store_id: str | None = None) -> None:
    for path, content in late.items():
        if content is None:
            night.service.remove(store_id or night.input_id, path)
        else:
            night.service.put(store_id or night.input_id, path, content)
