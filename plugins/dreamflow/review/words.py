"""What the page says in words of ours."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator
from dataclasses import dataclass

from dreamflow.core.objects import TokenUsage
from dreamflow.core.review import Change, Finding, Review
from dreamflow.records.journal import Answer
from dreamflow.rendering.filters import plural
from dreamflow.review.access import AirflowRun

__all__ = [
    "CHOSEN",
    "CheckGroup",
    "Group",
    "Words",
    "fates_in_words",
    "findings_in_groups",
    "gone",
    "words_of",
]

#: What became of lines that went, in the order in which it is told.
_FATES = {"moved": "moved", "said_again": "said again elsewhere", "replaced": "replaced", "gone": "gone"}
_KINDS = ("added", "changed", "removed", "renamed", "moved", "merged", "split", "unchanged")


@dataclass(frozen=True)
class Words:
    """:ivar counts: how many memories of each kind, without those of which there are none."""

    verdict: str
    counts: list[tuple[str, int]]
    tokens: int
    gone: str


#: Findings of one check that the page shows at once.
_AT_ONCE = 20


@dataclass(frozen=True)
class CheckGroup:
    """
    The findings of one check and severity.

    :ivar findings: those that are shown; the page asks for the others.
    """

    name: str
    severity: str
    findings: list[Finding]
    count: int
    ids: list[str]

    @property
    def is_long(self) -> bool:
        """Tell whether they fold, and can be ticked together."""
        return self.count > 5


@dataclass(frozen=True)
class Group:
    """The findings of one severity."""

    severity: str
    title: str
    checks: list[CheckGroup]


def words_of(review: Review, run: AirflowRun, chosen: Answer | None = None) -> Words:
    """Return them. ``chosen``: what was chosen for a fleet's member by itself."""
    counts = [(kind, review.counts.get(kind, 0)) for kind in _KINDS]
    usage = review.dream.usage if review.dream else {}
    known = {name: usage.get(name, 0) for name in TokenUsage.__dataclass_fields__}
    return Words(
        verdict=_verdict(review, chosen),
        counts=[(kind, count) for kind, count in counts if count],
        tokens=TokenUsage(**known).total,
        gone=gone(run),
    )


#: What was chosen, and is not done yet.
CHOSEN = {"Adopt": "to be adopted", "Reject": "to be rejected", "Dream again": "to be dreamed again"}
#: What was decided, as it is told of who decided it.
_DECIDED = {"Adopt": "Adopted", "Reject": "Rejected", "Dream again": "Dreamed again"}


def _verdict(review: Review, chosen: Answer | None) -> str:
    if decision := review.decision:
        return f"{_DECIDED.get(decision.decision, decision.decision)} by {decision.by}."
    if chosen:
        return f"{CHOSEN.get(chosen.decision, chosen.decision).capitalize()}, chosen by {chosen.by}."
    blocks, flags = len(review.blocks()), len(review.flags())
    if blocks:
        return f"{plural(blocks, 'finding')} must be mended before this can be adopted."
    if flags:
        return f"{plural(flags, 'finding')} to look at before this can be adopted."
    if not review.changes:
        return "Nothing differs."
    return "Nothing that a check looks for stands in the way."


def gone(run: AirflowRun) -> str:
    """Say why there is no question."""
    if run.state in ("queued", "running"):
        return "Nobody is asked yet, or any more: the run goes on."
    return f"Nobody is asked any more: the run ended ({run.state})."


def findings_in_groups(review: Review, limit: int | None = _AT_ONCE) -> list[Group]:
    """Return the findings, the gravest first, those of one check together, and of each at most so many."""
    titles = {"block": "to mend first", "flag": "to look at", "note": "worth knowing"}
    groups = []
    for severity, title in titles.items():
        found = [finding for finding in review.findings if finding.severity == severity]
        checks: dict[str, list[Finding]] = {}
        for finding in found:
            checks.setdefault(finding.check, []).append(finding)
        if found:
            rows = [_check_group(name, severity, findings, limit) for name, findings in checks.items()]
            groups.append(Group(severity, f"{len(found):,} {title}", rows))
    return groups


def _check_group(name: str, severity: str, findings: list[Finding], limit: int | None) -> CheckGroup:
    return CheckGroup(name, severity, findings[:limit], len(findings), [finding.id for finding in findings])


def fates_in_words(change: Change) -> str:
    """Say what became of the lines that went."""
    return "; ".join(_fates(Counter(change.fates)))


def _fates(fates: Counter[str]) -> Iterator[str]:
    for kind, words in _FATES.items():
        if fates[kind]:
            yield f"{plural(fates[kind], 'line')} {words}"
