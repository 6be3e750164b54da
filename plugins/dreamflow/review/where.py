"""Where the lines stand now that went from the memories on one page."""

from __future__ import annotations

from collections import OrderedDict
from collections.abc import Callable, Hashable, Mapping, Sequence
from threading import Lock

from dreamflow.core.fates import Whereabouts
from dreamflow.core.review import Change, Fate, Review
from dreamflow.review.desk import Desk, place_of

__all__ = ["whereabouts_of"]

#: Other memories that one page's lines are looked for in. The counts above each diff are of all of them.
_OTHERS = 40
#: Pages of which it is kept, as long as the output stays as it is.
_PAGES = 64


def whereabouts_of(
    desk: Desk, changes: Sequence[Change], texts: Mapping[str, tuple[str | None, str | None]]
) -> dict[str, list[Fate]]:
    """
    Return what became of the lines that went from each change, by its place.

    They are looked for in each other's texts, in those that the review has them stand in, and in others that grew.
    """
    review = desk.review
    assert review is not None
    asking = [change for change in changes if change.fates.get("moved") or change.fates.get("said_again")]
    if not asking:
        return {}
    key = desk.run.folder, review.digest, tuple(map(place_of, changes))
    return _FOUND.of(key, lambda: _look(desk, review, changes, asking, texts))


def _look(
    desk: Desk,
    review: Review,
    changes: Sequence[Change],
    asking: Sequence[Change],
    texts: Mapping[str, tuple[str | None, str | None]],
) -> dict[str, list[Fate]]:
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
    for path in [path for path in into if path not in known][:_OTHERS]:
        found.look(path, desk.whole(path, "after") or "")
    return {place_of(change): found.fates_of(change.path) for change in asking}


class _Found:
    """What was found for the pages that were looked at last."""

    def __init__(self) -> None:
        self._pages: OrderedDict[Hashable, dict[str, list[Fate]]] = OrderedDict()
        self._lock = Lock()

    def of(self, key: Hashable, look: Callable[[], dict[str, list[Fate]]]) -> dict[str, list[Fate]]:
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


_FOUND = _Found()
