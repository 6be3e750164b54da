"""Settling what earlier runs left: each repair follows from what is there now, and one run's trouble is its own."""

from __future__ import annotations

import logging
from collections.abc import Callable
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from typing import TYPE_CHECKING, Any

from dreamflow.core.handoffs import Settled
from dreamflow.core.launching import dreams_of
from dreamflow.core.lineage import Lineage, read_lineage
from dreamflow.core.objects import ENDED
from dreamflow.core.repairs import (
    Announce,
    Archive,
    Cancel,
    Close,
    Leave,
    Repair,
    Retire,
    RunState,
    outputs_of,
    plan_repairs,
)
from dreamflow.core.swap import Agreed, Interrupted, TargetState, judge_targets
from dreamflow.errors import AccessDenied, DreamflowError, NotFound, SkipRun
from dreamflow.steps.giving_up import give_up, was_live
from dreamflow.steps.holding import see_to
from dreamflow.steps.ledger import list_cost, note_usage
from dreamflow.steps.restore import clones_of, restores_under_way
from dreamflow.steps.retire import retire
from dreamflow.steps.stores import writers_of
from dreamflow.steps.swap import adoption_of
from dreamflow.targets import repoint

if TYPE_CHECKING:
    from dreamflow.core.objects import Dream, MemoryStore
    from dreamflow.records.files import Records, RunRecords
    from dreamflow.records.journal import RestoreNote
    from dreamflow.steps.world import World

__all__ = ["prune", "settle"]

log = logging.getLogger(__name__)

#: How long after an adoption a second dream of its request is still looked for.
_LATE = timedelta(days=2)


@dataclass
class _Settling:
    """
    One settle.

    :ivar own: the records of the run that settles. :ivar shard: of it, where it is a fleet's.
    :ivar did: what was done, or found, a sentence each.
    """

    world: World
    own: RunRecords
    only_say: bool
    shard: int | None = None
    did: list[str] = field(default_factory=list)

    def say(self, sentence: str) -> None:
        self.did.append(self.world.pipeline.shown(sentence))

    def do(self, sentence: str, repair: Callable[[], object]) -> None:
        """Make a repair and say so; in a dry run, say what would be done."""
        if self.only_say:
            self.say(f"dry run, not done: {sentence}")
        else:
            repair()
            self.say(sentence)


def settle(
    world: World, run_id: str, *, only_say: bool = False, shard: int | None = None
) -> tuple[Settled, list[dict[str, Any]]]:
    """
    Repair what earlier runs of the pipeline left.

    An interrupted swap is finished where the first target was already swapped, and taken back where it was not. A
    superseded store whose sessions have gone is retired. A store that no run will use is archived. Whatever is still
    open belongs to a run that has ended: one pipeline's never overlap. A fleet's do: of what an earlier one may still
    be at, one run alone repairs anything of a member (``holding.see_to``).

    :param only_say: change nothing. :param shard: of the run, which is a fleet's.
    :return: what was found and done, and the swaps that were finished, by this try of the task or one before.
    :raises SkipRun: a restore of the pipeline is under way.
    :raises TargetsDisagree: the targets name different stores, and lineage does not prove an interrupted swap.
    """
    for dag_id, restore in restores_under_way(world, but=run_id):
        raise SkipRun(
            f"run {restore} of {dag_id} is under way: it is to swap the memory of {world.pipeline.called}. Nothing is "
            "dreamed until it has ended; answer its question in Airflow (Required Actions)."
        )
    settling = _Settling(world, world.records.run(run_id), only_say, shard)
    live = _settle_targets(settling)
    _name_other_deployments(settling, live.id)
    for earlier in world.records.open_runs():
        if earlier != run_id:
            _settle_run(settling, world.records.run(earlier), live)
    if not only_say and (said := prune(world.records, world.now() - world.pipeline.reports.keep)):
        settling.say(said)
    for line in settling.did or ["nothing was left to settle"]:
        log.info("%s", line)
    adoptions = [] if only_say else list(settling.own.journal().adoptions.values())
    return Settled(live_store_id=live.id, did=tuple(settling.did)), adoptions


