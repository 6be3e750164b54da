"""Retry by cause: what may pass is tried again, what will not heal fails at once."""

from __future__ import annotations

import random
from datetime import timedelta
from typing import TYPE_CHECKING, Any, Self

from airflow.sdk.definitions.retry_policy import RetryDecision, RetryPolicy

from dreamflow.errors import (
    DreamFailed,
    DreamflowError,
    NotYet,
    RateLimited,
    ServiceUnavailable,
    StorageUnavailable,
)

if TYPE_CHECKING:
    from airflow.sdk import Context

__all__ = ["RETRIES", "RetryByCause"]

#: The share by which a wait of ours is shorter or longer, so that pipelines that met one outage come back one by one.
_JITTER = 0.25


class RetryByCause(RetryPolicy):
    """
    Decide on a retry from our own errors; Airflow's rules apply to everything else.

    Rate limits and overload wait as long as the service says; other passing failures back off from ``first_delay``,
    twice as long each time, up to ``longest_delay``, each give or take a quarter. What a person has to correct fails
    at once.

    :param first_delay: the wait before the first retry.
    :param longest_delay: the longest wait, before the quarter.
    """

    def __init__(
        self, first_delay: timedelta = timedelta(seconds=30), longest_delay: timedelta = timedelta(minutes=10)
    ) -> None:
        self.first_delay = first_delay
        self.longest_delay = longest_delay

    def __repr__(self) -> str:
        return f"RetryByCause({self.first_delay}, {self.longest_delay})"

    def evaluate(
        self, exception: BaseException, try_number: int, max_tries: int, context: Context | None = None
    ) -> RetryDecision:
        match exception:
            case RateLimited(retry_after=float(seconds)):
                return RetryDecision.retry(timedelta(seconds=max(seconds, 1.0)), "the service asks to wait")
            case NotYet():
                return RetryDecision.retry(self.first_delay, "something else comes first")
            case ServiceUnavailable() | StorageUnavailable() | DreamFailed(passing=True):
                return RetryDecision.retry(self._backoff(try_number), "the cause may pass")
            case DreamflowError():
                return RetryDecision.fail("trying again would not help")
            case _:
                return RetryDecision.default()

    def _backoff(self, try_number: int) -> timedelta:
        doubled: timedelta = self.first_delay * 2 ** min(max(try_number - 1, 0), 20)
        spread = random.uniform(1 - _JITTER, 1 + _JITTER)  # noqa: S311 - no secret
        return min(doubled, self.longest_delay) * spread

    def serialize(self) -> dict[str, Any]:
        return {
            "first_delay": self.first_delay.total_seconds(),
            "longest_delay": self.longest_delay.total_seconds(),
        }

    @classmethod
    def deserialize(cls, data: dict[str, Any]) -> Self:
        return cls(timedelta(seconds=data["first_delay"]), timedelta(seconds=data["longest_delay"]))


#: For ``default_args``: six tries over a quarter of an hour or more. The policy sees exceptions only. A task that could
#: not be handed to a worker, or whose worker died, waits by Airflow's own rule, which these make grow as ours does.
RETRIES: dict[str, Any] = {
    "retries": 5,
    "retry_delay": timedelta(seconds=30),
    "retry_exponential_backoff": 2.0,
    "max_retry_delay": timedelta(minutes=10),
    "retry_policy": RetryByCause(),
}
