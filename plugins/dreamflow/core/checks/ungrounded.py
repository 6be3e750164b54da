"""New specifics that nothing says: neither a session that the dream read, nor the input."""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator
from typing import ClassVar

from dreamflow.core.checks.check import Check, Examined, Found, Line, Memory
from dreamflow.core.grounding import find, is_telling, shown, written
from dreamflow.core.review import Evidence, Severity
from dreamflow.core.specifics import Kind, Specific, specifics_of

__all__ = ["Ungrounded"]

#: What a count in an index counts.
_COUNTED = re.compile(
    r"\W{0,3}(?:memor(?:y|ies)|notes?|files?|pages?|entr(?:y|ies)|sessions?|lines?|topics?)\b", re.I
)
_HEADING = re.compile(r"\s*#{1,6}\s")
#: A line's target in Markdown, and a path: both name a memory, not a fact.
_TARGET = re.compile(r"\]\([^()]*(?:\([^()]*\)[^()]*)*\)|(?<![\w/:])/[^\s)\]]*")


class Ungrounded(Check):
    """
    Find lines of the output that say what nobody said.

    Left out: names of memories, counts of them, small numbers, and titles in headings. What one of the sessions says
    in another form (``grounding``) is said.
    """

    name: ClassVar[str] = "ungrounded"
    severity: ClassVar[Severity] = "flag"

    def __init__(self, examined: Examined) -> None:
        super().__init__(examined)
        self._names = {name for path in (*examined.after, *examined.before) for name in _names_of(path)}

    def look(self, memory: Memory) -> Iterable[Found]:
        for line in memory.added:
            unsaid = list(dict.fromkeys(written(line.text, one) for one in self._unsaid(line)))
            if unsaid:
                yield Found(
                    f"Nothing says {shown(unsaid)}: neither the sessions nor the memories that the dream was given.",
                    memory.path,
                    line.number,
                    about=line.text,
                    evidence=tuple(Evidence(what=what) for what in unsaid),
                )

    def _unsaid(self, line: Line) -> Iterator[Specific]:
        said, text = self.examined.said, line.text
        paths = [match.span() for match in _TARGET.finditer(text)]
        for specific in specifics_of(text):
            if (
                is_telling(specific)
                and not any(start <= specific.start < end for start, end in paths)
                and not self._is_of_the_store(specific, text)
                and not find(specific, said.sessions)
                and not find(specific, said.memories)
            ):
                yield specific

    def _is_of_the_store(self, specific: Specific, text: str) -> bool:
        """Tell whether it names or counts memories, or is a title."""
        if specific.kind is Kind.NUMBER:
            return bool(_COUNTED.match(text, specific.end))
        if specific.kind is Kind.NAME and _HEADING.match(text):
            return True
        return specific.kind is not Kind.AMOUNT and specific.key.strip("/") in self._names


def _names_of(path: str) -> Iterator[str]:
    """Yield what a memory is called: by its path, its parts and their words, with their ending and without."""
    low = path.casefold().strip("/")
    for part in (low, *low.split("/"), *re.split(r"[/\s]+", low)):
        yield part
        yield part.rsplit(".", 1)[0]
