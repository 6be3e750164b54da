"""
The review of a fleet's run: its members in a list, the worst first, and the one question that is asked about them.

What a member is called is hostile text: a deployment's name is written by whoever may edit the deployment.
"""

from __future__ import annotations

import hashlib
from collections import Counter
from collections.abc import Collection, Iterable, Sequence
from typing import Literal

from pydantic import BaseModel, ConfigDict

from dreamflow.core.fleets import Member
from dreamflow.core.handoffs import ADOPT, AGAIN, REJECT
from dreamflow.core.late_notes import NO_CHOICES
from dreamflow.core.report import as_code_lines
from dreamflow.core.review import Review, Score, Verdict
from dreamflow.core.secrets.masking import mask
from dreamflow.errors import AnswerIncomplete

__all__ = [
    "STATE_OF",
    "MemberRow",
    "MemberState",
    "check_rest",
    "counted",
    "question_text",
    "row_of",
    "to_tick",
    "undecided",
    "undecided_digest",
    "worst_first",
]

#: ``waiting``: nobody has decided. ``chosen``: a person has, in the tab, and may take it back while the question
#: stands. ``left_out``: skipped in this run.
MemberState = Literal["waiting", "chosen", "failed", "left_out", "again", "rejected", "adopted"]
_ORDER: tuple[MemberState, ...] = (
    "waiting",
    "chosen",
    "failed",
    "left_out",
    "again",
    "rejected",
    "adopted",
)
#: What a decision makes of a member.
STATE_OF: dict[str, MemberState] = {ADOPT: "adopted", REJECT: "rejected", AGAIN: "again"}
_GRAVITY: dict[Verdict | Literal[""], int] = {"blocked": 0, "flagged": 1, "clean": 2}
#: Members that the question names. The page has all of them.
_NAMED = 20


class MemberRow(BaseModel):
    """
    One member of a fleet, as the run's page lists it.

    :ivar id: the deployment's. :ivar name: the deployment's: hostile; a secret in it is masked.
    :ivar verdict: its review's; empty where it has none. :ivar flags: findings to look at.
    :ivar blocks: findings to mend first. :ivar checks: how many of both each check found.
    :ivar counts: memories by what became of them. :ivar digest: of its output, as it was reviewed.
    :ivar choices: the checksum of what was chosen for its late writes; empty: it was not looked for.
    :ivar decision: what was chosen or decided. :ivar by: by whom. :ivar why: why it failed, was left out, or why an
        answer was not taken.
    """

    model_config = ConfigDict(frozen=True, extra="ignore")

    id: str
    name: str = ""
    verdict: Verdict | Literal[""] = ""
    flags: int = 0
    blocks: int = 0
    checks: dict[str, int] = {}
    counts: dict[str, int] = {}
    digest: str = ""
    choices: str = ""
    score: Score = Score()
    state: MemberState = "waiting"
    decision: str = ""
    by: str = ""
    why: str = ""

    @property
    def called(self) -> str:
        return Member(id=self.id, name=self.name).called

    @property
    def rank(self) -> tuple[int, int, int, int, str, str]:
        """Return by what rows are sorted, the worst first."""
        return (
            _ORDER.index(self.state),
            _GRAVITY.get(self.verdict, 3),
            -self.blocks,
            -self.flags,
            self.name,
            self.id,
        )


def row_of(
    member: Member,
    review: Review | None,
    state: MemberState,
    *,
    decision: str = "",
    by: str = "",
    why: str = "",
) -> MemberRow:
    """Return a member's row. ``review``: None where there is none, or none that can be read."""
    known = MemberRow(id=member.id, name=mask(member.name), state=state, decision=decision, by=by, why=why)
    if review is None:
        return known
    blocks, flags = review.blocks(), review.flags()
    return known.model_copy(
        update={
            "verdict": review.verdict,
            "flags": len(flags),
            "blocks": len(blocks),
            "checks": dict(Counter(finding.check for finding in (*blocks, *flags))),
            "counts": review.counts,
            "digest": review.digest,
            "score": review.score,
        }
    )


def worst_first(rows: Iterable[MemberRow]) -> list[MemberRow]:
    return sorted(rows, key=lambda row: row.rank)


def undecided(rows: Iterable[MemberRow]) -> list[MemberRow]:
    """Return the members that an answer for the rest is about, the worst first."""
    return worst_first(row for row in rows if row.state == "waiting")


