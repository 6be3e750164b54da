"""A memory, or the store as a whole, has lost too large a share of its bytes."""

from __future__ import annotations

import re
from collections.abc import Iterable
from typing import ClassVar

from dreamflow.core.checks.check import Check, Examined, Found, Memory
from dreamflow.core.review import Change, Severity
from dreamflow.core.words import COMMON

__all__ = ["Shrunk"]

#: The share of a line's words that its memory must still have, for the line to be put in other words.
_SAID = 0.5
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

    def __init__(self, examined: Examined) -> None:
        super().__init__(examined)
        self._unsaid: dict[str, int] = {}

    def look(self, memory: Memory) -> Iterable[Found]:
        if memory.after and memory.change.gone_bytes:
            self._unsaid[memory.path] = _unsaid(memory)
        return ()

    def conclude(self) -> Iterable[Found]:
        most, changes = self.examined.settings.max_shrunk, self.examined.changes
        here = [change for change in changes if change.after]
        shrunk = [change for change in here if self._lost(change) > most * self._before(change)]
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
        lost = max(
            min(before - after, sum(change.gone_bytes for change in changes)), sum(map(self._lost, here))
        )
        if after and lost > most * before:
            yield Found(
                f"The store as a whole has lost {lost:,} of {before:,} bytes, {lost / before:.0%}, and what went "
                f"stands nowhere else; over checks.max_shrunk: {most:.0%}.",
                about=f"the store {lost / before:.0%}",
            )

    def _before(self, change: Change) -> int:
        return sum(self.examined.before[path].size for path in change.origins)

    def _lost(self, change: Change) -> int:
        """Return how many bytes went by which a memory is smaller, or in whose place something else stands."""
        after = change.after.size if change.after else 0
        replaced = self._unsaid.get(change.path, 0)
        return min(max(self._before(change) - after, replaced), change.gone_bytes)


def _unsaid(memory: Memory) -> int:
    """Return the bytes of the lines that went of whose words the memory has less than half."""
    said = _words(memory.after)
    return sum(
        len(line.text.encode("utf-8", "surrogatepass")) + 1
        for line in memory.removed
        if (words := _words(_TARGET.sub(" ", line.text))) and len(words & said) < _SAID * len(words)
    )


def _words(text: str) -> set[str]:
    return {word[:_STEM] for word in _WORD.findall(text.casefold()) if word not in COMMON}
