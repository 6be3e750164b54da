"""Keeping a review in all its forms, and telling in it what was done after it."""

from __future__ import annotations

import logging
from typing import TYPE_CHECKING

from dreamflow.core.report import render_question
from dreamflow.errors import DreamflowError

if TYPE_CHECKING:
    from dreamflow.core.review import Review
    from dreamflow.records.files import RunRecords
    from dreamflow.steps.world import World

__all__ = ["tell", "tell_late"]

log = logging.getLogger(__name__)


def tell(world: World, run: RunRecords, review: Review) -> None:
    """Keep the review: first the renderings, so that whoever sees it in its file finds them as new."""
    run.write_question(render_question(review, world.airflow))
    run.write_review(review)


def tell_late(world: World, run: RunRecords) -> None:
    """
    Enter into the run's review, where there is one, what became of the late writes: no forecast stays in it.

    What was carried is carried: a review that can't be read or written fails nothing.
    """
    try:
        if review := run.read_review():
            tell(world, run, review.model_copy(update={"late": run.journal().late, "late_warning": ""}))
    except DreamflowError as e:
        log.warning("the late writes are in the journal, and could not be entered into the review: %s", e)
