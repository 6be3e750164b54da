"""What to write into the output store so that nothing that reached the input meanwhile is lost."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

from dreamflow.core.changes import compare
from dreamflow.core.objects import Listing, MemoryEntry

__all__ = [
    "MEMORIES_LIMIT",
    "Carried",
    "Carry",
    "CarryPlan",
    "applied_to",
    "plan_carry",
    "rebased",
    "without_carried",
]

#: Memories that one store can hold (the Managed Agents memory guide).
MEMORIES_LIMIT = 2000


@dataclass(frozen=True)
class Carry:
    """
    One write to the output.

    :ivar source: the input's memory to take the content from; None where the memory was deleted.
    :ivar expected_sha256: what the output holds at the path before; None where it holds nothing.
    """

    path: str
    source: MemoryEntry | None
    expected_sha256: str | None

    @property
    def kind(self) -> str:
        if self.source is None:
            return "delete"
        return "create" if self.expected_sha256 is None else "update"

    def carried(self) -> Carried:
        """Return the write as it is noted down."""
        return Carried(self.path, self.expected_sha256, self.source.sha256 if self.source else None)


@dataclass(frozen=True)
class Carried:
    """A write as a plan notes it: what the output held at the path before, and what it is to hold. None: nothing."""

    path: str
    before_sha256: str | None
    after_sha256: str | None

    def to_json(self) -> dict[str, Any]:
        return {"path": self.path, "before_sha256": self.before_sha256, "after_sha256": self.after_sha256}


@dataclass(frozen=True)
class CarryPlan:
    """
    :ivar writes: what to apply to the output, in this order.
    :ivar conflicts: paths that input and output both changed since the base, differently.
    """

    writes: tuple[Carry, ...]
    conflicts: tuple[str, ...]

    def overflow(self, output: Listing) -> int:
        """Return by how many memories the output would exceed what a store can hold, or 0."""
        creates = sum(1 for write in self.writes if write.kind == "create")
        deletes = sum(1 for write in self.writes if write.kind == "delete")
        return max(0, len(output) + creates - deletes - MEMORIES_LIMIT)


def plan_carry(base: Listing, current: Listing, output: Listing) -> CarryPlan:
    """
    Plan the three-way carry of the input's late writes into the output.

    A path that the input changed since the base is written where the output still holds what the base held,
    left alone where the output already holds the input's bytes, and is a conflict otherwise.

    :param base: the input when the dream was launched, or when writes were last carried.
    :param current: the input now.
    :param output: the output now.
    """
    writes: list[Carry] = []
    conflicts: list[str] = []
    for _, path in sorted(compare(base, current), key=lambda change: change[1]):
        before, held = _held(base, path), _held(output, path)
        wanted = current.get(path)
        if held == (wanted.sha256 if wanted else None):
            continue
        if held == before:
            writes.append(Carry(path, wanted, held))
        else:
            conflicts.append(path)
    # Deletes first: a full store has no room for a create until one is done.
    writes.sort(key=lambda write: (write.source is not None, write.path))
    return CarryPlan(tuple(writes), tuple(conflicts))


def applied_to(output: Listing, writes: Sequence[Carry]) -> dict[str, MemoryEntry]:
    """Return what the output is to hold after the writes, by paths and checksums."""
    after = dict(output)
    for write in writes:
        _put(after, write.path, write.source.sha256 if write.source else None)
    return after


def without_carried(output: Listing, carried: Sequence[Carried]) -> dict[str, MemoryEntry]:
    """
    Return the output as it was before the noted writes, as far as they were applied.

    Only paths and checksums of the result mean anything. A write that was not applied yet changes nothing.
    """
    before = dict(output)
    for write in reversed(carried):
        if _held(before, write.path) == write.after_sha256:
            _put(before, write.path, write.before_sha256)
    return before


def rebased(base: Listing, carried: Sequence[Carried], output: Listing) -> dict[str, MemoryEntry]:
    """Return the base moved on by the noted writes that the output holds: what a next plan starts from."""
    moved = dict(base)
    for write in carried:
        if _held(output, write.path) == write.after_sha256:
            _put(moved, write.path, write.after_sha256)
    return moved


def _held(listing: Listing, path: str) -> str | None:
    return listing[path].sha256 if path in listing else None


def _put(listing: dict[str, MemoryEntry], path: str, sha256: str | None) -> None:
    if sha256 is None:
        listing.pop(path, None)
    else:
        listing[path] = MemoryEntry("", sha256, "", 0)
