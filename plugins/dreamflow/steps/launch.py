"""
Creating a dream exactly once.

The service has no idempotency key for a dream, and a reply can be lost after the dream was created. So the journal
notes the intent, with the newest dreams that were seen, before a dream is created; and before another is, a newer dream
of the same request is looked for. No clock is asked.
"""

from __future__ import annotations

import logging
from collections.abc import Iterable, Iterator
from contextlib import suppress
from typing import TYPE_CHECKING

from dreamflow.core.launching import DreamRequest, Intent, dreams_of, find_own_dream, foreign_dreams
from dreamflow.core.objects import IN_FLIGHT
from dreamflow.errors import (
    AccessDenied,
    DreamflowError,
    NotFound,
    RateLimited,
    RequestRejected,
    ServiceUnavailable,
    SkipRun,
    StateError,
)
from dreamflow.records.journal import DreamNote
from dreamflow.steps import giving_up
from dreamflow.steps.ledger import check_budget, enter_in_night, list_cost, note_usage

if TYPE_CHECKING:
    from dreamflow.core.handoffs import Collected
    from dreamflow.core.objects import Dream
    from dreamflow.records.files import RunRecords
    from dreamflow.steps.world import World

__all__ = [
    "abandon",
    "check_may_replace",
    "find_missing",
    "give_up",
    "has_usable_dream",
    "keep_one",
    "launch",
    "launch_anew",
    "note_of",
]

log = logging.getLogger(__name__)

#: Dreams that an intent notes as seen.
_SEEN = 20


def note_of(collected: Collected, scope_mark: str) -> DreamNote:
    """Return what the journal keeps of the sessions that a dream is to read."""
    return DreamNote(
        input_store_id=collected.input_store_id,
        session_ids=collected.session_ids,
        through=collected.through,
        scope_mark=scope_mark,
        left=collected.left_for_next_run,
        left_until=collected.left_until,
        late=collected.late,
    )


def launch(world: World, run: RunRecords, request: DreamRequest, note: DreamNote) -> Dream:
    """
    Return the dream of an earlier try that reads the same and did not end badly; else create one.

    What an earlier dream left that is not taken over is archived first: no later step would know of it.

    :raises StateError: another dream is in flight on the same input store, or this run was adopted.
    :raises SkipRun: none of the sessions is there any more.
    :raises BudgetExceeded: the run's budget, or the night's, is used up.
    :raises ServiceUnavailable: no answer, and no such dream either: the next try looks again first.
    """
    missing = run.journal().missing
    request, note = request.without(missing), note.model_copy(update={"missing": missing})
    return _taken_over(world, run, request) or _create(world, run, request, note)


def launch_anew(world: World, run: RunRecords, note: DreamNote, request: DreamRequest) -> Dream:
    """
    Return another dream in place of one that failed for a cause that may pass, without the sessions that are gone.

    Where the note tells of no dream, its create got no answer: a dream of it is returned however it ended, to be
    judged before another is paid for.
    """
    if not note.dream_id:
        started = next(dreams_of(note.intent, _newest_first(world, run)), None)
        if started is not None:
            return _noted(world, run, started)
    return _create(world, run, request.without(note.missing), note.again())


def abandon(world: World, run: RunRecords) -> None:
    """
    Cancel what earlier tries started, and archive what it left: the next launch creates another.

    :raises BudgetExceeded: there can be no other. What there is was kept.
    """
    earlier = _started(world, run)
    _check_may_replace(world, run, earlier)
    for dream in earlier:
        give_up(world, run, dream)


def check_may_replace(world: World, run: RunRecords) -> None:
    """
    See that there may be another dream in place of what earlier tries started.

    :raises BudgetExceeded: there may not, and there is an output that can be used. Nothing was given up, or spent.
    """
    _check_may_replace(world, run, _started(world, run))


def has_usable_dream(world: World, run: RunRecords) -> bool:
    """Tell whether the run has started a dream that is under way, or whose output is there."""
    return any(_is_usable(world, dream) for dream in _started(world, run))


