"""Memories that are removed or emptied, though sessions of the last days read them."""

from __future__ import annotations

from collections.abc import Iterable
from typing import ClassVar

from dreamflow.core.checks.check import Check, Found, Memory
from dreamflow.core.review import Evidence, Severity

__all__ = ["StillRead"]

#: The share of a memory's bytes, and of its lines, that is gone where it counts as emptied.
_EMPTIED = 0.9


class StillRead(Check):
    """Find what agents look up, and will no longer find where they look."""

    name: ClassVar[str] = "still_read"
    severity: ClassVar[Severity] = "flag"

    def look(self, memory: Memory) -> Iterable[Found]:
        origins = memory.change.origins or (memory.path,)
        gone = [path for path in origins if path not in self.examined.after or _is_emptied(memory)]
        for path in gone:
            reads = self.examined.reads.get(path, ())
            sessions = len({read.session_id for read in reads})
            if not sessions:
                continue
            what = "emptied" if path in self.examined.after else "no longer there"
            who = "one session" if sessions == 1 else f"{sessions} sessions"
            yield Found(
                f"It is {what} in the output, and {who} looked it up: of those that the dream read, or of the "
                "last seven days.",
                path,
                side="before",
                about=f"{path} {what}",
                evidence=tuple(
                    Evidence(
                        session_id=read.session_id,
                        event_id=read.event_id,
                        role="agent",
                        at=read.at,
                        path=path,
                    )
                    for read in reads
                ),
                paths=tuple(
                    dict.fromkeys((path, *memory.change.into, *((memory.path,) if memory.after else ())))
                ),
            )


def _is_emptied(memory: Memory) -> bool:
    before, after = len(memory.before.encode()), len(memory.after.encode())
    lines = sum(1 for line in memory.before.splitlines() if line.strip())
    gone = sum(1 for line in memory.removed if line.text.strip())
    return after <= (1 - _EMPTIED) * before and gone >= _EMPTIED * lines
