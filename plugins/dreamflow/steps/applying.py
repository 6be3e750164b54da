"""Writing a plan into the output, and finishing one that an earlier try began."""

from __future__ import annotations

import logging
from collections.abc import Callable, Collection, Iterator, Mapping, Sequence
from dataclasses import dataclass, field, replace
from itertools import groupby, takewhile
from typing import TYPE_CHECKING

from dreamflow.core.late_writes import GONE, ById
from dreamflow.core.objects import by_memory
from dreamflow.core.secrets.masking import mask
from dreamflow.errors import Conflict, NotFound, NotYet

if TYPE_CHECKING:
    from dreamflow.core.carry_plan import Plan, Unit, Write
    from dreamflow.core.late_notes import Choices
    from dreamflow.core.objects import Listing, MemoryVersion, Place
    from dreamflow.hooks.managed_agents import ManagedAgentsHook
    from dreamflow.records.files import RunRecords

__all__ = ["KeptTexts", "apply", "finish", "log_carried", "moved_on", "redacted_since"]

log = logging.getLogger(__name__)

#: Memories that are in memory at a time while they are written, of up to 100 kB each.
_BATCH = 64
#: Late writes that the log names.
_LOGGED = 200


@dataclass
class KeptTexts:
    """The merged texts of a plan: the first part is in the plan itself, others in files beside it."""

    run: RunRecords
    plan_name: str
    first: dict[str, str] = field(default_factory=dict)
    parts: int = 0
    _last: tuple[int, Mapping[str, str]] = (0, {})

    def keep(self, texts: Mapping[str, str]) -> int:
        self.parts += 1
        if self.parts == 1:
            self.first = dict(texts)
        else:
            self.run.write_texts(self.plan_name, self.parts, texts)
        return self.parts

    def read(self, part: int) -> Mapping[str, str]:
        if part == 1:
            return self.first
        if self._last[0] != part:
            self._last = part, self.run.read_texts(self.plan_name, part)
        return self._last[1]


def apply(
    hook: ManagedAgentsHook, input_id: str, into_id: str, waves: Sequence[Sequence[Write]], texts: KeptTexts
) -> None:
    """
    Write to the output, each write if and only if it finds what was planned on.

    :raises NotYet: somebody wrote to the same place since it was listed. Planning anew tells what that means.
    """
    for batch in _batches(waves):
        bodies = _bodies(hook, input_id, batch, texts)
        try:
            hook.in_parallel(lambda write: _do(hook, into_id, write, bodies.get(write.key)), batch)  # noqa: B023
        except Conflict as e:
            raise NotYet(
                f"{into_id} was written to while the late writes of {input_id} were carried there: {e} It was left as "
                "it is; the next try starts from what both stores hold then."
            ) from e


def _batches(waves: Sequence[Sequence[Write]]) -> Iterator[list[Write]]:
    """Yield the writes in order, those of one part of the texts together."""
    for wave in waves:
        for _, same in groupby(sorted(wave, key=lambda write: write.part), key=lambda write: write.part):
            writes = list(same)
            yield from (writes[n : n + _BATCH] for n in range(0, len(writes), _BATCH))


def _bodies(
    hook: ManagedAgentsHook, input_id: str, batch: Sequence[Write], texts: KeptTexts
) -> dict[str, str]:
    read = {write.key: texts.read(write.part)[write.key] for write in batch if write.part}
    sources = {write.key: write.source for write in batch if write.source is not None}
    try:
        return read | hook.read_bodies(input_id, sources)
    except NotFound as e:
        raise redacted_since(input_id, e) from e


def redacted_since(input_id: str, e: NotFound) -> NotYet:
    """Return what to raise where a version can't be read that was listed just now: planning anew goes without it."""
    return NotYet(
        f"a version was redacted, or deleted, while the late writes of {input_id} were carried: {e}"
    )


