"""What becomes of each late write, as far as listings, and a reviewer's choices, tell."""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Container, Sequence

from dreamflow.core.draft import ASIDE, Draft, Slot, Task
from dreamflow.core.late_notes import LateChoice
from dreamflow.core.late_writes import LateWrite
from dreamflow.core.objects import Place

__all__ = ["sketch"]


def sketch(
    late: Sequence[LateWrite],
    draft: Draft,
    home_of: Callable[[LateWrite], str | None],
    choice_of: Callable[[LateWrite], LateChoice | None] = lambda write: None,
    stays: Container[str] = frozenset(),
) -> list[Task]:
    """
    Decide what becomes of each late write, and enter it into the draft; what needs texts is left open.

    :param stays: checksums of what the input holds that no late write is about.
    """
    tasks = [
        Task(write, draft.at(home_of(write)) if write.base else None, choice=choice_of(write))
        for write in late
    ]
    homes = Counter(task.slot.key for task in tasks if task.slot and task.late.now)
    for task in tasks:
        if task.choice and task.choice.choice == "dream":
            task.kind, task.home = "dropped", task.slot
    taken = [task for task in tasks if task.kind != "dropped"]
    for task in taken:
        if task.late.now is None:
            is_shared = task.slot is not None and homes[task.slot.key] > 0
            _sketch_delete(task, draft, stays, is_shared=is_shared)
    _sketch_moves([task for task in taken if task.late.base and task.late.now and task.slot], draft)
    for task in taken:
        if task.late.now is not None:
            if task.late.base is None:
                _sketch_create(task, draft, task.late.now, homes)
            else:
                _sketch_edit(task, draft, task.late.base, task.late.now, homes)
        task.home = task.slot if task.kind != "clash" else None
    return tasks


def _sketch_delete(task: Task, draft: Draft, stays: Container[str], *, is_shared: bool) -> None:
    slot, base = task.slot, task.late.base
    assert base
    if slot is None or slot.path is None or is_shared:
        task.takes_whole(can=False)
        task.kind, task.slot = "trace", None
        return
    is_chosen = task.takes_whole(can=True)
    if not is_chosen and slot.sha256 in stays and _is_the_last(slot, draft):
        task.why = "the dream took out another copy of it, which the input still holds: this one stays"
        return
    is_whole = is_chosen or slot.sha256 == base.entry.sha256
    task.kind = "delete" if is_whole else "strip"
    task.touched.append(slot)
    draft.delete(slot)


def _is_the_last(slot: Slot, draft: Draft) -> bool:
    """Tell whether no other memory holds the same bytes."""
    return not any(other.sha256 == slot.sha256 for other in draft.slots() if other is not slot)


def _sketch_moves(tasks: Sequence[Task], draft: Draft) -> None:
    """Let renames happen, chains and circles too, where the output's side left the memory and has the path free."""
    wanted: dict[Slot, str] = {}
    for task in tasks:
        slot, base, now = task.slot, task.late.base, task.late.now
        assert slot and base and now and slot.held
        is_aside = slot.held.path.startswith(ASIDE)
        if now.path == slot.path or (now.path == base.path and not is_aside):
            continue
        if slot.held.path != base.path and not is_aside:
            task.why = "it was given another path there, which it keeps"
        elif slot not in wanted:
            wanted[slot] = now.path
    while taken := [
        slot for slot, path in wanted.items() if (there := draft.at(path)) and there not in wanted
    ]:
        for slot in taken:
            del wanted[slot]
    for task in tasks:
        assert task.slot and task.late.base and task.late.now
        if task.slot in wanted:
            task.moved = True
            task.touched.append(task.slot)
        elif not task.why and task.late.now.path not in (task.late.base.path, task.slot.path):
            task.why = "another memory has the path that it was renamed to; it keeps its own"
    draft.move(wanted)


def _sketch_create(task: Task, draft: Draft, now: Place, homes: Counter[str]) -> None:
    there = draft.at(now.path)
    if there is None:
        task.kind, task.slot = "create", draft.create(now.path)
        task.slot.take(now.entry)
        task.touched.append(task.slot)
        return
    task.slot = there
    if there.sha256 == now.entry.sha256:
        task.kind = "same"
    elif task.takes_whole(can=homes[there.key] == 0 and there.held is not None):
        _forward(task, there, now)
    else:
        task.kind = "clash"


def _sketch_edit(task: Task, draft: Draft, base: Place, now: Place, homes: Counter[str]) -> None:
    slot, wanted = task.slot, now.entry.sha256
    if slot is None or slot.path is None:
        if wanted != base.entry.sha256 and task.takes_whole(can=draft.at(now.path) is None):
            _sketch_create(task, draft, now, homes)
            return
        task.kind, task.slot = "same" if wanted == base.entry.sha256 else "merge", None
        task.why = task.why or "it is not there by itself any more"
        return
    if wanted == base.entry.sha256:
        return
    if wanted == slot.sha256:  # but what both took out may stand elsewhere now
        task.kind = "merge"
        return
    is_alone = homes[slot.key] == 1
    if task.takes_whole(can=is_alone) or (is_alone and slot.sha256 == base.entry.sha256):
        _forward(task, slot, now)
    else:
        task.kind = "merge"
        task.touched.append(slot)


def _forward(task: Task, slot: Slot, now: Place) -> None:
    """Let the memory hold the input's bytes as they are."""
    task.kind = "forward"
    task.touched.append(slot)
    slot.take(now.entry)
