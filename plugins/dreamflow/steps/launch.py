"""
Creating a dream exactly once.

The service has no idempotency key for a dream, and a reply can be lost after the dream was created. So the journal
notes the intent, with the newest dreams that were seen, before a dream is created; and before another is, a newer dream
of the same request is looked for. No clock is asked.
"""

from __future__ import annotations

import logging
from collections.abc import Iterable
from contextlib import suppress
from typing import TYPE_CHECKING

from dreamflow.core.launching import DreamRequest, Intent, dreams_of, find_own_dream, foreign_dreams
from dreamflow.core.objects import IN_FLIGHT
from dreamflow.core.verdicts import Budget
from dreamflow.errors import (
    BudgetExceeded,
    NotFound,
    RateLimited,
    RequestRejected,
    ServiceUnavailable,
    SkipRun,
    StateError,
)
from dreamflow.records.journal import DreamNote
from dreamflow.steps.stores import archive_output

if TYPE_CHECKING:
    from dreamflow.config import Pipeline
    from dreamflow.core.handoffs import Collected
    from dreamflow.core.objects import Dream
    from dreamflow.records.files import Records, RunRecords
    from dreamflow.steps.world import World

__all__ = [
    "abandon",
    "current_dream",
    "dreams_started",
    "keep_one",
    "launch",
    "note_of",
    "remaining_budget",
    "why_night_is_over",
]

log = logging.getLogger(__name__)

#: Statuses in which a dream is taken over: one that ended badly is not.
_USABLE = (*IN_FLIGHT, "completed")


def note_of(collected: Collected, scope_mark: str) -> DreamNote:
    """Return what the journal keeps of the sessions that a dream is to read."""
    return DreamNote(
        input_store_id=collected.input_store_id,
        session_ids=collected.session_ids,
        through=collected.through,
        scope_mark=scope_mark,
        left=collected.left_for_next_run,
        left_until=collected.left_until,
    )


def launch(world: World, run: RunRecords, request: DreamRequest, note: DreamNote) -> Dream:
    """
    Return the dream of an earlier try that reads the same and did not end badly; else create one.

    What an earlier dream left that is not taken over is archived first: no later step would know of it.

    :raises StateError: another dream is in flight on the same input store, or this run was adopted.
    :raises SkipRun: none of the sessions is there any more.
    :raises BudgetExceeded: the night's budget is used up.
    :raises ServiceUnavailable: no answer, and no such dream either: the next try looks again first.
    """
    missing = run.journal().missing
    request, note = request.without(missing), note.model_copy(update={"missing": missing})
    return _taken_over(world, run, request) or _create(world, run, request, note)


def current_dream(world: World, run: RunRecords, request: DreamRequest, launched_id: str) -> Dream | None:
    """
    Return the dream that the run waits for: the launched one, or a new one where that failed for a passing cause.

    None where it is known by id, and has to be read. What became of the last one is judged before another is paid for.
    """
    note = run.journal().dream
    if note is None or run.journal().dream_named(launched_id) is None:
        return None
    if not note.dream_id:
        started = next(dreams_of(note.intent, world.hook.list_dreams()), None)
        if started is not None:
            return _noted(world, run, started)
        run.take_back_dream()
    return _launch_anew(world, run, request) if run.journal().must_dream_anew else None


def _launch_anew(world: World, run: RunRecords, request: DreamRequest) -> Dream:
    """Launch another dream in place of one that failed, without the sessions that can't be read any more."""
    failed = run.journal().dream
    assert failed is not None
    note = failed.model_copy(update=_BLANK)
    return _create(world, run, request.without(failed.missing), note)


#: What a note does not keep when its dream is asked for again.
_BLANK = {name: DreamNote.model_fields[name].default for name in (
    "seen", "asked", "dream_id", "output_store_id", "created_at", "tokens", "usd", "stop", "redo", "abandoned",
)}  # fmt: skip


def abandon(world: World, run: RunRecords) -> None:
    """Cancel what earlier tries started, and archive what it left: the next launch creates another."""
    ended = [_canceled(world, d) if d.status in IN_FLIGHT else d for d in dreams_started(world, run)]
    _archive_outputs(world, run, ended)
    run.note(dreams=tuple(n.model_copy(update={"abandoned": True}) for n in run.journal().dreams))
    run.close("abandoned for a new dream")


def remaining_budget(world: World, run: RunRecords) -> Budget:
    """Return what the run's newest dream may use: of its own budget, and of the night's."""
    journal, pipeline = run.journal(), world.pipeline
    own = Budget(pipeline.dream.budget.tokens, pipeline.dream.budget.usd).less(journal.spent)
    if not journal.night:
        return own
    current = journal.dream.dream_id if journal.dream else None
    tonight = world.records.spent_in(journal.night, but=current)
    return own.within(Budget(pipeline.night.budget.tokens, pipeline.night.budget.usd).less(tonight))


def keep_one(world: World, run: RunRecords, note: DreamNote, kept: Dream) -> None:
    """
    Cancel and archive every other dream that the note's request has created.

    A create whose reply was lost may be processed late, after another was sent: both dreams would spend.
    """
    if not note.asked:
        return
    for other in list(dreams_of(note.intent, world.hook.list_dreams())):
        if other.id != kept.id and other.id not in {n.dream_id for n in run.journal().dreams}:
            log.warning("dream %s was created by the same request as %s: it is not needed", other.id, kept.id)
            ended = _canceled(world, other) if other.status in IN_FLIGHT else other
            _archive_outputs(world, run, [ended])


