"""Collecting the sessions for the next dream, against the real service."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import httpx2
import pytest

from dreamflow.core.objects import Session
from dreamflow.errors import SkipRun, StateError
from dreamflow.hooks import managed_agents
from dreamflow.steps import collect
from tests.unit.service import Service
from tests.unit.steps.collecting import Desk


@pytest.fixture
def desk(service: Service, tmp_path: Path) -> Desk:
    return Desk(service, f"file://{tmp_path}/reports")


def test_every_session_of_the_agent_that_rests_is_collected_oldest_first(
    service: Service, desk: Desk
) -> None:
    first, second = service.talk(desk.agent_id), service.talk(desk.agent_id)
    service.client.beta.sessions.archive(second)
    service.talk(service.agent())
    running = service.talk(desk.agent_id)
    service.set_status(running, "running")
    left = desk.collect()
    assert left.input_store_id == desk.live
    assert left.session_ids == (first, second)
    assert left.since is None
    assert left.left_for_next_run == 0


def test_what_is_beyond_the_limit_comes_next_and_each_session_once(service: Service, desk: Desk) -> None:
    sessions = [service.talk(desk.agent_id) for _ in range(5)]
    dreamed: list[str] = []
    for left_over in (3, 1, 0):
        left = desk.collect(limit=2)
        assert left.left_for_next_run == left_over
        dreamed += left.session_ids
        desk.adopt(left)
    assert dreamed == sessions
    desk.nothing_left()


def test_a_pipeline_that_is_set_to_other_sessions_reads_those_too_that_are_older(
    service: Service, desk: Desk
) -> None:
    other = service.agent()
    older = service.talk(other)
    service.talk(desk.agent_id)
    desk.adopt(desk.collect())
    desk.settings = {"agent_id": other}
    left = desk.collect()
    assert left.since is None
    assert left.session_ids == (older,)
    desk.adopt(left)
    desk.nothing_left()


def test_a_session_that_got_new_turns_comes_back_and_one_that_was_renamed_or_archived_does_not(
    service: Service, desk: Desk
) -> None:
    spoken, renamed, archived = (service.talk(desk.agent_id) for _ in range(3))
    desk.adopt(desk.collect())
    desk.nothing_left()
    service.client.beta.sessions.update(renamed, title="Better")
    service.client.beta.sessions.archive(archived)
    desk.nothing_left()
    service.say(spoken, "And then to York.")
    assert desk.collect().session_ids == (spoken,)


def test_a_rejected_dream_covers_nothing(service: Service, desk: Desk) -> None:
    session_id = service.talk(desk.agent_id)
    for _ in range(2):
        assert desk.collect().session_ids == (session_id,)


def test_a_restored_store_has_not_seen_what_was_dreamed_since(service: Service, desk: Desk) -> None:
    service.talk(desk.agent_id)
    desk.adopt(desk.collect())
    ancestor = desk.hook.retrieve_store(desk.live)
    second = service.talk(desk.agent_id)
    desk.adopt(desk.collect())
    desk.nothing_left()
    desk.restore(ancestor.id, through=datetime.fromisoformat(ancestor.metadata["dreamflow_through"]))
    assert second in desk.collect().session_ids


def test_a_restored_store_still_knows_what_its_ancestors_dream_has_read(service: Service, desk: Desk) -> None:
    session_id = service.talk(desk.agent_id)
    desk.adopt(desk.collect())
    desk.restore(desk.live, through=None)
    with pytest.raises(SkipRun):
        desk.collect()
    service.say(session_id, "And one more thing.")
    assert desk.collect().session_ids == (session_id,)


def test_sessions_that_dreams_ran_are_never_dreamed(service: Service, desk: Desk) -> None:
    service.talk(desk.agent_id)
    dreams_own = desk.adopt(desk.collect())
    desk.settings = {"agent_id": None}
    later = service.talk(desk.agent_id)
    left = desk.collect(limit=100)
    assert later in left.session_ids
    assert dreams_own not in left.session_ids


def test_only_sessions_that_mounted_a_store_of_the_history_where_that_is_asked_for(
    service: Service, desk: Desk
) -> None:
    desk.settings = {"mounted": True}
    mounted = service.talk(desk.agent_id, desk.live)
    service.talk(desk.agent_id, service.store())
    service.talk(desk.agent_id)
    left = desk.collect()
    assert left.session_ids == (mounted,)
    old = desk.live
    desk.adopt(left)
    later = service.talk(desk.agent_id, desk.live)
    still_old = service.talk(desk.agent_id, old)
    assert desk.collect().session_ids == (later, still_old)


def test_a_session_older_than_max_age_is_not_listed(service: Service, desk: Desk) -> None:
    service.talk(desk.agent_id)
    desk.settings = {"max_age": "PT0.001S"}
    desk.nothing_left()


def test_too_few_sessions_skip_the_night_and_say_so(service: Service, desk: Desk) -> None:
    desk.settings = {"minimum": 3}
    service.talk(desk.agent_id)
    with pytest.raises(SkipRun, match=r"1 sessions qualify, fewer than sessions\.minimum: 3"):
        desk.collect()


def test_a_live_store_that_can_not_be_dreamed_over_stops_the_run(service: Service, desk: Desk) -> None:
    service.talk(desk.agent_id)
    service.client.beta.memory_stores.update(desk.live, metadata={f"key{i}": "x" for i in range(9)})
    with pytest.raises(StateError, match=r"9 metadata pairs of its own.*Remove 3 or more"):
        desk.collect()
    service.client.beta.memory_stores.archive(desk.live)
    with pytest.raises(StateError, match="which is archived"):
        desk.collect()


def test_the_dreams_of_the_workspace_are_not_listed_further_back_than_they_could_matter(
    service: Service, desk: Desk
) -> None:
    asked: list[datetime] = []

    def listen(number: int, request: httpx2.Request) -> None:
        if request.url.path == "/v1/dreams":
            asked.append(datetime.fromisoformat(request.url.params["created_at[gt]"]))

    spoken = service.talk(desk.agent_id)
    desk.adopt(desk.collect())
    service.say(spoken, "One more thing.")
    desk.wire.before = listen
    since = desk.collect().since
    assert since is not None
    (moment,) = asked
    # A dream may have waited for long before its session began.
    assert moment >= since - timedelta(days=2)


def test_a_dreams_own_session_is_not_dreamed_however_late_it_changes(
    service: Service, desk: Desk, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Somebody archives it long after the dream was adopted, and all before counts as covered."""
    monkeypatch.setattr(collect, "_QUEUE_SLACK", timedelta(0))
    desk.settings = {"agent_id": None}
    service.talk(desk.agent_id)
    own = desk.adopt(desk.collect())
    service.talk(desk.agent_id)
    desk.adopt(desk.collect())
    listed = desk.hook.list_sessions
    now = datetime.now(UTC)

    def changed_late(**filters: Any) -> Iterator[Session]:
        """The embedded server lets nobody touch an ended session; the service may."""
        return (replace(s, updated_at=now) if s.id == own else s for s in listed(**filters))

    monkeypatch.setattr(desk.hook, "list_sessions", changed_late)
    newest = service.talk(desk.agent_id)
    assert desk.collect().session_ids == (newest,)


