"""Carrying late writes from one store to another: plan and merge first, then writes, each of them repeatable."""

from __future__ import annotations

import logging
from collections import Counter
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING, NamedTuple

from dreamflow.core.changes import digest
from dreamflow.core.draft import MEMORIES_LIMIT, Draft, Task, sketch
from dreamflow.core.handoffs import Swap
from dreamflow.core.late_writes import (
    Carried,
    Homes,
    LateNote,
    find_late,
    since_base,
    to_look_at,
    without_carried,
)
from dreamflow.core.objects import by_memory
from dreamflow.errors import NotFound, StalePlan, StateError
from dreamflow.records.carries import PLAN
from dreamflow.steps.applying import KeptTexts, apply, finish, moved_on, redacted_since
from dreamflow.steps.merging import Merging
from dreamflow.steps.stores import usable_output
from dreamflow.steps.swap import make_heir
from dreamflow.steps.telling import tell_late

if TYPE_CHECKING:
    from dreamflow.core.carry_plan import Plan, Unit
    from dreamflow.core.late_writes import ById, LateWrite
    from dreamflow.core.objects import Listing, MemoryStore
    from dreamflow.hooks.managed_agents import ManagedAgentsHook
    from dreamflow.records.files import RunRecords
    from dreamflow.steps.merging import Texts
    from dreamflow.steps.world import World

__all__ = ["CarryResult", "Forecast", "carry_late_writes", "carry_since", "forecast"]

log = logging.getLogger(__name__)

#: Late writes that the log names.
_LOGGED = 200


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
        """Return what XCom tells of it."""
        beside = [note for note in self.notes if note.late_path]
        return {
            "applied": [row.to_json() for row in self.carried],
            "beside": [
                {"path": note.path, "late_path": note.late_path, "by": note.by, "at": note.at.isoformat()}
                for note in beside
            ],
            "counts": dict(Counter(note.how for note in self.notes)) | {"kept_beside": len(beside)},
            "conflicts": [],
        }


