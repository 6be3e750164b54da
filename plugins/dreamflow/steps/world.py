"""What a step works on."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import TYPE_CHECKING

from dreamflow.core.ancestry import was_adopted
from dreamflow.core.fleets import name_for_people
from dreamflow.targets import live_store

if TYPE_CHECKING:
    from dreamflow.config import Pipeline
    from dreamflow.core.objects import MemoryStore
    from dreamflow.hooks.managed_agents import ManagedAgentsHook
    from dreamflow.records.files import Records
    from dreamflow.steps.fleet_ledger import FleetLedger
    from dreamflow.targets import LiveTarget

__all__ = ["World"]


def _utcnow() -> datetime:
    return datetime.now(UTC)


@dataclass(frozen=True)
class World:
    """
    The service, the targets, the records and the clock, as one pipeline sees them.

    :ivar is_under_way: asks Airflow whether a run of a DAG is under way; without a run's id, whether any is.
    :ivar has_shard_ended: asks it whether a shard of one of the fleet's runs has ended, though the run has not.
    :ivar airflow: where Airflow is served, without a slash at its end; empty where its configuration does not say.
    :ivar ledger: what the night of a fleet's member may still use; None where the pipeline has its night to itself.
    :ivar targets: in the order of the pipeline's file; the first is the truth about what is live.
    """

    pipeline: Pipeline
    hook: ManagedAgentsHook
    targets: Sequence[LiveTarget]
    records: Records
    now: Callable[[], datetime] = _utcnow
    is_under_way: Callable[[str, str | None], bool] = lambda dag_id, run_id: False
    has_shard_ended: Callable[[str, int], bool] = lambda run_id, shard: False
    airflow: str = ""
    ledger: FleetLedger | None = None

    def live_store(self) -> MemoryStore:
        """
        Return the store that the first target names.

        :raises StateError: it is archived.
        """
        return live_store(self.targets[0], self.hook)

    def named(self) -> dict[str, str]:
        """Return which store each target names, by the target's name."""
        return {target.name: target.read() for target in self.targets}

    def is_adopted(self, store_id: str, live_id: str | None = None) -> bool:
        """Tell whether a store is the live one, or one that it came of."""
        return was_adopted(self.hook.find_store, store_id, live_id or self.targets[0].read())

    def mounting_deployments(self, store_id: str, *, anew: bool = False) -> dict[str, str]:
        """
        Return the deployments of the workspace that mount the store, by id: archiving it would pause them.

        :param anew: it is about to be archived.
        """
        shown = self.pipeline.shown
        return {
            deployment.id: f"deployment {shown(deployment.id)} ({name_for_people(deployment.name, shown)})"
            for deployment in self.hook.deployments_mounting(store_id, anew=anew)
        }
