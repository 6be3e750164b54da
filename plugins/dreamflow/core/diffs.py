"""What differs in one memory, for a person: hunks of rows, with the words that changed; and taking one back."""

from __future__ import annotations

import hashlib
import re
from collections import Counter
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from typing import Literal, NamedTuple

from dreamflow.core.alignment import Run, equal_parts, pairs_of, runs_of
from dreamflow.core.changes import lines_of
from dreamflow.errors import EditRefused

__all__ = ["Hunk", "Piece", "Row", "hunks_of", "pieces_of", "take_back"]

#: Characters of a line above which it is shown as replaced whole.
_LONG = 20_000
#: The share of two lines' words that must stay, for the others to be shown one by one.
_STAYING = 0.3
_TOKEN = re.compile(r"\w+|\s+|[^\w\s]")


class Piece(NamedTuple):
    """A part of a line: it stands on both sides, or went, or came. Memory text: hostile."""

    text: str
    kind: Literal["same", "gone", "new"]


class Row(NamedTuple):
    """
    One line of a diff: a line of one side, or one of each beside the other.

    :ivar before_no: the line's number in the input's text, from 1; None where it has none there.
    :ivar before: the line in pieces, without its newline. A carriage return before that is the line's own.
    :ivar before_ends: False for a last line that has no newline.
    """

    kind: Literal["same", "gone", "new", "changed"]
    before_no: int | None
    after_no: int | None
    before: tuple[Piece, ...]
    after: tuple[Piece, ...]
    before_ends: bool = True
    after_ends: bool = True


@dataclass(frozen=True)
class Hunk:
    """
    One place where the texts differ, with lines around it; no line is in two hunks.

    :ivar id: of the lines that went and came, and of how many such hunks are above it: it stays while they do.
    :ivar before_start: number of its first row's line in the input's text, from 1; ``after_start`` in the output's.
    :ivar skipped_before: lines that are the same, and not shown, since the hunk before.
    :ivar skipped_after: of the last hunk, those to the end.
    """

    id: str
    before_start: int
    after_start: int
    rows: tuple[Row, ...]
    skipped_before: int
    skipped_after: int = 0


def hunks_of(before: str, after: str, context: int = 3) -> list[Hunk]:
    """
    Return where two texts differ, in order; none where they are the same.

    Only a newline ends a line, so that a change of line ends alone shows. A side that is not there is an empty text.

    :param context: lines that are the same, shown above and below, at most.
    """
    olds, news = lines_of(before), lines_of(after)
    runs = runs_of(olds, news)
    hunks: list[Hunk] = []
    shown = 0  # lines of the input that the hunks before have shown
    for n, (run, name) in enumerate(zip(runs, _ids(runs, olds, news), strict=True)):
        start = max(shown, run.before_start - context)
        limit = runs[n + 1].before_start if n + 1 < len(runs) else len(olds)
        end = min(limit, run.before_end + context)
        above, below = run.after_start - run.before_start, run.after_end - run.before_end
        rows = (
            *(_same(olds[at], at, at + above) for at in range(start, run.before_start)),
            *_rows(run, olds, news),
            *(_same(olds[at], at, at + below) for at in range(run.before_end, end)),
        )
        left = len(olds) - end if n + 1 == len(runs) else 0
        hunks.append(Hunk(name, start + 1, start + above + 1, rows, start - shown, left))
        shown = end
    return hunks


def take_back(before: str, after: str, hunk_id: str | None = None) -> str:
    """
    Return the output's text with the lines of one hunk as the input had them; of all, where none is named.

    :raises EditRefused: there is no such hunk: the text was changed meanwhile.
    """
    if hunk_id is None:
        return before
    olds, news = lines_of(before), lines_of(after)
    runs = runs_of(olds, news)
    for run, name in zip(runs, _ids(runs, olds, news), strict=True):
        if name == hunk_id:
            kept = olds[run.before_start : run.before_end]
            return "".join([*news[: run.after_start], *kept, *news[run.after_end :]])
    raise EditRefused(
        "This part of the change is not there any more: the memory was edited meanwhile. Look at it again."
    )


