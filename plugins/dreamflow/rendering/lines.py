"""Lines of a diff as HTML: words that changed are marked, secrets masked, and what hides is shown."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass, field

from markupsafe import Markup

from dreamflow.core.diffs import Hunk, Piece, Row
from dreamflow.core.masking import mask, may_reach_lines
from dreamflow.rendering.filters import marked, number

__all__ = ["DiffLine", "MaskedText", "line_shown", "secret_changed", "unified"]

#: Characters of one line that are shown. A line says how many more there are.
LINE_LIMIT = 4_000
_CLASSES = {"same": "", "gone": "gone", "new": "new"}


class MaskedText:
    """A text whose lines are asked for one by one, with their secrets masked. Only those that are asked for cost."""

    def __init__(self, text: str) -> None:
        self._lines = mask(text).split("\n") if may_reach_lines(text) else None

    def line(self, line_number: int | None, pieces: Sequence[Piece]) -> str:
        """Return a line, numbered from 1, that stands in these pieces."""
        if self._lines is not None and line_number is not None and line_number <= len(self._lines):
            return self._lines[line_number - 1]
        return mask("".join(piece.text for piece in pieces))


def line_shown(pieces: Sequence[Piece], masked: str, kind: str) -> Markup:
    """
    Return a line as HTML. Where a secret was masked, its words are not marked one by one: they would tell of it.

    :param masked: the line as ``MaskedText`` has it. :param kind: what the line is as a whole.
    """
    if masked != "".join(piece.text for piece in pieces):
        pieces = [Piece(masked, "same")]
    html, left = Markup(), LINE_LIMIT
    for piece in pieces:
        text = marked(piece.text[:left])
        left -= len(piece.text)
        changed = _CLASSES[piece.kind] if kind == "changed" else ""
        html += Markup('<span class="{}">{}</span>').format(changed, text) if changed else text
        if left < 0:
            break
    more = sum(len(piece.text) for piece in pieces) - LINE_LIMIT
    return html + (Markup("<i>… ({} more characters)</i>").format(number(more)) if more > 0 else "")


def secret_changed(row: Row, before: str, after: str) -> bool:
    """Tell whether two lines differ in nothing that is shown, but in what is masked."""
    old, new = ("".join(piece.text for piece in side) for side in (row.before, row.after))
    return row.kind == "changed" and before == after and old != new


@dataclass(frozen=True)
class DiffLine:
    """
    One line of a unified diff.

    :ivar kind: ``same``, ``gone``, ``new``; ``skipped`` where ``skipped`` lines that are the same are left out.
    :ivar note: what is to be said of it, in words of ours.
    """

    kind: str
    before_no: int | None = None
    after_no: int | None = None
    html: Markup = field(default_factory=Markup)
    note: str = ""
    skipped: int = 0


def unified(hunks: Iterable[Hunk], before: str, after: str) -> Iterator[DiffLine]:
    """Yield what differs between two texts as lines under each other: in a run of changes, what went comes first."""
    olds, news = MaskedText(before), MaskedText(after)
    for hunk in hunks:
        if hunk.skipped_before:
            yield DiffLine("skipped", skipped=hunk.skipped_before)
        run: list[DiffLine] = []
        for row in hunk.rows:
            if row.kind == "same":
                yield from run
                run = []
            yield from _lines_of(row, olds, news, run)
        yield from run
        if hunk.skipped_after:
            yield DiffLine("skipped", skipped=hunk.skipped_after)


def _lines_of(row: Row, olds: MaskedText, news: MaskedText, run: list[DiffLine]) -> Iterator[DiffLine]:
    """Yield what a row adds now; what came is put by until the run of changes has ended."""
    old = olds.line(row.before_no, row.before) if row.before_no else ""
    new = news.line(row.after_no, row.after) if row.after_no else ""
    note = "the secret in it changed" if secret_changed(row, old, new) else ""
    if row.kind == "same":
        yield DiffLine("same", row.before_no, row.after_no, line_shown(row.after, new, row.kind))
        return
    if row.before_no:
        html = line_shown(row.before, old, row.kind)
        yield DiffLine("gone", row.before_no, None, html, _noted(note, ends=row.before_ends))
    if row.after_no:
        html = line_shown(row.after, new, row.kind)
        run.append(DiffLine("new", None, row.after_no, html, _noted(note, ends=row.after_ends)))


def _noted(note: str, *, ends: bool) -> str:
    return "; ".join(filter(None, (note, "" if ends else "no newline at the end")))
