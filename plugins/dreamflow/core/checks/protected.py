"""Memories that a dream should leave alone were touched."""

from __future__ import annotations

import pathspec

from dreamflow.core.checks.finding import Examined, Finding

__all__ = ["check"]


def check(examined: Examined) -> list[Finding]:
    """Find memories that ``checks.protect`` names, and that were changed or removed."""
    spec = pathspec.PathSpec.from_lines("gitignore", examined.protect)
    differing = (*examined.changes.removed, *examined.changes.changed)
    touched = tuple(path for path in differing if spec.match_file(path.lstrip("/")))
    if not touched:
        return []
    return [Finding("Protected memories were changed or removed (checks.protect).", touched)]
