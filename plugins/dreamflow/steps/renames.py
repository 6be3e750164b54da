"""Renames of a carry that met one by somebody else: the service can't be asked to compare where a memory lies."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import replace
from itertools import takewhile
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from dreamflow.core.carry_plan import Unit, Write
    from dreamflow.core.objects import MemoryVersion
    from dreamflow.hooks.managed_agents import ManagedAgentsHook

__all__ = ["say_overruled"]


def say_overruled(
    hook: ManagedAgentsHook, into_id: str, newest: str, writes: Sequence[Write], units: Sequence[Unit]
) -> list[Unit]:
    """
    Return the late writes; those whose rename has overruled one of the same moment say so.

    :param newest: the store's newest version when the writes were planned. :param writes: what was done.
    """
    moves = [write for write in writes if write.kind == "move" and write.held is not None]
    if not moves:
        return list(units)
    since = list(takewhile(lambda version: version.id != newest, hook.list_versions(into_id)))
    theirs = dict(_overruled(moves, since))
    return [_said(unit, [theirs[key] for key in unit.keys if key in theirs]) for unit in units]


def _overruled(moves: Sequence[Write], since: Sequence[MemoryVersion]) -> Iterator[tuple[str, str]]:
    """Yield keys of renames, and where the memory lay right before."""
    for write in moves:
        assert write.held
        rows = [row for row in since if row.memory_id == write.held.entry.memory_id]
        # Newest first: ours is the oldest that has it there.
        ours = max((n for n, row in enumerate(rows) if row.path == write.path), default=len(rows))
        for before in rows[ours + 1 : ours + 2]:
            if before.path is not None and before.path != write.held.path:
                yield write.key, before.path


def _said(unit: Unit, theirs: Sequence[str]) -> Unit:
    if not theirs:
        return unit
    why = f"somebody had renamed it to {theirs[0]!r} at the same moment"
    return replace(
        unit, note=unit.note.model_copy(update={"why": "; ".join(filter(None, (unit.note.why, why)))})
    )
