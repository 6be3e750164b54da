"""
Where each specific of each new line was said, as the run's files keep it for whoever asks a year later.

By then sessions and stores may be gone: the words around are kept with it, masked.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from itertools import islice
from typing import Any, NamedTuple

from dreamflow.core.checks.check import Examined, Memory
from dreamflow.core.grounding import Writing, find
from dreamflow.core.review import Evidence
from dreamflow.core.standing import Standing
from dreamflow.errors import DreamflowError

__all__ = ["Source", "Sources"]

#: Specifics that are kept, with one place each: two megabytes, and a second. A dream over 100 sessions brought 2,500.
_LIMIT = 5_000


class Source(NamedTuple):
    """
    Where one specific of a new line was said.

    :ivar line: of the output's memory, from 1. :ivar how: ``said``; ``unnamed`` in no session that the line names;
        ``elsewhere`` only by what has nothing else of the line; ``nowhere``.
    :ivar evidence: its ``what`` is the specific, as it is written.
    """

    line: int
    how: str
    evidence: Evidence


class Sources:
    """
    The sources of new lines, by path.

    :ivar digest: of the output. :ivar is_whole: no specific had to be left out.
    """

    def __init__(self, digest: str, rows: dict[str, list[Source]], *, is_whole: bool = True) -> None:
        self.digest, self._rows, self.is_whole = digest, rows, is_whole

    @classmethod
    def of(cls, digest: str, examined: Examined, memories: Iterable[Memory]) -> Sources:
        """Take them of changed memories, as far as there is room."""
        standing, rows = Standing(examined), dict[str, list[Source]]()
        left, is_whole = _LIMIT, True
        for memory in memories:
            found: list[Source] = []
            try:
                found += islice(_each(examined, standing, memory), left + 1)
            except DreamflowError:
                raise  # a text that could not be fetched: it may pass
            except Exception:  # a dream was paid for: the check that looks for the same says what broke down
                is_whole = False
            is_whole = is_whole and len(found) <= left
            if found := found[:left]:
                rows[memory.path] = found
            left -= len(found)
            if not is_whole:
                break
        return cls(digest, rows, is_whole=is_whole)

    def of_memory(self, path: str) -> list[Source]:
        """Return those of a memory's lines, in order."""
        return self._rows.get(path, [])

    def to_json(self) -> dict[str, Any]:
        """Return them as plain JSON: a reader needs no other file."""
        rows = {path: [_row(one) for one in ones] for path, ones in self._rows.items()}
        return {"version": 1, "digest": self.digest, "is_whole": self.is_whole, "lines": rows}

    @classmethod
    def from_json(cls, kept: Any) -> Sources:
        """
        Read what ``to_json`` wrote.

        :raises ValueError, KeyError, TypeError, AttributeError: it is not that.
        """
        rows = {
            path: [
                Source(
                    int(row["line"]),
                    str(row["how"]),
                    Evidence.model_validate({**row.get("said", {}), "what": row["what"]}),
                )
                for row in ones
            ]
            for path, ones in kept["lines"].items()
        }
        return cls(str(kept["digest"]), rows, is_whole=bool(kept["is_whole"]))


def _each(examined: Examined, standing: Standing, memory: Memory) -> Iterator[Source]:
    writing = Writing(memory.after, (line.number for line in memory.added))
    for line in memory.added:
        for stands in standing.of(memory, line):
            sessions = stands.sessions or find(stands.specific, examined.said.sessions)
            place = next(iter((*sessions[:1], *stands.memories[:1])), Evidence())
            what = writing.of(line.number, line.text, stands.specific)
            yield Source(line.number, stands.how, place.model_copy(update={"what": what}))


def _row(source: Source) -> dict[str, Any]:
    said = source.evidence.model_dump(mode="json", exclude_defaults=True)
    return {
        "line": source.line,
        "what": said.pop("what", ""),
        "how": source.how,
        **({"said": said} if said else {}),
    }
