"""Where the lines stand now that went from the memories on one page."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

from dreamflow.core.fates import Whereabouts
from dreamflow.core.review import Change, Fate
from dreamflow.review.desk import Desk, place_of

__all__ = ["whereabouts_of"]

#: Other memories that one page's lines are looked for in. The counts above each diff are of all of them.
_OTHERS = 40


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
