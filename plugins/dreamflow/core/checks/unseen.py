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
            message = f"No page shows this change whole: {why}."
            if path in after:
                yield Found(message, path, about=after[path].sha256)
            else:
                yield Found(message, path, side="before")
