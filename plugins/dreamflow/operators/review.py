"""Reviewing what a dream changed."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from dreamflow.core.handoffs import Dreamed
from dreamflow.operators.base import PipelineOperator, night_part
from dreamflow.steps.review import review

if TYPE_CHECKING:
    from airflow.sdk import Context

__all__ = ["ReviewChanges"]


class ReviewChanges(PipelineOperator):
    """Compare the input, as it was when the dream was launched, with the output; run the checks; write the report."""

    def work(self, context: Context) -> dict[str, Any]:
        asked = night_part(context).instructions(self.settings(context).instructions)
        return review(self.world, self.run_of(context), self.handed(Dreamed), asked).to_json()