def keep_one(world: World, run: RunRecords, kept_id: str) -> bool:
    """
    Give up every other dream that the kept one's request has created.

    A create whose reply was lost may be processed late, after another was sent: both dreams would spend. One that can't
    be given up is no reason to lose the kept one: it is said loudly, and the next settle tries again.

    :return: whether none is left.
    :raises ServiceUnavailable: no answer.
    """
    note = run.journal().dream_named(kept_id)
    if note is None or not note.asked:
        return True
    try:
        for other in [d for d in dreams_of(note.intent, _newest_first(world, run)) if d.id != kept_id]:
            log.warning("dream %s was created by the same request as %s: it is not needed", other.id, kept_id)
            if run.journal().dream_named(other.id) is None:
                known = DreamNote(input_store_id=other.input_store_id, dream_id=other.id)
                run.note(dreams=(known, *run.journal().dreams))
            give_up(world, run, other)
    except ServiceUnavailable:
        raise
    except DreamflowError as e:
        log.error("a second dream beside %s may be there, and go on spending: %s", kept_id, e)
        return False
    return True


def give_up(world: World, run: RunRecords, dream: Dream) -> None:
    """
    Cancel a dream that is in flight, note what it used, and archive what it left, which may be half a store.

    :raises StateError: its store was adopted.
    """
    if dream.status in IN_FLIGHT:
        dream = world.hook.cancel_dream(dream.id)
        log.info("dream %s is %s: it is not needed any more", dream.id, dream.status)
    note_usage(world, run, dream, list_cost(world, dream))
    store_id = dream.output_store_id
    if store_id is None or store_id == dream.input_store_id:
        return
    if dream.status == "completed" and world.is_adopted(store_id):
        raise StateError(
            f"memory store {store_id}, which dream {dream.id} of this run made, was adopted: a second dream "
            "would leave the run's records without it. Trigger a new run. Nothing was spent."
        )
    with suppress(NotFound):
        giving_up.give_up(world, run, world.hook.retrieve_store(store_id))
        log.info("archived memory store %s, which dream %s left", store_id, dream.id)


def find_missing(world: World, session_ids: Iterable[str]) -> set[str]:
    """Return the sessions that are gone, and say so."""
    missing = world.hook.missing_sessions(session_ids)
    if missing:
        log.warning("%d sessions are gone, and left out: %s", len(missing), ", ".join(sorted(missing)[:10]))
    return missing


def _started(world: World, run: RunRecords) -> list[Dream]:
    """
    Return the dreams that the run has started, as far as it is known.

    Where a try died before it noted an id, the dreams that its intent may have created are looked for.
    """
    dreams: dict[str, Dream] = {}
    for note in run.journal().dreams:
        if note.dream_id:
            if known := world.hook.find_dream(note.dream_id):
                dreams[known.id] = known
        elif note.asked:
            dreams.update((dream.id, dream) for dream in dreams_of(note.intent, _newest_first(world, run)))
    return list(dreams.values())


def _newest_first(world: World, run: RunRecords) -> Iterator[Dream]:
    """Yield dreams, newest first: those of now, where a create of the run's got no answer and may come late."""
    is_awaited = any(note.asked and not note.dream_id for note in run.journal().dreams)
    return world.hook.list_dreams(anew=is_awaited)


def _taken_over(
    world: World, run: RunRecords, request: DreamRequest, newest: Iterable[Dream] = ()
) -> Dream | None:
    """
    Return an earlier try's dream that serves the request; where there is none, make room for another.

    :param newest: the newest dreams, where they are known.
    """
    earlier = _started(world, run)
    intent = Intent.of(request)
    for dream in reversed(earlier):
        if intent.matches(dream) and _is_usable(world, dream):
            log.info("taking over dream %s of an earlier try", dream.id)
            return _noted(world, run, dream)
    _refuse_company(world, request.input_store_id, earlier, newest)
    _check_may_replace(world, run, earlier)
    for dream in earlier:
        give_up(world, run, dream)
    return None


