"""How a fleet's members stand in a run: from each one's own journal and review."""

from __future__ import annotations

from typing import TYPE_CHECKING, NamedTuple

from dreamflow.core.fleet_review import STATE_OF, MemberState, row_of
from dreamflow.core.masking import mask
from dreamflow.errors import StateError
from dreamflow.steps.review import kept

if TYPE_CHECKING:
    from dreamflow.core.fleet_review import MemberRow
    from dreamflow.core.fleets import Member
    from dreamflow.records.files import RunRecords
    from dreamflow.records.journal import Journal

__all__ = ["Standing", "member_row", "standing_of"]


class Standing(NamedTuple):
    """A member's state in the run, as its row tells it."""

    state: MemberState
    decision: str = ""
    by: str = ""
    why: str = ""


def standing_of(journal: Journal, cleared: int) -> Standing:
    """
    Return how a member stands that came to its review.

    :param cleared: the question's life: an answer to an earlier one counts no more.
    """
    outcomes = [*journal.tasks.values()][::-1]
    if failed := next((one for one in outcomes if one.state == "failed"), None):
        return Standing("failed", why=mask(failed.why))
    if decided := journal.decision:
        state = STATE_OF.get(decided.decision, "rejected")
        return Standing(state, decision=decided.decision, by=decided.by)
    if (answer := journal.answer) and answer.cleared == cleared:
        return Standing("chosen", decision=answer.decision, by=answer.by)
    if skipped := next((one for one in outcomes if one.state == "skipped"), None):
        return Standing("left_out", why=mask(skipped.why))
    return Standing("waiting", why=mask(journal.refused[-1].why) if journal.refused else "")


def member_row(member: Member, run: RunRecords, cleared: int) -> MemberRow:
    """
    Return a member's row, as its journal and its review are now.

    :param run: the member's own records of the run. :param cleared: as for ``standing_of``.
    """
    try:
        journal, review = run.journal(), kept(run)
    except StateError as e:
        return row_of(member, None, "failed", why=mask(str(e)))
    now = standing_of(journal, cleared)
    if now.state == "waiting" and review is None and journal.dream is None:
        now = Standing("left_out", why="it has not come to a review in this run")
    return row_of(member, review, now.state, decision=now.decision, by=now.by, why=now.why)
