"""A key, a password or a code stands in what the dream wrote."""

from __future__ import annotations

from collections.abc import Iterable
from typing import ClassVar

from dreamflow.core.checks.check import Check, Found, Memory
from dreamflow.core.review import Severity
from dreamflow.core.secrets.masking import secret_spans, shortened, spans_in, without

__all__ = ["Secret"]


class Secret(Check):
    """
    Find secrets in added lines and new paths. What is said never holds one, nor a hash that it is guessed by.

    One that only moved was live before: that is worth knowing, and blocks nothing.
    """

    name: ClassVar[str] = "secret"
    severity: ClassVar[Severity] = "block"
    of_texts: ClassVar[bool] = True

    def look(self, memory: Memory) -> Iterable[Found]:
        if memory.change.after and memory.path not in memory.change.origins:
            for start, end, kind in secret_spans(memory.path)[:1]:
                shown = shortened(memory.path[start:end], kind)
                yield Found(f"A secret stands in this memory's path: {shown}.", memory.path, about="path")
        if not memory.added:
            return
        found = spans_in(memory.after, tuple(line.number for line in memory.added))
        for line in memory.added:
            if spans := found[line.number]:
                shown = ", ".join(shortened(line.text[start:end], kind) for start, end, kind in spans[:5])
                about = without(line.text, spans)
                if self.examined.stood(memory, line):
                    yield Found(
                        f"A secret of the old memory moved to this line: {shown}.",
                        memory.path,
                        line.number,
                        about=f"moved: {about}",
                        at_most="note",
                    )
                else:
                    yield Found(
                        f"A secret stands in this line: {shown}.", memory.path, line.number, about=about
                    )
