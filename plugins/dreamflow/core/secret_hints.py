"""Which of many short strings a text holds: looked for in its words, each of which is looked at once."""

from __future__ import annotations

import re
from collections.abc import Iterable

__all__ = ["Hints"]

_WORD = re.compile(r"[^\W\d_]{2,}")
#: Words that are kept with what they hold, and how long they are at most.
_KEPT, _LONGEST = 50_000, 80
#: Words that hold such strings, are frequent, and mean nothing of the kind.
_COMMON = frozenset(
    """
    credit credits credited passenger passengers passed passes passing passport past paste pasted card cards care
    careful carry carried cart cartons scared path paths pattern patterns patient patch spatial author authors compat
    compatible pinned opinion opinions spin spine shopping keep clear clearly close closed cloud clock include includes
    decoded encoded encode decode encoding keyword keywords monkey turkey keyboard
    petition competition compete carpet schools cars teachers across tested compass passive
    """.split()  # noqa: SIM905
)


class Hints:
    """
    Strings in lower case of which a text may hold some. Ones of letters only are cheap, others cost a search each.

    Most lines of notes hold none. To know it must cost less than looking for each: there are two hundred.
    """

    def __init__(self, hints: Iterable[str]) -> None:
        every = dict.fromkeys(hints)
        self._letters = tuple(hint for hint in every if hint.isalpha() and len(hint) > 1)
        self._others = tuple(hint for hint in every if hint not in self._letters)
        self._known: dict[str, tuple[str, ...]] = {}

    def present(self, lowered: str) -> frozenset[str]:
        """Return those that a text in lower case holds."""
        found = {hint for hint in self._others if hint in lowered}
        known = self._known
        for word in set(_WORD.findall(lowered)):
            hints = known.get(word)
            if hints is None:
                hints = () if word in _COMMON else tuple([hint for hint in self._letters if hint in word])
                if len(known) < _KEPT and len(word) < _LONGEST:
                    known[word] = hints
            if hints:
                found.update(hints)
        return frozenset(found)
