"""Where the lines stand now that went from the memories on one page."""

from __future__ import annotations

from collections import Counter, OrderedDict
from collections.abc import Callable, Hashable, Mapping, Sequence
from threading import Lock
from typing import NamedTuple

from dreamflow.core.fates import Whereabouts
from dreamflow.core.review import Change, Fate, Review
from dreamflow.review.desk import Desk, place_of

__all__ = ["FOUND_NOTHING", "Found", "whereabouts_of"]

#: Other memories that one page's lines are looked for in, where the review did not keep what became of them. The counts
#: above each diff are of all of them.
_OTHERS = 40
#: Pages of which it is kept, as long as the output stays as it is.
_PAGES = 64


class Found(NamedTuple):
    """
    :ivar fates: what became of the lines that a change lost.
    :ivar is_looked_through: whether they were looked for in all other memories; else none is said to be gone.
    """

    fates: Sequence[Fate]
    is_looked_through: bool = True


FOUND_NOTHING = Found(())


def whereabouts_of(
    desk: Desk, changes: Sequence[Change], texts: Mapping[str, tuple[str | None, str | None]]
) -> dict[str, Found]:
    """
    Return what became of the lines that went from each change, by its place: as the review has found and kept it.

    Where it is not kept, they are looked for in each other's texts, in those that the review has them stand in, and in
    some others that grew.
    """
    review = desk.review
    assert review is not None
    asking = [change for change in changes if change.lines_removed]
    if not asking:
        return {}
    key = desk.run.folder, review.digest, tuple(map(place_of, changes))

    def find() -> dict[str, Found]:
        kept = desk.run.read_fates(review.digest)
        known = {place_of(one): Found(kept.fates_of(one.path)) for one in asking if kept and one.path in kept}
        left = [change for change in asking if place_of(change) not in known]
        return known | (_look(desk, review, changes, left, texts) if left else {})

    return _FOUND.of(key, find)


def _look(
    desk: Desk,
    review: Review,
    changes: Sequence[Change],
    asking: Sequence[Change],
    texts: Mapping[str, tuple[str | None, str | None]],
) -> dict[str, Found]:
    here = {place_of(change) for change in changes}
    into = dict.fromkeys(path for change in asking for path in change.into)
    grown = (one for one in review.changes if one.lines_added and place_of(one) not in here)
    others = sorted(grown, key=lambda one: one.path not in into)[:_OTHERS]
    found = Whereabouts()
    more = desk.texts(others)
    for change, (before, after) in [
        *((change, texts[place_of(change)]) for change in changes),
        *((change, more[place_of(change)]) for change in others),
    ]:
        found.take(change.path, before or "", after or "")
    known = {change.path for change in review.changes}
    unchanged = [path for path in into if path not in known]
    for path in unchanged[:_OTHERS]:
        found.look(path, desk.whole(path, "after") or "")
    return {place_of(change): _found(change, found.fates_of(change.path)) for change in asking}


def _found(change: Change, fates: Sequence[Fate]) -> Found:
    """Return the fates, without those that the review knows to be others: it looked through everything."""
    if Counter(fate.kind for fate in fates) == Counter(change.fates):
        return Found(fates)
    return Found([fate for fate in fates if fate.kind != "gone"], is_looked_through=False)


class _Pages:
    """What was found for the pages that were looked at last."""

    def __init__(self) -> None:
        self._pages: OrderedDict[Hashable, dict[str, Found]] = OrderedDict()
        self._lock = Lock()

    def of(self, key: Hashable, look: Callable[[], dict[str, Found]]) -> dict[str, Found]:
        with self._lock:
            found = self._pages.get(key)
        if found is None:
            found = look()
        with self._lock:
            self._pages[key] = found
            self._pages.move_to_end(key)
            while len(self._pages) > _PAGES:
                self._pages.popitem(last=False)
        return found


_FOUND = _Pages()