def pieces_of(old: str, new: str) -> tuple[tuple[Piece, ...], tuple[Piece, ...]]:
    """Return two lines in pieces: the words that stay, and those that went and came."""
    if old == new:
        return _piece(old, "same"), _piece(new, "same")
    if max(len(old), len(new)) > _LONG:
        return _piece(old, "gone"), _piece(new, "new")
    olds, news = _TOKEN.findall(old), _TOKEN.findall(new)
    blocks = list(_blocks(olds, news))
    staying = sum(len(word) for a, _, size in blocks for word in olds[a : a + size] if not word.isspace())
    if staying < _STAYING * max(len(old), len(new)):
        return _piece(old, "gone"), _piece(new, "new")
    gone: list[Piece] = []
    come: list[Piece] = []
    i = j = 0
    for a, b, size in [*blocks, (len(olds), len(news), 0)]:
        gone += _piece("".join(olds[i:a]), "gone")
        come += _piece("".join(news[j:b]), "new")
        same = _piece("".join(olds[a : a + size]), "same")
        gone += same
        come += same
        i, j = a + size, b + size
    return _joined(gone), _joined(come)


def _blocks(olds: Sequence[str], news: Sequence[str]) -> Iterator[tuple[int, int, int]]:
    """Yield the words that stay: blanks alone between two that changed do not."""
    numbers: dict[str, int] = {}
    forms = [[numbers.setdefault(word, len(numbers)) for word in words] for words in (olds, news)]
    i = j = 0
    for a, b, size in equal_parts(*forms):
        is_inside = (a > i or b > j) and a + size < len(olds) and b + size < len(news)
        if not (is_inside and all(word.isspace() for word in olds[a : a + size])):
            yield a, b, size
        i, j = a + size, b + size


def _piece(text: str, kind: Literal["same", "gone", "new"]) -> tuple[Piece, ...]:
    return (Piece(text, kind),) if text else ()


def _joined(pieces: Sequence[Piece]) -> tuple[Piece, ...]:
    joined: list[Piece] = []
    for piece in pieces:
        if joined and joined[-1].kind == piece.kind:
            joined[-1] = Piece(joined[-1].text + piece.text, piece.kind)
        else:
            joined.append(piece)
    return tuple(joined)


def _rows(run: Run, olds: Sequence[str], news: Sequence[str]) -> Iterator[Row]:
    removed, added = olds[run.before_start : run.before_end], news[run.after_start : run.after_end]
    i, j = run.before_start, run.after_start
    for pair in [*pairs_of(removed, added), None]:
        a, b = (
            (run.before_start + pair.before, run.after_start + pair.after)
            if pair
            else (run.before_end, run.after_end)
        )
        for n in range(i, a):
            text, ends = _cut(olds[n])
            yield Row("gone", n + 1, None, _piece(text, "gone"), (), before_ends=ends)
        for n in range(j, b):
            text, ends = _cut(news[n])
            yield Row("new", None, n + 1, (), _piece(text, "new"), after_ends=ends)
        if pair:
            (old, old_ends), (new, new_ends) = _cut(olds[a]), _cut(news[b])
            yield Row("changed", a + 1, b + 1, *pieces_of(old, new), old_ends, new_ends)
        i, j = a + 1, b + 1


def _same(line: str, before: int, after: int) -> Row:
    text, ends = _cut(line)
    pieces = _piece(text, "same")
    return Row("same", before + 1, after + 1, pieces, pieces, ends, ends)


def _cut(line: str) -> tuple[str, bool]:
    return line.removesuffix("\n"), line.endswith("\n")


def _ids(runs: Sequence[Run], olds: Sequence[str], news: Sequence[str]) -> Iterator[str]:
    seen: Counter[str] = Counter()
    for run in runs:
        sides = (olds[run.before_start : run.before_end], news[run.after_start : run.after_end])
        named = hashlib.sha256("\0".join(map("".join, sides)).encode("utf-8", "surrogatepass"))
        of_content = named.hexdigest()[:16]
        seen[of_content] += 1
        yield of_content if seen[of_content] == 1 else f"{of_content}-{seen[of_content]}"
