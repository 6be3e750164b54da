"""A line holds what its reader can't see, or takes for something else."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Iterator
from typing import ClassVar

from dreamflow.core.checks.check import Check, Found, Line, Memory
from dreamflow.core.hiding.hiding import hidden_in
from dreamflow.core.hiding.markup import commented
from dreamflow.core.secrets.masking import mask
from dreamflow.core.text_lines import compared

__all__ = ["HiddenText"]


class HiddenText(Check):
    """Find lines that hide something, unless they only moved; new paths; and what stands within a comment by now."""

    name: ClassVar[str] = "hidden_text"
    of_texts: ClassVar[bool] = True

    def look(self, memory: Memory) -> Iterable[Found]:
        if memory.path not in memory.change.origins and (hidden := hidden_in(memory.path.replace("/", " "))):
            yield Found(f"This memory's path holds {hidden}.", memory.path, about="path")
        for line in memory.added:
            if (hidden := hidden_in(line.text, is_first=line.number == 1)) and not self._stood(memory, line):
                yield Found(f"This line holds {hidden}.", memory.path, line.number, about=mask(line.text))
        for number, text in _newly_commented(memory):
            yield Found(
                "This line stands within a comment, which a page doesn't show.",
                memory.path,
                number,
                about=f"within a comment: {mask(text)}",
            )

    def _stood(self, memory: Memory, line: Line) -> bool:
        """Tell whether a line only moved. Blanks that end it may be a code of today's."""
        text = line.text.removesuffix("\r")
        return text == compared(text) and self.examined.stood(memory, line)


def _newly_commented(memory: Memory) -> Iterator[tuple[int, str]]:
    """Yield the lines within comments that began above them, but for those that stood within one before."""
    if "<!--" not in memory.after:
        return
    before, after = (text.split("\n") for text in (memory.before, memory.after))
    known = Counter(compared(before[number - 1]) for number in commented(before))
    for number in commented(after):
        form = compared(after[number - 1])
        if known[form]:
            known[form] -= 1
        else:
            yield number, after[number - 1]
