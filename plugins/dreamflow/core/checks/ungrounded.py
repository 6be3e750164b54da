"""New specifics that nothing says: neither a session that the dream read, nor the input."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from typing import ClassVar

from dreamflow.core.checks.check import Check, Examined, Found, Line, Memory
from dreamflow.core.grounding import StoreNames, Writing, find, named_by, shown, written
from dreamflow.core.memory_paths import as_line
from dreamflow.core.nearness import Company
from dreamflow.core.review import Evidence, Severity

__all__ = ["Ungrounded"]


class Ungrounded(Check):
    """
    Find lines of the output that say what nobody said, or what only sessions say that have nothing else of the line.

    A new path says something, too: a dream files what it makes up under its number. Left out: names of memories, counts
    of them, small numbers, and titles in headings. What one of the sessions says in another form (``grounding``) is
    said.
    """

    name: ClassVar[str] = "ungrounded"
    severity: ClassVar[Severity] = "flag"

    def __init__(self, examined: Examined) -> None:
        super().__init__(examined)
        self._names = StoreNames(examined.before, new=examined.after)

    def look(self, memory: Memory) -> Iterable[Found]:
        if memory.path not in memory.change.origins and (found := self._in_path(memory.path)):
            yield found
        writing = Writing(memory.after, (line.number for line in memory.added))
        for line in memory.added:
            if found := self._found(memory.path, line, writing):
                yield found

    def _in_path(self, path: str) -> Found | None:
        said = self.examined.said
        nowhere = [
            written(as_line(path), one)
            for one in named_by(path)
            if not find(one, said.memories) and not find(one, said.sessions)
        ]
        if not nowhere:
            return None
        return Found(
            f"Nothing says {shown(nowhere)} of this memory's path: neither the sessions nor the memories that the "
            "dream was given.",
            path,
            about="path",
            evidence=tuple(Evidence(what=what) for what in nowhere),
        )

    def _found(self, path: str, line: Line, writing: Writing) -> Found | None:
        said, text = self.examined.said, line.text
        specifics = self._names.telling(text)
        company = None
        nowhere: list[str] = []
        elsewhere: dict[str, Sequence[Evidence]] = {}
        for one in specifics:
            if find(one, said.memories):
                continue
            if not (places := find(one, said.sessions)):
                nowhere.append(writing.of(line.number, text, one))
                continue
            if places[0].session_id.casefold() == one.key:
                continue  # the name of a session, as where a line comes from
            company = company or Company(said, text, specifics)
            if company.is_apart(one):
                elsewhere[writing.of(line.number, text, one)] = places
        if not nowhere and not elsewhere:
            return None
        nowhere = list(dict.fromkeys(nowhere))
        sentences = []
        if nowhere:
            sentences.append(
                f"Nothing says {shown(nowhere)}: neither the sessions nor the memories that the dream was given."
            )
        if elsewhere:
            sentences.append(
                f"{shown(list(elsewhere))}: said only in sessions that share nothing else with the line."
            )
        evidence = [Evidence(what=what) for what in nowhere]
        evidence += [one.model_copy(update={"what": what}) for what in elsewhere for one in elsewhere[what]]
        return Found(" ".join(sentences), path, line.number, about=text, evidence=tuple(evidence))
