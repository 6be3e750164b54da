"""How a fleet's members stand in a run: from each one's own journal and review."""

from __future__ import annotations

import logging
from collections.abc import Iterator
from typing import TYPE_CHECKING, NamedTuple

from dreamflow.core.fleet_review import STATE_OF, MemberState, row_of
from dreamflow.core.secrets.masking import mask
from dreamflow.errors import DreamflowError, StateError
from dreamflow.steps.review import kept

if TYPE_CHECKING:
    from dreamflow.core.fleet_review import MemberRow
    from dreamflow.core.fleets import Member
    from dreamflow.records.files import Records, RunRecords
    from dreamflow.records.journal import Journal

__all__ = ["Standing", "list_anew", "member_row", "standing_in"]

log = logging.getLogger(__name__)


class Standing(NamedTuple):
    """A member's state in the run, as its row tells it."""

    state: MemberState
    decision: str = ""
    by: str = ""
    why: str = ""


def standing_in(run: RunRecords, cleared: int | None) -> Standing:
    """
    Return how a member stands by its own records of the run: it failed where they can't be read.

    :param cleared: the question's life: an answer to an earlier one counts no more. None: it is over.
    """
    try:
        return _standing_of(run, run.journal(), cleared)
    except StateError as e:
        # Where all of them lie may come from a variable, and the row is shown.
        return Standing("failed", why=mask(str(e).replace(run.records.location, "reports.location")))


def _standing_of(run: RunRecords, journal: Journal, cleared: int | None) -> Standing:
    outcomes = [*journal.tasks.values()][::-1]
    if failed := next((one for one in outcomes if one.state == "failed"), None):
        return Standing("failed", why=mask(failed.why))
    if decided := journal.decision:
        state = STATE_OF.get(decided.decision, "rejected")
        return Standing(state, decision=decided.decision, by=decided.by)
    if cleared is not None and (answer := run.own_answer(cleared).answer):
        return Standing("chosen", decision=answer.decision, by=answer.by)
    if skipped := next((one for one in outcomes if one.state == "skipped"), None):
        return Standing("left_out", why=mask(skipped.why))
    return Standing("waiting", why=mask(journal.refused[-1].why) if journal.refused else "")


def member_row(member: Member, run: RunRecords, cleared: int) -> MemberRow:
    """
    Return a member's row, as its journal and its review are now.

    :param run: the member's own records of the run. :param cleared: the question's life.
    """
    now, review = standing_in(run, cleared), kept(run)
    if now.state == "waiting" and review is None and run.journal().dream is None:
        now = Standing("left_out", why="it has not come to a review in this run")
    row = row_of(member, review, now.state, decision=now.decision, by=now.by, why=now.why)
    is_asked = review is not None and now.state == "waiting"
    return row.model_copy(update={"choices": run.marks().choices}) if is_asked else row


def list_anew(fleet: Records, run_id: str, shard: int) -> None:
    """
    Enter into a shard's list of members, where there is one, what became of each since it was made.

    The list is only looked at: one that can't be read or written fails nothing.
    """
    run = fleet.run(run_id)

    def as_of_now() -> Iterator[MemberRow]:
        for row in run.read_rows(shard):
            # By now nothing is chosen that is not decided.
            now = standing_in(fleet.member(row.id).run(run_id), cleared=None)
            yield row if now.state == "waiting" else row.model_copy(update=now._asdict())

    try:
        if shard in run.shards():
            run.write_rows(shard, as_of_now())
    except (DreamflowError, OSError) as e:
        log.warning("the list of members is as it was when they were asked about: %s", e)
