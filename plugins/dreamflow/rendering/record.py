"""The audit record of a review: one page that needs nothing else, with all that the review holds."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from itertools import islice
from typing import NamedTuple

from dreamflow.core.diffs import hunks_of
from dreamflow.core.kept_fates import KeptFates
from dreamflow.core.review import SEVERITIES, Change, Finding, Review
from dreamflow.core.sources import Source, Sources
from dreamflow.rendering.environment import environment
from dreamflow.rendering.lines import DiffLine, unified

__all__ = ["LINES", "LINES_EACH", "render_record"]

#: Lines of differences that a record holds in all, and of one memory: a page of some megabytes.
LINES, LINES_EACH = 10_000, 1_000
#: Specifics of new lines of which it shows where they were said: in all, and of one memory.
SOURCES, SOURCES_EACH = 3_000, 500
#: Characters of those lines in all: they may be long.
_CHARACTERS = 4_000_000
_VERDICTS = {
    "clean": "No check found anything that a person must look at.",
    "flagged": "A person must look at each flagged finding before it is adopted.",
    "blocked": "It can't be adopted as it is.",
}


class _Sources(NamedTuple):
    """:ivar left: those that the record has no room for; they are in ``sources.json``."""

    rows: Sequence[Source]
    left: int


@dataclass(frozen=True)
class _Diff:
    """
    What differs in one memory.

    :ivar left: lines of it that the record has no room for; None: it has none for the memory at all.
    :ivar is_told: whether behind each line that went stands what became of it.
    """

    lines: Sequence[DiffLine] = ()
    left: int | None = 0
    is_told: bool = True


def render_record(
    review: Review,
    diffs: Iterable[tuple[str, str, str]],
    fates: KeptFates | None = None,
    sources: Sources | None = None,
) -> str:
    """
    Return the review as HTML: every path, finding, edit and late write, and the lines that differ as far as they go.

    The page loads nothing, runs nothing, and links to nothing but its own parts. Memory text in it is inert.

    :param diffs: (path, before, after) of what changed, in the order of the review's changes; of a merged memory,
        ``before`` is all that it came of. Read only as far as there is room for lines, so that a large store is never
        in memory whole.
    :param fates: what became of the lines that went; None: that is not known.
    :param sources: where each specific of a new line was said; None: that is not known.
    """
    ticked = set(review.decision.ticked) if review.decision else set()
    groups = [(severity, _of(severity, review.findings)) for severity in SEVERITIES]
    return (
        environment()
        .get_template("record.html")
        .render(
            review=review,
            verdict_told=_VERDICTS[review.verdict],
            groups=[(severity, findings) for severity, findings in groups if findings],
            ticked=ticked,
            ticked_elsewhere=sorted(ticked - {finding.id for finding in review.findings}),
            numbered=list(enumerate(review.changes, 1)),
            diffs=_diffs(review.changes, diffs, fates),
            sources=_sources(review.changes, sources),
            are_sources_whole=sources is None or sources.is_whole,
            tokens=sum(review.dream.usage.values()) if review.dream else 0,
            lines_limit=LINES,
            each_limit=LINES_EACH,
        )
    )


def _sources(changes: Sequence[Change], sources: Sources | None) -> dict[str, _Sources]:
    """Return where the specifics of new lines were said, by path, as far as there is room."""
    shown: dict[str, _Sources] = {}
    room = SOURCES
    for change in changes if sources else ():
        found = sources.of_memory(change.path) if sources else []
        if found:
            rows = found[: min(SOURCES_EACH, room)]
            shown[change.path] = _Sources(rows, len(found) - len(rows))
            room -= len(rows)
    return shown


def _of(severity: str, findings: Sequence[Finding]) -> list[Finding]:
    return [finding for finding in findings if finding.severity == severity]


def _diffs(
    changes: Sequence[Change], texts: Iterable[tuple[str, str, str]], fates: KeptFates | None
) -> dict[str, _Diff]:
    """Return what differs by path; what there is no room for says so."""
    diffs = {change.path: _Diff(left=None) for change in changes}
    lines_left, characters_left = LINES, _CHARACTERS
    for path, before, after in texts:
        lines = unified(hunks_of(before, after), before, after, fates.fates_of(path) if fates else ())
        shown: list[DiffLine] = []
        for line in islice(lines, min(LINES_EACH, lines_left)):
            shown.append(line)
            characters_left -= len(line.html) + len(line.note)
            if characters_left < 0:
                break
        left = sum(1 for line in lines if line.kind != "skipped")
        diffs[path] = _Diff(shown, left, fates is not None and path in fates)
        lines_left -= len(shown)
        if lines_left <= 0 or characters_left < 0:
            break
    return diffs
