"""One trigger: when it gives up, what a deadline and a budget do while the API is down, and what it never holds up."""

from __future__ import annotations

import asyncio
import os
import subprocess
import sys
import textwrap
from pathlib import Path
from typing import Any

import pytest
from structlog.testing import capture_logs

from dreamflow.triggers.dream import DreamTrigger
from tests.faults.stage import Stage
from tests.faults.watching import (
    announce_new_key,
    dream_in_flight,
    is_list,
    started,
    trigger_of,
    wait_for,
    withdraw_key,
)
from tests.support.faulty_proxy import Request, Rule
from tests.support.injected_faults import cut_before, malformed, refusal, rewriting
from tests.support.night import first_event
from tests.support.workspace import until

ROOT = Path(__file__).parents[2]
FOREVER = 10**6


def run(trigger: DreamTrigger) -> Any:
    return asyncio.run(first_event(trigger))


@pytest.mark.parametrize(
    "fault", [refusal(500), refusal(529), cut_before, malformed], ids=["500", "529", "cut", "JSON"]
)
def test_a_trigger_gives_up_at_the_fifth_failure_in_a_row(stage: Stage, fault: Any) -> None:
    dream = dream_in_flight(stage)
    stage.proxy.add(Rule(fault, times=FOREVER))
    event = run(trigger_of(dream))
    assert (event["status"], event["dream_id"]) == ("error", dream)
    assert event["message"].startswith("could not list dreams in flight")
    assert len(stage.proxy.requests) == 5
    assert stage.client.beta.dreams.retrieve(dream).status == "running"


def test_four_failures_in_a_row_are_forgotten_at_the_first_answer(stage: Stage) -> None:
    dream = dream_in_flight(stage)
    for first in (1, 6, 11):
        stage.proxy.add(Rule(refusal(500), is_list, first=first, times=4))

    async def watch() -> None:
        (task,) = started([trigger_of(dream)])
        await wait_for(lambda: len(stage.proxy.requests) > 15, "three bad spells")
        assert not task.done()
        await asyncio.to_thread(stage.finish)
        assert (await task)["status"] == "over"

    # A rule that does not strike leaves the request to the next, which counts it too.
    for rule, skipped in zip(stage.proxy.rules, (0, 4, 8), strict=True):
        rule.first -= skipped
    asyncio.run(watch())


@pytest.mark.parametrize(("status", "advice"), [(401, "Check the API key"), (400, "correct it")])
def test_what_is_refused_five_times_in_a_row_is_said_and_the_dream_goes_on(
    stage: Stage, status: int, advice: str
) -> None:
    dream = dream_in_flight(stage)
    stage.proxy.add(Rule(refusal(status), times=FOREVER))
    event = run(trigger_of(dream))
    assert (event["status"], event["dream_id"]) == ("refused", dream)
    assert advice in event["message"]
    # A key that is refused is tried a second time at each poll, with a client that is opened anew.
    assert len(stage.proxy.requests) == (10 if status == 401 else 5)
    assert stage.client.beta.dreams.retrieve(dream).status == "running"


def test_a_deadline_passes_while_the_api_is_down_and_the_cancel_that_fails_is_said_loudly(
    stage: Stage,
) -> None:
    dream = dream_in_flight(stage)
    stage.proxy.add(Rule(cut_before, times=FOREVER))
    with capture_logs() as logs:
        event = run(trigger_of(dream, seconds=0.3, poll_interval=0.2))
    assert event["status"] == "timed_out"
    assert "dream.timeout" in event["message"]
    assert stage.client.beta.dreams.retrieve(dream).status == "running"
    loud = [log["event"] % log.get("positional_args", ()) for log in logs if log["log_level"] == "error"]
    assert any(dream in line and "COULD NOT BE CANCELED" in line for line in loud), logs


def test_a_deadline_cancels_at_once(stage: Stage) -> None:
    dream = dream_in_flight(stage)
    event = run(trigger_of(dream, seconds=0.3))
    assert event["status"] == "timed_out"
    assert stage.client.beta.dreams.retrieve(dream).status == "canceled"


def test_a_key_that_is_rotated_as_the_deadline_passes_keeps_no_dream_from_being_canceled(
    stage: Stage, monkeypatch: pytest.MonkeyPatch
) -> None:
    dream = dream_in_flight(stage)

    async def watch() -> None:
        (task,) = started([trigger_of(dream, seconds=0.5, poll_interval=60.0)])
        await wait_for(lambda: stage.proxy.requests, "the only poll")
        announce_new_key(stage, monkeypatch)
        withdraw_key(stage)
        assert (await task)["status"] == "timed_out"

    asyncio.run(watch())
    assert stage.client.beta.dreams.retrieve(dream).status == "canceled"


