"""A memory, or the store as a whole, has lost too large a share of its bytes."""

from __future__ import annotations

from collections.abc import Iterable
from typing import ClassVar

from dreamflow.core.checks.check import Check, Found
from dreamflow.core.review import Change, Severity

__all__ = ["Shrunk"]


class Shrunk(Check):
    """What other memories say now is not lost, nor what was put in as many other words."""

    name: ClassVar[str] = "shrunk"
    severity: ClassVar[Severity] = "flag"

    def conclude(self) -> Iterable[Found]:
        most, changes = self.examined.settings.max_shrunk, self.examined.changes
        shrunk = [
            change for change in changes if change.after and self._lost(change) > most * self._before(change)
        ]
        if shrunk:
            paths = tuple(change.path for change in shrunk)
            who = "This memory has" if len(shrunk) == 1 else f"{len(shrunk):,} memories have"
            yield Found(
                f"{who} lost more than {most:.0%} of the bytes, and what went stands nowhere else (checks.max_shrunk).",
                paths[0] if len(shrunk) == 1 else "",
                about="\0".join(f"{change.path} {change.after.sha256}" for change in shrunk if change.after),
                paths=paths,
            )
        before, after = (
            sum(entry.size for entry in side.values()) for side in (self.examined.before, self.examined.after)
        )
        lost = min(before - after, sum(change.gone_bytes for change in changes))
        if after and lost > most * before:
            yield Found(
                f"The store as a whole has lost {lost:,} of {before:,} bytes, {lost / before:.0%}, and what went "
                f"stands nowhere else; over checks.max_shrunk: {most:.0%}.",
                about=f"the store {lost / before:.0%}",
            )

    def _before(self, change: Change) -> int:
        return sum(self.examined.before[path].size for path in change.origins)

    def _lost(self, change: Change) -> int:
        after = change.after.size if change.after else 0
        return min(self._before(change) - after, change.gone_bytes)
