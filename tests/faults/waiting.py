"""What tests of the wait share: dreams that overspend or fail, and workers that die."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any

from include.managed_agents.settings import Price
from include.managed_agents.usage import Usage
from tests.faults.conftest import SetStage
from tests.faults.stage import Stage
from tests.support.faulty_proxy import Rule
from tests.support.injected_faults import refusal

__all__ = ["PRICE", "READING", "Died", "fail_next", "overspending", "resumes_fail"]

#: What reading one session uses. Tonight's three use 300,000 tokens, which cost USD 1.425 at the price below.
READING = Usage(input_tokens=40_000, output_tokens=10_000, cache_read_input_tokens=50_000)
PRICE = Price(input_usd=5.0, output_usd=25.0)


class Died(BaseException):
    """The worker is gone."""


@contextmanager
def overspending(set_stage: SetStage, budget: dict[str, Any], *, watched: bool = True) -> Iterator[Stage]:
    """
    Set a stage on which the dream uses more than its budget, and does not end by itself.

    :param watched: whether a trigger sees it happen, or the task finds it so.
    """
    dream = {"budget": budget, "timeout": "PT10M"}
    with set_stage(reading=READING, settings={"price": PRICE}, dream=dream) as stage:
        stage.finishes = False
        if watched:
            stage.may_read.clear()
        yield stage


def fail_next(stage: Stage, error_type: str, times: int = 1) -> None:
    for _ in range(times):
        stage.client.post("/_control/dreams/fail_next", cast_to=object, body={"type": error_type})


def resumes_fail(stage: Stage, dreams: int, times: int = 3) -> Rule:
    """Let the task that is resumed after so many dreams find no answer: the SDK asks three times."""
    return stage.proxy.add(
        Rule(
            refusal(500),
            lambda r: r.call.phase == "wait_for_dream.resume" and len(stage.dreams()) == dreams,
            times=times,
        )
    )
