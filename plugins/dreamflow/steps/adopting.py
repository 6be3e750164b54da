"""Adopting what was decided on: late writes, the targets, and a look at them. Each part is a task of the DAG too."""

from __future__ import annotations

from collections.abc import Callable
from typing import TYPE_CHECKING, Any

from dreamflow.core.handoffs import Swap
from dreamflow.steps.carry import carry_late_writes
from dreamflow.steps.swap import repoint_targets, verify_targets
from dreamflow.tasks import CARRY_LATE_WRITES, REPOINT, VERIFY_TARGETS

if TYPE_CHECKING:
    from dreamflow.records.files import RunRecords
    from dreamflow.steps.world import World

__all__ = ["adopt", "carried", "verified"]


def carried(world: World, run: RunRecords, swap: Swap) -> dict[str, Any]:
    """Carry what the input received since the dream was launched; return what the task leaves."""
    result, swap = carry_late_writes(world, run, swap)
    return {**result.to_json(), "digest": swap.adopted, "swap": swap.to_json()}


def verified(world: World, run: RunRecords) -> tuple[dict[str, Any], dict[str, Any]]:
    """See that the targets name the output; return what the asset's event says, and what the task leaves."""
    adoption, swap = verify_targets(world, run)
    return adoption, {**adoption, "swap": swap.to_json()}


def adopt(world: World, run: RunRecords, swap: Swap, note: Callable[[str, Any], None]) -> None:
    """
    Do at once what three tasks of the DAG do one after the other.

    :param note: is given each task's id and what it would have left.
    """
    left = carried(world, run, swap)
    note(CARRY_LATE_WRITES, left)
    note(REPOINT, repoint_targets(world, run, Swap.model_validate(left["swap"])))
    note(VERIFY_TARGETS, verified(world, run)[1])
