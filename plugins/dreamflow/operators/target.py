"""Swapping the live store in the targets."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from airflow.sdk import Asset, AssetAlias

from dreamflow.errors import SwapNotBegun
from dreamflow.operators.base import PipelineOperator, live_store_asset, shard_of_task, tell_adoption
from dreamflow.records.rosters import find_roster
from dreamflow.steps.adopting import verified
from dreamflow.steps.swap import repoint_targets

if TYPE_CHECKING:
    from airflow.sdk import Context

    from dreamflow.config import Pipeline
    from dreamflow.steps.fleet import Round, Worked

__all__ = ["Repoint", "VerifyTargets"]


class Repoint(PipelineOperator):
    """Write the output store into every target, one after the other, if and only if it still names the input."""

    def work(self, context: Context) -> list[dict[str, str]]:
        return repoint_targets(self.world, self.run_of(context), self.swap(context))


class VerifyTargets(PipelineOperator):
    """
    Read every target back. A swap that is only half done is taken back, and the run fails.

    Runs after a failed ``repoint`` too. On success it emits the event of the pipeline's asset, with the lineage.
    """

    def __init__(self, *, pipeline: Pipeline | None = None, **kwargs: Any) -> None:
        # Whose memory a restore swaps is known when it runs.
        self.told: Asset | AssetAlias = (
            live_store_asset(pipeline) if pipeline else AssetAlias("restore__adopted")
        )
        super().__init__(pipeline=pipeline, outlets=[self.told], **kwargs)

    def work_through(self, context: Context) -> Any:
        if find_roster(self.records, str(context["run_id"]), shard_of_task(context)) is None:
            raise SwapNotBegun("the run stopped before it knew its members. No target was changed.")
        return super().work_through(context)

    def leave(self, context: Context, now: Round, worked: Worked[Any]) -> Any:
        if not worked.outcomes and not worked.passing:
            raise SwapNotBegun("no member came to its swap: an earlier task failed, and says whose and why.")
        tally = super().leave(context, now, worked)
        told = {"fleet": self.pipeline.name, "adopted": tally["done"], "folder": tally["folder"]}
        tell_adoption(context, self.told, self.pipeline, told)
        return tally

    def work(self, context: Context) -> dict[str, Any]:
        adoption, left = verified(self.world, self.run_of(context))
        tell_adoption(context, self.told, self.pipeline, adoption)
        return left