def _check_may_replace(world: World, run: RunRecords, earlier: Iterable[Dream]) -> None:
    """
    See that there may be another dream before an output that could be used is given up for it.

    Of one in flight it is not known what it will have used: it is canceled first.

    :raises BudgetExceeded: there may not. Nothing was given up, or spent.
    """
    usable = [dream for dream in earlier if _is_usable(world, dream)]
    if not usable or any(dream.status in IN_FLIGHT for dream in usable):
        return
    for dream in usable:
        note_usage(world, run, dream, list_cost(world, dream))
    check_budget(world, run)


def _is_usable(world: World, dream: Dream) -> bool:
    """Tell whether a dream may be taken over: none that ended badly, or whose store was archived since."""
    if dream.status != "completed" or dream.output_store_id is None:
        return dream.status in IN_FLIGHT
    store = world.hook.find_store(dream.output_store_id)
    return store is not None and store.archived_at is None


def _noted(world: World, run: RunRecords, dream: Dream) -> Dream:
    """Note that the dream is the run's: its note becomes the newest."""
    journal = run.journal()
    own = journal.dream_named(dream.id) or next(
        (note for note in reversed(journal.dreams) if not note.dream_id and note.intent.matches(dream)),
        journal.dreams[-1],
    )
    known = own.model_copy(update={"dream_id": dream.id, "created_at": dream.created_at})
    run.note(dreams=(*(note for note in journal.dreams if note is not own), known))
    enter_in_night(world, journal, dream.id)
    try:
        keep_one(world, run, dream.id)
    except ServiceUnavailable as e:
        log.warning("whether there is a second dream beside %s is looked at when it is over: %s", dream.id, e)
    return dream


def _refuse_company(
    world: World, input_store_id: str, earlier: Iterable[Dream], newest: Iterable[Dream]
) -> None:
    others = [dream for dream in earlier if dream.status in IN_FLIGHT]
    others += foreign_dreams(input_store_id, (dream for dream in newest if dream.status in IN_FLIGHT))
    others += foreign_dreams(input_store_id, world.hook.list_dreams(in_flight=True))
    if others:
        raise StateError(
            f"dream {others[0].id} is {others[0].status} on memory store {others[0].input_store_id}, and is not "
            "what this run asks for: somebody else started it, or this run did before its sessions were collected "
            "again. Wait for it or cancel it, then clear this task. Nothing was spent."
        )


def _create(world: World, run: RunRecords, request: DreamRequest, note: DreamNote) -> Dream:
    if not request.session_ids:
        raise SkipRun("every session that was collected is gone. Nothing is dreamed tonight.")
    check_budget(world, run)
    base = world.hook.list_memories(request.input_store_id)
    # The listing takes a while, and the service may process an earlier try's create late: look once more.
    newest = world.hook.newest_dreams()
    if late := _taken_over(world, run, request, newest):
        return late
    intent = Intent.of(request, (dream.id for dream in newest[:_SEEN]))
    run.forget_carries()
    run.write_listing("base", request.input_store_id, base)
    asked = {"session_ids": intent.session_ids, "asked": intent.asked, "seen": intent.seen}
    run.open(note.model_copy(update=asked))
    try:
        dream = world.hook.create_dream(request)
    except RateLimited:
        raise
    except ServiceUnavailable:
        found = find_own_dream(intent, _newest_first(world, run))
        if found is None:
            raise
        log.info("found dream %s: it was created, though the reply was lost", found.id)
        dream = found
    except RequestRejected as e:
        run.take_back_dream()
        missing = set() if isinstance(e, AccessDenied) else find_missing(world, request.session_ids)
        if not missing:
            raise
        rest = note.model_copy(update={"missing": (*note.missing, *sorted(missing))})
        return _create(world, run, request.without(missing), rest)
    return _noted(world, run, dream)
