"""
A plan of a carry as it is noted down before the first write: a second try knows from it which writes are its own.
"""

from __future__ import annotations

from collections.abc import Collection, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any

from dreamflow.core.beside import Aside, late_path
from dreamflow.core.late_writes import ById, Carried, LateNote
from dreamflow.core.objects import MemoryEntry, Place

__all__ = ["RENAMING", "Kept", "Plan", "Unit", "Write", "place_from_json", "place_to_json"]

#: What the key of a write begins with that puts a memory aside until its path is free: nothing is merged by it.
RENAMING = "aside:"


@dataclass(frozen=True)
class Write:
    """
    One request to the output.

    :ivar key: the slot's, whose text it is. :ivar path: where the memory is to lie; for a delete, where it lies.
    :ivar held: what the output holds before. :ivar sha256: what it holds after; None for a delete.
    :ivar part: which of the plan's files has the text; 0 where the bytes are the ``source``'s, or stay.
    """

    key: str
    kind: str
    path: str
    held: Place | None
    sha256: str | None
    source: MemoryEntry | None = None
    part: int = 0

    @property
    def is_beside(self) -> bool:
        """Tell whether it writes below /late/."""
        return self.kind in ("update", "create") and self.path.startswith("/late/")

    def carried(self) -> tuple[Carried, ...]:
        """Return what it does to paths: a rename empties one and fills another."""
        before = self.held.entry.sha256 if self.held else None
        if self.held is not None and self.held.path != self.path:
            return Carried(self.held.path, before, None), Carried(self.path, None, self.sha256)
        return (Carried(self.path, before, self.sha256),)

    def to_json(self) -> dict[str, Any]:
        return {
            "key": self.key,
            "kind": self.kind,
            "path": self.path,
            "held": place_to_json(self.held),
            "sha256": self.sha256,
            "source": list(self.source) if self.source else None,
            "part": self.part,
        }

    @classmethod
    def from_json(cls, row: dict[str, Any]) -> Write:
        source = MemoryEntry(*row["source"]) if row["source"] else None
        return cls(**{**row, "held": place_from_json(row["held"]), "source": source})


def place_to_json(place: Place | None) -> list[Any] | None:
    return [place.path, *place.entry, *(place.home or ())] if place else None


def place_from_json(row: Sequence[Any] | None) -> Place | None:
    if not row:
        return None
    path, *entry = row[:5]
    return Place(path, MemoryEntry(*entry), (row[5], row[6]) if row[5:] else None)


@dataclass(frozen=True)
class Kept:
    """
    What of a late write is kept beside.

    :ivar pages: keys of the writes that put it below /late/; None while none are planned.
    :ivar index: those of the write that enters its pages in the index; None likewise.
    :ivar unless: key of the write that merges it, where it is kept beside only if that can't be done any more.
    """

    aside: Aside
    pages: tuple[str, ...] | None = None
    index: tuple[str, ...] | None = None
    unless: str = ""

    def left(self, done: Collection[str]) -> Kept | None:
        """Return what is left to do of it once these writes are done; None where nothing is."""
        if self.unless and self.unless in done:
            return None
        pages, index = (
            () if keys is not None and all(key in done for key in keys) else None
            for keys in (self.pages, self.index)
        )
        return None if pages == index == () else Kept(self.aside, pages, index)

    def to_json(self) -> dict[str, Any]:
        aside = {**vars(self.aside), "at": self.aside.at.isoformat()}
        return {**vars(self), "aside": aside}

    @classmethod
    def from_json(cls, row: dict[str, Any]) -> Kept:
        aside = row["aside"]
        lines = {key: tuple(aside[key]) for key in ("added", "removed")}
        pages, index = (None if row[key] is None else tuple(row[key]) for key in ("pages", "index"))
        at = datetime.fromisoformat(aside["at"])
        return cls(Aside(**{**aside, **lines, "at": at}), pages, index, row["unless"])


