"""New specifics that nothing says: neither a session that the dream read, nor the input."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from typing import ClassVar

from dreamflow.core.checks.check import Check, Examined, Found, Line, Memory
from dreamflow.core.grounding import Writing, find, named_by, shown, written
from dreamflow.core.memory_paths import as_line
from dreamflow.core.review import Evidence, Severity
from dreamflow.core.standing import How, Standing

__all__ = ["Ungrounded"]


class Ungrounded(Check):
    """
    Find lines of the output that say what nobody said, or what only that says which has nothing else of the line.

    So does what is said in no session that the line names. A new path says something, too: a dream files what it makes
    up under its number.
    """

    name: ClassVar[str] = "ungrounded"
    severity: ClassVar[Severity] = "flag"

    def __init__(self, examined: Examined) -> None:
        super().__init__(examined)
        self._standing = Standing(examined)

    def look(self, memory: Memory) -> Iterable[Found]:
        if memory.path not in memory.change.origins and (found := self._in_path(memory.path)):
            yield found
        writing = Writing(memory.after, (line.number for line in memory.added))
        for line in memory.added:
            if found := self._found(memory, line, writing):
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

    def _found(self, memory: Memory, line: Line, writing: Writing) -> Found | None:
        found: dict[How, dict[str, Sequence[Evidence]]] = {"nowhere": {}, "unnamed": {}, "elsewhere": {}}
        for stands in self._standing.of(memory, line):
            if stands.how != "said":
                what = writing.of(line.number, line.text, stands.specific)
                found[stands.how][what] = (*stands.sessions, *stands.memories)
        nowhere, unnamed, elsewhere = found.values()
        if not nowhere and not unnamed and not elsewhere:
            return None
        sentences = []
        if nowhere:
            sentences.append(
                f"Nothing says {shown(list(nowhere))}: neither the sessions nor the memories that the dream was given."
            )
        if unnamed:
            sentences.append(f"{shown(list(unnamed))}: said in no session that the line names.")
        if elsewhere:
            sentences.append(
                f"{shown(list(elsewhere))}: said only in {_where(elsewhere)} that share nothing else with the line."
            )
        evidence = [Evidence(what=what) for what in nowhere]
        doubtful = {**unnamed, **elsewhere}
        evidence += [one.model_copy(update={"what": what}) for what in doubtful for one in doubtful[what]]
        return Found(" ".join(sentences), memory.path, line.number, about=line.text, evidence=tuple(evidence))


def _where(doubtful: Mapping[str, Sequence[Evidence]]) -> str:
    """Return what alone says something: sessions, memories, or both."""
    places = [place for ones in doubtful.values() for place in ones]
    kinds = (
        ("sessions", any(place.session_id for place in places)),
        ("memories", any(place.path for place in places)),
    )
    return " and ".join(kind for kind, is_so in kinds if is_so)