def test_a_dream_that_is_gone_is_said_to_be(stage: Stage) -> None:
    event = run(trigger_of("drm_011111111111111111111111"))
    assert event["status"] == "refused"
    assert "404" in event["message"]
    assert len(stage.proxy.requests) == 2


class Meter:
    """
    What the service tells of a dream as it goes on: each poll finds it further, and dearer.

    :param rate: US dollars for a million tokens.
    """

    def __init__(self, rate: float, tokens_a_poll: int) -> None:
        self.rate = rate
        self.step = tokens_a_poll
        self.tokens = 0
        self.polls = 0

    @property
    def cost(self) -> float:
        return self.tokens * self.rate / 1e6

    def listed(self, page: Any) -> Any:
        self.tokens += self.step
        self.polls += 1
        for dream in page["data"]:
            dream["usage"]["input_tokens"] = self.tokens
        return page

    def session(self, session: Any) -> Any:
        session["usage"]["list_cost"] = {"amount": str(round(self.cost * 100)), "currency": "USD"}
        return session


@pytest.mark.parametrize("budget", [0.5, 5.0])
def test_a_budget_in_dollars_ends_a_dream_and_its_cost_is_asked_for_at_fewer_than_half_of_the_polls(
    stage: Stage, budget: float
) -> None:
    dream = dream_in_flight(stage)
    until(lambda: stage.client.beta.dreams.retrieve(dream).session_id is not None, "the dream to run")
    meter = Meter(rate=5.0, tokens_a_poll=int(budget / 40 / 5.0 * 1e6))

    def is_session(request: Request) -> bool:
        return request.path.startswith("/v1/sessions/")

    stage.proxy.add(Rule(rewriting(meter.listed), is_list, times=FOREVER))
    readings = stage.proxy.add(Rule(rewriting(meter.session), is_session, times=FOREVER))
    event = run(trigger_of(dream, poll_interval=0.02, budget_usd=budget))
    assert event["status"] == "over_budget"
    assert f"over dream.budget.usd: {budget:.2f}" in event["message"]
    assert stage.client.beta.dreams.retrieve(dream).status == "canceled"
    assert readings.struck < meter.polls / 2


def test_a_budget_in_dollars_holds_though_a_reading_fails(stage: Stage) -> None:
    dream = dream_in_flight(stage)
    until(lambda: stage.client.beta.dreams.retrieve(dream).session_id is not None, "the dream to run")
    meter = Meter(rate=5.0, tokens_a_poll=10_000)

    def is_session(request: Request) -> bool:
        return request.path.startswith("/v1/sessions/")

    stage.proxy.add(Rule(rewriting(meter.listed), is_list, times=FOREVER))
    failing = stage.proxy.add(Rule(refusal(500), is_session, times=6))
    stage.proxy.add(Rule(rewriting(meter.session), is_session, times=FOREVER))
    event = run(trigger_of(dream, poll_interval=0.02, budget_usd=0.5))
    assert failing.struck == 6
    assert event["status"] == "over_budget"


def test_the_sdk_is_imported_beside_the_event_loop() -> None:
    """It takes over a second, in which no other trigger of the triggerer would get on."""
    script = """
        import asyncio, sys, threading
        from importlib.abc import MetaPathFinder

        importers = []

        class Watch(MetaPathFinder):
            def find_spec(self, name, path=None, target=None):
                if name == "anthropic":
                    importers.append(threading.current_thread() is threading.main_thread())

        sys.meta_path.insert(0, Watch())
        from dreamflow.triggers.dream import DreamTrigger

        assert not importers, "a trigger's module imports the SDK"

        async def main():
            trigger = DreamTrigger("proxied", "drm_1", 0.01, "2999-01-01T00:00:00+00:00")
            async for event in trigger.run():
                return event.payload["status"]

        print(asyncio.run(main()), importers)
    """
    connection = '{"conn_type": "anthropic", "host": "http://127.0.0.1:9", "password": "x"}'
    done = subprocess.run(
        [sys.executable, "-c", textwrap.dedent(script)],
        env={**_environment(), "AIRFLOW_CONN_PROXIED": connection, "PYTHONPATH": f"{ROOT / 'plugins'}"},
        capture_output=True,
        text=True,
        check=False,
        timeout=120,
    )
    assert done.stdout.splitlines()[-1:] == ["error [False]"], done.stderr


def _environment() -> dict[str, str]:
    return dict(os.environ)