def prune(records: Records, before: datetime, is_needed: Callable[[str], bool] = lambda _: False) -> str:
    """Delete the files of finished runs that are older than ``reports.keep``; return what to say of it, if anything."""
    try:
        pruned = records.prune(before, is_needed)
    except OSError as e:
        return f"files of runs that are older than reports.keep could not be deleted: {e}"
    return f"deleted the files of {len(pruned)} runs that are older than reports.keep" if pruned else ""


def _settle_targets(settling: _Settling) -> MemoryStore:
    world = settling.world
    for target in world.targets:
        target.check()
    states = [TargetState(target.name, target.read()) for target in world.targets]
    match judge_targets(states, lambda store_id: _lineage_of(world, store_id)):
        case Agreed():
            return world.live_store()
        case Interrupted(live=live, stray=stray, forward=forward, behind=behind):
            store = world.live_store()
            done = "finished" if forward else "took back"
            for position in behind:
                settling.do(
                    f"{done} the interrupted swap: {states[position].name} named {stray}, now {live}",
                    lambda position=position: repoint(world.targets[position], stray, live),  # type: ignore[misc]
                )
            return store


def _name_other_deployments(settling: _Settling, live_id: str) -> None:
    """Say, before money is spent, who would keep the live store from being archived once it is superseded."""
    own = {getattr(target, "deployment_id", None) for target in settling.world.pipeline.targets}
    try:
        mounting = settling.world.mounting_deployments(live_id)
    except AccessDenied as e:
        settling.say(
            f"which deployments mount memory store {live_id} is not known, so it will not be archived: {e}"
        )
        return
    others = [name for id_, name in mounting.items() if id_ not in own]
    if others:
        settling.say(
            f"memory store {live_id} is mounted by deployments that are no target of this pipeline: "
            f"{', '.join(others)}. They will keep it, and it will not be archived, until they mount another"
        )


def _lineage_of(world: World, store_id: str) -> Lineage | None:
    store = world.hook.find_store(store_id)
    return read_lineage(store) if store else None


def _settle_run(settling: _Settling, run: RunRecords, live: MemoryStore) -> None:
    try:
        world = settling.world
        if (
            world.pipeline.member
            and not settling.only_say
            and (other := see_to(run, settling.own.run_id, world, settling.shard))
        ):
            settling.say(f"run {other} is at work on what run {run.run_id} left: nothing was settled of it")
            return
        state = _state_of(world, run, live)
        for dream in state.dreams:
            _note_usage(settling, run, dream)
        for repair in plan_repairs(state):
            if not _apply(settling, run, live, repair):
                return
    except (DreamflowError, OSError) as e:
        log.warning("run %s was not settled: %s", run.run_id, e)
        settling.say(f"run {run.run_id} was not settled: {e}")


def _state_of(world: World, run: RunRecords, live: MemoryStore) -> RunState:
    journal = run.journal()
    newest, swap = journal.dream, journal.swap
    if (back := journal.restore) is not None:
        return _restore_state(world, run, live, back)
    dreams: dict[str, Dream] = {}
    for note in journal.dreams:
        if note.dream_id and (known := world.hook.find_dream(note.dream_id)):
            dreams[known.id] = known
        # A create is not late for days; a store may be held for months of other dreams.
        if note.asked and (swap is None or world.now() - (swap.verified_at or world.now()) < _LATE):
            dreams.update((dream.id, dream) for dream in dreams_of(note.intent, world.hook.list_dreams()))
    own_id = newest.dream_id if newest else None
    own = dreams.get(own_id) if own_id else next(iter(dreams.values()), None)
    output_id = (newest.output_store_id if newest else None) or (own.output_store_id if own else None)
    is_adopted = output_id is not None and world.is_adopted(output_id, live.id)
    return RunState(
        run.run_id,
        tuple(dreams.values()),
        own.id if own else own_id,
        output_id,
        is_adopted,
        _lineage_of(world, output_id) if output_id and is_adopted else None,
        swap is None or swap.after != output_id or swap.verified_at is not None,
    )


def _restore_state(world: World, run: RunRecords, live: MemoryStore, back: RestoreNote) -> RunState:
    """Return what a restore left: its clone, and any that a create made whose reply was lost."""
    swap = run.journal().swap
    found = [store.id for store in clones_of(world, run, back) if store.id != back.store_id]
    is_adopted = back.store_id is not None and world.is_adopted(back.store_id, live.id)
    return RunState(
        run.run_id,
        output_id=back.store_id,
        is_adopted=is_adopted,
        lineage=_lineage_of(world, back.store_id) if back.store_id and is_adopted else None,
        was_announced=swap is None or swap.verified_at is not None,
        strays=tuple(found),
    )


