"""Retry by cause."""

from __future__ import annotations

import json
from datetime import UTC, datetime, timedelta
from uuid import uuid4

import pytest
from airflow.models import DagRun
from airflow.models.taskinstance import TaskInstance
from airflow.providers.standard.operators.empty import EmptyOperator
from airflow.sdk import DAG
from airflow.sdk.definitions.retry_policy import RetryAction
from airflow.serialization.serialized_objects import DagSerialization

from dreamflow.errors import (
    AccessDenied,
    BudgetExceeded,
    ConfigError,
    Conflict,
    DreamFailed,
    DreamTimedOut,
    NotFound,
    NotYet,
    RateLimited,
    RequestRejected,
    ServiceUnavailable,
    StalePlan,
    StorageUnavailable,
    TargetsDisagree,
)
from dreamflow.retry import RETRIES, RetryByCause

POLICY = RetryByCause(timedelta(seconds=30), timedelta(minutes=10))


@pytest.mark.parametrize("seconds", [1.0, 7.5, 3600.0])
def test_a_rate_limit_waits_as_long_as_the_service_says(seconds: float) -> None:
    decision = POLICY.evaluate(RateLimited("429", retry_after=seconds), 1, 5)
    assert (decision.action, decision.retry_delay) == (RetryAction.RETRY, timedelta(seconds=seconds))


@pytest.mark.parametrize(
    "error",
    [
        ServiceUnavailable("down"),
        RateLimited("529"),
        StorageUnavailable("busy"),
        DreamFailed("failed", error_type="internal_error", passing=True),
    ],
)
def test_what_may_pass_backs_off_twice_as_long_each_time_up_to_a_limit_give_or_take_a_quarter(
    error: Exception,
) -> None:
    for number, seconds in zip(
        (1, 2, 3, 4, 5, 6, 7, 1000), (30, 60, 120, 240, 480, 600, 600, 600), strict=True
    ):
        delay = POLICY.evaluate(error, number, 99).retry_delay
        assert delay is not None
        assert 0.75 * seconds <= delay.total_seconds() <= 1.25 * seconds


def test_pipelines_that_met_one_outage_do_not_come_back_in_one_moment() -> None:
    delays = {POLICY.evaluate(ServiceUnavailable("down"), 1, 5).retry_delay for _ in range(20)}
    assert len(delays) > 10


@pytest.mark.parametrize(
    "error",
    [
        RequestRejected("400"), NotFound("404"), Conflict("409"), AccessDenied("401"), ConfigError("wrong"),
        TargetsDisagree("two"), StalePlan("changed"), DreamFailed("failed"),
        DreamTimedOut("late"), BudgetExceeded("spent"),
    ],
)  # fmt: skip
def test_what_a_person_has_to_correct_fails_at_once(error: Exception) -> None:
    assert POLICY.evaluate(error, 1, 5).action == RetryAction.FAIL


def test_what_only_has_to_come_later_is_tried_again() -> None:
    assert POLICY.evaluate(NotYet("first the other"), 1, 5).action == RetryAction.RETRY


def test_airflow_decides_on_everything_else() -> None:
    decision = POLICY.evaluate(ValueError("a bug"), 1, 5)
    assert (decision.action, decision.retry_delay) == (RetryAction.DEFAULT, None)


@pytest.mark.parametrize("dag_id", ["dream__support", "dream__sales"])
def test_a_task_that_raised_nothing_of_ours_is_tried_six_times_over_a_quarter_of_an_hour(dag_id: str) -> None:
    """Where the broker is away, no worker and so no policy sees the failure: the scheduler reckons the next try."""
    with DAG(dag_id, default_args=RETRIES) as dag:
        EmptyOperator(task_id="collect_sessions")
    task = DagSerialization.from_dict(DagSerialization.to_dict(dag)).get_task("collect_sessions")
    ti = TaskInstance(task, run_id="scheduled__1", dag_version_id=uuid4())
    ti.dag_run = DagRun(dag_id=dag_id, run_id="scheduled__1")
    ti.end_date = datetime.now(UTC)
    waits = []
    for ti.try_number in range(1, 1 + RETRIES["retries"]):
        waits.append((ti.next_retry_datetime() - ti.end_date).total_seconds())
    assert all(
        least <= wait <= min(2 * least, 600)
        for wait, least in zip(waits, (30, 60, 120, 240, 480), strict=True)
    )
    assert sum(waits) >= 900


def test_the_policy_travels_between_airflows_components() -> None:
    again = RetryByCause.deserialize(json.loads(json.dumps(POLICY.serialize())))
    assert (again.first_delay, again.longest_delay) == (POLICY.first_delay, POLICY.longest_delay)
