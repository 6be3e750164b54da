"""
A store's ancestry, followed through lineage.

Every function asks ``read_store`` for one store after the other: it returns the store of an id, or None where there
is none any more.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator
from datetime import datetime, timedelta

from dreamflow.core.lineage import read_lineage
from dreamflow.core.objects import MemoryStore

__all__ = ["descends_from", "ids_since", "walk_content", "walk_parents", "was_adopted"]

#: Steps back at most: a year of nights, and an end to a circle that somebody made by hand.
_STEPS = 400
#: By how much our clock, which dates an adoption, may differ from the service's, which dates a store.
_CLOCKS_APART = timedelta(days=1)

ReadStore = Callable[[str], MemoryStore | None]


def walk_parents(read_store: ReadStore, store_id: str) -> Iterator[MemoryStore]:
    """Yield the store, the store it replaced, and so on, until one is gone or has no lineage."""
    yield from _walk(read_store, store_id, content=False)


def walk_content(read_store: ReadStore, store_id: str) -> Iterator[MemoryStore]:
    """Yield the store, the store whose content it continues, and so on: past a restore, the ancestor's line."""
    yield from _walk(read_store, store_id, content=True)


def descends_from(
    read_store: ReadStore, store_id: str, ancestor_id: str, *, since: datetime | None = None
) -> bool:
    """
    Tell whether the store is the ancestor or replaced it, directly or not; the ancestor may be gone by now.

    :param since: the ancestor can't have been replaced before: where it is known, the walk ends there.
    """
    for store in walk_parents(read_store, store_id):
        lineage = read_lineage(store)
        if store.id == ancestor_id:
            return True
        if lineage is None or (since is not None and lineage.adopted_at < since):
            return False
        if ancestor_id in (lineage.parent, lineage.origin):
            return True
    return False


def was_adopted(read_store: ReadStore, output_id: str, live_id: str) -> bool:
    """Tell whether the live store is the output or came of it. What is older than the output can't have."""
    output = read_store(output_id)
    since = output.created_at - _CLOCKS_APART if output else None
    return descends_from(read_store, live_id, output_id, since=since)


def ids_since(read_store: ReadStore, store_id: str, moment: datetime) -> set[str]:
    """
    Return the ids of the stores of the history that were live at the moment or later, and of those before them.

    Both lines are followed: the stores that were replaced, and those that a restore went back to.
    """
    ids: set[str] = set()
    ahead = [store_id]
    while ahead and len(ids) < _STEPS:
        next_id = ahead.pop()
        if next_id in ids:
            continue
        ids.add(next_id)
        store = read_store(next_id)
        lineage = read_lineage(store) if store else None
        if lineage is None:
            continue
        before = {lineage.parent, lineage.content or lineage.parent}
        if lineage.adopted_at < moment:
            ids |= before
        else:
            ahead.extend(before)
    return ids


def _walk(read_store: ReadStore, store_id: str, *, content: bool) -> Iterator[MemoryStore]:
    seen: set[str] = set()
    next_id: str | None = store_id
    while next_id and next_id not in seen and len(seen) < _STEPS:
        seen.add(next_id)
        store = read_store(next_id)
        if store is None:
            return
        yield store
        lineage = read_lineage(store)
        next_id = None if lineage is None else (lineage.content if content else None) or lineage.parent
