"""Looking at what changed between two stores, one memory after the other: bounded memory, whatever the stores hold."""

from __future__ import annotations

import logging
from collections.abc import Sequence
from typing import TYPE_CHECKING, NamedTuple

from dreamflow.core.changes import compare
from dreamflow.core.review import Change, Finding, Held, Score

if TYPE_CHECKING:
    from dreamflow.core.objects import Listing, MemoryEntry
    from dreamflow.records.files import RunRecords
    from dreamflow.steps.world import World

__all__ = ["Examination", "examine"]

log = logging.getLogger(__name__)


class Examination(NamedTuple):
    counts: dict[str, int]
    changes: tuple[Change, ...]
    findings: tuple[Finding, ...]
    score: Score


def examine(
    world: World,
    run: RunRecords,
    before: tuple[str, Listing],
    after: tuple[str, Listing],
    *,
    session_ids: Sequence[str],
) -> Examination:
    """Compare two stores, each given by its id and what it holds; run the checks; measure the score."""
    old, new = before[1], after[1]
    compared = compare(old, new)
    changes = tuple(
        Change(
            path=path,
            kind={"removed": "removed", "changed": "edited", "added": "added"}[kind],  # type: ignore[arg-type]
            before=_held(old.get(path)),
            after=_held(new.get(path)),
        )
        for kind, path in compared
    )
    sizes = (sum(entry.size for entry in old.values()), sum(entry.size for entry in new.values()))
    return Examination(compared.counts(), changes, (), Score(bytes=sizes))


def _held(entry: MemoryEntry | None) -> Held | None:
    if entry is None:
        return None
    return Held(
        memory_id=entry.memory_id, version_id=entry.version_id, sha256=entry.sha256, size=entry.size
    )