def _do(hook: ManagedAgentsHook, into_id: str, write: Write, text: str | None) -> None:
    held = write.held.entry if write.held else None
    if write.kind == "delete":
        assert held
        hook.delete_memory(into_id, write.path, held)
    elif write.kind == "move":
        assert write.held
        hook.move_memory(into_id, write.path, text, write.held)
    else:
        assert text is not None
        hook.write_memory(into_id, write.path, text, held)


def finish(
    hook: ManagedAgentsHook,
    run: RunRecords,
    plan_name: str,
    plan: Plan,
    input_id: str,
    into_id: str,
    base: ById,
    choices: Choices,
) -> tuple[Plan, dict[str, Place]]:
    """
    Do what a plan notes and an earlier try did not get to; return the plan as done, and the base moved on by it.

    A write that was done is not done again, whatever became of it since: an agent may have undone it. Where one finds
    something else in its place by now, the late write that it is for is planned anew, and nothing more of it is done;
    but one of which something was merged is carried, and what is left of it stays in the plan, to be kept beside.

    :param choices: what reviewers chose by now. What was chosen otherwise since the plan was made is planned anew.
    """
    there = None
    if plan.writes and (plan.into_id == into_id or hook.find_store(plan.into_id) is not None):
        there = _there(hook, plan)
    done = {write.key for write in plan.writes if there().has(write)} if there else set()
    plan = _as_chosen(plan, done, choices)
    if there and plan.into_id == into_id:
        done |= _done_now(hook, run, plan_name, plan, input_id, there, done)
    carried = [unit for unit in plan.units if unit.is_carried(done)]
    ended = [unit for unit in carried if unit.left(done) is None]
    left = [rest for unit in carried if (rest := unit.left(done)) is not None]
    log.info("finished what an earlier try began: %d of %d late writes", len(ended), len(plan.units))
    log_carried(ended)
    writes = [write for write in plan.writes if write.key in done]
    return plan.finished(writes, ended, left), moved_on(base, carried)


def _there(hook: ManagedAgentsHook, plan: Plan) -> Callable[[], _There]:
    """Return what tells, each time anew, what the store of a plan holds, and what happened to it since."""
    listed = hook.list_memories(plan.into_id)
    since = list(takewhile(lambda version: version.id != plan.newest, hook.list_versions(plan.into_id)))
    return lambda: _There(listed, since)


def _as_chosen(plan: Plan, done: Collection[str], choices: Choices) -> Plan:
    """Return the plan without the late writes of which nothing was done, and that are to become something else now."""

    def is_chosen_anew(unit: Unit) -> bool:
        choice = choices.get((unit.note.path, unit.note.sha256))
        planned_for = unit.void or unit.note.choice or "beside"
        is_other = choice is not None and choice.choice != planned_for
        return is_other and {*unit.keys, *unit.page_keys, *unit.index_keys}.isdisjoint(done)

    anew = [unit for unit in plan.units if is_chosen_anew(unit)]
    # A write that is for another late write too is not done either, and that one is planned anew with it.
    undone = {key for unit in anew for key in (*unit.keys, *unit.page_keys)}
    writes = tuple(write for write in plan.writes if write.key not in undone)
    return replace(plan, writes=writes, units=tuple(unit for unit in plan.units if unit not in anew))


def _done_now(
    hook: ManagedAgentsHook,
    run: RunRecords,
    plan_name: str,
    plan: Plan,
    input_id: str,
    there: Callable[[], _There],
    done: set[str],
) -> set[str]:
    """Do what can be done still of a plan; return the keys of those writes."""
    texts = KeptTexts(run, plan_name, plan.texts, plan.parts)
    rest = [write for write in plan.writes if write.key not in done]
    rest = [write for write in rest if not write.part or write.key in texts.read(write.part)]
    left = _able(plan.units, rest, done, there)
    apply(hook, input_id, plan.into_id, _in_order(left), texts)
    return {write.key for write in left}


