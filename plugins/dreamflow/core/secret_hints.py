"""Which of many short strings a text holds: looked for in its words, each of which is looked at once."""

from __future__ import annotations

import re
from collections.abc import Iterable
from functools import lru_cache

__all__ = ["Hints"]

_WORD = re.compile(r"[^\W\d_]{2,}")


class Hints:
    """
    Strings in lower case of which a text may hold some. Ones of letters only are cheap, others cost a search each.

    Most lines of notes hold none. To know it must cost less than looking for each: there are two hundred.
    """

    def __init__(self, hints: Iterable[str]) -> None:
        every = dict.fromkeys(hints)
        self._letters = tuple(hint for hint in every if hint.isalpha() and len(hint) > 1)
        self._others = tuple(hint for hint in every if hint not in self._letters)
        self._of_word = lru_cache(1 << 16)(self._find)

    def _find(self, word: str) -> tuple[str, ...]:
        return tuple([hint for hint in self._letters if hint in word])

    def present(self, lowered: str) -> frozenset[str]:
        """Return those that a text in lower case holds."""
        found = [hint for hint in self._others if hint in lowered]
        for word in set(_WORD.findall(lowered)):
            if len(word) > 80:
                found += self._find(word)
            else:
                found += self._of_word(word)
        return frozenset(found)
