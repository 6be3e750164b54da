"""
The review as Markdown.

Airflow renders an approval's body as Markdown, and the reviewer's browser fetches images in it. So memory text,
paths included, only ever stands in code spans, one a line: inside one, nothing is a link, an image, HTML or a heading.
A span's fence is longer than any run of backticks in its text, so no text can close it. (Airflow shows a code *block*
as one wrapped run of text, which nobody can read as a diff.) Characters that hide or reorder text are shown by their
code points.
"""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field
from textwrap import wrap

from dreamflow.core.changes import Changes, unified_diff
from dreamflow.core.checks import Finding
from dreamflow.core.late_writes import LateNote
from dreamflow.core.objects import Listing, TokenUsage

__all__ = [
    "DIFF_LINES_LIMIT",
    "LINE_LIMIT",
    "PATHS_LIMIT",
    "ReviewFacts",
    "as_code_lines",
    "render_late",
    "render_review",
    "visible",
    "with_late",
]

#: Letters, marks and symbols that no font shows: Unicode's Default_Ignorable_Code_Point (DerivedCoreProperties.txt)
#: beyond the categories C and Z, and the empty Braille pattern.
_UNSEEN = (
    ("\u034f", "\u034f"),
    ("\u115f", "\u1160"),
    ("\u17b4", "\u17b5"),
    ("\u180b", "\u180f"),
    ("\u2800", "\u2800"),
    ("\u3164", "\u3164"),
    ("\ufe00", "\ufe0f"),
    ("\uffa0", "\uffa0"),
    ("\U000e0000", "\U000e0fff"),
)
_BACKTICKS = re.compile("`+")
#: Diff lines shown in all; the report says how many more there are.
DIFF_LINES_LIMIT = 400
#: Characters of one line shown: a paragraph of talk, as dreams write it, is seen whole.
LINE_LIMIT = 500
#: How the section of the late writes begins: no line of memory text can.
_LATE_HEADING = "### Late writes"
#: Paths named under one heading.
PATHS_LIMIT = 50


@dataclass(frozen=True)
class ReviewFacts:
    """
    What a review is about, in values of our own and of the service's.

    :ivar ancestor_id: the store that a restore goes back to: it has no dream, and no figures of one.
    :ivar paths: patterns of what it brings back; none: the whole store.
    :ivar warnings: what a person has to know of it, a sentence each.
    :ivar carried: what agents wrote since, and was carried. :ivar left_behind: the memories where it was not.
    """

    pipeline: str
    input_store_id: str
    output_store_id: str
    dream_id: str = ""
    session_count: int = 0
    left_for_next_run: int = 0
    usage: TokenUsage = field(default_factory=TokenUsage)
    list_cost_usd: float | None = None
    seconds: float | None = None
    digest: str = ""
    report_uri: str = ""
    instructions: str = ""
    ancestor_id: str = ""
    paths: tuple[str, ...] = ()
    warnings: tuple[str, ...] = ()
    carried: tuple[LateNote, ...] = ()
    left_behind: tuple[str, ...] = ()


def visible(text: str) -> str:
    """Return one line of text in which every control, format or separator character shows as its code point."""
    shown = "".join(
        f"<U+{ord(char):04X}>" if _is_unseen(char) else char for char in text.replace("\t", "    ")
    )
    return (
        shown
        if len(shown) <= LINE_LIMIT
        else f"{shown[:LINE_LIMIT]}… ({len(shown) - LINE_LIMIT:,} more characters)"
    )


def _is_unseen(char: str) -> bool:
    if char == " ":
        return False
    return unicodedata.category(char)[0] in "CZ" or any(first <= char <= last for first, last in _UNSEEN)


def as_code_lines(lines: Iterable[str]) -> str:
    """Return lines of hostile text as one Markdown paragraph: a code span a line, which no text can leave."""
    return "\\\n".join(_code_span(visible(line)) for line in lines)


