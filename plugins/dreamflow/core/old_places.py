"""
Where the old memory says what a review asked of, as it is kept in the run's files: the page need not search for it.

A review has it at hand: it reads every memory. Kept is one place of each key, without its words: the page reads those
from the memory itself. Keys stand as checksums, as those of the sessions do.
"""

from __future__ import annotations

import hashlib
from collections.abc import Iterable, Mapping, Sequence
from itertools import islice
from typing import Any, NamedTuple

from dreamflow.core.review import Evidence

__all__ = ["OldPlaces"]

#: Keys that are kept, in a file of 6 MB at most, but for the paths. A dream's own changes ask of a few thousand.
_KEYS_LIMIT = 200_000


class OldPlaces(NamedTuple):
    """
    :ivar at: by a key's checksum, which of the paths says it, and in which line, from 1.
    :ivar is_whole: every key is here that the old memory says, of those that the review asked of.
    """

    paths: Sequence[str]
    at: Mapping[str, Sequence[int]]
    is_whole: bool = True

    def of(self, key: str) -> tuple[Evidence, ...]:
        """Return where the old memory says a key, without the words."""
        if (place := self.at.get(_code(key))) is None:
            return ()
        return (Evidence(path=self.paths[place[0]], line=place[1]),)

    def to_json(self) -> dict[str, Any]:
        return {"paths": self.paths, "at": self.at, "is_whole": self.is_whole}

    @classmethod
    def from_json(cls, data: Mapping[str, Any]) -> OldPlaces:
        """
        Read what ``to_json`` wrote.

        :raises ValueError, KeyError, TypeError: it is not that.
        """
        return cls(list(data["paths"]), dict(data["at"]), bool(data["is_whole"]))

    @classmethod
    def found(cls, held: Iterable[tuple[str, str, int]]) -> OldPlaces:
        """:param held: keys, each with the path and the line that say it."""
        numbers: dict[str, int] = {}
        left = iter(held)
        at = {
            _code(key): (numbers.setdefault(path, len(numbers)), line)
            for key, path, line in islice(left, _KEYS_LIMIT)
        }
        return cls(list(numbers), at, next(left, None) is None)


def _code(key: str) -> str:
    return hashlib.blake2b(key.encode(errors="replace"), digest_size=7).hexdigest()
