"""
What a carry is about to do to the output, memory by memory.

A *slot* is one memory of the output: as it is, and as it is to be. A *task* is one late write on its way there. When
all tasks are done, what differs between the slots' two sides is what to write.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field, replace

from dreamflow.core.beside import Aside
from dreamflow.core.carry_plan import RENAMING, Kept, Unit, Write
from dreamflow.core.late_notes import LateChoice, LateNote
from dreamflow.core.late_writes import LateWrite
from dreamflow.core.objects import NO_HOME, Listing, MemoryEntry, Place

__all__ = ["ASIDE", "MEMORIES_LIMIT", "Draft", "Laid", "Rest", "Slot", "Task"]

#: Memories that one store can hold (the Managed Agents memory guide).
MEMORIES_LIMIT = 2000
#: Where a memory lies while another one takes its path, and it waits for its own.
ASIDE = "/late/renaming-"


@dataclass(eq=False)
class Slot:
    """
    One memory of the output.

    :ivar held: as the output has it; None for one that is to be made.
    :ivar path: where it is to lie; None where it is to be deleted.
    :ivar sha256: what it is to hold: the ``source``'s bytes, a version of the input; else the merged text, which is
        in the plan's ``part``; else what it holds.
    """

    key: str
    held: Place | None
    path: str | None
    sha256: str
    size: int
    source: MemoryEntry | None = None
    text: str | None = None
    part: int = 0

    def take(self, entry: MemoryEntry) -> None:
        """Let it hold the bytes of a version of the input."""
        self.source, self.sha256, self.size = entry, entry.sha256, entry.size


class Draft:
    """The output as it is to be."""

    def __init__(self, output: Listing) -> None:
        self._slots = {
            entry.memory_id: Slot(entry.memory_id, Place(path, entry), path, entry.sha256, entry.size)
            for path, entry in output.items()
        }
        self._at: dict[str, Slot] = {path: self._slots[entry.memory_id] for path, entry in output.items()}

    def at(self, path: str | None) -> Slot | None:
        return None if path is None else self._at.get(path)

    def slots(self) -> list[Slot]:
        """Return the memories that there are to be."""
        return list(self._at.values())

    def __iter__(self) -> Iterator[str]:
        """Yield where they are to lie."""
        return iter(self._at)

    def __len__(self) -> int:
        return len(self._at)

    def create(self, path: str) -> Slot:
        slot = Slot(f"new:{path}", None, path, "", 0)
        self._slots[slot.key] = self._at[path] = slot
        return slot

    def delete(self, slot: Slot) -> None:
        self._forget(slot)
        slot.path = None

    def move(self, targets: dict[Slot, str]) -> None:
        """Give all of them their new paths at once."""
        for slot in targets:
            self._forget(slot)
        for slot, path in targets.items():
            slot.path = path
            self._at[path] = slot

    def _forget(self, slot: Slot) -> None:
        if slot.path is not None:
            del self._at[slot.path]

    def listing(self) -> dict[str, MemoryEntry]:
        """Return what the output is to hold, by paths and checksums."""
        return {
            slot.path: MemoryEntry(slot.held.entry.memory_id if slot.held else "", slot.sha256, "", slot.size)
            for slot in self.slots()
            if slot.path is not None
        }

    def waves(self) -> list[list[Write]]:
        """
        Return what to write: each wave once the one before is done, in any order within.

        Deletes come first, because a full store has no room for a create until one is done; a rename comes once its
        path is free; what stands beside a memory once the memory itself is written, so that it is known by then what
        did not merge.
        """
        slots = list(self._slots.values())
        deletes = [
            Write(slot.key, "delete", slot.held.path, slot.held, None)
            for slot in slots
            if slot.held and slot.path is None
        ]
        moves = self._moves([slot for slot in slots if slot.held and slot.path])
        stay = (slot for slot in slots if slot.held and slot.path == slot.held.path)
        updates = [
            _write(slot, "update") for slot in stay if slot.held and slot.sha256 != slot.held.entry.sha256
        ]
        creates = [_write(slot, "create") for slot in slots if slot.held is None and slot.path]
        beside = [write for write in updates + creates if write.is_beside]
        updates, creates = ([write for write in wave if not write.is_beside] for wave in (updates, creates))
        return [wave for wave in (deletes, *moves, updates, creates, beside) if wave]

    def _moves(self, slots: Sequence[Slot]) -> list[list[Write]]:
        """Return the renames, each once its path is free. Of a circle, one memory is put aside until its own is."""
        lie = {slot.held.path for slot in slots if slot.held}
        left = {slot: slot.held for slot in slots if slot.held and slot.path != slot.held.path}
        waves: list[list[Write]] = []
        while left:
            ready = [slot for slot in left if slot.path not in lie]
            if ready:
                waves.append([replace(_write(slot, "move"), held=left[slot]) for slot in ready])
                lie |= {slot.path for slot in ready if slot.path}
                lie -= {left.pop(slot).path for slot in ready}
            else:
                slot, held = next(iter(left.items()))
                left[slot] = Place(f"{ASIDE}{slot.key}.md", held.entry)
                waves.append(
                    [Write(f"{RENAMING}{slot.key}", "move", left[slot].path, held, held.entry.sha256)]
                )
                lie.remove(held.path)
        return waves


def _write(slot: Slot, kind: str) -> Write:
    assert slot.path
    return Write(slot.key, kind, slot.path, slot.held, slot.sha256, slot.source, slot.part)


@dataclass(eq=False)
class Laid:
    """What is kept beside: in these pages, and entered in the index."""

    aside: Aside
    pages: tuple[Slot, ...] = ()
    index: Slot | None = None

    def kept(self, written: set[str]) -> Kept:
        pages = tuple(slot.key for slot in self.pages if slot.key in written)
        return Kept(self.aside, pages, (self.index.key,) if self.index else ())


@dataclass(eq=False)
class Rest:
    """What an earlier carry left to keep beside, of a late write whose memory is written."""

    of: Unit
    laid: list[Laid] = field(default_factory=list)

    def note(self) -> LateNote:
        return self.of.note

    def unit(self, written: set[str]) -> Unit:
        return replace(self.of, kept=tuple(laid.kept(written) for laid in self.laid))


@dataclass(eq=False)
class Task:
    """
    One late write on its way into the output.

    :ivar kind: ``same``, ``create``, ``forward`` (the input's bytes as they are), ``delete``, ``dropped`` (a reviewer
        chose the dream's): settled without a text.
        ``merge``, ``clash`` (another memory has the path of a new one), ``strip`` (a delete of what the output has
        changed), ``trace`` (a delete of what is not there by itself any more): to be settled over texts.
    :ivar slot: where its lines go. :ivar home: the memory of the output that is its own. :ivar touched: all slots that
        it is merged into. :ivar merged: by key of the slot, what is merged there, to be kept beside if it can't be.
    :ivar laid: what is kept beside.
    :ivar applied: whether lines of it were merged. :ivar moved: whether its rename is done at its home too.
    :ivar choice: what a reviewer chose for it; None where nobody did, or it can't be done, which is ``void`` then.
    """

    late: LateWrite
    slot: Slot | None
    kind: str = "same"
    why: str = ""
    late_path: str | None = None
    touched: list[Slot] = field(default_factory=list)
    applied: bool = False
    moved: bool = False
    home: Slot | None = None
    merged: dict[str, list[Aside]] = field(default_factory=dict)
    laid: list[Laid] = field(default_factory=list)
    choice: LateChoice | None = None
    void: str = ""

    def takes_whole(self, *, can: bool) -> bool:
        """Tell whether it is to be taken whole. Where it can't be, the choice is void, and the reason is told."""
        if self.choice is None or self.choice.choice != "late":
            return False
        if not can:
            self.void, self.choice = self.choice.choice, None
            self.why = "it can't be taken whole: others were merged there too"
        return can

    @property
    def needs_texts(self) -> bool:
        return self.kind in ("merge", "clash", "strip", "trace") or self.takes_out

    @property
    def takes_out(self) -> bool:
        """Tell whether it leaves less of a memory, which is taken as it is: a copy of what goes may be another's."""
        base, now = self.late.base, self.late.now
        return self.kind == "forward" and bool(base and now and now.entry.size < base.entry.size)

    def note(self) -> LateNote:
        late, lie = self.late, [slot for slot in (self.home, *self.touched) if slot is not None]
        return LateNote(
            path=late.path,
            into=tuple(dict.fromkeys(slot.path for slot in lie if slot.path not in (None, late.path))),
            late_path=self.late_path,
            how=self._how(),
            by=late.by,
            at=late.at,
            writes=late.writes,
            why=self.why,
            sha256=late.now.entry.sha256 if late.now else None,
            choice=self.choice.choice if self.choice else "",
            chosen_by=self.choice.by if self.choice else "",
        )

    def _how(self) -> str:
        known = {"create": "created", "forward": "updated", "dropped": "dropped"}
        known |= dict.fromkeys(("delete", "strip"), "deleted")
        if self.moved:
            return "moved"
        if self.kind == "merge" and self.applied:
            return "merged"
        return known.get(self.kind, "beside" if self.late_path else "same")

    def unit(self, written: set[str]) -> Unit:
        keys = dict.fromkeys(
            key for slot in self.touched for key in (slot.key, f"{RENAMING}{slot.key}") if key in written
        )
        now = self.late.now
        if now is not None:
            home = self.home
            now = now._replace(home=(home.path, home.sha256) if home and home.path else NO_HOME)
        kept = [laid.kept(written) for laid in self.laid]
        merging = [key for key in keys if not key.startswith(RENAMING)]
        if len(merging) > 1:
            kept += [Kept(aside, unless=key) for key in merging for aside in self.merged.get(key, ())]
        return Unit(self.late.memory_ids, now, tuple(keys), self.note(), tuple(kept), self.void)