def _code_span(text: str) -> str:
    longest = max((len(run) for run in _BACKTICKS.findall(text)), default=0)
    fence = "`" * (longest + 1)
    # Markdown strips one space at each end; a span of nothing but spaces would lose nothing, and an empty one is none.
    return f"{fence} {text or ' '} {fence}"


def render_review(
    facts: ReviewFacts,
    before: Listing,
    after: Listing,
    changes: Changes,
    findings: Sequence[Finding],
    bodies: Iterable[tuple[str, str, str]],
) -> str:
    """
    Return the whole review as Markdown, for the report and for the approval's body.

    :param bodies: (path, before, after) of what changed, in the order of ``changes``. Read only as far as
        there is room for lines, so that a large store is never in memory whole.
    """
    sections = [
        _summary(facts, before, after, changes),
        *(f"**{warning}**" for warning in facts.warnings),
        _findings(findings),
        _brought_back(facts),
        _asked(facts.instructions),
        *(_paths(kind, paths) for kind, paths in _by_kind(changes) if paths),
        _diffs(changes, bodies),
    ]
    return "\n\n".join(section for section in sections if section) + "\n"


def render_late(late: Sequence[LateNote], *, is_done: bool, warning: str = "") -> str:
    """
    Return the section of what reached the input since the dream saw it; nothing where nothing did.

    :param warning: why it can't be told, or can't be carried.
    """
    if not late:
        return f"{_LATE_HEADING}: not known\n\n{_warned(warning)}" if warning else ""
    beside = sum(1 for note in late if note.late_path)
    heading = f"{_LATE_HEADING} ({len(late)})" if is_done else f"{_LATE_HEADING} so far ({len(late)})"
    told = (
        "What the input received since the dream saw it, and how it was carried."
        if is_done
        else "What the input received since the dream saw it, and how it would be carried now."
    )
    if beside:
        told += (
            f" {beside} can't be merged whole: the rest stands below `/late/`, for the next dream to fold in."
        )
    more = [f"… and {len(late) - PATHS_LIMIT} more"] if len(late) > PATHS_LIMIT else []
    lines = as_code_lines([*map(_late_line, late[:PATHS_LIMIT]), *more])
    return "\n\n".join([heading, *([_warned(warning)] if warning else []), told, lines])


def _warned(warning: str) -> str:
    """Return an error's words, which may quote what a memory is called."""
    return f"**To look at:**\n\n{as_code_lines(wrap(warning, LINE_LIMIT))}"


def _late_line(note: LateNote) -> str:
    beside = f", beside in {note.late_path}" if note.late_path and note.how != "beside" else ""
    to = f" in {note.late_path}" if note.how == "beside" else ""
    at = note.at.strftime("%Y-%m-%d %H:%M")
    into = f" → {', '.join(note.into)}" if note.into else ""
    return f"{note.path}{into}: {note.how}{to}{beside}; {note.by or 'writer unknown'}, {at}" + (
        f"; {note.why}" if note.why else ""
    )


def with_late(report: str, section: str) -> str:
    """Return a report with this section of late writes, in place of the one that it has."""
    head, mark, rest = report.partition(f"\n\n{_LATE_HEADING}")
    if mark:
        after = rest.find("\n\n### ")
        report = f"{head}{rest[after:] if after >= 0 else chr(10)}"
    if not section:
        return report
    head, mark, rest = report.partition("\n\n### ")
    return f"{head.rstrip()}\n\n{section}{mark}{rest}" if mark else f"{head.rstrip()}\n\n{section}\n"


def _summary(facts: ReviewFacts, before: Listing, after: Listing, changes: Changes) -> str:
    rows = [
        ("", "Input", "Output"),
        ("---", "---:", "---:"),
        ("Memories", f"{len(before):,}", f"{len(after):,}"),
        ("Bytes", f"{_size(before):,}", f"{_size(after):,}"),
    ]
    table = "\n".join(f"| {' | '.join(row)} |" for row in rows)
    facts_list = [
        f"Added {len(changes.added)}, changed {len(changes.changed)}, removed {len(changes.removed)}, "
        f"unchanged {changes.unchanged}",
        *(_figures_of_restore(facts) if facts.ancestor_id else _figures_of_dream(facts)),
        f"Digest of the output: `{facts.digest[:16]}`",
    ]
    return f"{table}\n\n" + "\n".join(f"- {fact}" for fact in facts_list)


