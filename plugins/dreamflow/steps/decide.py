"""Noting what was decided on a dream or a restore, and the swap that follows from it."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime
from typing import TYPE_CHECKING, Any

from dreamflow.core.handoffs import ADOPT, Decided, Reviewed, Swap
from dreamflow.core.selection import covered_through
from dreamflow.errors import StateError

if TYPE_CHECKING:
    from dreamflow.records.files import RunRecords
    from dreamflow.records.journal import Journal

__all__ = ["decide"]


def decide(
    run: RunRecords,
    reviewed: Reviewed,
    decision: str,
    by: str,
    at: datetime,
    comment: str,
    *,
    ticked: Sequence[str] = (),
    looked: bool = True,
) -> Decided:
    """
    Note the decision in the run's journal, with the edits that led to it, and the swap where it is to adopt.

    :param reviewed: what was decided on: digest and counts are those of the output as it was then.
    :param ticked: ids of the findings that were looked at. :param looked: whether a person looked at all.

    :raises StateError: the journal does not know the dream, or the restore, that was reviewed.
    """
    journal = run.journal()
    made = _made(journal, reviewed)
    if made is None:
        raise StateError(
            f"{run.folder}/journal.json does not know the {'restore' if reviewed.ancestor_id else 'dream'} that was "
            "reviewed, so there is nothing to decide on. Bring it back from a backup, or trigger a new run."
        )
    before, after = made["before"], made["after"]
    swap = None
    if decision == ADOPT:
        swap = Swap(**made, reviewed=reviewed.digest, by=by, at=at, counts=reviewed.counts)
        noted = journal.swap
        if noted is not None and (noted.before, noted.after) == (before, after):
            # Answered again: what was done of the same swap stands.
            done = {name: getattr(noted, name) for name in ("adopted", "begun_at", "verified_at")}
            swap = swap.model_copy(update=done)
    decided = Decided(
        decision=decision,
        by=by,
        at=at,
        comment=comment,
        digest=reviewed.digest,
        output_store_id=after,
        ticked=tuple(ticked),
        looked=looked,
        swap=swap,
    )
    run.note(decision=decided.model_copy(update={"swap": None}), swap=swap or journal.swap, edits=run.edits())
    return decided


def _made(journal: Journal, reviewed: Reviewed) -> dict[str, Any] | None:
    """
    Return what a swap says of how its store was made; None where the journal does not know.

    What counts as covered by it is what the dream was given, whatever has been collected since; or what the content
    that a restore brings back has read.
    """
    if reviewed.ancestor_id:
        back = journal.restore
        if back is None or back.ancestor_id != reviewed.ancestor_id:
            return None
        known: dict[str, Any] = {
            "ancestor_id": back.ancestor_id,
            "content": back.content,
            "through": back.through,
        }
        return {
            **known,
            "before": back.input_store_id,
            "after": reviewed.output_store_id,
            "scope_mark": back.scope_mark,
        }
    # A review from before the upgrade does not name its dream.
    note = journal.dream_named(reviewed.dream_id) if reviewed.dream_id else journal.dream
    if note is None:
        return None
    return {
        "before": reviewed.input_store_id or note.input_store_id,
        "after": reviewed.output_store_id or note.output_store_id or "",
        "dream_id": reviewed.dream_id or note.dream_id or "",
        "through": covered_through(note.through, note.created_at),
        "scope_mark": note.scope_mark,
    }