@dataclass(frozen=True)
class Unit:
    """
    One late write of a plan.

    It is carried once the writes that merge it are done. Where some of them are and others can't be any more, it is
    carried too, and never merged again: what is left of it is kept beside.

    :ivar memory_ids: the input's; none where only what is kept beside is left of it.
    :ivar now: up to where it is carried then, and into what; None: it was deleted.
    :ivar keys: those of the writes that merge it. :ivar kept: what is kept beside.
    :ivar void: what a reviewer chose for it, where that can't be done.
    """

    memory_ids: tuple[str, ...]
    now: Place | None
    keys: tuple[str, ...]
    note: LateNote
    kept: tuple[Kept, ...] = ()
    void: str = ""

    @property
    def page_keys(self) -> tuple[str, ...]:
        return tuple(key for kept in self.kept for key in kept.pages or ())

    @property
    def index_keys(self) -> tuple[str, ...]:
        return tuple(key for kept in self.kept for key in kept.index or ())

    def is_begun(self, done: Collection[str]) -> bool:
        """Tell whether something of it was merged."""
        return any(key in done for key in self.keys if not key.startswith(RENAMING))

    def is_carried(self, done: Collection[str]) -> bool:
        return self.is_begun(done) or all(key in done for key in self.keys)

    def left(self, done: Collection[str]) -> Unit | None:
        """Return what is left to do of it, once carried; None where nothing is."""
        kept = tuple(left for one in self.kept if (left := one.left(done)) is not None)
        if not kept:
            return None
        path = self.note.late_path or late_path(kept[0].aside.path)
        return Unit((), None, (), self.note.model_copy(update={"late_path": path}), kept)

    def to_json(self) -> dict[str, Any]:
        return {
            "memory_ids": list(self.memory_ids),
            "now": place_to_json(self.now),
            "keys": list(self.keys),
            "note": self.note.model_dump(mode="json"),
            "kept": [kept.to_json() for kept in self.kept],
            "void": self.void,
        }

    @classmethod
    def from_json(cls, row: dict[str, Any]) -> Unit:
        note = LateNote.model_validate(row["note"])
        kept = tuple(map(Kept.from_json, row["kept"]))
        now, keys = place_from_json(row["now"]), tuple(row["keys"])
        return cls(tuple(row["memory_ids"]), now, keys, note, kept, row.get("void", ""))


@dataclass(frozen=True)
class Plan:
    """
    What a run notes of its carries into one store.

    :ivar done: what was written, in order. :ivar notes: what became of each late write.
    :ivar writes: what is about to be written, and may have been in part. :ivar units: the late writes that it is for.
    :ivar into_id: the store that it is written to. :ivar newest: the newest version of it when that was planned.
    :ivar texts: the merged texts of the first part, by key; those of others are in files of their own.
    :ivar ledger: the input's memories as they were carried, where the run keeps that nowhere else.
    """

    done: tuple[Carried, ...] = ()
    notes: tuple[LateNote, ...] = ()
    writes: tuple[Write, ...] = ()
    units: tuple[Unit, ...] = ()
    into_id: str = ""
    newest: str = ""
    texts: dict[str, str] = field(default_factory=dict)
    ledger: ById | None = None

    @property
    def noted(self) -> tuple[Carried, ...]:
        """Return what was written, or may have been."""
        return (*self.done, *(row for write in self.writes for row in write.carried()))

    @property
    def parts(self) -> int:
        """Return how many parts the texts are in."""
        return max((write.part for write in self.writes), default=0)

    def finished(self, writes: Sequence[Write], units: Sequence[Unit], left: Sequence[Unit] = ()) -> Plan:
        """Return the plan with these writes and late writes done, and of others this left to keep beside."""
        rows = (row for write in writes for row in write.carried())
        notes = (unit.note for unit in units)
        return Plan((*self.done, *rows), (*self.notes, *notes), units=tuple(left), ledger=self.ledger)

    def to_json(self) -> dict[str, Any]:
        return {
            "writes": [row.to_json() for row in self.done],
            "notes": [note.model_dump(mode="json") for note in self.notes],
            "pending": {
                "into_id": self.into_id,
                "newest": self.newest,
                "writes": [write.to_json() for write in self.writes],
                "units": [unit.to_json() for unit in self.units],
                "texts": self.texts,
            }
            if self.units
            else None,
            "ledger": {key: place_to_json(place) for key, place in self.ledger.items()}
            if self.ledger is not None
            else None,
        }

    @classmethod
    def from_json(cls, data: dict[str, Any]) -> Plan:
        """Read a plan; an older release's has ``writes`` alone."""
        pending = data.get("pending") or {}
        ledger = data.get("ledger")
        return cls(
            tuple(Carried(**row) for row in data["writes"]),
            tuple(LateNote.model_validate(note) for note in data.get("notes", ())),
            tuple(Write.from_json(row) for row in pending.get("writes", ())),
            tuple(Unit.from_json(row) for row in pending.get("units", ())),
            pending.get("into_id", ""),
            pending.get("newest", ""),
            dict(pending.get("texts", {})),
            {key: place for key, row in ledger.items() if (place := place_from_json(row))}
            if ledger is not None
            else None,
        )