def _apply(settling: _Settling, run: RunRecords, live: MemoryStore, repair: Repair) -> bool:
    """Make one repair, and tell whether the next may follow."""
    match repair:
        case Cancel(dream_id):
            return _cancel(settling, run, dream_id, live)
        case Archive(store_id):
            return _archive(settling, run, store_id, live)
        case Announce():
            _announce(settling, run)
        case Retire(store_id):
            return _retire(settling, run, store_id, live)
        case Close(how):
            if not settling.only_say:
                run.close(how)
        case Leave(why):
            settling.say(f"run {run.run_id}: {why}. Its files: {run.folder}; its marker: {run.marker}")
            return False
    return True


def _cancel(settling: _Settling, run: RunRecords, dream_id: str, live: MemoryStore) -> bool:
    """Cancel a dream, and archive what it had made by then."""
    canceled: list[Dream] = []
    settling.do(
        f"canceled dream {dream_id} of run {run.run_id}: nobody waits for it",
        lambda: canceled.append(settling.world.hook.cancel_dream(dream_id)),
    )
    for dream in canceled:
        _note_usage(settling, run, dream)
    return all(_archive(settling, run, store_id, live) for store_id in outputs_of(canceled))


def _note_usage(settling: _Settling, run: RunRecords, dream: Dream) -> None:
    """Enter what a dream used that ended with nobody to see it."""
    note = run.journal().dream_named(dream.id)
    if not settling.only_say and dream.status in ENDED and dream.usage.total and not (note and note.tokens):
        note_usage(settling.world, run, dream, list_cost(settling.world, dream))


def _archive(settling: _Settling, run: RunRecords, store_id: str, live: MemoryStore) -> bool:
    """Archive a store that was never adopted, unless it holds writes that only it has."""
    world = settling.world
    store = world.hook.find_store(store_id)
    if store is None or (store.archived_at is not None and not was_live(run, store_id)):
        return True
    if world.is_adopted(store_id, live.id):
        settling.say(f"memory store {store_id} of run {run.run_id} was adopted by hand; it is left")
        return False
    if writers := writers_of(world, store_id):
        settling.say(
            f"memory store {store_id} of run {run.run_id} is mounted by {len(writers)} sessions; it is left"
        )
        return False
    carried: list[int] = []
    if store.archived_at is not None:
        carried += [] if settling.only_say else [give_up(world, run, store)]
    else:
        settling.do(
            f"archived memory store {store_id} of run {run.run_id}: no run will use it",
            lambda: carried.append(give_up(world, run, store)),
        )
    if any(carried):
        settling.say(
            f"carried {carried[0]} writes to {live.id} that agents made to {store_id} while it was live"
        )
    return True


def _announce(settling: _Settling, run: RunRecords) -> None:
    swap = run.journal().swap
    assert swap is not None
    adoption = adoption_of(settling.world, swap)

    def announce() -> None:
        # Its own journal first: where this try of the task dies, the next one tells.
        settling.own.note(adoptions={**settling.own.journal().adoptions, run.run_id: adoption})
        run.note(swap=swap.model_copy(update={"verified_at": settling.world.now()}))

    settling.do(f"run {run.run_id} adopted memory store {swap.after}", announce)


def _retire(settling: _Settling, run: RunRecords, store_id: str, live: MemoryStore) -> bool:
    world = settling.world
    try:
        world.hook.retrieve_store(store_id)
    except NotFound:
        settling.do(
            f"memory store {store_id} of run {run.run_id} is gone: somebody deleted it",
            lambda: run.close("adopted; the old store is gone"),
        )
        return True
    if settling.only_say:
        settling.say(f"dry run, not done: retire memory store {store_id} of run {run.run_id}")
        return True
    retired = retire(world, run, store_id, live.id)
    if retired.archived_at is None:
        settling.say(
            f"memory store {store_id} is still held by {len(retired.held_by)}: {', '.join(retired.held_by[:5])}; "
            "it is left"
        )
    else:
        settling.say(f"retired memory store {store_id}; {len(retired.result.notes)} late writes were carried")
    return True