def carry_late_writes(world: World, run: RunRecords, swap: Swap) -> tuple[CarryResult, Swap]:
    """
    Bring the output up to what the input received since the dream was launched, and make it the input's heir.

    The input's name, description and metadata, and the lineage, are put on the output before any target names it.

    :raises StalePlan: the output is not what was reviewed.
    :raises StateError: the output has no room. Nothing was written.
    :raises NotYet: something wrote to the output just now, where a late write goes.
    """

    def check_reviewed(output: Listing, earlier: Sequence[Carried]) -> None:
        if digest(without_carried(output, earlier)) != swap.reviewed:
            raise StalePlan(
                f"memory store {swap.after} is no longer what was reviewed (digest {swap.reviewed[:16]}): something "
                "wrote to it since. Nothing was changed. Trigger a new run; it archives this one's output."
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
    result = carry_since(world, run, parent, swap.after, PLAN, check_reviewed, otherwise=otherwise)
    make_heir(world, run, parent, swap)
    adopted, output = digest(result.expected), world.hook.list_memories(swap.after)
    if digest(output) != adopted:
        raise StalePlan(
            f"memory store {swap.after} holds more than what was reviewed and carried: something else wrote to it "
            "just now. No target was changed. Trigger a new run; it archives this one's output."
        )
    run.write_listing("adopted", swap.after, output)
    carried = swap.model_copy(update={"adopted": adopted})
    run.note(swap=carried)
    tell_late(run)
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
    :param otherwise: what else a person can do where the other store has no room.
    :raises StateError: it has none. Nothing was written.
    :raises NotYet: a session wrote to the other store in the same place, at the same moment.
    """
    hook, books = world.hook, _Books(run, plan_name, store.id, ledger)
    plan, output = run.read_plan(plan_name), hook.list_memories(into_id)
    check(output, plan.noted)
    start = books.start(plan, base)
    if plan.units:
        done, start = finish(hook, run, plan_name, plan, store.id, into_id, start)
        plan, output = books.note(plan, done, start), hook.list_memories(into_id)
    texts = KeptTexts(run, plan_name)
    late = _late_in(hook, store, into_id, start, output)
    draft, tasks = _merged(hook, store.id, into_id, late, output, books.origins(start), texts)
    if len(draft) > MEMORIES_LIMIT:
        raise StateError(
            f"{into_id} would hold {len(draft) - MEMORIES_LIMIT} memories more than the {MEMORIES_LIMIT} that a store "
            f"can. Nothing was written, and {store.id} stays as it is. Delete memories from {into_id} or from "
            f"{store.id}, then clear this task{f'; or {otherwise}' if otherwise else ''}."
        )
    units: list[Unit] = []
    if tasks:
        waves = draft.waves()
        writes = tuple(write for wave in waves for write in wave)
        units = [task.unit({write.key for write in writes}) for task in tasks]
        plan = replace(
            plan, writes=writes, units=tuple(units), into_id=into_id, newest=late.newest, texts=texts.first
        )
        run.write_plan(plan_name, plan)
        apply(hook, store.id, into_id, waves, texts)
        _log(units)
    plan = books.note(plan, plan.finished(plan.writes, units), moved_on(late.held, units))
    return CarryResult(plan.done, plan.notes, draft.listing())


class Forecast(NamedTuple):
    """What a carry would do now. :ivar warning: why it would not, or why that can't be told; empty where it would."""

    late: tuple[LateNote, ...]
    warning: str = ""


def forecast(world: World, run: RunRecords, store: MemoryStore, into_id: str) -> Forecast:
    """Tell what a carry would do now, without writing anything."""
    hook, start = world.hook, run.carry_base()
    output = hook.list_memories(into_id)
    late = _late_in(hook, store, into_id, start, output)
    draft, tasks = _merged(hook, store.id, into_id, late, output, start, _NoTexts())
    over = len(draft) - MEMORIES_LIMIT
    warning = (
        f"with them, {into_id} would hold {over} memories more than the {MEMORIES_LIMIT} that a store can: they can't "
        f"be carried. Delete memories from {into_id}, which asks anew, or from {store.id}; or reject."
    )
    return Forecast(tuple(task.note() for task in tasks), warning if over > 0 else "")


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

    def origins(self, start: ById) -> ById:
        """Return the memories as they were at launch: by what they held then it is told where they are."""
        launched = self.run.read_listing("base") if self.ledger else None
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


@dataclass(frozen=True)
class _Late:
    """
    What is late in a store.

    :ivar held: what it holds now. :ivar homes: where its memories are in the other store, whose newest version is
        ``newest``. :ivar known: what it held before, by path and checksum.
    """

    writes: tuple[LateWrite, ...]
    held: ById
    homes: Homes
    newest: str
    known: frozenset[tuple[str, str]]


def _late_in(
    hook: ManagedAgentsHook, store: MemoryStore, into_id: str, start: ById, output: Listing
) -> _Late:
    current, archived_at = hook.list_memories(store.id), store.archived_at
    wanted = to_look_at(start, by_memory(current))
    if archived_at is not None:
        # A listing does not show what was made since the base, and deleted after the archive.
        deletions = hook.list_versions(store.id, operation="deleted", created_at_gte=archived_at)
        wanted |= {version.memory_id for version in deletions if version.at > archived_at}
    known = frozenset(place.holds for place in start.values())
    if not wanted:
        return _Late((), _with_homes(by_memory(current), start), Homes({}, ()), "", known)
    versions = since_base(hook.list_versions(store.id), start, wanted)
    there = list(hook.list_versions(into_id))
    writes, held = find_late(start, current, versions, there, archived_at)
    homes = Homes(output, there)
    return _Late(writes, _with_homes(held, start), homes, there[0].id if there else "", known)


def _with_homes(held: ById, start: ById) -> ById:
    """Return the memories with what earlier carries have noted of where they are in the other store."""
    return {
        memory_id: place._replace(home=start[memory_id].home) if memory_id in start else place
        for memory_id, place in held.items()
    }


def _merged(
    hook: ManagedAgentsHook,
    input_id: str,
    into_id: str,
    late: _Late,
    output: Listing,
    origins: ById,
    texts: Texts,
) -> tuple[Draft, list[Task]]:
    """Return what the output is to be, and what becomes of each late write."""
    draft = Draft(output)

    def home_of(write: LateWrite) -> str | None:
        return late.homes.of(write.base, *(origins.get(memory_id) for memory_id in write.memory_ids))

    tasks = sketch(late.writes, draft, home_of)
    try:
        Merging(hook, input_id, into_id, draft, late.known, texts).settle(tasks)
    except NotFound as e:
        raise redacted_since(input_id, e) from e
    return draft, tasks


def _log(units: Sequence[Unit]) -> None:
    """Say who wrote what, and what became of it."""
    for unit in units[:_LOGGED]:
        note = unit.note
        log.info(
            "late write to %r: %s%s; by %s at %s%s%s",
            note.path,
            note.how,
            f", kept beside in {note.late_path!r}" if note.late_path else "",
            note.by or "somebody",
            note.at.isoformat(timespec="seconds"),
            f", {note.writes} writes" if note.writes > 1 else "",
            f" ({note.why})" if note.why else "",
        )
    if len(units) > _LOGGED:
        log.info("and %d late writes more", len(units) - _LOGGED)
