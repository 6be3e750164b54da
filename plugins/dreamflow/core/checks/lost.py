"""Specifics that the input held in lines which the output no longer has, and that stand nowhere in it."""

from __future__ import annotations

from collections.abc import Iterable
from typing import ClassVar

from dreamflow.core.checks.check import Check, Examined, Found, Memory
from dreamflow.core.grounding import StoreNames, Writing, find, shown
from dreamflow.core.review import Evidence, Severity

__all__ = ["Lost"]


class Lost(Check):
    """Find what a removed line said, and no memory of the output says any more."""

    name: ClassVar[str] = "lost"
    severity: ClassVar[Severity] = "flag"

    def __init__(self, examined: Examined) -> None:
        super().__init__(examined)
        self._names = StoreNames(examined.before, examined.after)

    def look(self, memory: Memory) -> Iterable[Found]:
        path = memory.change.origins[0] if memory.change.origins else memory.path
        writing = Writing(memory.before, (line.number for line in memory.removed))
        for line in memory.removed:
            gone = [one for one in self._names.telling(line.text) if not find(one, self.examined.said.stands)]
            lost = list(dict.fromkeys(writing.of(line.number, line.text, one) for one in gone))
            if lost:
                yield Found(
                    f"The output no longer says {shown(lost)}.",
                    path,
                    line.number,
                    side="before",
                    # A tick is for what was lost when it was set, and for no more of the line.
                    about="\0".join((line.text, *(one.key for one in gone))),
                    evidence=tuple(Evidence(what=what) for what in lost),
                )
