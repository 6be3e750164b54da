"""Night after night the dream changes nothing that matters: it costs, and does nothing."""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Iterable
from typing import ClassVar

from dreamflow.core.checks.check import Check, Found, Line, Memory
from dreamflow.core.checks.index import is_index
from dreamflow.core.review import Severity

__all__ = ["NIGHTS", "Unchanged", "matters"]

#: Nights in a row that are told.
NIGHTS = 3
_MOMENT = re.compile(r"\d{4}-\d\d-\d\d|\d\d?:\d\d(:\d\d)?(\.\d+)?Z?|\d\d? \w{3,9} \d{4}|\w{3,9} \d\d?, \d{4}")


class Unchanged(Check):
    name: ClassVar[str] = "unchanged"
    severity: ClassVar[Severity] = "note"
    is_other = False

    def look(self, memory: Memory) -> Iterable[Found]:
        self.is_other = self.is_other or matters(memory)
        return ()

    def conclude(self) -> Iterable[Found]:
        nights = self.examined.unchanged_nights + 1
        if not self.is_other and nights >= NIGHTS:
            yield Found(
                f"For {nights} nights in a row the dream has changed nothing that matters. Let it run less often, "
                "or see whether the sessions that it reads are the right ones."
            )


def matters(memory: Memory) -> bool:
    """Tell whether a memory differs by more than blanks; an index, by more than blanks and dates."""
    if memory.change.kind != "edited":
        return True
    return _said(memory, memory.added) != _said(memory, memory.removed)


def _said(memory: Memory, lines: Iterable[Line]) -> Counter[str]:
    texts = (_MOMENT.sub("…", line.text) if is_index(memory.path) else line.text for line in lines)
    return Counter(form for text in texts if (form := "".join(text.split())))
