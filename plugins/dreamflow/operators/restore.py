"""Going back to an earlier store: what a restore does otherwise than a dream's run. The rest are the same operators."""

from __future__ import annotations

from collections.abc import Mapping
from typing import TYPE_CHECKING, Any, ClassVar

from dreamflow.core.handoffs import ADOPT, REJECT, Restored
from dreamflow.operators.approval import ApproveDream
from dreamflow.operators.base import PipelineOperator
from dreamflow.operators.review import ReviewChanges
from dreamflow.operators.settle import SettleEarlierRuns
from dreamflow.params import wish_of
from dreamflow.steps.restore import Wish, begin_restore, clone_ancestor
from dreamflow.steps.review import review
from dreamflow.tasks import CARRY_LATE_WRITES, DISCARD_OUTPUT

if TYPE_CHECKING:
    from airflow.sdk import Context

    from dreamflow.config import ApprovalMode

__all__ = ["ApproveRestore", "BeginRestore", "CloneAncestor", "ReviewRestore"]


class BeginRestore(SettleEarlierRuns):
    """Refuse where another run may swap the same memory; else keep such runs off, and settle what earlier ones left."""

    def work(self, context: Context) -> dict[str, Any]:
        wish = Wish(**wish_of(context["params"]))
        self.check_members()
        begin_restore(self.world, self.run_of(context), self.dag_id, wish)
        return super().work(context)


class CloneAncestor(PipelineOperator):
    """Copy the store to go back to, with what agents wrote since, or a list of it."""

    def work(self, context: Context) -> dict[str, Any]:
        wish = Wish(**wish_of(context["params"]))
        return clone_ancestor(self.world, self.run_of(context), wish).to_json()


class ReviewRestore(ReviewChanges):
    """Compare the live store with the clone that is to replace it."""

    def work(self, context: Context) -> dict[str, Any]:
        return review(self.world, self.run_of(context), self.handed(Restored)).to_json()


class ApproveRestore(ApproveDream):
    """Ask a person, whatever ``approval.mode`` says: going back is nobody's routine. Adopt or Reject."""

    what = "a restore of {}"
    waiting = "nothing is dreamed by %s: its nights are skipped"
    question = "Let the memory of {} go back to what the review shows?"
    branches: ClassVar[Mapping[str, str]] = {ADOPT: CARRY_LATE_WRITES, REJECT: DISCARD_OUTPUT}
    comment = ("Comment", "Why. It is kept with the decision.")

    def approval_mode(self, context: Context) -> ApprovalMode:
        return "required"
