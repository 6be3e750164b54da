"""Memories that a dream should leave alone were touched."""

from __future__ import annotations

from collections.abc import Callable, Sequence

import pathspec

from dreamflow.core.checks.finding import Examined, Finding

__all__ = ["check", "protecting"]


def protecting(patterns: Sequence[str]) -> Callable[[str], bool]:
    """Return what tells whether a memory's path is among those that ``checks.protect`` names."""
    spec = pathspec.PathSpec.from_lines("gitignore", patterns)
    return lambda path: spec.match_file(path.lstrip("/"))


def check(examined: Examined) -> list[Finding]:
    """Find memories that ``checks.protect`` names, and that were changed or removed."""
    is_protected = protecting(examined.protect)
    differing = (*examined.changes.removed, *examined.changes.changed)
    touched = tuple(path for path in differing if is_protected(path))
    if not touched:
        return []
    return [Finding("Protected memories were changed or removed (checks.protect).", touched)]
