"""The checks that a review runs on what a dream changed."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import pathspec

from dreamflow.core.changes import Changes
from dreamflow.core.values import Listing

__all__ = ["Finding", "check_changes", "verdict"]


@dataclass(frozen=True)
class Finding:
    """
    Something that a person should look at before adopting.

    :ivar what: the finding in words of our own; it never holds memory text.
    :ivar paths: the memories it is about. Memory text: hostile.
    """

    what: str
    paths: tuple[str, ...] = ()


def check_changes(
    before: Listing, after: Listing, changes: Changes, *, protect: Sequence[str], max_removed: float
) -> list[Finding]:
    """
    Run the pipeline's checks.

    :param protect: gitignore-style patterns of memories that a dream should leave alone.
    :param max_removed: share of the input's memories, 0 to 1, that may go without a finding.
    """
    found: list[Finding] = []
    if before and not after:
        found.append(Finding("The output store is empty."))
    spec = pathspec.PathSpec.from_lines("gitignore", protect)
    touched = tuple(
        path for path in (*changes.removed, *changes.changed) if spec.match_file(path.lstrip("/"))
    )
    if touched:
        found.append(Finding("Protected memories were changed or removed (checks.protect).", touched))
    removed_share = len(changes.removed) / len(before) if before else 0.0
    if removed_share > max_removed:
        found.append(
            Finding(
                f"{len(changes.removed)} of {len(before)} memories are gone: {removed_share:.0%}, over "
                f"checks.max_removed: {max_removed:.0%}. Their content may have moved into other files."
            )
        )
    return found


def verdict(findings: Sequence[Finding]) -> str:
    """Return ``flagged`` where a check found something, else ``clean``."""
    return "flagged" if findings else "clean"
