"""The texts of one late write, to choose by: what its writer made of a memory, the dream, and what a carry would."""

from __future__ import annotations

import json
import zlib
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from threading import Lock
from typing import TYPE_CHECKING, Literal

from dreamflow.errors import EditRefused, ServiceUnavailable
from dreamflow.steps.carry import foreseen
from dreamflow.steps.stores import stores_of

if TYPE_CHECKING:
    from dreamflow.core.draft import Slot, Task
    from dreamflow.core.late_notes import LateNote
    from dreamflow.core.objects import Place
    from dreamflow.records.files import RunRecords
    from dreamflow.steps.world import World

__all__ = ["LateTexts", "Turn", "late_texts"]

#: Bytes of merged texts, compressed, that are kept while one late write is looked for.
_ROOM = 64_000_000
#: Memories that one late write is shown to change, at most.
_TURNS = 8
#: What is kept of one look is gone before the next; whoever waits for it holds one of the web server's threads.
_LOOKING, _PATIENCE = Lock(), 10.0


@dataclass(frozen=True)
class Turn:
    """
    What a memory's text became.

    :ivar whose: ``agent``: the base, and what was written; ``dream``: the base, and what the dream made of it;
        ``carry``: the output's memory, and what it would be with the late write; ``late``: the same below /late/.
    :ivar before: empty where there was no memory; None where it is not to be read any more. :ivar after: the same.
    """

    whose: Literal["agent", "dream", "carry", "late"]
    path: str
    before: str | None
    after: str | None


@dataclass(frozen=True)
class LateTexts:
    """:ivar left_out: how many memories it would change that are not among the turns."""

    note: LateNote
    turns: tuple[Turn, ...]
    left_out: int = 0


def late_texts(world: World, run: RunRecords, path: str, sha256: str | None) -> LateTexts:
    """
    Return what a late write is about, as a carry would take it now, with the choice that was made for it.

    :param path: of the late write's note, and so ``sha256``: by them it is told from others.
    :raises EditRefused: there is no such late write any more. :raises ServiceUnavailable: others look at one by now.
    """
    input_id, output_id = stores_of(run)
    if not _LOOKING.acquire(timeout=_PATIENCE):
        raise ServiceUnavailable("another late write is looked at just now. Try again in a moment.")
    try:
        texts = _Texts()
        _, tasks = foreseen(world, run, world.hook.retrieve_store(input_id), output_id, texts)
        for task in tasks:
            note = task.note()
            if (note.path, note.sha256) == (path, sha256):
                slots = _slots(task)
                looking = _Looking(world, input_id, output_id, texts)
                turns = (*looking.sides(task), *looking.writes(slots[:_TURNS]))
                return LateTexts(note, turns, max(0, len(slots) - _TURNS))
    finally:
        _LOOKING.release()
    raise EditRefused(
        f"the late write to {path!r} is not there any more: its memory was written again, or is as the dream saw it. "
        "Look at the late writes again."
    )


def _slots(task: Task) -> list[tuple[Literal["carry", "late"], Slot]]:
    """Return the memories that the late write goes to, with whether that is below /late/."""
    beside = dict.fromkeys(slot for laid in task.laid for slot in laid.pages)
    own = dict.fromkeys(
        slot for slot in (task.home, *task.touched) if slot is not None and slot not in beside
    )
    return [*(("carry", slot) for slot in own), *(("late", slot) for slot in beside)]


class _Texts:
    """Merged texts, compressed, while there is room."""

    def __init__(self) -> None:
        self._parts: list[bytes] = []
        self._room = _ROOM

    def keep(self, texts: Mapping[str, str]) -> int:
        part = zlib.compress(json.dumps(texts).encode(), 1)
        self._room -= len(part)
        self._parts.append(part if self._room >= 0 else zlib.compress(b"{}"))
        return len(self._parts)

    def read(self, part: int) -> Mapping[str, str]:
        read: dict[str, str] = json.loads(zlib.decompress(self._parts[part - 1]))
        return read


@dataclass(frozen=True)
class _Looking:
    world: World
    input_id: str
    output_id: str
    texts: _Texts
    _read: dict[str, str | None] = field(default_factory=dict)

    def sides(self, task: Task) -> Iterator[Turn]:
        """Yield what the writer made of the base, and what the dream did."""
        late = task.late
        base = self._version(late.base)
        yield Turn("agent", late.path, base, self._version(late.now))
        own = task.home or task.slot
        if own is not None and own.held is not None:
            yield Turn("dream", own.held.path, base, self._held(own))

    def writes(self, slots: list[tuple[Literal["carry", "late"], Slot]]) -> Iterator[Turn]:
        """Yield what would be written; a memory that stays as it is, is none."""
        for whose, slot in slots:
            before, after = self._held(slot), self._planned(slot)
            was = slot.held.path if slot.held else ""
            if was and slot.path and was != slot.path:
                yield Turn(whose, f"{slot.path}, moved there from {was}", before, after)
            elif before != after or after is None:
                yield Turn(whose, slot.path or was, before, after)

    def _version(self, place: Place | None) -> str | None:
        if place is None:
            return ""
        version_id = place.entry.version_id
        if version_id not in self._read:
            found = self.world.hook.read_history(self.input_id, place.entry.memory_id, [version_id], 1)
            self._read[version_id] = found.get(version_id)
        return self._read[version_id]

    def _held(self, slot: Slot) -> str | None:
        if slot.held is None:
            return ""
        entry = slot.held.entry
        return dict(self.world.hook.each_body(self.output_id, {"": entry}, skip_redacted=True)).get("")

    def _planned(self, slot: Slot) -> str | None:
        if slot.path is None:
            return ""
        if slot.part:
            return self.texts.read(slot.part).get(slot.key)
        if slot.source is not None:
            found = self.world.hook.each_body(self.input_id, {"": slot.source}, skip_redacted=True)
            return dict(found).get("")
        return self._held(slot)
