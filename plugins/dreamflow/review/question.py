"""The question that the run asks, as Airflow has it."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Any, Literal

from airflow.models.hitl import HITLDetail
from airflow.models.taskinstance import TaskInstance
from airflow.utils.state import TaskInstanceState
from sqlalchemy import select
from sqlalchemy.orm import Session

from dreamflow.tasks import APPROVE

__all__ = ["Question", "question_of"]

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


@dataclass(frozen=True)
class Question:
    """
    :ivar status: ``waiting`` for an answer; ``answered``: Airflow has one, taken or not yet; ``gone``: nobody is
        asked, not yet or no more.
    :ivar answer: the option chosen. :ivar by: who chose it. :ivar options: what can be chosen.
    :ivar assignees: ids of those who may answer; none: whoever has access.
    """

    status: Literal["waiting", "answered", "gone"] = "gone"
    answer: str = ""
    by: str = ""
    at: datetime | None = None
    assignees: tuple[str, ...] = ()
    options: tuple[str, ...] = ()


def question_of(session: Session, dag_id: str, run_id: str) -> Question:
    """Return the question of the run's ``approve``."""
    found = session.execute(
        select(HITLDetail, TaskInstance.state)
        .join(TaskInstance, HITLDetail.ti_id == TaskInstance.id)
        .where(
            TaskInstance.dag_id == dag_id,
            TaskInstance.run_id == run_id,
            TaskInstance.task_id == APPROVE,
            TaskInstance.map_index == -1,
        )
    ).first()
    if found is None:
        return Question()
    detail, state = found
    assignees = tuple(str(user["id"]) for user in detail.assigned_users)
    options = tuple(str(option) for option in detail.options or ())
    if detail.response_received:
        user: Mapping[str, Any] = detail.responded_by_user or {}
        return Question(
            "answered",
            answer=", ".join(detail.chosen_options or ()),
            by=str(user.get("name") or user.get("id") or "nobody (no answer in time)"),
            at=detail.responded_at,
            assignees=assignees,
            options=options,
        )
    return Question("waiting" if state in _UNDER_WAY else "gone", assignees=assignees, options=options)
