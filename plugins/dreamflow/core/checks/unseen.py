"""A part of the change that no page shows whole."""

from __future__ import annotations

from collections.abc import Iterable
from typing import ClassVar

from dreamflow.core.checks.check import Check, Found
from dreamflow.core.review import Severity

__all__ = ["Unseen"]


class Unseen(Check):
    name: ClassVar[str] = "unseen"
    severity: ClassVar[Severity] = "flag"

    def conclude(self) -> Iterable[Found]:
        after = self.examined.after
        for path, why in sorted(self.examined.unseen.items()):
            what = "No page shows this change whole" if path else "A part of the review is missing"
            if path in after:
                yield Found(f"{what}: {why}.", path, about=after[path].sha256)
            else:
                yield Found(f"{what}: {why}.", path, side="before")