def _figures_of_dream(facts: ReviewFacts) -> list[str]:
    cache = facts.usage.cache_read_share
    return [
        f"Sessions read: {facts.session_count}"
        + (f"; {facts.left_for_next_run} wait for the next run" if facts.left_for_next_run else ""),
        f"Tokens: {facts.usage.total:,} ({facts.usage.input_total:,} in, {facts.usage.output_tokens:,} out; "
        + (f"{cache:.0%} of the input read from cache)" if cache is not None else "no input counted)"),
        f"List cost: {'USD ' + format(facts.list_cost_usd, '.2f') if facts.list_cost_usd is not None else 'not told'}",
        f"Duration: {_duration(facts.seconds)}",
        f"Input `{facts.input_store_id}`, output `{facts.output_store_id}`, dream `{facts.dream_id}`",
    ]


def _figures_of_restore(facts: ReviewFacts) -> list[str]:
    what = "The memories below, as they are in" if facts.paths else "The whole of"
    return [
        f"{what} memory store `{facts.ancestor_id}`, in a copy: `{facts.output_store_id}`. Live now, and the input of "
        f"this comparison: `{facts.input_store_id}`",
    ]


def _brought_back(facts: ReviewFacts) -> str:
    """Return what a restore takes, and what it leaves behind."""
    parts = [_paths("Brought back is what matches", facts.paths)] if facts.paths else []
    if facts.carried:
        parts.append(_paths("Written by agents since, and carried", [*map(_late_line, facts.carried)]))
    if facts.left_behind:
        parts.append(_paths("Written by agents since, and left behind", facts.left_behind))
    return "\n\n".join(parts)


def _findings(findings: Sequence[Finding]) -> str:
    if not findings:
        return "**Checks: nothing found.**"
    parts = [f"**Checks: {len(findings)} to look at.**"]
    for finding in findings:
        parts.append(finding.what)
        if finding.paths:
            parts.append(_path_block(finding.paths))
    return "\n\n".join(parts)


def _asked(instructions: str) -> str:
    return f"**The dream was asked:**\n\n{as_code_lines(instructions.splitlines())}" if instructions else ""


def _by_kind(changes: Changes) -> list[tuple[str, tuple[str, ...]]]:
    return [("Removed", changes.removed), ("Changed", changes.changed), ("Added", changes.added)]


def _paths(kind: str, paths: Sequence[str]) -> str:
    return f"### {kind} ({len(paths)})\n\n{_path_block(paths)}"


def _path_block(paths: Sequence[str]) -> str:
    more = [f"… and {len(paths) - PATHS_LIMIT} more"] if len(paths) > PATHS_LIMIT else []
    return as_code_lines([*paths[:PATHS_LIMIT], *more])


def _diffs(changes: Changes, bodies: Iterable[tuple[str, str, str]]) -> str:
    blocks: list[str] = []
    room = DIFF_LINES_LIMIT
    cut = False
    for path, before, after in bodies:
        diff = unified_diff(path, before, after)
        cut = len(diff) > room
        blocks.append(as_code_lines(diff[:room]))
        room -= len(diff)
        if room <= 0:
            break
    if not blocks:
        return ""
    left = sum(1 for _ in changes) - len(blocks)
    if cut or left:
        blocks.append(
            f"Cut at {DIFF_LINES_LIMIT} lines; {left:,} more memories differ. Both stores hold them in full."
        )
    return "\n\n".join(["### What changes, line by line", *blocks])


def _size(listing: Listing) -> int:
    return sum(entry.size for entry in listing.values())


def _duration(seconds: float | None) -> str:
    if seconds is None:
        return "not told"
    return f"{seconds / 60:.0f} min" if seconds >= 600 else f"{seconds:.0f} s"
