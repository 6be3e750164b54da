"""What is done to the stores themselves: carry late writes, discard the output, retire the input."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from dreamflow.core.handoffs import ADOPT, REJECT
from dreamflow.operators.base import PipelineOperator
from dreamflow.steps.adopting import carried
from dreamflow.steps.retire import discard, retire_input

if TYPE_CHECKING:
    from airflow.sdk import Context

__all__ = ["CarryLateWrites", "DiscardOutput", "RetireInput"]


class CarryLateWrites(PipelineOperator):
    """Bring the output up to what the input received since the dream was launched, and make it the input's heir."""

    decision = ADOPT

    def work(self, context: Context) -> dict[str, Any]:
        return carried(self.world, self.run_of(context), self.swap(context))


class DiscardOutput(PipelineOperator):
    """Archive the output of a dream that was not adopted. The targets and the input stay as they are."""

    decision = REJECT

    def work(self, context: Context) -> dict[str, Any]:
        output_id = self.decided(context).output_store_id
        discard(self.world, self.run_of(context), output_id)
        return {"archived_store_id": output_id}


class RetireInput(PipelineOperator):
    """
    Archive the input once nothing could still write to it; carry what came in until then.

    Where sessions or deployments still hold it, it is left to the next run's settle, and said so.
    """

    def work(self, context: Context) -> dict[str, Any]:
        swap = self.swap(context)
        return {**retire_input(self.world, self.run_of(context), swap).to_json(), "swap": swap.to_json()}
