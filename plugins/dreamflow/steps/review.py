"""
Reviewing what a dream changed, or what going back would.

The review is made once, kept in the run's files, and made anew where the output was edited since: from what is kept of
the sessions, so that no transcript is read twice. Once there is a decision it stays as it was decided on.
"""

from __future__ import annotations

import logging
from typing import TYPE_CHECKING, NamedTuple

from dreamflow.core.changes import digest
from dreamflow.core.handoffs import Dreamed, Restored, Reviewed
from dreamflow.core.kept_fates import KeptFates
from dreamflow.core.review import DreamFacts, RestoreFacts, Review, StoreFacts, verdict_of
from dreamflow.errors import DreamflowError, StateError
from dreamflow.steps.carry import Forecast, forecast
from dreamflow.steps.examining import examine, unchanged_nights
from dreamflow.steps.stores import usable_output
from dreamflow.steps.telling import FoundAnew, decision_of, tell

if TYPE_CHECKING:
    from dreamflow.core.handoffs import Decided
    from dreamflow.core.objects import Listing
    from dreamflow.records.files import RunRecords
    from dreamflow.steps.world import World

__all__ = ["current", "keep_decision", "kept", "review"]

log = logging.getLogger(__name__)


class _Subject(NamedTuple):
    """What a review is about: two stores, and how the second came to be."""

    input_id: str
    output_id: str
    dream: DreamFacts | None = None
    restore: RestoreFacts | None = None


def review(
    world: World, run: RunRecords, made: Dreamed | Restored, instructions: str | None = None
) -> Reviewed:
    """
    Compare the input, as it was when the dream was launched, with the output; run the checks; write the review.

    Of a restore, the input is the live store as it was when its clone was made, and the clone the output.

    The digest names every path and byte of the output. An approval is bound to it.

    :param instructions: what the dream was asked to do, to be shown.
    """
    usable_output(world, made.output_store_id)
    found = _made_anew(world, run, _subject_of(world, run, made, instructions or ""))
    run.note(score=found.score)
    is_noted = any(one.check == "unchanged" and one.severity == "note" for one in found.findings)
    reviewed = Reviewed(
        report_uri=world.pipeline.shown(run.report_uri),
        digest=found.digest,
        counts=found.counts,
        verdict=found.verdict,
        dream_id=found.dream.id if found.dream else "",
        ancestor_id=found.restore.ancestor_id if found.restore else "",
        input_store_id=found.input.id,
        output_store_id=found.output.id,
        unchanged_nights=unchanged_nights(world, run) + 1 if is_noted else 0,
    )
    log.info(
        "review of %s: %s, %s. Report: %s",
        found.output.id, reviewed.counts, reviewed.verdict, reviewed.report_uri,
    )  # fmt: skip
    return reviewed


def kept(run: RunRecords) -> Review | None:
    """Return the run's review as it was kept last; None where there is none that can be read."""
    try:
        return run.read_review()
    except StateError as e:
        log.warning("%s", e)
        return None


def current(world: World, run: RunRecords) -> Review:
    """
    Return the run's review as of now: the one that is kept, or a new one where the output was edited since.

    Once there is a decision, it is the one that was decided on.

    :raises StateError: the run has no output to be reviewed.
    """
    known, decided = kept(run), run.journal().decision
    if known is not None and decided is not None:
        return known
    subject = _subject_of_kept(known) if known else _subject_of_journal(world, run)
    if known is None or known.digest != digest(world.hook.list_memories(subject.output_id)):
        made = _made_anew(world, run, subject, unless_decided=decided is None)
        return made if run.journal().decision == decided else kept(run) or made
    now = known.model_copy(update={"edits": run.edits(), "decision": None})
    if now != known:
        tell(world, run, now, unless_decided=True)
    return now


def keep_decision(world: World, run: RunRecords, decided: Decided) -> None:
    """Enter the decision into the run's review. It stands whatever becomes of that: it is in the journal."""
    try:
        known = kept(run)
        if known is None:
            return
        found = known.model_copy(update={"decision": decision_of(decided), "edits": run.edits()})
        run.note(score=found.score)
        tell(world, run, found)
    except DreamflowError as e:
        log.warning("the decision is noted in the journal, and could not be entered into the review: %s", e)


