"""Texts as lines: how two lines are compared, under which headings they stand, and where they are in another text."""

from __future__ import annotations

import re
from collections import defaultdict
from collections.abc import Iterable, Sequence
from collections.abc import Set as AbstractSet
from itertools import takewhile

from dreamflow.core.changes import BoundedMatcher, lines_of

__all__ = [
    "BLANKS",
    "LOOK_AT",
    "Path",
    "Text",
    "align",
    "below",
    "compared",
    "level",
    "line_end",
    "moved",
    "specific",
    "tells",
]

#: Steps (see BoundedMatcher) of one alignment: a tenth of a second. A carry may merge 2,000 memories.
STEPS = 1_000_000
#: What ends a line, and tells nothing.
BLANKS = " \t\r\n"
#: Characters of a line that are looked at where two lines are compared by likeness.
LOOK_AT = 400

#: A character that is part of a word, whatever the script.
_TELLING = re.compile(r"[^\W_]")
_HEADING = re.compile(r"(#{1,6})[ \t]+\S")

#: The headings above a line, outermost first: (level, heading).
Path = tuple[tuple[int, str], ...]


def compared(line: str) -> str:
    """Return a line as it is compared: without its end and trailing blanks."""
    return line.rstrip(BLANKS)


def tells(form: str) -> bool:
    """Tell whether a line says anything: rules, fences and blank lines do not."""
    return _TELLING.search(form) is not None


def specific(form: str) -> bool:
    """Tell whether a line is likely to mean the same elsewhere: not ``ok``, nor what is indented below another."""
    return form[:1] not in (" ", "\t") and len(re.findall(r"\w+", form[:LOOK_AT])) >= 3


def level(form: str) -> int:
    """Return the level of a heading, 1 to 6, or 7: any other line is below all of them."""
    found = _HEADING.match(form)
    return len(found[1]) if found else 7


def below(path: Path, form: str) -> tuple[Path, Path]:
    """Return the headings above a line, given those open before it, and those open after it."""
    own = level(form)
    if own == 7:
        return path, path
    parents = tuple(heading for heading in path if heading[0] < own)
    return parents, (*parents, (own, form))


class Text:
    """
    A text as lines.

    :ivar forms: the lines as they are compared.
    :ivar paths: the headings above each line.
    :ivar opened: the headings that are open before each line, and at the end.
    """

    def __init__(self, text: str) -> None:
        self.lines = lines_of(text)
        self.forms = [compared(line) for line in self.lines]
        self.paths: list[Path] = []
        self.opened: list[Path] = [()]
        for form in self.forms:
            path, opened = below(self.opened[-1], form)
            self.paths.append(path)
            self.opened.append(opened)

    def __len__(self) -> int:
        return len(self.lines)


def line_end(lines: Sequence[str]) -> str | None:
    """Return the line end of most lines, or None where none ends."""
    windows = sum(line.endswith("\r\n") for line in lines)
    plain = sum(line.endswith("\n") for line in lines) - windows
    if not windows and not plain:
        return None
    return "\r\n" if windows > plain else "\n"


def align(before: Sequence[str], after: Sequence[str]) -> list[int | None]:
    """Return where each line stands in the other text, in order; None where it does not."""
    shorter = min(len(before), len(after))
    head = sum(1 for _ in takewhile(lambda n: before[n] == after[n], range(shorter)))
    rest = range(1, shorter - head + 1)
    tail = sum(1 for _ in takewhile(lambda n: before[-n] == after[-n], rest))
    a_end, b_end = len(before) - tail, len(after) - tail
    places: list[int | None] = [*range(head), *[None] * (a_end - head), *range(b_end, len(after))]
    i = j = head
    for block in BoundedMatcher(before[head:a_end], after[head:b_end], STEPS).get_matching_blocks():
        a, b = head + block.a, head + block.b
        if a - i == b - j:  # A part too large to search may have been edited in place.
            for n in range(a - i):
                places[i + n] = j + n if before[i + n] == after[j + n] else None
        places[a : a + block.size] = range(b, b + block.size)
        i, j = a + block.size, b + block.size
    return places


def moved(before: Text, gone: Iterable[int], after: Text, come: Iterable[int]) -> dict[int, int]:
    """
    Pair lines that went at one place with those that came at another, by their indexes.

    Lines below the same headings, and specific ones anywhere; only those that came as often as they went: the rest
    would be a guess.
    """
    went, came = set(gone), set(come)
    pairs = _pairs(_by_key(before, went, True), _by_key(after, came, True))
    went, came = went - pairs.keys(), came - set(pairs.values())
    return pairs | _pairs(_by_key(before, went, False), _by_key(after, came, False))


def _by_key(text: Text, indexes: AbstractSet[int], by_path: bool) -> dict[tuple[Path, str], list[int]]:
    found: dict[tuple[Path, str], list[int]] = defaultdict(list)
    for n in sorted(indexes):
        form = text.forms[n]
        if tells(form) if by_path else specific(form):
            found[text.paths[n] if by_path else (), form].append(n)
    return found


def _pairs(
    went: dict[tuple[Path, str], list[int]], came: dict[tuple[Path, str], list[int]]
) -> dict[int, int]:
    alike = (key for key, indexes in went.items() if len(indexes) == len(came.get(key, ())))
    return {i: j for key in alike for i, j in zip(went[key], came[key], strict=True)}
