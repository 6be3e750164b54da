"""Deciding on one member of a fleet by itself, and taking that back, while the fleet's question stands."""

from __future__ import annotations

from dataclasses import replace
from datetime import UTC, datetime
from typing import Annotated, Literal

from airflow.utils.session import create_session
from fastapi import HTTPException
from pydantic import BaseModel, ConfigDict, Field

from dreamflow.config import INSTRUCTIONS_LIMIT
from dreamflow.core.handoffs import AGAIN
from dreamflow.core.nights import NightPart
from dreamflow.errors import AnswerIncomplete
from dreamflow.params import run_settings
from dreamflow.records.answers import OwnAnswer
from dreamflow.records.journal import Answer
from dreamflow.review.desk import Desk
from dreamflow.review.question import questions_of
from dreamflow.steps.answering import check_answer
from dreamflow.steps.fleet_ledger import FleetLedger, night_share
from dreamflow.steps.world import World

__all__ = ["MemberAnswer", "decide_member", "take_back"]

Id = Annotated[str, Field(max_length=64)]


class MemberAnswer(BaseModel):
    """
    What a member's page sends.

    :ivar decision: None: take back what was chosen. :ivar digest: of the output that was shown.
    :ivar choices: the checksum, from ``state``, of the choices for late writes that were; empty: it does not say.
    :ivar ticked: ids of the findings that were looked at.
    """

    model_config = ConfigDict(extra="forbid")

    decision: Literal["Adopt", "Reject", "Dream again"] | None
    digest: str = Field("", max_length=64)
    choices: str = Field("", max_length=64)
    comment: str = Field("", max_length=INSTRUCTIONS_LIMIT)
    ticked: list[Id] = Field([], max_length=10_000)


def decide_member(desk: Desk, asked: MemberAnswer) -> None:
    """
    Note the answer for the member, after the same checks as an answer to the question itself.

    :raises HTTPException: it can't be acted on, somebody was faster, or the question does not wait any more.
    """
    assert asked.decision is not None
    if not asked.digest:
        raise HTTPException(422, "This is no answer: it names no digest of what was shown.")
    cleared = desk.airflow.question.cleared
    answer = Answer(
        decision=asked.decision,
        by=desk.airflow.user,
        at=datetime.now(UTC),
        comment=asked.comment.strip(),
        digest=asked.digest,
        choices=asked.choices,
        ticked=tuple(asked.ticked),
        cleared=cleared,
    )
    last = desk.run.own_answer(cleared)
    _check_undecided(desk, last)
    try:
        check_answer(
            _world_for(desk, asked.decision),
            desk.run,
            answer,
            options=desk.airflow.question.options,
            part=_part(desk),
            standing=run_settings(desk.world.pipeline, desk.airflow.conf).instructions,
        )
    except AnswerIncomplete as e:
        raise HTTPException(409, f"{asked.decision} was not taken: {e}.") from e
    _check_idle(desk)
    _follow(desk, last, answer)


def take_back(desk: Desk) -> None:
    """
    Let a member be undecided again.

    :raises HTTPException: it was not decided here, or the question does not wait any more.
    """
    last = desk.run.own_answer(desk.airflow.question.cleared)
    if last.answer is None or last.taken or desk.status != "chosen":
        raise HTTPException(409, "There is nothing to take back: load the page anew.")
    _check_idle(desk)
    _follow(desk, last, None)


def _follow(desk: Desk, last: OwnAnswer, answer: Answer | None) -> None:
    """Note what follows what was seen, unless somebody was faster: another person, or the member's run."""
    if not desk.run.follow_answer(last, desk.airflow.question.cleared, answer):
        raise HTTPException(409, "Somebody was faster: load the page anew.")
    desk.list_anew()


def _part(desk: Desk) -> NightPart:
    return NightPart.of(desk.airflow.run_id, desk.airflow.conf, desk.airflow.member)


def _world_for(desk: Desk, decision: str) -> World:
    """Return the member's world; where another dream is asked for, with what the fleet's night may still use."""
    members = desk.members
    if decision != AGAIN or members is None:
        return desk.world
    pipeline, fleet = desk.world.pipeline, members.world.records
    shard, night = desk.airflow.question.shard, _part(desk).night
    ids = [row.id for row in members.by_shard[shard]]
    share = night_share(pipeline, fleet, night, shard)
    ledger = FleetLedger.open(pipeline, fleet, ids, night, share)
    return replace(desk.world, ledger=ledger)


def _check_undecided(desk: Desk, last: OwnAnswer) -> None:
    if answer := last.answer:
        raise HTTPException(409, f"{answer.by} has chosen {answer.decision} already. Take that back first.")
    if not desk.is_open:
        raise HTTPException(409, "The question is answered, or not asked yet: nothing can be decided now.")


def _check_idle(desk: Desk) -> None:
    """See in Airflow, as it is now, that the question still waits: who comes too late is told so."""
    run, asked = desk.airflow, desk.airflow.question
    with create_session() as session:
        now = questions_of(session, run.dag_id, run.run_id)
    same = next((one for one in now if one.map_index == asked.map_index), None)
    if same is None or same.status != "waiting" or same.cleared != asked.cleared:
        raise HTTPException(
            409, "The question is answered, or not asked any more: nothing can be decided now."
        )
    if not same.is_idle:
        raise HTTPException(409, "The run's task is at work just now. Try again in a moment.")
