"""A fault at any call of collect, launch and wait: one dream, the right end, and no store lost sight of."""

from __future__ import annotations

from collections.abc import Iterator

import pytest

from dreamflow.errors import DreamUnwatched
from tests.faults.clean_run import EVERY_CALL, CleanRun, assert_one_dream, says_what_to_do
from tests.faults.conftest import SetStage
from tests.faults.stage import Past, Stage, staged
from tests.support.faulty_proxy import Call, Rule
from tests.support.injected_faults import cut_before, delayed, dripping, malformed, refusal, reply_lost

FAULTS = {
    "reply lost": reply_lost,
    "connection cut": cut_before,
    "429": refusal(429, retry_after="0.01"),
    "500": refusal(500),
    "529": refusal(529),
    "slow bytes": dripping,
    "malformed JSON": malformed,
    "processed late": delayed(0.05),
}
#: More often than the SDK tries by itself: the task has to try again.
TIMES = 3
FOREVER = 10**6

Subtests = pytest.Subtests


@pytest.fixture(scope="module")
def clean(past: Past, tmp_path_factory: pytest.TempPathFactory) -> CleanRun:
    with staged(past, tmp_path_factory.mktemp("clean"), **EVERY_CALL) as stage:
        return CleanRun.on(stage)


@pytest.fixture
def stage(set_stage: SetStage) -> Iterator[Stage]:
    with set_stage(**EVERY_CALL) as stage:
        yield stage


@pytest.mark.parametrize("fault", FAULTS)
def test_whatever_happens_at_a_call_of_collect_the_same_sessions_are_collected(
    clean: CleanRun, stage: Stage, subtests: Subtests, fault: str
) -> None:
    for call in clean.calls_of("collect_sessions"):
        with subtests.test(str(call)):
            rule = Rule.at(call, FAULTS[fault], TIMES)
            stage.proxy.rules = [rule]
            night = stage.night()
            assert night.run(["collect_sessions"]) == "success", night.errors
            assert rule.struck
            assert clean.collects_the_same(night)
            assert all(says_what_to_do(error) for error in night.errors), night.errors
    assert not stage.dreams()


@pytest.mark.parametrize("fault", FAULTS)
def test_whatever_happens_at_a_call_of_launch_and_wait_there_is_one_dream(
    clean: CleanRun, set_stage: SetStage, subtests: Subtests, fault: str
) -> None:
    for call in clean.calls_of("launch_dream", "wait_for_dream"):
        with subtests.test(str(call)), set_stage(**EVERY_CALL) as stage:
            rule = stage.proxy.add(Rule.at(call, FAULTS[fault], TIMES))
            night = stage.night(record=clean.record())
            assert night.run() == "success", night.errors
            assert rule.struck
            assert_one_dream(stage, night)
            assert all(says_what_to_do(error) for error in night.errors), night.errors
            assert stage.unsettled_stores(night) == set()


@pytest.mark.parametrize("status", [401, 404])
def test_a_call_of_collect_that_is_refused_is_not_tried_again(
    clean: CleanRun, stage: Stage, subtests: Subtests, status: int
) -> None:
    for call in clean.calls_of("collect_sessions"):
        with subtests.test(str(call)):
            rule = Rule.at(call, refusal(status), FOREVER)
            stage.proxy.rules = [rule]
            night = stage.night()
            state = night.run(["collect_sessions"])
            assert rule.struck
            assert night.record.try_number("collect_sessions") == 1
            # Only a history that is gone is no reason to stop.
            assert state == "failed" or status == 404
            assert all(says_what_to_do(error) for error in night.errors), night.errors
    assert not stage.dreams()


def around_the_create(clean: CleanRun) -> tuple[list[Call], list[Call]]:
    """Return the calls of launch up to the one that creates the dream, and those after it."""
    calls = list(clean.calls_of("launch_dream"))
    after = next(number for number, call in enumerate(calls, 1) if call.what == "POST /v1/dreams")
    return calls[:after], calls[after:]


@pytest.mark.parametrize("status", [400, 401, 403, 404])
def test_a_call_of_launch_that_is_refused_fails_at_once_without_a_dream(
    clean: CleanRun, stage: Stage, subtests: Subtests, status: int
) -> None:
    for call in around_the_create(clean)[0]:
        with subtests.test(str(call)):
            stage.proxy.rules = [Rule.at(call, refusal(status), FOREVER)]
            night = stage.night(record=clean.record())
            assert night.run() == "failed"
            assert night.record.try_number("launch_dream") == 1
            assert str(status) in night.message
            assert says_what_to_do(night.errors[-1]), night.errors
            assert night.run_records.records.open_runs() == []
    assert not stage.dreams()


@pytest.mark.parametrize("status", [401, 404, 500])
def test_a_call_that_fails_after_the_create_loses_no_dream(
    clean: CleanRun, set_stage: SetStage, subtests: Subtests, status: int
) -> None:
    for call in around_the_create(clean)[1]:
        with subtests.test(str(call)), set_stage(**EVERY_CALL) as stage:
            rule = stage.proxy.add(Rule.at(call, refusal(status), FOREVER))
            night = stage.night(record=clean.record())
            assert night.run() == "success", night.errors
            assert rule.struck
            assert_one_dream(stage, night)


@pytest.mark.parametrize("status", [401, 404])
def test_a_call_of_wait_that_is_refused_leaves_the_dream_to_the_next_settle(
    clean: CleanRun, set_stage: SetStage, subtests: Subtests, status: int
) -> None:
    """Only where nobody could read the dream is it tried again: a key may be mended meanwhile."""
    for call in clean.calls_of("wait_for_dream"):
        with subtests.test(str(call)), set_stage(**EVERY_CALL) as stage:
            rule = stage.proxy.add(Rule.at(call, refusal(status), TIMES))
            night = stage.night(record=clean.record())
            state = night.run()
            assert rule.struck
            unwatched = [error for error in night.errors if isinstance(error, DreamUnwatched)]
            assert night.record.try_number("wait_for_dream") == 1 + len(unwatched)
            assert len(stage.dreams()) == 1
            assert state == "success" or says_what_to_do(night.errors[-1]), night.errors
            assert stage.unsettled_stores(night) == set()
