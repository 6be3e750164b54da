"""
The review as Airflow's question: short, in Markdown, with the way to the page that shows all of it.

Airflow renders a question's body as Markdown, and the reviewer's browser fetches images in it. So memory text, paths
included, only ever stands in code spans, one a line: inside one, nothing is a link, an image, HTML or a heading. A
span's fence is longer than any run of backticks in its text, so no text can close it. Characters that hide or reorder
text are shown by their code points.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Sequence
from textwrap import wrap
from urllib.parse import quote, urlsplit

from dreamflow.core.review import SEVERITIES, Finding, Review
from dreamflow.core.secrets.masking import mask
from dreamflow.core.visible import visible

__all__ = [
    "LINE_LIMIT",
    "PATHS_LIMIT",
    "REVIEW_ROUTE",
    "as_code_lines",
    "counts_line",
    "picture_url",
    "render_question",
    "run_url",
    "tab_url",
]

#: What the tab is called in the addresses of Airflow's pages (``url_route`` of the plugin's external view).
REVIEW_ROUTE = "dreamflow-review"
_BACKTICKS = re.compile("`+")
#: Characters of one line shown: a paragraph is seen whole.
LINE_LIMIT = 500
#: Paths named for one check: the page has all of them.
PATHS_LIMIT = 5

_VERDICTS = {
    "clean": "**Clean:** no check found anything that a person must look at.",
    "flagged": "**Flagged:** look at each finding, and tick it below or in the Review tab. Adopt is taken only then.",
    "blocked": "**Blocked:** it can't be adopted as it is. Mend it in the Review tab, reject it, or dream again.",
}
_WORDS = {"block": "Blocks", "flag": "To look at", "note": "Notes"}


def tab_url(review: Review, airflow: str) -> str:
    """
    Return the address of the review's page in Airflow.

    :param airflow: where Airflow is served, without a slash at its end; empty: it is one of Airflow's own pages.
    """
    return run_url(review.dag_id, review.run_id, airflow)


def run_url(dag_id: str, run_id: str, airflow: str) -> str:
    """Return the address of a run's Review tab; ``airflow`` as for ``tab_url``."""
    return f"{airflow}/dags/{quote(dag_id)}/runs/{quote(run_id)}/plugin/{REVIEW_ROUTE}"


def picture_url(dag_id: str, run_id: str, airflow: str) -> str:
    """Return the address of the picture of how the run's question stands."""
    run = f"{quote(dag_id, safe='')}/{quote(run_id, safe='')}"
    return f"{urlsplit(airflow).path}/dreamflow/api/reviews/{run}/state.svg"


def render_question(review: Review, airflow: str = "") -> str:
    """Return the review as the question's text. Airflow keeps it as first asked: it says how to tell what is newer."""
    state = picture_url(review.dag_id, review.run_id, airflow)
    sections = [
        f"{_VERDICTS[review.verdict]} [Open the review]({tab_url(review, airflow)}): every change, the evidence for "
        "it, and the means to mend it.",
        f"![Whether this text is up to date: see the Review tab]({state})",
        "\n".join(f"- {line}" for line in _figures(review)),
        _warned(review.late_warning),
        *_restored(review),
        *(_findings(severity, review.findings) for severity in SEVERITIES),
        f"This text is of digest `{review.digest[:16]}`. Airflow keeps it as it was first asked: edits made since show "
        "in the Review tab, where the answer is bound to what you see.",
    ]
    return "\n\n".join(section for section in sections if section) + "\n"


def counts_line(counts: dict[str, int]) -> str:
    """Return in words what became of the memories."""
    named = [f"{counts.get(kind, 0)} {kind}" for kind in ("added", "changed", "removed", "unchanged")]
    of_those = [f"{counts[k]} {k}" for k in ("renamed", "moved", "merged", "split") if counts.get(k)]
    return ", ".join(named) + (f"; of those {', '.join(of_those)}" if of_those else "")


