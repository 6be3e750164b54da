"""What became of the lines that went, as the run's files keep it: so that page and record tell it of each line."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any, get_args

from dreamflow.core.fates import Whereabouts
from dreamflow.core.review import Fate, FateKind

__all__ = ["KeptFates"]

#: Lines whose fates are kept: of memories as a whole, as long as there is room. Some two megabytes.
_LINES = 50_000
_KINDS: tuple[FateKind, ...] = get_args(FateKind)


class KeptFates:
    """
    The fates of the lines that went from memories, by path.

    :param digest: of the output in which the lines were looked for.
    :param rows: of each memory: line, kind and place (both by their numbers), and the line there.
    """

    def __init__(self, digest: str, places: list[str], rows: dict[str, list[list[int]]]) -> None:
        self.digest, self._places, self._rows = digest, places, rows

    @classmethod
    def of(cls, digest: str, paths: Iterable[str], whereabouts: Whereabouts) -> KeptFates:
        """Take them of the memories, once all others were looked through."""
        places: dict[str, int] = {}
        rows: dict[str, list[list[int]]] = {}
        room = _LINES
        for path in paths:
            if whereabouts.lines(path)[1] > room:
                continue
            rows[path] = [
                [
                    one.line,
                    _KINDS.index(one.kind),
                    places.setdefault(one.path, len(places)),
                    one.to_line or 0,
                ]
                for one in whereabouts.outcomes(path)
            ]
            room -= len(rows[path])
        return cls(digest, list(places), rows)

    def __contains__(self, path: str) -> bool:
        return path in self._rows

    def fates_of(self, path: str) -> list[Fate]:
        """Return what became of each line that a memory lost, in order; nothing where that is not kept."""
        return [
            Fate(line=line, kind=_KINDS[kind], path=self._places[place], to_line=to_line or None)
            for line, kind, place, to_line in self._rows.get(path, ())
        ]

    def to_json(self) -> dict[str, Any]:
        return {"version": 1, "digest": self.digest, "places": self._places, "rows": self._rows}

    @classmethod
    def from_json(cls, kept: Any) -> KeptFates:
        return cls(str(kept["digest"]), list(kept["places"]), dict(kept["rows"]))
