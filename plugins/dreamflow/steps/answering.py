"""
Whether an answer to the question can be acted on: the same for a form of Airflow's, and for the tab.

Adopt is taken only where it names what the output holds now, and what was chosen for late writes by now, no finding
blocks it, and every flag was ticked; and Dream again only where something can be dreamed.
"""

from __future__ import annotations

from collections.abc import Collection, Iterable
from typing import TYPE_CHECKING

from dreamflow.config import INSTRUCTIONS_LIMIT
from dreamflow.core.handoffs import ADOPT, AGAIN
from dreamflow.core.late_notes import parts_of
from dreamflow.core.verdicts import Budget
from dreamflow.errors import AnswerIncomplete
from dreamflow.steps.ledger import why_night_is_over
from dreamflow.steps.review import current

if TYPE_CHECKING:
    from dreamflow.core.nights import NightPart
    from dreamflow.core.review import Finding, Review
    from dreamflow.records.files import RunRecords
    from dreamflow.records.journal import Answer
    from dreamflow.steps.world import World

__all__ = ["check_answer", "check_may_follow", "for_member", "keep_room"]


def check_answer(
    world: World,
    run: RunRecords,
    answer: Answer,
    *,
    options: Collection[str],
    part: NightPart,
    standing: str | None,
) -> Review | None:
    """
    Return the review that an Adopt is about; None for other answers, which are about no digest.

    :param options: what can be answered. :param part: the run's of its night.
    :param standing: the run's standing instructions.

    :raises AnswerIncomplete: it can't be acted on.
    """
    if answer.decision not in options:
        raise AnswerIncomplete("choose one of the answers")
    if answer.decision == AGAIN:
        check_may_follow(world, part, standing, answer.comment)
    if answer.decision != ADOPT:
        return None
    seen, review = answer.digest or run.journal().asked, current(world, run)
    if seen != review.digest:
        raise AnswerIncomplete(
            f"the answer is for digest {str(seen)[:16]}, and the output is at {review.digest[:16]} now: it was "
            "edited since it was shown"
        )
    if answer.choices and answer.choices != run.marks().choices:
        raise AnswerIncomplete(
            "what becomes of a late write was chosen since the answer's page was shown. Look at the late writes"
        )
    if blocks := review.blocks():
        raise AnswerIncomplete(
            f"{_by_check(blocks)} can't be adopted as it is: mend it, reject, or dream again"
        )
    if unseen := [flag for flag in review.flags() if flag.id not in answer.ticked]:
        raise AnswerIncomplete(f"not looked at: {_by_check(unseen)}. Look at each flag, and tick it")
    return review


def check_may_follow(world: World, part: NightPart, standing: str | None, comment: str) -> None:
    """
    Refuse “Dream again” where the dream could not be: the output would be given up for nothing.

    :raises AnswerIncomplete: it could not.
    """
    if not comment:
        raise AnswerIncomplete("“Dream again” needs a comment: it becomes the next dream's instructions")
    if why := why_night_is_over(world.pipeline, world.records, part.night, world.ledger):
        raise AnswerIncomplete(f"{why}: nothing can be dreamed again tonight")
    over = len(part.with_words(comment).instructions(standing) or "") - INSTRUCTIONS_LIMIT
    if over > 0:
        raise AnswerIncomplete(
            f"the comment is {over} characters too long: with the standing instructions a dream takes "
            f"{INSTRUCTIONS_LIMIT}"
        )


def keep_room(world: World) -> None:
    """
    Keep for a member what another dream of it may use, so that no more are promised than the night has room for.

    :raises AnswerIncomplete: it has none left.
    """
    dream = world.pipeline.dream.budget
    if world.ledger and (
        why := world.ledger.reserve(world.records.pipeline, Budget(dream.tokens, dream.usd))
    ):
        raise AnswerIncomplete(f"{why}: nothing can be dreamed again tonight")


def for_member(answer: Answer, member_id: str, review: Review) -> Answer:
    """
    Return an answer for the rest of a fleet as the answer for one member of it, which is to be checked in turn.

    :param answer: whose ``ticked`` are ids of members, and ``taken_for`` their outputs as its writer saw them.
    """
    flags = tuple(flag.id for flag in review.flags()) if member_id in answer.ticked else ()
    seen, choices = parts_of((answer.taken_for or {}).get(member_id, ""))
    return answer.model_copy(update={"digest": seen, "choices": choices, "ticked": flags, "taken_for": None})


def _by_check(findings: Iterable[Finding]) -> str:
    """Return findings by the names of their checks: of their text nothing."""
    counts: dict[str, int] = {}
    for finding in findings:
        counts[finding.check] = counts.get(finding.check, 0) + 1
    return ", ".join(f"{check} ({count})" for check, count in counts.items())
