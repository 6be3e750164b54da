"""A pipeline over the sessions of one agent, and nights that are adopted."""

from __future__ import annotations

from dataclasses import dataclass, field
from datetime import UTC, datetime
from typing import Any

import pytest

from dreamflow.core.handoffs import Collected, Settled
from dreamflow.core.launching import DreamRequest
from dreamflow.core.lineage import Lineage
from dreamflow.errors import SkipRun
from dreamflow.steps.collect import collect
from tests.unit.running import pipeline_of, world_of
from tests.unit.service import MODEL, Service, Wire, wired


@dataclass
class Desk:
    """A pipeline over the sessions of one agent, whose metadata names the live store."""

    service: Service
    location: str
    settings: dict[str, Any] = field(default_factory=dict)
    pipeline: dict[str, Any] = field(default_factory=dict)

    def __post_init__(self) -> None:
        self.wire = Wire()
        self.hook = wired(self.wire)
        self.live = self.service.store({"/a.md": "one"})
        self.agent_id = self.service.agent(memory_store_id=self.live)

    def collect(self, limit: int = 50, **more: Any) -> Collected:
        settings = {"agent_id": self.agent_id, **self.settings}
        target = {"type": "agent", "agent_id": self.agent_id}
        pipeline = pipeline_of(self.location, target, sessions=settings, **self.pipeline)
        world = world_of(pipeline, self.wire)
        return collect(world, Settled(live_store_id=self.live), limit=limit, **more)

    def fail(self, *session_ids: str, naming: str) -> None:
        """Let a dream over the sessions fail on one of them."""
        failure = {"type": "input_session_unavailable", "message": f"session {naming} can't be read"}
        self.service.client.post("/_control/dreams/fail_next", cast_to=object, body=failure)
        dream = self.hook.create_dream(DreamRequest(self.live, session_ids, MODEL, None))
        while dream.status in ("pending", "running"):
            dream = self.hook.retrieve_dream(dream.id)

    def adopt(self, collected: Collected) -> str:
        """Dream over what was collected, make the output the heir, and point the agent at it."""
        request = DreamRequest(self.live, collected.session_ids, MODEL, None)
        dream = self.hook.create_dream(request)
        while dream.status in ("pending", "running"):
            dream = self.hook.retrieve_dream(dream.id)
        assert dream.output_store_id is not None
        lineage = Lineage(
            pipeline="support",
            parent=self.live,
            dream=dream.id,
            run="manual__1",
            through=collected.through,
            adopted_at=datetime.now(UTC),
            adopted_by="Ada",
            scope=collected.scope,
        )
        self.point_at(dream.output_store_id, lineage)
        assert dream.session_id is not None
        return dream.session_id

    def point_at(self, store_id: str, lineage: Lineage) -> None:
        self.hook.update_store(store_id, name="Notes", description="", metadata=lineage.pairs())
        version = self.service.client.beta.agents.retrieve(self.agent_id).version
        metadata: dict[str, str | None] = {"memory_store_id": store_id}
        self.service.client.beta.agents.update(self.agent_id, version=version, metadata=metadata)
        self.live = store_id

    def restore(self, ancestor_id: str, *, through: datetime | None) -> None:
        """Adopt a new store that goes on from an ancestor's content."""
        lineage = Lineage(
            pipeline="support",
            parent=self.live,
            dream="",
            run="manual__2",
            through=through,
            adopted_at=datetime.now(UTC),
            adopted_by="Ada",
            content=ancestor_id,
            scope=self.agent_id,
        )
        self.point_at(self.service.store(), lineage)

    def nothing_left(self) -> None:
        with pytest.raises(SkipRun, match="0 sessions qualify"):
            self.collect()
