"""Carrying late writes from one store to another: plan and merge first, then writes, each of them repeatable."""

from __future__ import annotations

import logging
from collections import Counter
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING, NamedTuple

from dreamflow.core.changes import digest
from dreamflow.core.checks.protected import protecting
from dreamflow.core.draft import MEMORIES_LIMIT, Draft, Rest, Task
from dreamflow.core.handoffs import Swap
from dreamflow.core.late_writes import (
    Carried,
    LateNote,
    without_carried,
)
from dreamflow.core.objects import by_memory
from dreamflow.core.secrets.masking import mask
from dreamflow.core.sketch import sketch
from dreamflow.errors import NotFound, NotYet, StalePlan, StateError
from dreamflow.records.carries import PLAN
from dreamflow.steps.applying import KeptTexts, apply, finish, log_carried, moved_on, redacted_since
from dreamflow.steps.late import late_in
from dreamflow.steps.merging import Merging
from dreamflow.steps.renames import say_overruled
from dreamflow.steps.stores import usable_output
from dreamflow.steps.swap import make_heir
from dreamflow.steps.telling import tell_late

if TYPE_CHECKING:
    from dreamflow.core.carry_plan import Plan, Unit
    from dreamflow.core.late_notes import Choices, LateChoice
    from dreamflow.core.late_writes import ById, LateWrite
    from dreamflow.core.objects import Listing, MemoryStore
    from dreamflow.records.files import RunRecords
    from dreamflow.steps.late import Late
    from dreamflow.steps.merging import Texts
    from dreamflow.steps.world import World

__all__ = ["CarryResult", "Forecast", "carry_late_writes", "carry_since", "forecast", "foreseen"]

log = logging.getLogger(__name__)

#: Plans that one try makes at most. While agents write to the same places, each brings some of what is left.
_PLANS = 10


@dataclass(frozen=True)
class CarryResult:
    """
    What a carry did, earlier tries included.

    :ivar carried: the writes to the output. :ivar notes: what became of each late write.
    :ivar expected: what the output is to hold now.
    """

    carried: tuple[Carried, ...]
    notes: tuple[LateNote, ...]
    expected: Listing

    def to_json(self) -> dict[str, object]:
        """Return what XCom tells of it; a secret in a path is masked."""
        beside = [note for note in self.notes if note.late_path]
        return {
            "applied": [row.to_json() | {"path": mask(row.path)} for row in self.carried],
            "beside": [
                {
                    "path": mask(note.path),
                    "late_path": mask(note.late_path or ""),
                    "by": note.by,
                    "at": note.at.isoformat(),
                }
                for note in beside
            ],
            "counts": dict(Counter(note.how for note in self.notes)) | {"kept_beside": len(beside)},
            "conflicts": [],
        }


def carry_late_writes(world: World, run: RunRecords, swap: Swap) -> tuple[CarryResult, Swap]:
    """
    Bring the output up to what the input received since the dream was launched, and make it the input's heir.

    The input's name, description and metadata, and the lineage, are put on the output before any target names it.

    :raises StalePlan: the output is not what was decided on.
    :raises StateError: the output has no room. Nothing was written.
    :raises NotYet: something wrote to the output just now, where a late write goes.
    """

    def check_reviewed(output: Listing, earlier: Sequence[Carried]) -> None:
        # Where it was asked again after a carry had written, what was carried is part of what was reviewed.
        if swap.reviewed not in (digest(without_carried(output, earlier)), digest(output)):
            raise StalePlan(
                f"memory store {swap.after} is no longer what was decided on (digest {swap.reviewed[:16]}): something "
                "wrote to it since. Nothing was changed. Clear approve: it asks again, about what the store holds now."
            )

    usable_output(world, swap.after)
    parent = world.hook.find_store(swap.before)
    if parent is None:
        raise StateError(
            f"memory store {swap.before}, which was live, is gone, and what it received since the dream was launched "
            f"with it. Nothing was changed. {swap.after} holds what was reviewed: point the targets at it by hand if "
            "you want it, then trigger a run."
        )
    otherwise = "clear approve, reject, and ask the next dream to merge files"
    result = carry_since(
        world, run, parent, swap.after, PLAN, check_reviewed, of_clone=True, otherwise=otherwise
    )
    make_heir(world, run, parent, swap)
    adopted, output = digest(result.expected), world.hook.list_memories(swap.after)
    if digest(output) != adopted:
        raise StalePlan(
            f"memory store {swap.after} holds more than what was reviewed and carried: something else wrote to it "
            "just now. No target was changed. Clear approve: it asks again, about what the store holds now."
        )
    run.write_listing("adopted", swap.after, output)
    carried = swap.model_copy(update={"adopted": adopted})
    run.note(swap=carried)
    tell_late(world, run)
    log.info("%d late writes were carried from %s to %s", len(result.notes), swap.before, swap.after)
    return result, carried


