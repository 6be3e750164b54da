"""Too large a share of the memories is gone, with what they said."""

from __future__ import annotations

from collections.abc import Iterable
from typing import ClassVar

from dreamflow.core.checks.check import Check, Found
from dreamflow.core.review import Change, Severity

__all__ = ["Removed"]

#: The share of a removed memory's bytes that may stand nowhere, for it to count as moved into others.
_LOST = 0.5


class Removed(Check):
    """Memories that were renamed, merged or split, and those whose lines others say, are not gone."""

    name: ClassVar[str] = "removed"
    severity: ClassVar[Severity] = "flag"
    of_texts: ClassVar[bool] = True

    def conclude(self) -> Iterable[Found]:
        held, most = len(self.examined.before), self.examined.settings.max_removed
        if held and not self.examined.after:
            yield Found(
                "The output store is empty.", side="before", paths=tuple(sorted(self.examined.before))
            )
            return
        gone = tuple(change.path for change in self.examined.changes if _is_gone(change))
        if gone and len(gone) > most * held:
            yield Found(
                f"{len(gone):,} of {held:,} memories are gone, and what they said stands nowhere else: "
                f"{len(gone) / held:.0%}, over checks.max_removed: {most:.0%}.",
                side="before",
                about="\0".join(gone),
                paths=gone,
            )


def _is_gone(change: Change) -> bool:
    return (
        change.after is None and change.before is not None and change.gone_bytes > _LOST * change.before.size
    )
