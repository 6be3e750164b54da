"""Texts of a store that is a dictionary: what ``dreamflow.steps.texts`` is to a real one."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence

from dreamflow.core.comparing import Compared, compare_stores
from tests.unit.support import listing_of

__all__ = ["KnownTexts", "compared"]


class KnownTexts:
    """:ivar read: the paths that were asked for, in order."""

    def __init__(self, texts: Mapping[str, str]) -> None:
        self.texts = texts
        self.read: list[str] = []

    def get(self, path: str) -> str:
        return dict(self.each([path]))[path]

    def each(self, paths: Sequence[str]) -> Iterator[tuple[str, str]]:
        for path in paths:
            self.read.append(path)
            yield path, self.texts[path]


def compared(before: Mapping[str, str], after: Mapping[str, str], *, look: bool = False) -> Compared:
    """Compare two stores; ``look`` goes through the memories that do not differ too."""
    found = compare_stores(listing_of(before), listing_of(after), KnownTexts(before), KnownTexts(after))
    for path in found.unread if look else ():
        found.look(path, after[path])
    return found
