"""Retiring a superseded store: wait until its sessions have gone, carry, archive, carry what beat the archive."""

from __future__ import annotations

import logging
from dataclasses import dataclass
from datetime import datetime
from typing import TYPE_CHECKING, Any

from dreamflow.core.handoffs import Swap
from dreamflow.errors import NotFound, StateError
from dreamflow.records.carries import RETIREMENT
from dreamflow.steps.carry import CarryResult, carry_since
from dreamflow.steps.giving_up import give_up
from dreamflow.steps.launch import keep_one
from dreamflow.steps.restore import archive_strays
from dreamflow.steps.stores import writers_of
from dreamflow.steps.telling import tell_late

if TYPE_CHECKING:
    from dreamflow.core.late_writes import Carried
    from dreamflow.records.files import RunRecords
    from dreamflow.steps.world import World

__all__ = ["Drain", "Retired", "discard", "drain", "retire", "retire_input"]

log = logging.getLogger(__name__)


@dataclass(frozen=True)
class Drain:
    """
    How a drain stands.

    :ivar not_before: when it may end. :ivar deadline: when it ends in any case.
    :ivar writers: sessions that could still write.
    """

    began_at: datetime
    not_before: datetime
    deadline: datetime
    writers: tuple[str, ...]
    is_over: bool


def drain(world: World, run: RunRecords, swap: Swap, *, cleared: int) -> Drain:
    """Look who could still write to the old store. Running out of time is no failure: settle retires it later."""
    settings, now = world.pipeline.retire, world.now()
    began = run.began("drain_sessions", cleared, now)
    not_before, deadline = began + settings.grace, began + max(settings.drain_timeout, settings.grace)
    writers = tuple(writers_of(world, swap.before))
    is_over = (not writers and now >= not_before) or now >= deadline
    return Drain(began, not_before, deadline, writers, is_over)


@dataclass(frozen=True)
class Retired:
    """
    :ivar archived_at: when the store was archived, or None where it is still held.
    :ivar result: the late writes carried.
    :ivar held_by: the sessions that could still write, or the deployments that mount it.
    """

    archived_at: datetime | None
    result: CarryResult
    held_by: tuple[str, ...] = ()

    @property
    def applied(self) -> tuple[Carried, ...]:
        return self.result.carried

    def to_json(self) -> dict[str, Any]:
        return {
            "archived_at": self.archived_at.isoformat() if self.archived_at else None,
            **self.result.to_json(),
            "held_by": list(self.held_by),
        }


def retire(world: World, run: RunRecords, store_id: str, live_id: str) -> Retired:
    """
    Archive the store that the live one superseded, unless a session could still write to it, or a deployment mounts it.

    What arrived before the archive and after the last carry is carried afterwards, so that no write falls between.
    Every step can be repeated; the run is closed only at the end. The plan stays: a second try tells the same by it,
    and a restore knows what came from the old store.
    """
    store = world.hook.retrieve_store(store_id)
    result = carry_since(world, run, store, live_id, RETIREMENT)
    if store.archived_at is None:
        if held_by := [
            *writers_of(world, store_id),
            *world.mounting_deployments(store_id, anew=True).values(),
        ]:
            return Retired(None, result, tuple(held_by))
        store = world.hook.archive_store(store_id)
        result = carry_since(world, run, store, live_id, RETIREMENT)
    tell_late(world, run)
    archive_strays(world, run)
    own = run.journal().dream
    if own is None or own.dream_id is None or keep_one(world, run, own.dream_id):
        run.close("adopted")
    return Retired(store.archived_at, result)


def retire_input(world: World, run: RunRecords, swap: Swap) -> Retired:
    """
    Retire the store that the run's swap has replaced.

    :raises StateError: somebody has gone back to it, or on to a store that did not come of this run's; or that is
        archived.
    """
    live_id = _live_store(world, swap)
    try:
        retired = retire(world, run, swap.before, live_id)
    except NotFound as e:
        if world.hook.find_store(swap.before) is not None:
            raise
        raise StateError(
            f"memory store {swap.before}, which {live_id} superseded, is gone: somebody deleted it, and what it "
            "received since it was carried last went with it. Nothing else is to be done. Mark this task successful; "
            "the next run's settle_earlier_runs closes this run."
        ) from e
    if retired.archived_at is None:
        log.warning(
            "memory store %s is still held by %d (%s): it is not archived. The next run's settle_earlier_runs "
            "retires it.",
            swap.before,
            len(retired.held_by),
            ", ".join(retired.held_by[:5]),
        )
    else:
        log.info(
            "retired memory store %s; %d late writes were carried", swap.before, len(retired.result.notes)
        )
    return retired


def _live_store(world: World, swap: Swap) -> str:
    """Return the live store: the run's, or what has replaced it since."""
    named = world.named()
    first = world.targets[0].name
    back = [name for name, store_id in named.items() if store_id == swap.before]
    if back:
        raise StateError(
            f"{' and '.join(back)} names memory store {swap.before} again: it is live, and was not archived. Where "
            f"that is what you want, archive {swap.after} by hand once no session uses it."
        )
    if not world.is_adopted(swap.after, named[first]):
        raise StateError(
            f"{first} names memory store {named[first]}, which did not come of {swap.after}. "
            f"{swap.before} was not archived. Trigger a run: it settles what can be told."
        )
    return world.live_store().id


def discard(world: World, run: RunRecords, output_id: str) -> None:
    """
    Archive the output of a dream, or a restore, that was not adopted. The targets and the input stay as they are.

    :raises StateError: it is live, or was; or sessions wrote to it.
    """
    named = list(world.named().values())
    if output_id in named:
        raise StateError(f"memory store {output_id} is live: a target names it. It was not archived.")
    if world.is_adopted(output_id, named[0]):
        raise StateError(
            f"memory store {output_id} was adopted, and {named[0]} has replaced it since. Nothing was changed: what "
            "this run replaced is settle_earlier_runs' to retire. Mark this task successful."
        )
    give_up(world, run, world.hook.retrieve_store(output_id))
    archive_strays(world, run)
    run.close("discarded")
    log.info("archived memory store %s; the targets are as they were", output_id)