def _figures(review: Review) -> list[str]:
    score = review.score
    lines = [
        f"Memories: {counts_line(review.counts)}",
        f"Size: {score.bytes[0]:,} → {score.bytes[1]:,} bytes in {review.input.memories} → {review.output.memories}",
        f"Found within 500 tokens: of what the sessions say {_shares(score.sessions_found)}; of what the input held "
        f"{_shares(score.input_found)}",
        f"New specifics that nothing says: {score.ungrounded}; specifics that stand nowhere any more: {score.lost}; "
        f"lines nearly alike: {score.alike[0]} → {score.alike[1]}",
    ]
    if review.late or review.late_warning:
        lines.append(f"Late writes: {f'{len(review.late)} so far' if review.late else 'not known'}")
    if review.edits:
        lines.append(f"Edits by reviewers: {len(review.edits)}")
    if dream := review.dream:
        cost = f"USD {dream.list_cost:.2f}" if dream.list_cost is not None else "a cost that is not told"
        left = f"; {dream.left_for_next_run} wait for the next run" if dream.left_for_next_run else ""
        lines.append(
            f"Dream `{dream.id}`: {len(dream.sessions)} sessions, {sum(dream.usage.values()):,} tokens, {cost}{left}"
        )
    return lines


def _shares(pair: tuple[float | None, float | None]) -> str:
    return " → ".join("nothing asked" if share is None else f"{share:.0%}" for share in pair)


def _warned(warning: str) -> str:
    """Return why late writes can't be told or carried: an error's words, which may quote what a memory is called."""
    return (
        f"**Late writes, to look at:**\n\n{as_code_lines(wrap(mask(warning), LINE_LIMIT))}" if warning else ""
    )


def _restored(review: Review) -> list[str]:
    """Return what a restore takes, and what a person has to know of it."""
    back = review.restore
    if back is None:
        return []
    what = "Of it comes back what matches these patterns" if back.paths else "The whole of it comes back"
    parts = [
        f"Goes back to memory store `{back.ancestor_id}`, in a copy: `{review.output.id}`. {what}. Written by agents "
        f"since: {len(back.carried)} carried, {len(back.left_behind)} left behind.",
        _named(back.paths),
        _named(back.left_behind),
    ]
    return [*(f"**{warning}**" for warning in back.warnings), *(part for part in parts if part)]


def _findings(severity: str, findings: Sequence[Finding]) -> str:
    """Return the findings of one severity by check, with the first few memories that each is about."""
    by_check: dict[str, list[Finding]] = {}
    for finding in findings:
        if finding.severity == severity:
            by_check.setdefault(finding.check, []).append(finding)
    if not by_check:
        return ""
    parts = [f"### {_WORDS[severity]} ({sum(map(len, by_check.values()))})"]
    for check, ones in by_check.items():
        paths = dict.fromkeys(path for one in ones for path in (one.path, *one.paths) if path)
        parts.append(f"**{check}** ({len(ones)})" + (f"\n\n{_named([*paths])}" if paths else ""))
    return "\n\n".join(parts)


def _named(paths: Sequence[str]) -> str:
    more = [f"… and {len(paths) - PATHS_LIMIT} more"] if len(paths) > PATHS_LIMIT else []
    return as_code_lines([*map(mask, paths[:PATHS_LIMIT]), *more])


def as_code_lines(lines: Iterable[str]) -> str:
    """Return lines of hostile text as one Markdown paragraph: a code span a line, which no text can leave."""
    return "\\\n".join(_code_span(_one_line(line)) for line in lines)


def _one_line(text: str) -> str:
    """Return text as one line in which every character shows, cut where it is longer than a page should show."""
    shown = visible(text.replace("\t", "    ")).replace("\n", "<U+000A>")
    over = len(shown) - LINE_LIMIT
    return f"{shown[:LINE_LIMIT]}… ({over:,} more characters)" if over > 0 else shown


def _code_span(text: str) -> str:
    longest = max((len(run) for run in _BACKTICKS.findall(text)), default=0)
    fence = "`" * (longest + 1)
    # Markdown strips one space at each end; a span of nothing but spaces would lose nothing, and an empty one is none.
    return f"{fence} {text or ' '} {fence}"
