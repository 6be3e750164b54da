"""What collect says of the sessions that it does not take."""

from __future__ import annotations

from pathlib import Path

import pytest

from dreamflow.errors import SkipRun, StateError
from tests.unit.service import Service
from tests.unit.steps.collecting import Desk


@pytest.fixture
def desk(service: Service, tmp_path: Path) -> Desk:
    return Desk(service, f"file://{tmp_path}/reports")


def test_a_session_that_made_dreams_fail_is_set_aside_and_named_until_the_limit_is_raised(
    service: Service, desk: Desk, caplog: pytest.LogCaptureFixture
) -> None:
    desk.settings = {"set_aside_after": 2}
    bad, good = service.talk(desk.agent_id), service.talk(desk.agent_id)
    for _ in range(2):
        desk.fail(bad, good, naming=bad)
    left = desk.collect()
    assert left.session_ids == (good,)
    assert left.set_aside == (bad,)
    assert f"session {bad} is set aside: it made 2 dreams fail" in caplog.text
    desk.adopt(left)
    with pytest.raises(SkipRun, match="1 set aside"):
        desk.collect()
    desk.settings = {"set_aside_after": 3}
    assert desk.collect().session_ids == (bad,)


def test_an_agent_that_is_not_there_is_an_error_and_no_quiet_night(service: Service, desk: Desk) -> None:
    service.talk(desk.agent_id)
    desk.settings = {"agent_id": "agent_011CZkQ2Gone"}
    with pytest.raises(StateError, match=r"sessions\.agent_id: there is no agent agent_011CZkQ2Gone"):
        desk.collect()


def test_a_skip_says_what_was_seen_and_why_none_of_it_qualifies(service: Service, desk: Desk) -> None:
    with pytest.raises(SkipRun, match="seen: none at all"):
        desk.collect()
    desk.settings = {"set_aside_after": 1}
    service.talk(desk.agent_id)
    desk.adopt(desk.collect())
    bad, running, _ = (service.talk(desk.agent_id) for _ in range(3))
    desk.fail(bad, naming=bad)
    service.set_status(running, "running")
    until = desk.hook.retrieve_store(desk.live).created_at
    with pytest.raises(SkipRun) as raised:
        desk.collect(until=until)
    for words in (
        "0 sessions qualify, fewer than sessions.minimum: 1",
        "1 already dreamed",
        "1 running",
        "1 set aside",
        "1 newer than what this catch-up is for",
    ):
        assert words in str(raised.value)
    assert "older" not in str(raised.value)
    desk.settings = {"max_age": "PT0.001S"}
    with pytest.raises(SkipRun, match=r"seen: 4 older than sessions\.max_age"):
        desk.collect()


def test_sessions_that_will_be_too_old_before_the_next_run_are_said(
    service: Service, desk: Desk, caplog: pytest.LogCaptureFixture
) -> None:
    first, second, third = (service.talk(desk.agent_id) for _ in range(3))
    desk.settings = {"max_age": "PT12H"}
    assert desk.collect(limit=1).session_ids == (first,)
    assert "2 sessions will be older than sessions.max_age before the next run" in caplog.text
    assert f"{second}, {third}" in caplog.text
    caplog.clear()
    desk.pipeline = {"schedule": {"cron": "* * * * *"}}
    desk.collect(limit=1)
    assert "will be older" not in caplog.text


def test_a_catch_up_takes_what_was_left_and_none_that_came_since(service: Service, desk: Desk) -> None:
    first, second, third = (service.talk(desk.agent_id) for _ in range(3))
    night = desk.collect(limit=1)
    assert (night.session_ids, night.left_for_next_run) == ((first,), 2)
    assert night.left_until is not None
    desk.adopt(night)
    since = service.talk(desk.agent_id)
    service.say(third, "And another thing.")
    caught_up = desk.collect(limit=1, until=night.left_until)
    assert (caught_up.session_ids, caught_up.left_for_next_run) == ((second,), 0)
    desk.adopt(caught_up)
    with pytest.raises(SkipRun, match="2 newer than what this catch-up is for"):
        desk.collect(until=night.left_until)
    assert desk.collect().session_ids == (since, third)
