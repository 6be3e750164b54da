"""Retry by cause."""

from __future__ import annotations

import json
from datetime import timedelta

import pytest
from airflow.sdk.definitions.retry_policy import RetryAction

from dreamflow.errors import (
    AccessDenied,
    AnswerIncomplete,
    BudgetExceeded,
    ConfigError,
    Conflict,
    DreamFailed,
    DreamTimedOut,
    LateWriteConflict,
    NotFound,
    NotYet,
    RateLimited,
    RequestRejected,
    ServiceUnavailable,
    StalePlan,
    StorageUnavailable,
    TargetsDisagree,
)
from dreamflow.retry import RetryByCause

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
def test_what_may_pass_backs_off_twice_as_long_each_time_up_to_a_limit(error: Exception) -> None:
    delays = [POLICY.evaluate(error, number, 99).retry_delay for number in (1, 2, 3, 4, 5, 6, 7, 1000)]
    assert delays == [timedelta(seconds=seconds) for seconds in (30, 60, 120, 240, 480, 600, 600, 600)]


@pytest.mark.parametrize(
    "error",
    [
        RequestRejected("400"), NotFound("404"), Conflict("409"), AccessDenied("401"), ConfigError("wrong"),
        TargetsDisagree("two"), LateWriteConflict("both"), StalePlan("changed"), DreamFailed("failed"),
        DreamTimedOut("late"), BudgetExceeded("spent"),
    ],
)  # fmt: skip
def test_what_a_person_has_to_correct_fails_at_once(error: Exception) -> None:
    assert POLICY.evaluate(error, 1, 5).action == RetryAction.FAIL


@pytest.mark.parametrize("error", [AnswerIncomplete("which?"), NotYet("first the other")])
def test_what_only_has_to_be_asked_or_come_first_is_tried_again(error: Exception) -> None:
    assert POLICY.evaluate(error, 1, 5).action == RetryAction.RETRY


def test_airflow_decides_on_everything_else() -> None:
    assert POLICY.evaluate(ValueError("a bug"), 1, 5).action == RetryAction.DEFAULT


def test_the_policy_travels_between_airflows_components() -> None:
    again = RetryByCause.deserialize(json.loads(json.dumps(POLICY.serialize())))
    assert (again.first_delay, again.longest_delay) == (POLICY.first_delay, POLICY.longest_delay)