def test_a_session_that_speaks_while_the_list_is_read_is_dreamed_later(
    service: Service, desk: Desk, monkeypatch: pytest.MonkeyPatch
) -> None:
    early, late = service.talk(desk.agent_id), service.talk(desk.agent_id)
    desk.adopt(desk.collect())
    monkeypatch.setattr(managed_agents, "PAGE", 1)

    def speak(number: int, request: httpx2.Request) -> None:
        if request.url.path == "/v1/sessions" and "page" in request.url.params:
            desk.wire.before = lambda number, request: None
            service.say(early, "My flight is on Friday.")
            service.say(late, "Mine too.")

    desk.wire.before = speak
    collected = desk.collect()
    assert collected.session_ids == (late,)
    desk.adopt(collected)
    try:
        assert desk.collect().session_ids == (early,)
    except SkipRun:
        pytest.fail("what was said while the list was read is lost")


def test_sessions_are_collected_however_long_the_history_is(service: Service, desk: Desk) -> None:
    """The list is bounded by age, not by nights: what is asked for does not grow with what was dreamed."""
    asked = []
    for _ in range(3):
        service.talk(desk.agent_id)
        start = len(desk.wire.requests)
        left = desk.collect()
        asked.append(len(desk.wire.requests) - start)
        desk.adopt(left)
    assert asked[-1] - asked[-2] <= 2
