"""Retiring a superseded store: carry, archive, carry what beat the archive."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import UTC, datetime
from typing import TYPE_CHECKING, Any

from dreamflow.carry import apply_writes, list_input, plan_or_stop
from dreamflow.core.late_writes import rebased
from dreamflow.core.writers import WRITER_STATUSES, could_still_write

if TYPE_CHECKING:
    from datetime import timedelta

    from dreamflow.core.late_writes import Carried
    from dreamflow.core.objects import MemoryStore
    from dreamflow.hooks.managed_agents import ManagedAgentsHook
    from dreamflow.run_files import RunFiles

__all__ = ["Retired", "carry_since", "retire", "writers_of"]


#: The run file that notes what a retirement is about to write.
_PLAN = "retirement"


@dataclass(frozen=True)
class Retired:
    """
    :ivar archived_at: when the store was archived, or None where sessions still hold it.
    :ivar applied: the late writes carried, as JSON rows.
    :ivar still_mounted: sessions that could still write.
    """

    archived_at: datetime | None
    applied: list[dict[str, Any]]
    still_mounted: list[str]


def writers_of(hook: ManagedAgentsHook, store_id: str, idle_for: timedelta) -> list[str]:
    """Return the ids of the sessions that could still write to the store."""
    now = datetime.now(UTC)
    sessions = hook.list_sessions(memory_store_id=store_id, statuses=list(WRITER_STATUSES))
    return [s.id for s in sessions if could_still_write(s, store_id, idle_for=idle_for, now=now)]


def carry_since(hook: ManagedAgentsHook, files: RunFiles, store: MemoryStore, live_id: str) -> list[Carried]:
    """
    Carry what the store received since the last carry of the run into the live store, and note how far it came.

    The plan is written down before the first write, so that a second try knows which writes are its own.

    :raises LateWriteConflict: the live store holds something else where the store was written.
    :raises NotYet: a session wrote to the live store in the same place, at the same moment.
    """
    earlier = files.read_plan(_PLAN)
    live = hook.list_memories(live_id)
    current = list_input(hook, store)
    plan = plan_or_stop(store.id, live_id, rebased(files.carry_base(), earlier, live), current, live)
    writes = [*earlier, *(write.carried() for write in plan.writes)]
    files.write_plan(_PLAN, writes)
    apply_writes(hook, store.id, live_id, live, plan.writes)
    files.write_listing("carried", store.id, current)
    files.write_plan(_PLAN, [])
    return writes


def retire(
    hook: ManagedAgentsHook, files: RunFiles, store_id: str, live_id: str, *, idle_for: timedelta
) -> Retired:
    """
    Archive the store that the live one superseded, unless a session could still write to it.

    What arrived before the archive and after the last carry is carried afterwards, so that no write falls between.
    Every step can be repeated; the run's marker is taken away only at the end.
    """
    store = hook.retrieve_store(store_id)
    applied: list[Carried] = []
    if store.archived_at is None:
        writers = writers_of(hook, store_id, idle_for)
        applied += carry_since(hook, files, store, live_id)
        if writers:
            return Retired(None, [write.to_json() for write in applied], writers)
        store = hook.archive_store(store_id)
    applied += carry_since(hook, files, store, live_id)
    files.mark_settled()
    return Retired(store.archived_at, [write.to_json() for write in applied], [])
