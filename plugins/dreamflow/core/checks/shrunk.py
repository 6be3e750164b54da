"""A memory, or the store as a whole, has lost too large a share of its bytes."""

from __future__ import annotations

import re
from collections.abc import Iterable
from typing import ClassVar, NamedTuple

from dreamflow.core.checks.check import Check, Examined, Found, Memory
from dreamflow.core.review import Change, Severity
from dreamflow.core.words import COMMON

__all__ = ["Shrunk"]

#: The share of a line's words that its memory must still have, for the line to be put in other words.
_SAID = 0.5
#: Words of lines that gave way to others, below which that is an edit of a note, and nothing is lost by it.
_FEWEST = 8
#: Letters by which words are the same: they are inflected, most of them at their end.
_STEM = 5
_LETTERS_WITHOUT_BLANKS = (
    "\u0e00-\u0eff\u1000-\u109f\u1780-\u17ff\u2e80-\u9fff\uf900-\ufaff\U00020000-\U0003ffff"
)
#: A word; of scripts that put no blanks between words, a letter.
_WORD = re.compile(rf"[{_LETTERS_WITHOUT_BLANKS}]|[^\W_{_LETTERS_WITHOUT_BLANKS}]{{2,}}")
#: What names another memory is no word of a line: memories are renamed.
_TARGET = re.compile(r"\]\([^)\s]*\)|(?<![\w/:.])/[^\s)\]]*")


class Shrunk(Check):
    """
    Find what lost its lines: because they went, or because others that say nothing of it stand in their place.

    What other memories say now is not lost, nor what a memory says in other words.
    """

    name: ClassVar[str] = "shrunk"
    severity: ClassVar[Severity] = "flag"
    of_texts: ClassVar[bool] = True

    def __init__(self, examined: Examined) -> None:
        super().__init__(examined)
        self._unsaid: dict[str, _Unsaid] = {}

    def look(self, memory: Memory) -> Iterable[Found]:
        if memory.after and memory.change.gone_bytes:
            self._unsaid[memory.path] = _unsaid(memory)
        return ()

    def conclude(self) -> Iterable[Found]:
        most, changes = self.examined.settings.max_shrunk, self.examined.changes
        here = [change for change in changes if change.after]
        shrunk = [change for change in here if self._lost(change, _FEWEST) > most * self._before(change)]
        if shrunk:
            paths = tuple(change.path for change in shrunk)
            who = "This memory has" if len(shrunk) == 1 else f"{len(shrunk):,} memories have"
            yield Found(
                f"{who} lost more than {most:.0%} of the bytes, and what went stands nowhere else (checks.max_shrunk).",
                paths[0] if len(shrunk) == 1 else "",
                about="\0".join(f"{change.path} {change.after.sha256}" for change in shrunk if change.after),
                paths=paths,
            )
        before, after = (
            sum(entry.size for entry in side.values()) for side in (self.examined.before, self.examined.after)
        )
        fewest = 0 if sum(one.words for one in self._unsaid.values()) >= _FEWEST else _FEWEST
        lost = max(
            min(before - after, sum(change.gone_bytes for change in changes)),
            sum(self._lost(change, fewest) for change in here),
        )
        if after and lost > most * before:
            yield Found(
                f"The store as a whole has lost {lost:,} of {before:,} bytes, {lost / before:.0%}, and what went "
                f"stands nowhere else; over checks.max_shrunk: {most:.0%}.",
                about=f"the store {lost / before:.0%}",
            )

    def _before(self, change: Change) -> int:
        return sum(self.examined.before[path].size for path in change.origins)

    def _lost(self, change: Change, fewest: int) -> int:
        """
        Return how many bytes went by which a memory is smaller, or in whose place something else stands.

        :param fewest: words that gave way, for that to count.
        """
        after = change.after.size if change.after else 0
        size, words = self._unsaid.get(change.path, (0, 0))
        return min(max(self._before(change) - after, size if words >= fewest else 0), change.gone_bytes)


class _Unsaid(NamedTuple):
    """Lines that went of whose words their memory has less than half: their bytes, and the words that it lacks."""

    size: int
    words: int


def _unsaid(memory: Memory) -> _Unsaid:
    said, lacks, size = _words(memory.after), set[str](), 0
    for line in memory.removed:
        words = _words(_TARGET.sub(" ", line.text))
        if words and len(words & said) < _SAID * len(words):
            size += len(line.text.encode("utf-8", "surrogatepass")) + 1
            lacks |= words - said
    return _Unsaid(size, len(lacks))


def _words(text: str) -> set[str]:
    return {word[:_STEM] for word in _WORD.findall(text.casefold()) if word not in COMMON}
