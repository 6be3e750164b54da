"""Merging late writes over texts: what the listings leave open, chunk by chunk, so that no store is in memory whole."""

from __future__ import annotations

import hashlib
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING, Protocol

from dreamflow.core.beside import Aside, late_path
from dreamflow.core.changes import lines_of
from dreamflow.core.copies import only_said_before, taken_out
from dreamflow.core.draft import Draft, Rest, Slot, Task
from dreamflow.core.objects import MEMORY_BYTES
from dreamflow.core.text_merge import Hunk, hunks_of, merge
from dreamflow.core.whereabouts import Whereabouts
from dreamflow.steps.paging import Paging
from dreamflow.steps.sides import Around, Sides, chunks, read_sides

if TYPE_CHECKING:
    from dreamflow.core.late_writes import ById
    from dreamflow.hooks.managed_agents import ManagedAgentsHook

__all__ = ["Merging", "Texts"]

_MEANWHILE = "something else was written there at the same moment"


class Texts(Protocol):
    """Where merged texts wait to be written."""

    def keep(self, texts: Mapping[str, str], /) -> int: ...
    def read(self, part: int, /) -> Mapping[str, str]: ...


@dataclass(frozen=True)
class _Stray:
    """
    A hunk that did not merge at home, or has none.

    :ivar is_gone: whether it only takes out a line that is not at home any more, but may stand elsewhere.
    """

    task: Task
    sides: Sides
    hunk: Hunk
    is_gone: bool = False


