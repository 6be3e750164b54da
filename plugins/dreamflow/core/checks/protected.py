"""A memory that a dream should leave alone was changed, removed or added."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Sequence
from typing import ClassVar

import pathspec

from dreamflow.core.checks.check import Check, Found
from dreamflow.core.review import Change, Severity, Side

__all__ = ["Protected", "protecting"]

#: More protected memories than this are one finding: nobody ticks a hundred.
_ONE_BY_ONE = 20


def protecting(patterns: Sequence[str]) -> Callable[[str], bool]:
    """Return what tells whether a memory's path is among those that ``checks.protect`` names."""
    spec = pathspec.PathSpec.from_lines("gitignore", patterns)
    return lambda path: spec.match_file(path.lstrip("/"))


class Protected(Check):
    name: ClassVar[str] = "protected"
    severity: ClassVar[Severity] = "flag"
    of_texts: ClassVar[bool] = True

    def conclude(self) -> Iterable[Found]:
        is_protected = protecting(self.examined.settings.protect)
        found = [
            Found(
                f"A protected memory was {how} (checks.protect).",
                path,
                side=side,
                about=change.after.sha256 if change.after else "",
            )
            for change in self.examined.changes
            for side, path, how in _touched(change)
            if is_protected(path)
        ]
        if len(found) <= _ONE_BY_ONE:
            return found
        return [
            Found(
                f"{len(found):,} protected memories were added, changed or removed (checks.protect).",
                about="\0".join(f"{one.side} {one.path} {one.about}" for one in found),
                paths=tuple(one.path for one in found),
            )
        ]


def _touched(change: Change) -> Iterable[tuple[Side, str, str]]:
    """Yield each path that a change is about, with what was done there."""
    if change.after is not None:
        yield "after", change.path, "changed" if change.path in change.origins else "added"
    how = "renamed, or merged into another" if change.after else "removed"
    yield from (("before", path, how) for path in change.origins if path != change.path or not change.after)
