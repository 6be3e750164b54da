"""A line holds what its reader can't see, or takes for something else."""

from __future__ import annotations

from collections.abc import Iterable
from typing import ClassVar

from dreamflow.core.checks.check import Check, Found, Memory
from dreamflow.core.hiding.hiding import hidden_in
from dreamflow.core.secrets.masking import mask

__all__ = ["HiddenText"]


class HiddenText(Check):
    """Find added lines that hide something, and new paths."""

    name: ClassVar[str] = "hidden_text"

    def look(self, memory: Memory) -> Iterable[Found]:
        if memory.path not in memory.change.origins and (hidden := hidden_in(memory.path.replace("/", " "))):
            yield Found(f"This memory's path holds {hidden}.", memory.path, about="path")
        for line in memory.added:
            if hidden := hidden_in(line.text, is_first=line.number == 1):
                yield Found(f"This line holds {hidden}.", memory.path, line.number, about=mask(line.text))
