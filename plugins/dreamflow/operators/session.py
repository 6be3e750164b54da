"""Collecting the sessions that the next dream reads."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from dreamflow.core.handoffs import Settled
from dreamflow.operators.base import PipelineOperator
from dreamflow.steps.collect import collect

if TYPE_CHECKING:
    from airflow.sdk import Context

__all__ = ["CollectSessions"]


class CollectSessions(PipelineOperator):
    """Choose the sessions for the next dream. The run is skipped where fewer than ``sessions.minimum`` qualify."""

    def work(self, context: Context) -> dict[str, Any]:
        limit, until = self.settings(context).limit, self.night_part(context).until
        return collect(self.world, self.handed(Settled), limit=limit, until=until).to_json()
