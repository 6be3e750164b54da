"""Merging late writes over texts: what the listings leave open, chunk by chunk, so that no store is in memory whole."""

from __future__ import annotations

import hashlib
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING, Protocol

from dreamflow.core.beside import Aside, index_path, late_path, pages, standing, with_entries
from dreamflow.core.changes import lines_of
from dreamflow.core.draft import Draft, Slot, Task
from dreamflow.core.text_merge import Hunk, hunks_of, merge
from dreamflow.core.whereabouts import Whereabouts

if TYPE_CHECKING:
    from dreamflow.core.objects import Place
    from dreamflow.hooks.managed_agents import ManagedAgentsHook

__all__ = ["Merging", "Texts"]

#: Bytes of UTF-8 that one memory can hold (the Managed Agents memory guide).
SIZE_LIMIT = 102_400
#: Bytes of bases, inputs and outputs that are merged at a time.
CHUNK_BYTES = 24_000_000


class Texts(Protocol):
    """Where merged texts wait to be written."""

    def keep(self, texts: Mapping[str, str], /) -> int: ...
    def read(self, part: int, /) -> Mapping[str, str]: ...


@dataclass(frozen=True)
class _Sides:
    """A late write's texts: None where there is none, or it was redacted."""

    base: str | None
    now: str | None


@dataclass(frozen=True)
class _Stray:
    """A hunk that did not merge at home, or has none."""

    task: Task
    sides: _Sides
    hunk: Hunk