def _made_anew(world: World, run: RunRecords, subject: _Subject, *, unless_decided: bool = False) -> Review:
    """Make the review of what the output holds now, and keep it (``tell``)."""
    before, after = _base(run), world.hook.list_memories(subject.output_id)
    found = examine(
        world,
        run,
        (subject.input_id, before),
        (subject.output_id, after),
        session_ids=subject.dream.sessions if subject.dream else (),
        of_restore=subject.restore is not None,
    )
    late = _late_so_far(world, run, subject.input_id, subject.output_id)
    journal = run.journal()
    dag_id, run_id = journal.dag_run
    made = Review(
        pipeline=world.pipeline.name,
        dag_id=dag_id or world.pipeline.dag_id,
        run_id=run_id,
        made_at=world.now(),
        digest=digest(after),
        verdict=verdict_of(found.findings),
        input=_store_facts(subject.input_id, before),
        output=_store_facts(subject.output_id, after),
        dream=subject.dream,
        restore=subject.restore,
        counts=found.counts,
        changes=found.changes,
        findings=found.findings,
        score=found.score,
        late=late.late,
        late_warning=late.warning,
        edits=run.edits(),
    )
    texts = ((memory.path, memory.before, memory.after) for memory in found.memories)
    fates = KeptFates.of(made.digest, (change.path for change in made.changes), found.whereabouts)
    tell(
        world,
        run,
        made,
        texts,
        FoundAnew(fates, found.old_places, found.sources),
        unless_decided=unless_decided,
    )
    if made.dream is not None:
        score = made.score.model_dump(mode="json")
        night = run.journal().night
        world.records.note_trend(run.run_id, made.verdict, score, changed=found.matters, night=night)
    return made


def _base(run: RunRecords) -> Listing:
    before = run.read_listing("base")
    if before is None:
        raise StateError(
            f"{run.folder}/base.json is not there: what the input held when the dream was launched is not known. "
            "Check that every worker reaches reports.location, then trigger a new run."
        )
    return before


def _store_facts(store_id: str, listing: Listing) -> StoreFacts:
    return StoreFacts(id=store_id, memories=len(listing), bytes=sum(entry.size for entry in listing.values()))


def _subject_of(world: World, run: RunRecords, made: Dreamed | Restored, instructions: str) -> _Subject:
    """Return what is to be reviewed, as the task before has handed it on."""
    journal = run.journal()
    if isinstance(made, Restored):
        back = journal.restore
        facts = RestoreFacts(
            ancestor_id=made.ancestor_id,
            paths=made.paths,
            warnings=made.warnings,
            carried=back.carried if back else (),
            left_behind=tuple(row.path for row in back.listed) if back else (),
        )
        return _Subject(made.input_store_id, made.output_store_id, restore=facts)
    note = journal.dream_named(made.dream_id)
    dream = DreamFacts(
        id=made.dream_id,
        session_id=made.session_id,
        sessions=note.session_ids if note else (),
        left_for_next_run=note.left if note else 0,
        usage=made.usage,
        list_cost=made.list_cost,
        seconds=made.seconds,
        instructions=world.pipeline.shown(instructions),
    )
    input_id = made.input_store_id or (note.input_store_id if note else "")
    return _Subject(input_id, made.output_store_id, dream=dream)


def _subject_of_kept(known: Review) -> _Subject:
    return _Subject(known.input.id, known.output.id, known.dream, known.restore)


def _subject_of_journal(world: World, run: RunRecords) -> _Subject:
    """Return what the journal knows of what is to be reviewed: the review is gone, or of before the upgrade."""
    journal = run.journal()
    if (back := journal.restore) and back.store_id:
        restored = Restored(
            ancestor_id=back.ancestor_id,
            input_store_id=back.input_store_id,
            output_store_id=back.store_id,
            paths=back.paths,
            warnings=back.warnings,
        )
        return _subject_of(world, run, restored, "")
    note = journal.dream
    if note is None or not note.dream_id or not note.output_store_id:
        raise StateError(
            f"{run.folder}/journal.json knows of no output that could be reviewed. Clear review_changes, or trigger a "
            "new run."
        )
    dreamed = Dreamed(
        dream_id=note.dream_id,
        output_store_id=note.output_store_id,
        input_store_id=note.input_store_id,
        usage={"output_tokens": note.tokens} if note.tokens else {},
        list_cost=note.usd,
    )
    return _subject_of(world, run, dreamed, "")


def _late_so_far(world: World, run: RunRecords, input_id: str, output_id: str) -> Forecast:
    """Return what reached the input so far, and how it would be carried; a review does not fail for want of it."""
    try:
        return forecast(world, run, world.hook.retrieve_store(input_id), output_id)
    except DreamflowError as e:
        warning = f"what reached {input_id} since the dream was launched can't be told now: {e}"
        warning = world.pipeline.shown(warning)
        log.warning("%s", warning)
        return Forecast((), warning)
