"""Where what is new in a memory was said: in the sessions, or in the old memory, as the run's files keep it."""

from __future__ import annotations

from collections import OrderedDict
from collections.abc import Sequence
from dataclasses import dataclass
from itertools import accumulate
from threading import Lock
from typing import TYPE_CHECKING, Literal, NamedTuple

from dreamflow.core.evidence import Said, SaidBuilder
from dreamflow.core.grounding import StoreNames, Writing, find, is_telling, telling, wanted_in, written
from dreamflow.core.nearness import Company
from dreamflow.core.old_places import OldPlaces
from dreamflow.core.review import Change, Evidence, Finding, Review
from dreamflow.core.specifics import Specific, specifics_of
from dreamflow.rendering.segments import Mark
from dreamflow.review.rows import Marks
from dreamflow.steps.bodies import BODIES
from dreamflow.steps.evidence import Gathered, kept_evidence

if TYPE_CHECKING:
    from dreamflow.review.desk import Desk

__all__ = ["Proof", "marks_of", "prove"]

#: Bytes of what a memory came of that are looked through for one specific.
_LOOKED_THROUGH = 4_000_000
#: Runs whose evidence is kept at hand.
_RUNS = 3

#: ``elsewhere``: only by what has nothing else of the line, or by no session that it names. ``nowhere``: it was looked
#: for in all there is.
#: ``unasked``: it names a memory, counts some, or is a title. ``unknown``: not everything could be looked through.
State = Literal["said", "elsewhere", "nowhere", "unasked", "unknown"]


@dataclass(frozen=True)
class Proof:
    """
    :ivar what: the specific, as it is written. :ivar evidence: where it was said.
    :ivar unread: why something was not looked through, a clause each, where nothing was found.
    """

    what: str
    state: State
    evidence: Sequence[Evidence] = ()
    unread: Sequence[str] = ()


class _Doubt:
    """What the check ``ungrounded`` found of one memory, or of one of its lines."""

    def __init__(self, finding: Finding) -> None:
        self.unsaid = {one.what for one in finding.evidence if not _is_place(one)}
        self.elsewhere: dict[str, list[Evidence]] = {}
        for one in filter(_is_place, finding.evidence):
            self.elsewhere.setdefault(one.what, []).append(one)
        self._spans = finding.spans
        #: More specifics are in doubt than are named.
        self.is_cut = finding.specifics > len(self.unsaid) + len(self.elsewhere)

    def has(self, number: int) -> bool:
        return any(first <= number <= last for first, last in self._spans)

    def state_of(self, what: str) -> str:
        return "unsaid" if what in self.unsaid else "doubtful" if what in self.elsewhere else "said"


def _is_place(evidence: Evidence) -> bool:
    return bool(evidence.session_id or evidence.path)


def _doubts_of(review: Review, change: Change) -> list[_Doubt]:
    found = review.findings
    return [_Doubt(one) for one in found if one.check == "ungrounded" and one.path == change.path]


def marks_of(review: Review, change: Change) -> Marks:
    """
    Return what marks the specifics of a memory's new lines.

    What the check found that nothing says is ``unsaid``; what is said only elsewhere is ``doubtful``, and so are all
    others of a line in doubt where the check found more than it names. What says little by itself has no mark.
    """
    doubts = _doubts_of(review, change)

    def marks(number: int, line: str) -> Sequence[Mark]:
        doubt = next((one for one in doubts if one.has(number)), None)
        found: list[Mark] = []
        for specific in specifics_of(line):
            if is_telling(specific) and (not found or found[-1].end <= specific.start):
                state = doubt.state_of(written(line, specific)) if doubt else "said"
                found.append(Mark(specific.start, specific.end, state))
        if doubt and doubt.is_cut:
            return [mark if mark.state == "unsaid" else mark._replace(state="doubtful") for mark in found]
        return found

    return marks


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
    known = _KEPT.of(desk, review)
    for doubt in _doubts_of(review, change):
        if doubt.has(number) and doubt.state_of(what) != "said":
            if places := doubt.elsewhere.get(what, ()):
                return Proof(what, "elsewhere", places)
            unheard = known.unheard(review)
            return Proof(what, "unknown" if unheard else "nowhere", unread=unheard)
    # What a day stands beside makes a number one (``grounding.days_beside``): the check asks by that.
    specific = next((one for one in telling(line) if one.start == start), specific)
    old = _in_old_memory(desk, review, change, specific, line, known.old)
    new = find(specific, known.said.sessions) if known.said else ()
    if known.said and new and not old and new[0].session_id.casefold() != specific.key:
        company = Company(known.said, line, telling(line))
        is_elsewhere = company.is_unnamed(specific) or company.is_apart(specific)
        return Proof(what, "elsewhere" if is_elsewhere else "said", new)
    if new or old:
        return Proof(what, "said", (*new, *old))
    if specific not in StoreNames(desk.base, new=(one.path for one in review.changes)).telling(line):
        return Proof(what, "unasked")
    unread = known.unread(review)
    return Proof(what, "unknown" if unread else "nowhere", unread=unread)


def _in_old_memory(
    desk: Desk, review: Review, change: Change, specific: Specific, line: str, kept: OldPlaces | None
) -> Sequence[Evidence]:
    """Return where the old memory says a specific: what the changed one came of, else where the review found it."""
    places = find(specific, kept.of) if kept else ()
    origins = desk.origins(change)
    sizes = accumulate(desk.base[path].size for path in origins)
    near = [path for path, size in zip(origins, sizes, strict=True) if size <= _LOOKED_THROUGH]
    paths = dict.fromkeys((*near, *(one.path for one in places if one.path in desk.base)))
    builder = SaidBuilder(wanted_in([line]))
    texts = BODIES.read(desk.world.hook, review.input.id, {path: desk.base[path] for path in paths})
    for path in paths:
        builder.add_memory("before", path, texts[path] or "")
    return find(specific, builder.said().memories) or places


class _Known(NamedTuple):
    """What a run's files keep of what the sessions and the old memory say; None: it is not there."""

    gathered: Gathered | None
    old: OldPlaces | None

    @property
    def said(self) -> Said | None:
        return self.gathered.said if self.gathered else None

    def unheard(self, review: Review) -> list[str]:
        """Return why not all sessions could be asked."""
        if review.dream is None:
            return ["going back reads no sessions"]
        if self.gathered is None:
            return ["what the sessions say is not in the run's files"]
        count = len(self.gathered.unread)
        return (
            [f"{count} of the sessions that the dream read are gone, or could not be read"] if count else []
        )

    def unread(self, review: Review) -> list[str]:
        """Return why something can't be looked through."""
        why = self.unheard(review)
        if self.old is None or not self.old.is_whole:
            why.append("where the old memory says it is not in the run's files")
        return why


class _Kept:
    """What is known of a few runs, as it was read from their files."""

    def __init__(self) -> None:
        self._known: OrderedDict[tuple[str, str], _Known] = OrderedDict()
        self._lock = Lock()

    def of(self, desk: Desk, review: Review) -> _Known:
        key = (desk.run.folder, review.made_at.isoformat())
        with self._lock:
            if key not in self._known:
                self._known[key] = _Known(_gathered(desk, review), desk.run.read_old_places(review.digest))
            self._known.move_to_end(key)
            while len(self._known) > _RUNS:
                self._known.popitem(last=False)
            return self._known[key]


def _gathered(desk: Desk, review: Review) -> Gathered | None:
    if review.dream is None:
        return None
    return kept_evidence(desk.run, review.dream.sessions) if review.dream.sessions else Gathered(Said())


_KEPT = _Kept()
