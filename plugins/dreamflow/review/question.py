"""The questions that a run asks, as Airflow has them: one, or in a fleet with shards one a shard."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import datetime
from typing import Any, Literal

from airflow.models.hitl import HITLDetail
from airflow.models.taskinstance import TaskInstance
from airflow.utils.state import TaskInstanceState
from sqlalchemy import select
from sqlalchemy.orm import Session

from dreamflow.tasks import APPROVE

__all__ = ["Question", "foremost", "questions_of"]

#: States of a task that has asked, or will again.
_UNDER_WAY = {
    TaskInstanceState.AWAITING_INPUT,
    TaskInstanceState.DEFERRED,
    TaskInstanceState.RUNNING,
    TaskInstanceState.SCHEDULED,
    TaskInstanceState.QUEUED,
    TaskInstanceState.UP_FOR_RETRY,
    TaskInstanceState.RESTARTING,
}


#: Those in which it waits for the answer, and does nothing.
_WAITING = {TaskInstanceState.AWAITING_INPUT, TaskInstanceState.DEFERRED}


@dataclass(frozen=True)
class Question:
    """
    :ivar status: ``waiting`` for an answer; ``answered``: Airflow has one, taken or not yet; ``gone``: nobody is
        asked, not yet or no more.
    :ivar answer: the option chosen. :ivar by: who chose it. :ivar options: what can be chosen.
    :ivar assignees: ids of those who may answer; none: whoever has access.
    :ivar map_index: of its task; -1 where that is not mapped. :ivar cleared: in which life of the task it is asked.
    :ivar is_idle: whether its task waits, and does nothing: nothing else writes to what it is about.
    """

    status: Literal["waiting", "answered", "gone"] = "gone"
    answer: str = ""
    by: str = ""
    at: datetime | None = None
    assignees: tuple[str, ...] = ()
    options: tuple[str, ...] = ()
    map_index: int = -1
    cleared: int = 0
    is_idle: bool = False

    @property
    def shard(self) -> int:
        """Return which part of a fleet's members it is about."""
        return max(self.map_index, 0)


def questions_of(session: Session, dag_id: str, run_id: str) -> tuple[Question, ...]:
    """Return the questions of the run's ``approve``, in the order of its map indexes."""
    found = session.execute(
        select(HITLDetail, TaskInstance.state, TaskInstance.map_index, TaskInstance.max_tries)
        .join(TaskInstance, HITLDetail.ti_id == TaskInstance.id)
        .where(
            TaskInstance.dag_id == dag_id,
            TaskInstance.run_id == run_id,
            TaskInstance.task_id == APPROVE,
        )
        .order_by(TaskInstance.map_index)
    )
    return tuple(_question(*row) for row in found.tuples())


def foremost(questions: Sequence[Question]) -> Question:
    """Return the question that stands for all of them: one that waits, else one that was answered."""
    order = {"waiting": 0, "answered": 1, "gone": 2}
    return min(questions, key=lambda one: order[one.status], default=Question())


def _question(detail: HITLDetail, state: str | None, map_index: int, cleared: int) -> Question:
    question = Question(
        assignees=tuple(str(user["id"]) for user in detail.assigned_users),
        options=tuple(str(option) for option in detail.options or ()),
        map_index=map_index,
        cleared=cleared,
        is_idle=state in _WAITING,
    )
    if detail.response_received:
        user: Mapping[str, Any] = detail.responded_by_user or {}
        return replace(
            question,
            status="answered",
            answer=", ".join(detail.chosen_options or ()),
            by=str(user.get("name") or user.get("id") or "nobody (no answer in time)"),
            at=detail.responded_at,
        )
    return replace(question, status="waiting" if state in _UNDER_WAY else "gone")
