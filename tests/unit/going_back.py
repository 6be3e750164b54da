"""A restore, step by step, against the embedded server: the real steps of a run of restore_memory_store."""

from __future__ import annotations

from dataclasses import dataclass, field
from datetime import UTC, datetime
from typing import Any

from dreamflow.core.handoffs import Restored, Reviewed
from dreamflow.core.lineage import Lineage, read_lineage
from dreamflow.core.review import Review
from dreamflow.records.files import RunRecords
from dreamflow.records.journal import RESTORE_KEY
from dreamflow.steps.carry import carry_late_writes
from dreamflow.steps.decide import decide
from dreamflow.steps.restore import Wish, begin_restore, clone_ancestor
from dreamflow.steps.retire import Retired, discard, retire_input
from dreamflow.steps.review import review
from dreamflow.steps.settle import settle
from dreamflow.steps.swap import repoint_targets, verify_targets
from dreamflow.steps.world import World
from tests.unit.running import Night, night_of
from tests.unit.service import Service

__all__ = ["BEFORE", "DAG_ID", "REVIEWED", "Restore", "going_back", "gone_forward", "live_of"]

DAG_ID = "restore_memory_store"

BEFORE = {
    "/keep.md": "keep\n",
    "/edit.md": "old\n",
    "/drop.md": "drop\n",
    "/customers/acme.md": "ACME: net 30\n",
}
REVIEWED = {
    "/keep.md": "keep\n",
    "/edit.md": "dreamed\n",
    "/customers/acme.md": "ACME: net 60\n",
    "/new.md": "new\n",
}


@dataclass
class Restore:
    """
    One run of the restore's DAG.

    :ivar made: what clone_ancestor has handed on. :ivar told: what the asset's event says.
    """

    world: World
    wish: Wish = field(default_factory=Wish)
    run_id: str = "manual__9"
    made: Restored | None = None
    told: dict[str, Any] = field(default_factory=dict)

    @property
    def run(self) -> RunRecords:
        return self.world.records.run(RESTORE_KEY + self.run_id)

    @property
    def clone_id(self) -> str:
        assert self.made is not None
        return self.made.output_store_id

    def begin(self) -> list[str]:
        begin_restore(self.world, self.run, DAG_ID, self.wish)
        return list(settle(self.world, self.run.run_id)[0].did)

    def clone(self) -> Restored:
        self.made = clone_ancestor(self.world, self.run, self.wish)
        return self.made

    def review(self) -> Reviewed:
        assert self.made is not None
        return review(self.world, self.run, self.made)

    def decide(self, decision: str = "Adopt") -> None:
        decide(self.run, self.review(), decision, "Ada", datetime(2026, 11, 22, 8, tzinfo=UTC), "")

    def carry(self) -> None:
        swap = self.run.journal().swap
        assert swap is not None
        carry_late_writes(self.world, self.run, swap)

    def repoint(self) -> None:
        swap = self.run.journal().swap
        assert swap is not None
        repoint_targets(self.world, self.run, swap)

    def verify(self) -> dict[str, Any]:
        self.told = verify_targets(self.world, self.run)[0]
        return self.told

    def retire(self) -> Retired:
        swap = self.run.journal().swap
        assert swap is not None
        return retire_input(self.world, self.run, swap)

    def discard(self) -> None:
        discard(self.world, self.run, self.clone_id)

    def ask(self) -> Restore:
        """Do all that comes before a person is asked."""
        self.begin()
        self.clone()
        return self

    def adopt(self) -> Restore:
        """Do all that follows a person's Adopt, and what comes before it where that was not done."""
        if self.made is None:
            self.ask()
        self.decide()
        self.carry()
        self.repoint()
        self.verify()
        self.retire()
        return self

    @property
    def question(self) -> str:
        return self.run.read_question() or ""

    @property
    def kept(self) -> Review:
        kept = self.run.read_review()
        assert kept is not None
        return kept

    @property
    def lineage(self) -> Lineage:
        lineage = read_lineage(self.world.hook.retrieve_store(self.clone_id))
        assert lineage is not None
        return lineage


def going_back(night: Night, run_id: str = "manual__9", **wish: Any) -> Restore:
    """Return a restore of the night's pipeline."""
    return Restore(night.world, Wish(**wish), run_id)


def gone_forward(service: Service, location: str) -> Night:
    """Return a night whose dream was adopted, and whose old store is archived."""
    night = night_of(service, location, BEFORE, REVIEWED)
    night.adopt()
    night.retire()
    return night


def live_of(night: Night) -> str:
    """Return the store that every target names."""
    (live,) = set(night.world.named().values())
    return live