class Merging:
    """
    Settles over texts what a sketch left open.

    :param draft: what the output is to be; this completes it.
    :param base: the memories of the input that the late writes start from. What the output has otherwise is where a
        line of them may have gone. :param current: what the input holds now.
    :param is_protected: tells of a path whether only its own writers may change what lies there.
    :param texts: where merged texts go.
    """

    def __init__(
        self,
        hook: ManagedAgentsHook,
        input_id: str,
        output_id: str,
        draft: Draft,
        base: ById,
        current: ById,
        texts: Texts,
        *,
        is_protected: Callable[[str], bool],
    ) -> None:
        self._hook, self._input_id, self._output_id = hook, input_id, output_id
        self._texts, self._is_protected = texts, is_protected
        self._held = {slot.held.path: slot for slot in draft.slots() if slot.held}
        self._among = len(self._held)
        self._around = Around(hook, (input_id, current), (output_id, self._held), base)
        self._written: set[str] = set()  # the memories of the input that late writes are about
        self._bodies: dict[str, str] = {}
        self._dirty: dict[str, Slot] = {}
        self._paging = Paging(draft, self._text_of, self._put)

    def settle(self, tasks: Sequence[Task], rests: Sequence[Rest] = ()) -> None:
        """
        Merge what needs texts; keep beside what can't be merged, and enter that in the index, where there is one.

        :param rests: what an earlier carry left to keep beside.
        """
        self._written = {memory_id for task in tasks for memory_id in task.late.memory_ids}
        for rest in rests:
            self._paging.take_up(rest)
        self._flush()
        for chunk in chunks([task for task in tasks if task.needs_texts]):
            self._settle(chunk)
            self._flush()
        self._paging.enter()
        self._flush()

    def _settle(self, tasks: Sequence[Task]) -> None:
        self._bodies = self._read_outputs(tasks)
        strays: list[_Stray] = []
        asides: list[tuple[Task, Aside]] = []
        taken: dict[Task, set[str]] = {}
        read = dict(zip(tasks, read_sides(self._hook, self._input_id, tasks), strict=True))
        for task, sides in read.items():
            match task.kind:
                case "merge":
                    held = self._text_of(task.slot) if task.slot and sides.now else ""
                    self._merge(task, sides, strays, asides)
                    taken[task] = taken_out(sides.base or "", sides.now or "", held)
                case "forward":
                    now = sides.base if sides.now is None else sides.now
                    taken[task] = taken_out(sides.base or "", now or "", sides.base or "")
                case "clash":
                    asides += self._clash(task, sides)
                case "strip":
                    asides += self._strip(task, sides)
                case _:
                    strays += _traced(task, sides)
        asides += self._bring_home(strays, read)
        asides += self._keep_last_copies(taken, read)
        laid = self._paging.lay([aside for _, aside in asides])
        for (task, aside), one in zip(asides, laid, strict=True):
            task.late_path = late_path(aside.path)
            task.laid.append(one)

    # Reading

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
        if len(data) > MEMORY_BYTES:
            return False
        slot.text, slot.source, slot.part = text, None, 0
        slot.sha256, slot.size = hashlib.sha256(data).hexdigest(), len(data)
        self._dirty[slot.key] = slot
        return True

    def _merge(
        self, task: Task, sides: Sides, strays: list[_Stray], asides: list[tuple[Task, Aside]]
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
        if merged.left:
            self._note_merged(task, task.slot, hunks_of(sides.base, sides.now), merged.left)
        strays += [_Stray(task, sides, hunk) for hunk in merged.left]
        strays += [_Stray(task, sides, hunk, is_gone=True) for hunk in merged.gone]

    def _note_merged(self, task: Task, slot: Slot, hunks: Sequence[Hunk], left: Sequence[Hunk]) -> None:
        """Note what of a late write is merged into one memory of several."""
        stay = {(hunk.start, hunk.removed): hunk.added for hunk in left}
        for hunk in hunks:
            rest = stay.get((hunk.start, hunk.removed))
            added = tuple(line for line in hunk.added if line not in (rest or ()))
            if (added or rest is None) and slot.path:
                aside = Aside(slot.path, task.late.by, task.late.at, added, hunk.removed, _MEANWHILE)
                task.merged.setdefault(slot.key, []).append(aside)

    def _clash(self, task: Task, sides: Sides) -> list[tuple[Task, Aside]]:
        assert task.slot
        if sides.now is None:
            task.why = "what it held was redacted"
            return []
        added = _new_lines(self._text_of(task.slot), sides.now)
        return self._aside(task, added, (), "another memory has the path where it was created")

    def _strip(self, task: Task, sides: Sides) -> list[tuple[Task, Aside]]:
        """Keep what the output's side had added to a memory that the writer deleted."""
        assert task.slot
        added = _new_lines(sides.base or "", self._text_of(task.slot))
        return self._aside(
            task, added, (), "the memory was deleted; these lines had been added to it meanwhile"
        )

    def _bring_home(self, strays: Sequence[_Stray], read: Mapping[Task, Sides]) -> list[tuple[Task, Aside]]:
        """Merge strays where the lines of their base stand now; return what is to stand beside."""
        if not strays:
            return []
        bases = {id(stray.sides): lines_of(stray.sides.base or "") for stray in strays}
        lines = [line for lines in bases.values() for line in lines]
        # A page below /late/ is no home: its notes count their lines. But what stands there can be told.
        homes, places = Whereabouts(lines), Whereabouts(lines)
        for path, text in self._around.changed():
            places.look(path, text)
            if late_path(path) != path and not self._is_protected(path):
                homes.look(path, text)
        for text in self._lost_texts(read):
            homes.look_back(text)
        groups: dict[tuple[Task, str | None], list[_Stray]] = {}
        for stray in strays:
            # Of a line that is to be traced, the lines around it tell nothing.
            is_traced = stray.task.kind == "trace"
            near = stray.hunk.removed if is_traced else bases[id(stray.sides)]
            if stray.is_gone:
                home = homes.holding(stray.hunk)
                if home is None or self._held[home] is stray.task.slot:
                    continue
            else:
                home = (places if is_traced else homes).home_of(stray.hunk, near)
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

    def _lost_texts(self, read: Mapping[Task, Sides]) -> Iterator[str]:
        """Yield what memories of the input say, or said, that the output does not hold as they are."""
        yield from (sides.base for sides in read.values() if sides.base is not None)
        yield from (
            text for _, text in self._around.others({i for task in read for i in task.late.memory_ids})
        )

    def _merge_at(self, task: Task, slot: Slot | None, group: Sequence[_Stray]) -> list[tuple[Task, Aside]]:
        hunks = tuple(sorted((stray.hunk for stray in group), key=lambda hunk: hunk.start))
        why = "the memory is not there any more"
        if task.slot is not None:
            why = "the same lines were changed there too"
        if slot is not None and slot is not task.slot and slot.path is not None:
            sides, output = group[0].sides, self._text_of(slot)
            merged = merge(sides.base or "", sides.now or "", output, hunks)
            if self._put(slot, merged.text):
                self._note_merged(task, slot, hunks, merged.left)
                hunks, why = merged.left, f"the same lines were changed in {slot.path!r} too"
                task.applied |= merged.text != output
                task.touched.append(slot)
                if task.slot is None:
                    task.why = ""
        return [aside for hunk in hunks for aside in self._aside(task, hunk.added, hunk.removed, why)]

    def _keep_last_copies(
        self, taken: Mapping[Task, set[str]], read: Mapping[Task, Sides]
    ) -> list[tuple[Task, Aside]]:
        """Keep beside what writers took out, where the dream took out the copy that the input still holds."""
        lines = set().union(*taken.values())
        if not lines:
            return []
        left = only_said_before(lines, self._around.others(self._written), self._said_now(read))
        return [
            aside
            for task, forms in taken.items()
            for form in sorted(forms & left.keys())
            for aside in self._aside(
                task,
                (f"{form}\n",),
                (),
                f"the dream took out the copy of it in {left[form]!r}, which is still there",
            )
        ]

    def _said_now(self, read: Mapping[Task, Sides]) -> Iterator[str]:
        """Yield what the changed memories of the output are to hold, as far as that is settled."""
        yield from (sides.now for task, sides in read.items() if task.kind == "forward" and sides.now)
        yield from (slot.text for slot in self._dirty.values() if slot.text is not None)
        for path, text in self._around.changed():
            slot = self._held[path]
            is_new = slot.text is not None or slot.part or slot.source
            yield self._text_of(slot) if is_new else text

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
        if path != late.path:
            why = f"{why}; it was written to {late.path!r}"
        return [(task, Aside(path, late.by, late.at, tuple(added), tuple(removed), why))]

    def _flush(self) -> None:
        texts = {key: slot.text for key, slot in self._dirty.items() if slot.text is not None}
        if texts:
            part = self._texts.keep(texts)
            for slot in self._dirty.values():
                slot.part, slot.text = part, None
        self._dirty = {}


def _traced(task: Task, sides: Sides) -> Iterator[_Stray]:
    for line in lines_of(sides.base or ""):
        yield _Stray(task, sides, Hunk((line,), (), 0))


def _new_lines(before: str, after: str) -> tuple[str, ...]:
    """Return the lines of a text that another one does not have."""
    known = {line.rstrip() for line in lines_of(before)}
    return tuple(line for line in lines_of(after) if line.rstrip() not in known)