def undecided_digest(rows: Iterable[MemberRow]) -> str:
    """
    Return what names every undecided member, every byte of its output, and what was chosen for its late writes.

    An answer for the rest is bound to it.
    """
    lines = sorted(" ".join((row.id, row.digest, *_chosen(row))) for row in rows if row.state == "waiting")
    return hashlib.sha256("\n".join(lines).encode()).hexdigest()


def _chosen(row: MemberRow) -> tuple[str, ...]:
    return (row.choices,) if row.choices not in ("", NO_CHOICES) else ()


def to_tick(rows: Iterable[MemberRow]) -> list[MemberRow]:
    """Return the undecided members whose flags a person has to look at. Ticking a member ticks its flags."""
    return [row for row in undecided(rows) if row.flags]


def check_rest(
    rows: Sequence[MemberRow],
    decision: str,
    *,
    digest: str,
    ticked: Collection[str],
    options: Collection[str],
) -> None:
    """
    Refuse an answer for the rest that can't be acted on. Where nothing is left to decide, any answer is.

    :param rows: all members of the question, as they are now. :param digest: what its writer saw.
    :param ticked: ids of the members whose flags were looked at.

    :raises AnswerIncomplete: it can't be acted on.
    """
    if decision not in options:
        raise AnswerIncomplete("choose one of the answers")
    rest = undecided(rows)
    if decision != ADOPT or not rest:
        return
    if digest != (now := undecided_digest(rest)):
        raise AnswerIncomplete(
            f"the answer is for digest {digest[:16]}, and those who wait are at {now[:16]} now: a member was decided "
            "or edited since they were shown, or something was chosen for a late write"
        )
    if blocked := [row for row in rest if row.blocks]:
        raise AnswerIncomplete(
            f"{_members(len(blocked))} can't be adopted as they are: decide each by itself, mend it, or reject the rest"
        )
    if unseen := [row for row in to_tick(rest) if row.id not in ticked]:
        raise AnswerIncomplete(
            f"not looked at: {_members(len(unseen))} with flags. Look at each, and tick it"
        )


def counted(rows: Iterable[MemberRow]) -> dict[MemberState, int]:
    """Return how many members are in each state, without those in which there are none."""
    found = Counter(row.state for row in rows)
    return {state: found[state] for state in _ORDER if found[state]}


_SAID: dict[MemberState, str] = {
    "waiting": "wait for an answer",
    "chosen": "decided in the tab",
    "failed": "failed",
    "left_out": "left out",
    "again": "dreamed again",
    "rejected": "rejected",
    "adopted": "adopted",
}


def question_text(rows: Sequence[MemberRow], url: str, picture: str = "") -> str:
    """
    Return the question about a fleet's members as Airflow shows it: short, in Markdown, what is hostile in code spans.

    :param rows: all members of the question. :param url: of the run's Review tab.
    :param picture: of how things stand now; empty: none.
    """
    rest = undecided(rows)
    verdicts = Counter(row.verdict for row in rest)
    stand = ", ".join(f"{count:,} {_SAID[state]}" for state, count in counted(rows).items())
    grave = [f"{verdicts[name]:,} {name}" for name in _GRAVITY if verdicts[name]]
    more = len(rest) - _NAMED
    sections = [
        f"**{_members(len(rest))} of {len(rows):,}** to decide on: {', '.join(grave) or 'none is left'}. "
        f"[Open the review]({url}): every member, the worst first, with all that changes in its memory. Each can be "
        "mended and decided by itself there; an answer here is for the rest.",
        f"![How many are still to be decided: see the Review tab]({picture})" if picture else "",
        f"- Members: {stand}",
        as_code_lines([_line(row) for row in rest[:_NAMED]]) if rest else "",
        f"… and {more:,} more." if more > 0 else "",
        f"This text is of digest `{undecided_digest(rows)[:16]}`. Airflow keeps it as it was first asked: what was "
        "decided or edited since shows in the Review tab, where the answer is bound to what you see.",
    ]
    return "\n\n".join(section for section in sections if section) + "\n"


def _line(row: MemberRow) -> str:
    checks = ", ".join(f"{check} ({count})" for check, count in row.checks.items())
    return f"{row.called}: {row.verdict or 'no review'}{f', {checks}' if checks else ''}"


def _members(count: int) -> str:
    return f"{count:,} member{'' if count == 1 else 's'}"
