"""A store's history, followed through lineage."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import timedelta
from typing import TYPE_CHECKING

from dreamflow.core.lineage import read_lineage
from dreamflow.errors import NotFound

if TYPE_CHECKING:
    from datetime import datetime

    from dreamflow.core.objects import MemoryStore
    from dreamflow.hooks.managed_agents import ManagedAgentsHook

__all__ = ["descends_from", "ids_since", "walk_content", "walk_parents", "was_adopted"]

#: Steps back at most: a year of nights, and an end to a circle that somebody made by hand.
_STEPS = 400
#: By how much our clock, which dates an adoption, may differ from the service's, which dates a store.
_CLOCKS_APART = timedelta(days=1)


def walk_parents(hook: ManagedAgentsHook, store_id: str) -> Iterator[MemoryStore]:
    """Yield the store, the store it replaced, and so on, until one is gone or has no lineage."""
    yield from _walk(hook, store_id, content=False)


def walk_content(hook: ManagedAgentsHook, store_id: str) -> Iterator[MemoryStore]:
    """Yield the store, the store whose content it continues, and so on: past a restore, the ancestor's line."""
    yield from _walk(hook, store_id, content=True)


def descends_from(
    hook: ManagedAgentsHook, store_id: str, ancestor_id: str, *, since: datetime | None = None
) -> bool:
    """
    Tell whether the store is the ancestor or replaced it, directly or not; the ancestor may be gone by now.

    :param since: the ancestor can't have been replaced before: where it is known, the walk ends there.
    """
    for store in walk_parents(hook, store_id):
        lineage = read_lineage(store)
        if store.id == ancestor_id:
            return True
        if lineage is None or (since is not None and lineage.adopted_at < since):
            return False
        if ancestor_id in (lineage.parent, lineage.origin):
            return True
    return False


def was_adopted(hook: ManagedAgentsHook, output_id: str, live_id: str) -> bool:
    """Tell whether the live store is the output or came of it. What is older than the output can't have."""
    try:
        since = hook.retrieve_store(output_id).created_at - _CLOCKS_APART
    except NotFound:
        since = None
    return descends_from(hook, live_id, output_id, since=since)


def ids_since(hook: ManagedAgentsHook, store_id: str, moment: datetime) -> set[str]:
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
        try:
            lineage = read_lineage(hook.retrieve_store(next_id))
        except NotFound:
            continue
        if lineage is None:
            continue
        before = {lineage.parent, lineage.content or lineage.parent}
        if lineage.adopted_at < moment:
            ids |= before
        else:
            ahead.extend(before)
    return ids


def _walk(hook: ManagedAgentsHook, store_id: str, *, content: bool) -> Iterator[MemoryStore]:
    seen: set[str] = set()
    next_id: str | None = store_id
    while next_id and next_id not in seen and len(seen) < _STEPS:
        seen.add(next_id)
        try:
            store = hook.retrieve_store(next_id)
        except NotFound:
            return
        yield store
        lineage = read_lineage(store)
        next_id = None if lineage is None else (lineage.content if content else None) or lineage.parent