def carry_since(
    world: World,
    run: RunRecords,
    store: MemoryStore,
    into_id: str,
    plan_name: str,
    check: Callable[[Listing, Sequence[Carried]], None] = lambda output, earlier: None,
    *,
    base: Listing | None = None,
    ledger: bool = True,
    of_clone: bool = False,
    otherwise: str = "",
) -> CarryResult:
    """
    Carry what a store received since the run's last carry into another, and note how far it came.

    The plan is written down, merged texts included, before the first write, so that a second try knows which writes are
    its own.

    :param plan_name: the run's file that notes the writes.
    :param check: is given what the other store holds, and the writes that earlier tries noted, before anything is done.
    :param base: what the store held, where that is not for the run's own files to tell.
    :param ledger: whether to note in the run's own ledger how far this came; else it stands with the plan.
    :param of_clone: whether the other store began as a copy of this one: it may have what was deleted here since.
    :param otherwise: what else a person can do where the other store has no room.
    :raises StateError: it has none. Nothing was written.
    :raises NotYet: sessions wrote to the other store in the same places, at the same moments, however often it was
        planned anew.
    """
    books = _Books(run, plan_name, store.id, ledger)
    for _ in range(_PLANS - 1):
        try:
            return _carry(world, books, store, into_id, check, base, of_clone, otherwise)
        except NotYet as e:
            log.info("planning anew: %s", e)
    return _carry(world, books, store, into_id, check, base, of_clone, otherwise)


def _carry(
    world: World,
    books: _Books,
    store: MemoryStore,
    into_id: str,
    check: Callable[[Listing, Sequence[Carried]], None],
    base: Listing | None,
    of_clone: bool,
    otherwise: str,
) -> CarryResult:
    """Finish what an earlier plan left, plan, and write."""
    hook, run, plan_name = world.hook, books.run, books.plan_name
    plan, output = run.read_plan(plan_name), hook.list_memories(into_id)
    check(output, plan.noted)
    start = books.start(plan, base)
    # What was chosen before the decision is for its adoption: later, agents write to the other store.
    choices = run.late_choices() if plan_name == PLAN else {}
    if plan.units:
        done, start = finish(hook, run, plan_name, plan, store.id, into_id, start, choices)
        plan, output = books.note(plan, done, start), hook.list_memories(into_id)
    texts, origins = KeptTexts(run, plan_name), books.origins(start, base)
    may_hold = of_clone and _is_of_dream(run)
    late = late_in(hook, store, into_id, start, origins, output, of_clone=may_hold)
    rests = [Rest(unit) for unit in plan.units]
    draft, tasks = _merged(world, store.id, into_id, late, output, origins, texts, choices, rests)
    if len(draft) > MEMORIES_LIMIT:
        # Before its swap, the other store is to stay what was reviewed.
        where = store.id if of_clone else f"{into_id} or from {store.id}"
        raise StateError(
            f"{into_id} would hold {len(draft) - MEMORIES_LIMIT} memories more than the {MEMORIES_LIMIT} that a store "
            f"can. Nothing was written, and {store.id} stays as it is. Delete memories from {where}, then clear this "
            f"task{f'; or {otherwise}' if otherwise else ''}."
        )
    units: list[Unit] = []
    if tasks or rests:
        waves = draft.waves()
        writes = tuple(write for wave in waves for write in wave)
        keys = {write.key for write in writes}
        units = [*(rest.unit(keys) for rest in rests), *(task.unit(keys) for task in tasks)]
        newest = late.newest or next((version.id for version in hook.list_versions(into_id)), "")
        plan = replace(
            plan, writes=writes, units=tuple(units), into_id=into_id, newest=newest, texts=texts.first
        )
        run.write_plan(plan_name, plan)
        apply(hook, store.id, into_id, waves, texts)
        units = say_overruled(hook, into_id, late.newest, writes, units)
        log_carried(units)
    plan = books.note(plan, plan.finished(plan.writes, units), moved_on(late.held, units))
    return CarryResult(plan.done, plan.notes, draft.listing())


