"""Settling what earlier runs left."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from airflow.sdk import AssetAlias

from dreamflow.operators.base import PipelineOperator, live_store_asset
from dreamflow.steps.settle import settle

if TYPE_CHECKING:
    from airflow.sdk import Context

    from dreamflow.config import Pipeline

__all__ = ["SettleEarlierRuns"]


class SettleEarlierRuns(PipelineOperator):
    """Repair what earlier runs of the pipeline left. A dry run only says what it would do."""

    def __init__(self, *, pipeline: Pipeline, **kwargs: Any) -> None:
        # An alias emits only what is added to it: most nights no swap is left to finish.
        super().__init__(pipeline=pipeline, outlets=[_settled(pipeline)], **kwargs)

    def work(self, context: Context) -> dict[str, Any]:
        only_say = self.settings(context).dry_run
        settled, adoptions = settle(self.world, str(context["run_id"]), only_say=only_say)
        for adoption in adoptions:
            events = context["outlet_events"][_settled(self.pipeline)]
            events.add(live_store_asset(self.pipeline), extra=adoption)
        return settled.to_json()


def _settled(pipeline: Pipeline) -> AssetAlias:
    return AssetAlias(f"memory_store__{pipeline.name}__settled")