def log_carried(units: Sequence[Unit]) -> None:
    """Say who wrote what, and what became of it."""
    for unit in units[:_LOGGED]:
        note = unit.note
        log.info(
            "late write to %r: %s%s%s; by %s at %s%s%s",
            mask(note.path),
            note.how,
            f" in {mask(', '.join(map(repr, note.into)))}" if note.into else "",
            f", kept beside in {mask(repr(note.late_path))}" if note.late_path else "",
            note.by or "somebody",
            note.at.isoformat(timespec="seconds"),
            f", {note.writes} writes" if note.writes > 1 else "",
            f" ({mask(note.why)})" if note.why else "",
        )
    if len(units) > _LOGGED:
        log.info("and %d late writes more", len(units) - _LOGGED)


def moved_on(base: ById, units: Sequence[Unit]) -> dict[str, Place]:
    """Return the base with these late writes carried."""
    moved = dict(base)
    for unit in units:
        moved |= dict.fromkeys(unit.memory_ids, GONE)
        if unit.now is not None:
            moved[unit.memory_ids[0]] = unit.now
    return moved


def _able(
    units: Sequence[Unit], writes: Sequence[Write], done: set[str], there: Callable[[], _There]
) -> list[Write]:
    """
    Return the writes that can be done still, but for those of a late write that is not begun, and can't be done whole.

    One that is for another late write too is not done either; but entries in the index are.
    """
    left = list(writes)
    while True:
        world = there()
        able = done | {write.key for write in left if world.takes(write)}
        stuck = [unit for unit in units if not unit.is_begun(done) and not able.issuperset(unit.keys)]
        goes = [unit for unit in units if unit not in stuck]
        wanted = {key for unit in goes for key in (*unit.keys, *unit.page_keys, *unit.index_keys)}
        wanted -= {key for unit in stuck for key in (*unit.keys, *unit.page_keys)}
        kept = [write for write in left if write.key in wanted & able]
        if len(kept) == len(left):
            return kept
        left = kept


class _There:
    """What a store holds, and what happened to it since a plan was made."""

    def __init__(self, listed: Listing, since: Sequence[MemoryVersion]) -> None:
        self._at = {path: entry.memory_id for path, entry in listed.items()}
        self._lie = {memory_id: place.holds for memory_id, place in by_memory(listed).items()}
        places = [version.place for version in since if version.place is not None]
        self._were = {place.holds for place in places}
        self._held = {(place.entry.memory_id, place.entry.sha256) for place in places}

    def has(self, write: Write) -> bool:
        """Tell whether the write was done."""
        if write.sha256 is None:
            return write.held is not None and write.held.entry.memory_id not in self._lie
        if write.held is not None and write.kind == "update":
            # Somebody may have renamed it right before.
            return (write.held.entry.memory_id, write.sha256) in self._held
        return (write.path, write.sha256) in self._were

    def takes(self, write: Write) -> bool:
        """Tell whether the write finds what it was planned on, those before it done; if so, take it for done."""
        if write.held is None:
            return write.path not in self._at
        memory_id = write.held.entry.memory_id
        is_free = write.path == write.held.path or write.path not in self._at
        if self._lie.get(memory_id) != write.held.holds or not is_free:
            return False
        del self._at[write.held.path], self._lie[memory_id]
        if write.sha256 is not None:
            self._at[write.path], self._lie[memory_id] = memory_id, (write.path, write.sha256)
        return True


def _in_order(writes: Sequence[Write]) -> list[list[Write]]:
    """Return the writes in waves, in the plan's order: a rename comes once its path is free, so one after the other."""
    moves = [[write] for write in writes if write.kind == "move"]
    beside = [write for write in writes if write.is_beside]
    rest = [write for write in writes if not write.is_beside]
    deletes, updates, creates = (
        [w for w in rest if w.kind == kind] for kind in ("delete", "update", "create")
    )
    return [wave for wave in (deletes, *moves, updates, creates, beside) if wave]
