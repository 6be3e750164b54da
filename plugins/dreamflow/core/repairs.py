"""What to do about what an earlier run left, as a plan over what is there now."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass

from dreamflow.core.lineage import Lineage
from dreamflow.core.objects import IN_FLIGHT, Dream

__all__ = [
    "Announce",
    "Archive",
    "Cancel",
    "Close",
    "Leave",
    "Repair",
    "Retire",
    "RunState",
    "outputs_of",
    "plan_repairs",
]


@dataclass(frozen=True)
class RunState:
    """
    What an earlier run left.

    :ivar dreams: every dream that its requests created, however it ended, the run's own first.
    :ivar own_id: the dream that the run went by; None where it died before it knew.
    :ivar output_id: the store that its dream made, as far as it is known.
    :ivar strays: other stores that it made and nobody needs.
    :ivar is_adopted: whether the live store is that store, or came of it.
    :ivar lineage: of that store; None where it has none, or is gone.
    :ivar was_announced: whether an adoption was verified and told, or nobody can tell.
    """

    run_id: str
    dreams: tuple[Dream, ...] = ()
    own_id: str | None = None
    output_id: str | None = None
    is_adopted: bool = False
    lineage: Lineage | None = None
    was_announced: bool = True
    strays: tuple[str, ...] = ()


@dataclass(frozen=True)
class Cancel:
    """Stop a dream that nobody waits for."""

    dream_id: str


@dataclass(frozen=True)
class Archive:
    """Archive a store that no run will use."""

    store_id: str


@dataclass(frozen=True)
class Announce:
    """Tell of an adoption whose run ended before it could."""


@dataclass(frozen=True)
class Retire:
    """Carry what a superseded store received, and archive it."""

    store_id: str


@dataclass(frozen=True)
class Close:
    """Account for the run."""

    how: str


@dataclass(frozen=True)
class Leave:
    """Leave the run as it is, and say why."""

    why: str


Repair = Cancel | Archive | Announce | Retire | Close | Leave


def plan_repairs(run: RunState) -> tuple[Repair, ...]:
    """Return what brings the run to an end, in this order. A repair that can't be made ends the rest."""
    others = [dream for dream in run.dreams if dream.id != run.own_id] if run.own_id else []
    unneeded = [Cancel(dream.id) for dream in others if dream.status in IN_FLIGHT]
    unused = (*outputs_of(others), *run.strays)
    stores = [Archive(store_id) for store_id in unused if store_id != run.output_id]
    if run.is_adopted:
        return (*unneeded, *stores, *_after_adoption(run))
    own = [dream for dream in run.dreams if dream not in others]
    if running := [dream for dream in own if dream.status in IN_FLIGHT]:
        return (*unneeded, *stores, Leave(f"its dream {running[0].id} is still {running[0].status}"))
    left = dict.fromkeys([*([run.output_id] if run.output_id else []), *outputs_of(own)])
    return (*unneeded, *stores, *(Archive(store_id) for store_id in left), Close("settled"))


def outputs_of(dreams: Iterable[Dream]) -> list[str]:
    """Return the stores that the dreams made: none that one was told to write into, which is its input."""
    return [d.output_store_id for d in dreams if d.output_store_id and d.output_store_id != d.input_store_id]


def _after_adoption(run: RunState) -> Iterable[Repair]:
    if run.lineage is None:
        yield Leave(
            f"its memory store {run.output_id} was adopted by hand, or its lineage is gone: what the run left is for a "
            "person. Compare the store that it replaced (base.json names it) with the live one and archive it by hand, "
            "then delete the run's marker: until then, this is said each night"
        )
        return
    if not run.was_announced:
        yield Announce()
    yield Retire(run.lineage.parent)
