"""Where what is new in a memory was said: in the sessions, as the run's files keep it, or in the old memory."""

from __future__ import annotations

from collections import OrderedDict
from collections.abc import Sequence
from dataclasses import dataclass
from threading import Lock
from typing import TYPE_CHECKING

from dreamflow.core.evidence import Said, SaidBuilder
from dreamflow.core.grounding import Writing, find, is_telling, wanted_in, written
from dreamflow.core.review import Change, Evidence, Review
from dreamflow.core.specifics import Specific, specifics_of
from dreamflow.rendering.segments import Mark
from dreamflow.review.rows import Marks
from dreamflow.steps.bodies import BODIES
from dreamflow.steps.evidence import kept_said

if TYPE_CHECKING:
    from dreamflow.review.desk import Desk

__all__ = ["Proof", "marks_of", "prove"]

#: Bytes of the old memory that are looked through for one specific.
_LOOKED_THROUGH = 4_000_000
#: Runs whose evidence is kept at hand.
_RUNS = 3


@dataclass(frozen=True)
class Proof:
    """:ivar what: the specific, as it is written. :ivar evidence: where it was said; none: nowhere that was looked."""

    what: str
    evidence: tuple[Evidence, ...]
    is_unsaid: bool = False


def marks_of(review: Review, change: Change) -> Marks:
    """
    Return what marks the specifics of a memory's new lines.

    What the check found that nothing says is ``unsaid``. Specifics that say little by themselves have no mark.
    """
    unsaid = _unsaid(review, change)

    def marks(number: int, line: str) -> Sequence[Mark]:
        found: list[Mark] = []
        for specific in specifics_of(line):
            if is_telling(specific) and (not found or found[-1].end <= specific.start):
                state = "unsaid" if written(line, specific) in unsaid.get(number, ()) else "said"
                found.append(Mark(specific.start, specific.end, state))
        return found

    return marks


def _unsaid(review: Review, change: Change) -> dict[int, set[str]]:
    """Return what of a memory's lines nothing says, by line."""
    return {
        finding.line: {evidence.what for evidence in finding.evidence}
        for finding in review.findings
        if finding.check == "ungrounded" and finding.path == change.path and finding.line
    }


def prove(desk: Desk, review: Review, change: Change, text: str, number: int, start: int) -> Proof | None:
    """
    Return where a specific of a memory was said; None where there is none.

    :param number: its line's, from 1. :param start: where it begins in the line.
    """
    lines = text.split("\n")
    line = lines[number - 1] if number <= len(lines) else ""
    specific = next((one for one in specifics_of(line) if one.start == start and is_telling(one)), None)
    if specific is None:
        return None
    what = Writing(text, [number]).of(number, line, specific)
    if what in _unsaid(review, change).get(number, ()):
        return Proof(what, (), is_unsaid=True)
    said = _SAID.of(desk, review)
    evidence = (
        *(find(specific, said.sessions) if said else ()),
        *_in_old_memory(desk, review, change, specific, line),
    )
    return Proof(what, evidence)


def _in_old_memory(
    desk: Desk, review: Review, change: Change, specific: Specific, line: str
) -> tuple[Evidence, ...]:
    """Look for a specific in the old memory: first in what the changed one came of, then as far as there is room."""
    builder = SaidBuilder(wanted_in([line]))
    own, others = (
        dict.fromkeys(desk.origins(change)),
        (path for one in review.changes for path in desk.origins(one)),
    )
    for paths in (list(own), [path for path in dict.fromkeys((*others, *desk.base)) if path not in own]):
        entries, room = {}, _LOOKED_THROUGH
        for path in paths:
            room -= desk.base[path].size
            if room < 0:
                break
            entries[path] = desk.base[path]
        for path, text in BODIES.read(desk.world.hook, review.input.id, entries).items():
            builder.add_memory("before", path, text or "")
        if found := find(specific, builder.said().memories):
            return tuple(found)
    return ()


class _Kept:
    """What the sessions of a few runs say, as it was read from their files."""

    def __init__(self) -> None:
        self._said: OrderedDict[tuple[str, str], Said | None] = OrderedDict()
        self._lock = Lock()

    def of(self, desk: Desk, review: Review) -> Said | None:
        key = (desk.run.folder, review.made_at.isoformat())
        with self._lock:
            if key not in self._said:
                self._said[key] = kept_said(desk.run, review.dream.sessions) if review.dream else None
            self._said.move_to_end(key)
            while len(self._said) > _RUNS:
                self._said.popitem(last=False)
            return self._said[key]


_SAID = _Kept()
