"""Keeping a review in all its forms, and telling in it what was done after it."""

from __future__ import annotations

import logging
from collections.abc import Iterable, Iterator
from typing import TYPE_CHECKING, NamedTuple

from dreamflow.core.comparing import joined
from dreamflow.core.objects import MemoryEntry
from dreamflow.core.report import render_question
from dreamflow.core.review import Decision
from dreamflow.errors import DreamflowError
from dreamflow.rendering.record import render_record
from dreamflow.steps.bodies import BODIES
from dreamflow.steps.texts import Texts

if TYPE_CHECKING:
    from dreamflow.core.handoffs import Decided
    from dreamflow.core.kept_fates import KeptFates
    from dreamflow.core.old_places import OldPlaces
    from dreamflow.core.review import Held, Review
    from dreamflow.core.sources import Sources
    from dreamflow.records.files import RunRecords
    from dreamflow.steps.world import World

__all__ = ["FoundAnew", "decision_of", "tell", "tell_late"]

log = logging.getLogger(__name__)


class FoundAnew(NamedTuple):
    """
    What is kept beside a review.

    :ivar fates: what became of the lines that went. :ivar old_places: where the input says what is new.
    :ivar sources: where each specific of a new line was said.
    """

    fates: KeptFates
    old_places: OldPlaces
    sources: Sources


def tell(
    world: World,
    run: RunRecords,
    review: Review,
    diffs: Iterable[tuple[str, str, str]] | None = None,
    anew: FoundAnew | None = None,
    *,
    unless_decided: bool = False,
) -> None:
    """
    Keep the review: first the renderings, so that whoever sees it in its file finds them as new.

    :param diffs: (path, before, after) of what changed, where whoever asks has the texts at hand.
    :param anew: what was found anew beside the review; None: as it is kept.
    :param unless_decided: keep nothing where there is a decision by now: the tab's process may have made a review
        while the task took the answer, and what is kept then is what was decided on.
    """
    diffs = _diffs(world, run, review) if diffs is None else diffs
    fates = anew.fates if anew else run.read_fates(review.digest)
    record = render_record(review, diffs, fates, anew.sources if anew else run.read_sources(review.digest))
    if unless_decided and run.journal().decision is not None:
        return
    if anew is not None:
        run.write_fates(anew.fates)
        run.write_old_places(review.digest, anew.old_places)
        run.write_sources(anew.sources)
    run.write_question(render_question(review, world.airflow))
    run.write_record(record)
    run.write_review(review)


def decision_of(decided: Decided | None) -> Decision | None:
    """Return a decision as a review tells of it."""
    return Decision(**decided.model_dump(include=set(Decision.model_fields))) if decided else None


def tell_late(world: World, run: RunRecords) -> None:
    """
    Enter into the run's review, where there is one, what became of the late writes: no forecast stays in it.

    What was carried is carried: a review that can't be read or written fails nothing.
    """
    try:
        if review := run.read_review():
            journal = run.journal()
            decision = decision_of(journal.decision) or review.decision
            now = {"late": journal.late, "late_warning": "", "decision": decision}
            tell(world, run, review.model_copy(update=now))
    except DreamflowError as e:
        log.warning("the late writes are in the journal, and could not be entered into the review: %s", e)


def _diffs(world: World, run: RunRecords, review: Review) -> Iterator[tuple[str, str, str]]:
    """Yield (path, before, after) of what changed, as it was compared; fetched as it is asked for."""
    before = run.read_listing("base", review.input.id) or {}
    after = {change.path: _entry(change.after) for change in review.changes if change.after}
    olds = Texts(world.hook, review.input.id, before, bodies=BODIES, skip_redacted=True)
    news = Texts(world.hook, review.output.id, after, bodies=BODIES, skip_redacted=True)
    for change in review.changes:
        texts = [text for _, text in olds.each([path for path in change.origins if path in before])]
        yield change.path, joined(texts), news.get(change.path) if change.after else ""


def _entry(held: Held) -> MemoryEntry:
    return MemoryEntry(held.memory_id, held.sha256, held.version_id, held.size)
