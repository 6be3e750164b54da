"""Reviewing what a dream changed."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from dreamflow.core.checks.unchanged import NIGHTS
from dreamflow.core.handoffs import Dreamed
from dreamflow.notify import UnchangedNotice
from dreamflow.operators.base import PipelineOperator
from dreamflow.operators.dream import instructions_of
from dreamflow.steps.review import review

if TYPE_CHECKING:
    from collections.abc import Sequence

    from airflow.sdk import Context

    from dreamflow.steps.fleet import Round, Worked

__all__ = ["ReviewChanges"]


class ReviewChanges(PipelineOperator):
    """Compare the input, as it was when the dream was launched, with the output; run the checks; write the report."""

    # A review at the limits holds some 400 MB, and threads share one processor.
    at_once = 2

    def work(self, context: Context) -> dict[str, Any]:
        dreamed, run = self.handed(Dreamed), self.run_of(context)
        note = run.journal().dream_named(dreamed.dream_id)
        asked = instructions_of(self, context, note.late if note else 0)
        reviewed = review(self.world, run, dreamed, asked)
        if self.pipeline.member is None and reviewed.unchanged_nights == NIGHTS:
            self._tell_unchanged(context)
        return reviewed.to_json()

    def leave(self, context: Context, now: Round, worked: Worked[Any]) -> Any:
        left = super().leave(context, now, worked)
        members = [
            member.called
            for member in now.members
            if (outcome := worked.outcomes.get(member.id)) is not None
            and outcome.state == "done"
            and outcome.left.get("unchanged_nights") == NIGHTS
        ]
        if members:
            self._tell_unchanged(context, members)
        return left

    def _tell_unchanged(self, context: Context, members: Sequence[str] = ()) -> None:
        """
        Tell people, once a night: the night after, it is the fourth. Only who is killed in between tells twice.

        The run that began the night tells it, not those that follow.
        """
        run = self.run_of(context)
        if self.night_part(context).night == context["run_id"] and not run.journal().told_unchanged:
            UnchangedNotice(self.pipeline, NIGHTS, members).notify(context)
            run.note(told_unchanged=True)
