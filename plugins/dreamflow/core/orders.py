"""
What orders sound like: signs by which a text commands the agent that reads it, instead of informing it.

A sign alone says little: honest memories are full of "always" and "never". Signs weigh, those of one kind once, and
what stands close together is added up (``dreamflow.core.checks.instruction``): at ``ENOUGH`` a person must look.
The tables (``order_words``, ``order_words_abroad``) have a sign a line::

    kind weight flags :: first words, in lower case without accents :: what follows them, as a regular expression

``~3`` stands for a gap of at most three words, and an uppercase name in braces for a list of words. Flags: ``!`` says
nothing after a "not" or "never"; ``^`` only says something as a command, at the start of a sentence or after "please",
"you must" and the like.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from functools import cache
from typing import NamedTuple

from dreamflow.core import order_words, order_words_abroad

__all__ = ["ENOUGH", "Sign", "signs_of"]

#: What signs close together must weigh for a line to be an order.
ENOUGH = 2.0
_WORD = re.compile(r"[a-z]+")
_GAP = r"(?:[\s\"'*_`:(/-]+[\w'’$€£%%.#-]+){0,%s}?[\s\"'*_`:(/-]+"  # noqa: RUF001
#: How a rest begins that says itself what parts it from the first word.
_UNPARTED = ("~", "\\", "[", "'", "(?: ", "(?:,", "(?:'", "(?:(?: ", "(?:(?:,")
_MACRO = re.compile(r"\{([A-Z_]+)\}")
_NEGATED = re.compile(
    r"(?:\bnot|n't|\bdont|\bnever|\bcannot|\bunable to|\bno one|\bnobody|\bnicht|\bnie|\bniemals|\bne|\bno|"
    r"\bnunca|\bjamais)"
    r"(?: \w+)? $"
)
_COMMANDED = re.compile(
    r"(?:^|[.!?:;,\"'(>*@#|\]}—–-]|\b(?:please|kindly|must|should|shall|will|then|and|or|"  # noqa: RUF001
    r"just|simply|always|now|also|instead|"
    r"immediately|automatically|quietly|silently|secretly|first|next|never|"
    r"are to|is to|be to|have to|has to|need to|needs to|want you to|like you to|you to|told to|sure to|"
    r"kind as to|free to|"
    r"remember to|required to|instructed to|ordered to|expected to|agent to|assistant to|not|n't|if you|"
    r"bitte|sofort|immer|und|et|y|por favor|toujours|siempre|you|or|dois|devez|desormais|dorenavant|"
    r"maintenant|debes|deberas|"
    r"que|ahora|jetzt|du|tu|so|was|if|day|ask you to))\s*$"
)


class Sign(NamedTuple):
    """
    A way to say it.

    :ivar kind: what it is a sign of. :ivar weight: how telling it is by itself.
    :ivar affirmed: it says nothing after a "not". :ivar commanded: it only says something as a command.
    """

    kind: str
    weight: float
    pattern: re.Pattern[str]
    affirmed: bool
    commanded: bool


def signs_of(text: str) -> Iterator[tuple[int, Sign]]:
    """Yield the signs in a text (lower case, no accents), each with where it stands."""
    by_word = _by_word()
    for word in _WORD.finditer(text):
        for sign in by_word.get(word[0], ()):
            if match := sign.pattern.match(text, word.start()):
                before = text[max(0, match.start() - 24) : match.start()]
                if sign.affirmed and _NEGATED.search(before):
                    continue
                if not sign.commanded or not before.strip() or _COMMANDED.search(before):
                    yield match.start(), sign


@cache
def _by_word() -> dict[str, list[Sign]]:
    """Return the signs by their possible first words. Compiling takes a while: once, when needed."""
    signs: dict[str, list[Sign]] = {}
    lists = order_words.LISTS | order_words_abroad.LISTS
    for line in re.split(r"\n(?=\S)", f"{order_words.SIGNS}\n{order_words_abroad.SIGNS}".strip()):
        head, first, rest = (part.strip() for part in re.sub(r"\n\s+", "", line).split("::"))
        kind, weight, *flags = head.split()
        pattern = re.compile(rf"(?:{_expanded(first, lists)}){_expanded(_joined(rest), lists)}")
        sign = Sign(kind, float(weight), pattern, "!" in "".join(flags), "^" in "".join(flags))
        for word in {_WORD.findall(way)[0] for way in _expanded(first, lists).split("|")}:
            signs.setdefault(word, []).append(sign)
    return signs


def _joined(rest: str) -> str:
    """Return what follows a first word, parted from it by a space or a gap."""
    return rest if rest.startswith(_UNPARTED) or not rest else f" {rest}"


def _expanded(text: str, lists: dict[str, str]) -> str:
    text = _MACRO.sub(lambda match: f"(?:{lists[match[1]]})", text)
    return re.sub(r" ?~(\d) ?", lambda match: _GAP % match[1], text)
