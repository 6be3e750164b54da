"""A person's decision on a dream, or on those of a fleet."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from dreamflow.core.handoffs import ADOPT, AGAIN, REJECT
from dreamflow.operators.asking import AskPerson
from dreamflow.operators.fleet_question import FleetQuestion

if TYPE_CHECKING:
    from airflow.sdk import Context

    from dreamflow.records.journal import Answer

__all__ = ["ADOPT", "AGAIN", "REJECT", "ApproveDream"]


class ApproveDream(AskPerson):
    """Ask a person to adopt what was dreamed, once for all members of a fleet, and branch on the answer."""

    def work_through(self, context: Context) -> Any:
        return FleetQuestion(self, context).work(None)

    def answered(self, context: Context, answer: Answer) -> Any:
        return (
            FleetQuestion(self, context).work(answer) if self.is_fleet else super().answered(context, answer)
        )
