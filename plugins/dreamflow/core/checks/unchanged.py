"""Night after night the dream changes nothing that matters: it costs, and does nothing."""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Iterable
from typing import ClassVar

from dreamflow.core.checks.check import Check, Found, Memory
from dreamflow.core.checks.index import is_index
from dreamflow.core.review import Severity
from dreamflow.core.text_lines import Text

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
    """
    Tell whether a memory differs by more than blanks and order; an index, by more than those and dates.

    A line says something else below another heading.
    """
    if memory.change.kind != "edited":
        return True
    return _said(memory.path, memory.before) != _said(memory.path, memory.after)


def _said(path: str, text: str) -> Counter[tuple[tuple[str, ...], str]]:
    """Count the lines of a text, each with the headings above it."""
    lines = Text(_MOMENT.sub("…", text) if is_index(path) else text)
    return Counter(
        (tuple(_form(heading) for _, heading in above), form)
        for above, line in zip(lines.paths, lines.forms, strict=True)
        if (form := _form(line))
    )


def _form(line: str) -> str:
    return "".join(line.split())
