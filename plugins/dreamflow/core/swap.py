"""What the targets say is live, and how an interrupted swap is settled."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass

from dreamflow.core.lineage import Lineage
from dreamflow.errors import TargetsDisagree

__all__ = ["Agreed", "Interrupted", "TargetState", "judge_targets"]


@dataclass(frozen=True)
class TargetState:
    """What one target names. ``name`` is for people, such as ``deployment depl_…``."""

    name: str
    store_id: str


@dataclass(frozen=True)
class Agreed:
    store_id: str


@dataclass(frozen=True)
class Interrupted:
    """
    A swap that stopped half-way. The first target is the truth: the others are to name its store.

    :ivar live: the first target's store.
    :ivar stray: the store that some others name; its parent or its child.
    :ivar forward: True where the first target was already swapped, so that the swap is finished; False
        where it was not, so that the swap is taken back.
    :ivar behind: positions of the targets that name the stray.
    """

    live: str
    stray: str
    forward: bool
    behind: tuple[int, ...]


def judge_targets(
    states: Sequence[TargetState], lineage_of: Callable[[str], Lineage | None]
) -> Agreed | Interrupted:
    """
    Say which store is live, and whether a swap was interrupted.

    :param lineage_of: looks a store's lineage up; called only where targets disagree.
    :raises TargetsDisagree: where lineage does not prove that one store was about to replace the other.
    """
    live = states[0].store_id
    others = {state.store_id for state in states} - {live}
    if not others:
        return Agreed(live)
    if len(others) == 1:
        (stray,) = others
        behind = tuple(i for i, state in enumerate(states) if state.store_id == stray)
        live_lineage, stray_lineage = lineage_of(live), lineage_of(stray)
        if live_lineage is not None and live_lineage.parent == stray:
            return Interrupted(live, stray, True, behind)
        if stray_lineage is not None and stray_lineage.parent == live:
            return Interrupted(live, stray, False, behind)
    said = "; ".join(f"{state.name} names {state.store_id}" for state in states)
    raise TargetsDisagree(
        f"the targets disagree about which memory store is live, and lineage does not say why: {said}. "
        "Point them all at the store that you trust, then trigger a run. Nothing was changed."
    )
