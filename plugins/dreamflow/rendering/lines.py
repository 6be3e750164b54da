"""Lines of a diff as HTML: words that changed are marked, secrets masked, and what hides is shown."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field

from markupsafe import Markup

from dreamflow.core.diffs import Hunk, Piece, Row
from dreamflow.core.review import Fate
from dreamflow.core.secrets.masking import mask
from dreamflow.core.visible import visible
from dreamflow.rendering.filters import marked, number
from dreamflow.rendering.segments import MaskedLines, Segment

__all__ = ["DiffLine", "fate_in_words", "line_shown", "unified"]

#: Characters of one line that are shown. A line says how many more there are.
LINE_LIMIT = 4_000


def line_shown(segments: Sequence[Segment], kind: str) -> Markup:
    """Return a line as HTML. :param kind: what it is as a whole: the words of a ``changed`` one are marked."""
    html, left = Markup(), LINE_LIMIT
    for segment in segments:
        changed = segment.kind if kind == "changed" and segment.kind != "same" else ""
        text = marked(segment.text[: max(left, 0)])
        html += Markup('<span class="{}">{}</span>').format(changed, text) if changed else text
        left -= len(segment.text)
    return html + (Markup("<i>… ({} more characters)</i>").format(number(-left)) if left < 0 else "")


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


def fate_in_words(fate: Fate) -> str:
    """Say what became of a line that went: all of it but where a line stands that was moved, or is said again."""
    if fate.kind == "replaced":
        return f"replaced by line {fate.to_line}" if fate.to_line else "replaced"
    if not fate.path:
        return "gone"
    return "moved to" if fate.kind == "moved" else "said again in"


def unified(hunks: Sequence[Hunk], before: str, after: str, fates: Sequence[Fate] = ()) -> Iterator[DiffLine]:
    """
    Yield what differs between two texts as lines under each other: in a run of changes, what went comes first.

    :param fates: what became of lines that went.
    """
    told = {fate.line: _told(fate) for fate in fates}
    rows = [row for hunk in hunks for row in hunk.rows]
    olds = MaskedLines(before, [row.before_no for row in rows if row.before_no])
    news = MaskedLines(after, [row.after_no for row in rows if row.after_no])
    for hunk in hunks:
        if hunk.skipped_before:
            yield DiffLine("skipped", skipped=hunk.skipped_before)
        run: list[DiffLine] = []
        for row in hunk.rows:
            if row.kind == "same":
                yield from run
                run = []
            yield from _lines_of(row, olds, news, run, told)
        yield from run
        if hunk.skipped_after:
            yield DiffLine("skipped", skipped=hunk.skipped_after)


def _told(fate: Fate) -> str:
    """Say what became of a line that went, and where it stands."""
    words = fate_in_words(fate)
    if fate.kind in ("replaced", "gone") or not fate.path:
        return words
    return f"{words} {visible(mask(fate.path))}{f':{fate.to_line}' if fate.to_line else ''}"


def _lines_of(
    row: Row, olds: MaskedLines, news: MaskedLines, run: list[DiffLine], told: Mapping[int, str]
) -> Iterator[DiffLine]:
    """Yield what a row adds now; what came is put by until the run of changes has ended."""
    old = olds.segments(row.before_no, row.before) if row.before_no else []
    new = news.segments(row.after_no, row.after) if row.after_no else []
    if row.kind == "same":
        yield DiffLine("same", row.before_no, row.after_no, line_shown(new, row.kind))
        return
    # What is masked alone differs: nothing of that can be seen.
    is_hidden = row.kind == "changed" and _text(old) == _text(new) and _text(row.before) != _text(row.after)
    note = "the secret in it changed" if is_hidden else ""
    if row.before_no:
        html = line_shown(old, row.kind)
        noted = "; ".join(filter(None, (told.get(row.before_no, ""), note)))
        yield DiffLine("gone", row.before_no, None, html, _noted(noted, ends=row.before_ends))
    if row.after_no:
        html = line_shown(new, row.kind)
        run.append(DiffLine("new", None, row.after_no, html, _noted(note, ends=row.after_ends)))


def _text(parts: Sequence[Piece | Segment]) -> str:
    return "".join(part.text for part in parts)


def _noted(note: str, *, ends: bool) -> str:
    return "; ".join(filter(None, (note, "" if ends else "no newline at the end")))
