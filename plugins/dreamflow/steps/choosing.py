"""Choosing, before the decision, what becomes of a late write that can't be merged."""

from __future__ import annotations

import logging
from typing import TYPE_CHECKING

from pydantic import BaseModel, ConfigDict, Field

from dreamflow.core.late_notes import Choice, LateChoice
from dreamflow.core.secrets.masking import mask
from dreamflow.errors import EditRefused
from dreamflow.steps.carry import forecast
from dreamflow.steps.stores import check_undecided, stores_of, usable_output
from dreamflow.steps.telling import tell

if TYPE_CHECKING:
    from dreamflow.core.late_notes import LateNote
    from dreamflow.records.files import RunRecords
    from dreamflow.steps.carry import Forecast
    from dreamflow.steps.world import World

__all__ = ["LateChoiceRequest", "choose_late"]

log = logging.getLogger(__name__)


class LateChoiceRequest(BaseModel):
    """
    What a reviewer chooses for one late write.

    ``beside``: what can be merged is, and the rest is kept beside it, as without a choice. ``late``: the memory is as
    its writer left it, whatever the dream made of it. ``dream``: the memory is as the dream made it, and the late write
    is dropped; the review goes on listing it.

    :ivar path: of the late write's note, and so ``sha256``: by them it is told whether it is the one that was shown.
    """

    model_config = ConfigDict(frozen=True, extra="forbid")

    path: str = Field(max_length=4096)
    sha256: str | None = Field(None, pattern="^[0-9a-f]{64}$")
    choice: Choice


def choose_late(world: World, run: RunRecords, request: LateChoiceRequest, by: str) -> LateNote:
    """
    Note what a reviewer chooses for a late write, and return what becomes of it then.

    The choice holds for the very write that was shown. Where its memory is written again, that is another late write.

    :param by: who chooses.
    :raises EditRefused: there is no such late write any more, it leaves nothing to choose, or it can't be taken whole.
        Nothing was changed.
    """
    usable_output(world, stores_of(run)[1])
    check_undecided(run)
    known = run.late_choices().get((request.path, request.sha256))
    note = _note_of(_forecast(world, run), request)
    if request.choice != "beside" and known is None and not note.late_path:
        raise EditRefused(
            f"the late write to {request.path!r} is merged whole: there is nothing to choose. Nothing was changed."
        )
    chosen = LateChoice(**request.model_dump(), by=by, at=world.now())
    late = _forecast(world, run, chosen)
    note = _note_of(late, request)
    if request.choice == "late" and note.choice != "late":
        raise EditRefused(f"the late write to {request.path!r}: {note.why}. Nothing was changed.")
    check_undecided(run)
    run.note_choice(chosen)
    if review := run.read_review():
        told = review.model_copy(update={"late": late.late, "late_warning": late.warning})
        tell(world, run, told, unless_decided=True)
    log.info("late write to %r: %s chose %s", mask(request.path), by, request.choice)
    return note


def _forecast(world: World, run: RunRecords, chosen: LateChoice | None = None) -> Forecast:
    input_id, output_id = stores_of(run)
    return forecast(world, run, world.hook.retrieve_store(input_id), output_id, chosen)


def _note_of(late: Forecast, request: LateChoiceRequest) -> LateNote:
    for note in late.late:
        if (note.path, note.sha256) == (request.path, request.sha256):
            return note
    raise EditRefused(
        f"the late write to {request.path!r} that was shown is not there any more: its memory was written again, or is "
        "as the dream saw it. Look at the late writes again. Nothing was changed."
    )
