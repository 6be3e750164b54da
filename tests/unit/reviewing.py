"""A review of a night, as far as an edit or a history asks it where a memory came from."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

from dreamflow.core.changes import compare, digest
from dreamflow.core.review import Change, ChangeKind, Review, StoreFacts
from tests.unit.running import Night
from tests.unit.support import NOON, listing_of

__all__ = ["note_changes", "review_of"]


def review_of(
    before: Mapping[str, str],
    after: Mapping[str, str],
    origins: Mapping[str, tuple[ChangeKind, Sequence[str]]] | None = None,
    **more: Any,
) -> Review:
    """
    Return a review of two stores.

    :param origins: kind, and the input's memories, of those of the output that came of others.
    """
    changes = compare(listing_of(before), listing_of(after))
    known = {**(origins or {})}
    gone = {path for _, paths in known.values() for path in paths}
    kinds: dict[str, ChangeKind] = {"removed": "removed", "changed": "edited", "added": "added"}
    rows = [
        Change(path=path, kind=known[path][0], origins=tuple(known[path][1]))
        if path in known
        else Change(path=path, kind=kinds[how], origins=(path,) if how == "changed" else ())
        for how, path in changes
        if path in known or path not in gone
    ]
    facts: dict[str, Any] = {
        "pipeline": "support",
        "run_id": "manual__1",
        "made_at": NOON,
        "digest": digest(listing_of(after)),
        "verdict": "clean",
        "input": StoreFacts(id="memstore_in", memories=len(before), bytes=len("".join(before.values()))),
        "output": StoreFacts(id="memstore_out", memories=len(after), bytes=len("".join(after.values()))),
        "counts": changes.counts(),
        "changes": tuple(rows),
    }
    return Review(**{**facts, **more})


def note_changes(night: Night, before: Mapping[str, str], after: Mapping[str, str], origins: Any) -> None:
    """Let the night's run have a review."""
    night.run.write_review(review_of(before, after, origins))