class Forecast(NamedTuple):
    """What a carry would do now. :ivar warning: why it would not, or why that can't be told; empty where it would."""

    late: tuple[LateNote, ...]
    warning: str = ""


def forecast(
    world: World, run: RunRecords, store: MemoryStore, into_id: str, chosen: LateChoice | None = None
) -> Forecast:
    """Tell what a carry would do now, without writing anything; ``chosen``: as if a reviewer had chosen this, too."""
    draft, tasks = foreseen(world, run, store, into_id, _NoTexts(), chosen)
    over = len(draft) - MEMORIES_LIMIT
    warning = (
        f"with them, {into_id} would hold {over} memories more than the {MEMORIES_LIMIT} that a store can: they can't "
        f"be carried. Delete memories from {store.id}, or reject."
    )
    return Forecast(tuple(task.note() for task in tasks), warning if over > 0 else "")


def foreseen(
    world: World,
    run: RunRecords,
    store: MemoryStore,
    into_id: str,
    texts: Texts,
    chosen: LateChoice | None = None,
) -> tuple[Draft, list[Task]]:
    """Return what a carry would make of the output now, and of each late write; merged texts go to ``texts``."""
    hook, start = world.hook, run.carry_base()
    output = hook.list_memories(into_id)
    origins = by_memory(run.launch_listing())
    late = late_in(hook, store, into_id, start, origins, output, of_clone=_is_of_dream(run))
    choices = run.late_choices()
    if chosen is not None:
        choices[chosen.path, chosen.sha256] = chosen
    return _merged(world, store.id, into_id, late, output, origins, texts, choices)


def _is_of_dream(run: RunRecords) -> bool:
    """A dream copies the input. A restore copies another store: what that has was never deleted from the input late."""
    return run.journal().restore is None


class _NoTexts:
    """Where merged texts are forgotten."""

    def keep(self, texts: Mapping[str, str]) -> int:
        return 1

    def read(self, part: int) -> Mapping[str, str]:
        return {}


@dataclass(frozen=True)
class _Books:
    """Where it is noted how far a store is carried: in the run's ledger, or with the plan."""

    run: RunRecords
    plan_name: str
    store_id: str
    ledger: bool

    def start(self, plan: Plan, base: Listing | None) -> ById:
        """Return the store's memories as they were carried last."""
        if plan.ledger is not None:
            return plan.ledger
        return self.run.carry_base() if base is None else by_memory(base)

    def origins(self, start: ById, base: Listing | None) -> ById:
        """
        Return the memories as they were before anything was carried: by what they held then it is told where they are,
        and how far back it is to be read.
        """
        launched = self.run.read_listing("base") if self.ledger else base
        return start if launched is None else by_memory(launched)

    def note(self, before: Plan, done: Plan, carried: ById) -> Plan:
        """Note what was done: first how far the store is carried, so that nothing is carried twice."""
        if self.ledger:
            self.run.write_ledger(self.store_id, carried)
            if done.notes:
                known = dict.fromkeys(self.run.journal().late)
                self.run.note(late=tuple(known | dict.fromkeys(done.notes)))
        else:
            done = replace(done, ledger=carried)
        if done != before:
            self.run.write_plan(self.plan_name, done)
            self.run.forget_texts(self.plan_name, before.parts)
        return done


def _merged(
    world: World,
    input_id: str,
    into_id: str,
    late: Late,
    output: Listing,
    origins: ById,
    texts: Texts,
    choices: Choices,
    rests: Sequence[Rest] = (),
) -> tuple[Draft, list[Task]]:
    """
    Return what the output is to be, and what becomes of each late write; what was left of others is kept beside.

    """
    draft = Draft(output)

    def home_of(write: LateWrite) -> str | None:
        return late.homes.of(write.base, *(origins.get(memory_id) for memory_id in write.memory_ids))

    def choice_of(write: LateWrite) -> LateChoice | None:
        return choices.get((write.path, write.now.entry.sha256 if write.now else None))

    written = {memory_id for write in late.writes for memory_id in write.memory_ids}
    stays = {place.entry.sha256 for memory_id, place in late.held.items() if memory_id not in written}
    tasks = sketch(late.writes, draft, home_of, choice_of, stays)
    try:
        is_protected = protecting(world.pipeline.checks.protect)
        merging = Merging(
            world.hook, input_id, into_id, draft, late.start, late.held, texts, is_protected=is_protected
        )
        merging.settle(tasks, rests)
    except NotFound as e:
        raise redacted_since(input_id, e) from e
    return draft, tasks
