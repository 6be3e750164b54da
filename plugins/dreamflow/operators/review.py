"""Reviewing what a dream changed."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from dreamflow.core.handoffs import Dreamed
from dreamflow.operators.base import PipelineOperator
from dreamflow.operators.dream import instructions_of
from dreamflow.steps.review import review

if TYPE_CHECKING:
    from airflow.sdk import Context

__all__ = ["ReviewChanges"]


class ReviewChanges(PipelineOperator):
    """Compare the input, as it was when the dream was launched, with the output; run the checks; write the report."""

    # A review at the limits holds some 400 MB, and threads share one processor.
    at_once = 2

    def work(self, context: Context) -> dict[str, Any]:
        dreamed, run = self.handed(Dreamed), self.run_of(context)
        note = run.journal().dream_named(dreamed.dream_id)
        asked = instructions_of(self, context, note.late if note else 0)
        return review(self.world, run, dreamed, asked).to_json()