class Merging:
    """
    Settles over texts what a sketch left open.

    :param draft: what the output is to be; this completes it.
    :param base: path and checksum of every memory of the input that the late writes start from: what the output has
        otherwise is where a line of them may have gone.
    :param texts: where merged texts go.
    """

    def __init__(
        self,
        hook: ManagedAgentsHook,
        input_id: str,
        output_id: str,
        draft: Draft,
        base: frozenset[tuple[str, str]],
        texts: Texts,
    ) -> None:
        self._hook, self._input_id, self._output_id = hook, input_id, output_id
        self._draft, self._base, self._texts = draft, base, texts
        self._held = {slot.held.path: slot for slot in draft.slots() if slot.held}
        self._among = len(self._held)
        self._bodies: dict[str, str] = {}
        self._dirty: dict[str, Slot] = {}

    def settle(self, tasks: Sequence[Task]) -> None:
        """Merge what needs texts; keep beside what can't be merged, and enter that in the index, where there is one."""
        for chunk in _chunks([task for task in tasks if task.needs_texts]):
            self._settle(chunk)
            self._flush()
        self._enter(tasks)
        self._flush()

    def _settle(self, tasks: Sequence[Task]) -> None:
        self._bodies = self._read_outputs(tasks)
        strays: list[_Stray] = []
        asides: list[tuple[Task, Aside]] = []
        for task, sides in zip(tasks, self._read_sides(tasks), strict=True):
            match task.kind:
                case "merge":
                    self._merge(task, sides, strays, asides)
                case "clash":
                    asides += self._clash(task, sides)
                case "strip":
                    asides += self._strip(task, sides)
                case _:
                    strays += _traced(task, sides)
        asides += self._bring_home(strays)
        self._put_beside(asides)

    # Reading

    def _read_sides(self, tasks: Sequence[Task]) -> list[_Sides]:
        return self._hook.in_parallel(self._sides_of, tasks)

    def _sides_of(self, task: Task) -> _Sides:
        late = task.late
        base = late.base if task.kind != "clash" else None
        now = late.now if task.kind in ("merge", "clash") else None
        if base and now and base.entry.memory_id == now.entry.memory_id:
            read = self._history([now, base], late.depth)
        else:
            read = {**self._history([now], 1), **self._history([base], 1)}
        return _Sides(*(read.get(place.entry.version_id) if place else None for place in (base, now)))

    def _history(self, places: Sequence[Place | None], depth: int) -> dict[str, str]:
        wanted = [place.entry for place in places if place is not None]
        if not wanted:
            return {}
        ids = [entry.version_id for entry in wanted]
        return self._hook.read_history(self._input_id, wanted[0].memory_id, ids, depth)

    def _read_outputs(self, tasks: Sequence[Task]) -> dict[str, str]:
        """Read, at once, what the tasks' homes hold."""
        homes = {task.slot.key: task.slot for task in tasks if task.slot is not None}
        fresh = {
            key: slot.held.entry
            for key, slot in homes.items()
            if slot.held and not slot.part and not slot.source
        }
        return self._hook.read_bodies(self._output_id, fresh, among=self._among)

    def _text_of(self, slot: Slot) -> str:
        """Return what a memory of the output is to hold, as far as that is settled."""
        if slot.text is not None:
            return slot.text
        if slot.part and slot.key in (kept := self._texts.read(slot.part)):
            return kept[slot.key]
        if slot.source is not None:
            return self._hook.read_bodies(self._input_id, {slot.key: slot.source})[slot.key]
        if slot.held is None:
            return ""
        if slot.key not in self._bodies:
            self._bodies |= self._hook.read_bodies(self._output_id, {slot.key: slot.held.entry})
        return self._bodies[slot.key]

    # Merging

    def _put(self, slot: Slot, text: str) -> bool:
        """Let the memory hold the text; return whether it has room for it."""
        data = text.encode()
        if len(data) > SIZE_LIMIT:
            return False
        slot.text, slot.source, slot.part = text, None, 0
        slot.sha256, slot.size = hashlib.sha256(data).hexdigest(), len(data)
        self._dirty[slot.key] = slot
        return True

    def _merge(
        self, task: Task, sides: _Sides, strays: list[_Stray], asides: list[tuple[Task, Aside]]
    ) -> None:
        if sides.now is None:
            task.why = "what it held was redacted"
            return
        output = self._text_of(task.slot) if task.slot else ""
        if sides.base is None:
            added = _new_lines(output, sides.now)
            asides += self._aside(task, added, (), "what it held before was redacted")
            return
        if task.slot is None:
            strays += [_Stray(task, sides, hunk) for hunk in hunks_of(sides.base, sides.now)]
            return
        merged = merge(sides.base, sides.now, output)
        if not self._put(task.slot, merged.text):
            whole = hunks_of(sides.base, sides.now)
            asides += [
                a
                for h in whole
                for a in self._aside(task, h.added, h.removed, "the memory has no room for it")
            ]
            return
        task.applied |= merged.text != output
        strays += [_Stray(task, sides, hunk) for hunk in merged.left]

    def _clash(self, task: Task, sides: _Sides) -> list[tuple[Task, Aside]]:
        assert task.slot
        if sides.now is None:
            task.why = "what it held was redacted"
            return []
        added = _new_lines(self._text_of(task.slot), sides.now)
        return self._aside(task, added, (), "another memory has the path where it was created")

    def _strip(self, task: Task, sides: _Sides) -> list[tuple[Task, Aside]]:
        """Keep what the output's side had added to a memory that the writer deleted."""
        assert task.slot
        # An earlier try may have kept some, and been overtaken before it came to the delete.
        kept = (self._text_of(page) for page in self._pages(task.late.path).values())
        added = _new_lines("\n".join((sides.base or "", *kept)), self._text_of(task.slot))
        return self._aside(
            task, added, (), "the memory was deleted; these lines had been added to it meanwhile"
        )

    def _bring_home(self, strays: Sequence[_Stray]) -> list[tuple[Task, Aside]]:
        """Merge strays where the lines of their base stand now; return what is to stand beside."""
        if not strays:
            return []
        bases = {id(stray.sides): lines_of(stray.sides.base or "") for stray in strays}
        whereabouts = Whereabouts(line for lines in bases.values() for line in lines)
        for path, text in self._changed_memories():
            whereabouts.look(path, text)
        groups: dict[tuple[Task, str | None], list[_Stray]] = {}
        for stray in strays:
            # Of a line that is to be traced, the lines around it tell nothing.
            near = stray.hunk.removed if stray.task.kind == "trace" else bases[id(stray.sides)]
            home = whereabouts.home_of(stray.hunk, near)
            groups.setdefault((stray.task, home), []).append(stray)
        asides: list[tuple[Task, Aside]] = []
        traces: dict[Task, list[tuple[str, _Stray]]] = {}
        for (task, home), group in groups.items():
            if task.kind == "trace":
                traces.setdefault(task, []).extend((home, stray) for stray in group if home)
            else:
                asides += self._merge_at(task, self._held.get(home or ""), group)
        for task, found in traces.items():
            asides += self._trace(task, found)
        return asides

    def _changed_memories(self) -> Iterator[tuple[str, str]]:
        entries = {
            slot.held.path: slot.held.entry
            for slot in self._held.values()
            if slot.held and slot.path is not None and slot.held.holds not in self._base
        }
        return self._hook.each_body(self._output_id, entries, among=self._among)

    def _merge_at(self, task: Task, slot: Slot | None, group: Sequence[_Stray]) -> list[tuple[Task, Aside]]:
        hunks, why = tuple(stray.hunk for stray in group), "the memory is not there any more"
        if task.slot is not None:
            why = "the same lines were changed there too"
        if slot is not None and slot is not task.slot and slot.path is not None:
            sides, output = group[0].sides, self._text_of(slot)
            merged = merge(sides.base or "", sides.now or "", output, hunks)
            if self._put(slot, merged.text):
                hunks, why = merged.left, "the same lines were changed there too"
                task.applied |= merged.text != output
                task.touched.append(slot)
                if task.slot is None:
                    task.slot, task.why = slot, ""
        return [aside for hunk in hunks for aside in self._aside(task, hunk.added, hunk.removed, why)]

    def _trace(self, task: Task, found: Sequence[tuple[str, _Stray]]) -> list[tuple[Task, Aside]]:
        """Tell where the lines of a deleted memory stand."""
        if not found:
            return []
        places = ", ".join(repr(home) for home in dict.fromkeys(home for home, _ in found))
        removed = tuple(line for _, stray in found for line in stray.hunk.removed)
        why = f"the memory was deleted; these lines of it stand in {places}"
        return self._aside(task, (), removed, why)

    # Beside

    def _aside(
        self, task: Task, added: Sequence[str], removed: Sequence[str], why: str
    ) -> list[tuple[Task, Aside]]:
        if not (added or removed):
            return []
        slot, late = task.slot, task.late
        path = slot.path if slot is not None and slot.path else late.path
        task.why = task.why or why
        return [(task, Aside(path, late.by, late.at, tuple(added), tuple(removed), why))]

    def _put_beside(self, asides: Sequence[tuple[Task, Aside]]) -> None:
        if not asides:
            return
        existing = {
            path: self._text_of(slot) for _, aside in asides for path, slot in self._pages(aside.path).items()
        }
        written = pages(existing, [aside for _, aside in asides])
        stripped = {late_path(aside.path): task.slot for task, aside in asides if task.kind == "strip"}
        for path, text in written.items():
            slot, home = self._draft.at(path), stripped.get(path)
            if slot is None and home is not None:
                # The deleted memory becomes the page, in one write: what it held is nowhere else.
                self._draft.move({home: path})
                slot = home
            self._put(slot or self._draft.create(path), text)
        for task, aside in asides:
            task.late_path, its_own = late_path(aside.path), self._pages(aside.path)
            task.touched += its_own.values()
            if task.kind == "strip" and task.slot not in its_own.values():
                for slot in its_own.values():
                    slot.ahead = True

    def _pages(self, path: str) -> dict[str, Slot]:
        """Return the memories that hold what belongs to the memory of this path."""
        return {page: slot for page in standing(self._draft, path) if (slot := self._draft.at(page))}

    def _enter(self, tasks: Sequence[Task]) -> None:
        """Enter in the index what stands beside; what an overtaken try could not enter too."""
        late = sorted(path for path in self._draft if path.startswith("/late/"))
        path = index_path(self._draft) if tasks and late else None
        slot = self._draft.at(path) if path is not None else None
        if slot is None:
            return
        text = self._text_of(slot)
        entered = with_entries(text, late)
        if entered != text and self._put(slot, entered):
            for task in tasks:
                if task.late_path:
                    task.touched.append(slot)

    def _flush(self) -> None:
        texts = {key: slot.text for key, slot in self._dirty.items() if slot.text is not None}
        if texts:
            part = self._texts.keep(texts)
            for slot in self._dirty.values():
                slot.part, slot.text = part, None
        self._dirty = {}


def _traced(task: Task, sides: _Sides) -> Iterator[_Stray]:
    for line in lines_of(sides.base or ""):
        yield _Stray(task, sides, Hunk((line,), (), 0))


def _new_lines(before: str, after: str) -> tuple[str, ...]:
    """Return the lines of a text that another one does not have."""
    known = {line.rstrip() for line in lines_of(before)}
    return tuple(line for line in lines_of(after) if line.rstrip() not in known)


def _chunks(tasks: Sequence[Task]) -> Iterator[list[Task]]:
    """Yield the tasks, those of one home together, as many at a time as may be in memory."""
    chunk: list[Task] = []
    size = 0
    for task in sorted(tasks, key=lambda task: task.slot.key if task.slot else ""):
        places = (task.late.base, task.late.now, task.slot.held if task.slot else None)
        own = sum(place.entry.size for place in places if place is not None)
        if chunk and size + own > CHUNK_BYTES:
            yield chunk
            chunk, size = [], 0
        chunk.append(task)
        size += own
    if chunk:
        yield chunk