def dreams_started(world: World, run: RunRecords) -> list[Dream]:
    """
    Return the dreams that the run has started, as far as it is known.

    Where a try died before it noted an id, the dreams that its intent may have created are looked for.
    """
    dreams: dict[str, Dream] = {}
    for note in run.journal().dreams:
        if note.abandoned:
            continue
        if note.dream_id:
            with suppress(NotFound):
                dreams[note.dream_id] = world.hook.retrieve_dream(note.dream_id)
        elif note.asked:
            dreams.update((dream.id, dream) for dream in dreams_of(note.intent, world.hook.list_dreams()))
    return list(dreams.values())


def _taken_over(world: World, run: RunRecords, request: DreamRequest) -> Dream | None:
    """Return an earlier try's dream that serves the request; where there is none, make room for another."""
    earlier = dreams_started(world, run)
    intent = Intent.of(request)
    for dream in earlier:
        if intent.matches(dream) and dream.status in _USABLE:
            log.info("taking over dream %s of an earlier try", dream.id)
            _move_up(run, dream)
            return _noted(world, run, dream)
    _refuse_company(world, request.input_store_id, earlier)
    _archive_outputs(world, run, earlier)
    return None


def _move_up(run: RunRecords, dream: Dream) -> None:
    """Make the dream's note the newest."""
    notes = run.journal().dreams
    own = next(
        (
            n
            for n in reversed(notes)
            if dream.id == n.dream_id or (not n.dream_id and n.intent.matches(dream))
        ),
        None,
    )
    if own is not None and own is not notes[-1]:
        run.note(dreams=(*(note for note in notes if note is not own), own))


def _noted(world: World, run: RunRecords, dream: Dream) -> Dream:
    journal = run.note_dream(dream_id=dream.id, created_at=dream.created_at)
    world.records.note_in_night(journal.night, dream.id)
    assert journal.dream is not None
    keep_one(world, run, journal.dream, dream)
    return dream


def _canceled(world: World, dream: Dream) -> Dream:
    canceled = world.hook.cancel_dream(dream.id)
    log.info("dream %s is %s: it is not needed any more", dream.id, canceled.status)
    return canceled


def _archive_outputs(world: World, run: RunRecords, dreams: Iterable[Dream]) -> None:
    for dream in dreams:
        store_id = dream.output_store_id
        if store_id is None or store_id == dream.input_store_id:
            continue
        if dream.status == "completed" and world.is_adopted(store_id):
            raise StateError(
                f"memory store {store_id}, which dream {dream.id} of this run made, was adopted: a second dream "
                "would leave the run's records without it. Trigger a new run. Nothing was spent."
            )
        with suppress(NotFound):
            archive_output(world, run, world.hook.retrieve_store(store_id))
            log.info("archived memory store %s, which dream %s left", store_id, dream.id)


def _refuse_company(world: World, input_store_id: str, earlier: Iterable[Dream]) -> None:
    others = [dream for dream in earlier if dream.status in IN_FLIGHT]
    others += foreign_dreams(input_store_id, world.hook.list_dreams(in_flight=True))
    if others:
        raise StateError(
            f"dream {others[0].id} is {others[0].status} on memory store {others[0].input_store_id}, and is not "
            "what this run asks for: somebody else started it, or this run did before its sessions were collected "
            "again. Wait for it or cancel it, then clear this task. Nothing was spent."
        )


def why_night_is_over(pipeline: Pipeline, records: Records, night: str) -> str | None:
    """Return why a night can have no further dream; None where it can."""
    settings, spent = pipeline.night, records.spent_in(night)
    if spent.dreams >= settings.dreams:
        return f"this night has had {spent.dreams} dreams, as many as night.dreams allows"
    if Budget(settings.budget.tokens, settings.budget.usd).less(spent).is_used_up:
        return f"this night's dreams have used {spent.tokens:,} tokens and USD {spent.usd:.2f}: night.budget is used up"
    return None


def _check_night(world: World, run: RunRecords) -> None:
    """Refuse a dream beyond what the pipeline's nights may have: catch-ups and dreams again are counted."""
    if why := why_night_is_over(world.pipeline, world.records, run.journal().night):
        raise BudgetExceeded(f"{why}: nothing more is spent. What is left comes next night.")


def _create(world: World, run: RunRecords, request: DreamRequest, note: DreamNote) -> Dream:
    _check_night(world, run)
    base = world.hook.list_memories(request.input_store_id)
    seen = world.hook.newest_dream_ids()
    # The listing takes a while, and the service may process an earlier try's create late: look once more.
    if late := _taken_over(world, run, request):
        return late
    run.forget_carries()
    run.write_listing("base", request.input_store_id, base)
    intent = Intent.of(request, seen)
    run.open(
        note.model_copy(
            update={"session_ids": intent.session_ids, "asked": intent.asked, "seen": intent.seen}
        )
    )
    try:
        return _noted(world, run, world.hook.create_dream(request))
    except RateLimited:
        raise
    except ServiceUnavailable:
        found = find_own_dream(intent, world.hook.list_dreams())
        if found is None:
            raise
        log.info("found dream %s: it was created, though the reply was lost", found.id)
        return _noted(world, run, found)
    except RequestRejected:
        run.take_back_dream()
        missing = world.hook.missing_sessions(request.session_ids)
        if not missing:
            raise
    log.warning("%d sessions are gone, and left out: %s", len(missing), ", ".join(sorted(missing)[:10]))
    rest = request.without(missing)
    if not rest.session_ids:
        raise SkipRun("every session that was collected is gone. Nothing is dreamed tonight.")
    return _create(world, run, rest, note.model_copy(update={"missing": (*note.missing, *sorted(missing))}))
