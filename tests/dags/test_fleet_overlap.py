"""A night of a fleet that waits for an answer holds back those that it asks about, and no others."""

from __future__ import annotations

import threading

import pytest

from dreamflow import storage, tasks
from dreamflow.errors import MembersFailed
from tests.dags.fleet_nights import AFTER_ADOPT, UP_TO_THE_REVIEW, Fleet
from tests.managed_agents.support import message
from tests.support.run_record import TaskInstance
from tests.support.workspace import dreams_on, new_sessions

SETTLE = (tasks.SETTLE_EARLIER_RUNS,)


def test_the_next_night_dreams_for_all_but_those_that_are_asked_about(
    fleet: Fleet, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(TaskInstance, "under_way", {(fleet.dag.dag_id, "first")})
    ash, birch = fleet.members("ash", "birch")
    first = fleet.reviewed("first", flagged=(birch,))
    assert first.approve() == "asked"
    swapped = fleet.live(ash)
    assert swapped != ash.store
    for member in (ash, birch):
        new_sessions(fleet.client, member, f"three-{member.deployment}", memory_store_id=fleet.live(member))
    second = fleet.night("second")
    assert second.run(UP_TO_THE_REVIEW) == "success", second.errors
    assert fleet.state(birch, "second", tasks.SETTLE_EARLIER_RUNS).startswith("skipped run first")
    assert len(dreams_on(fleet.client, birch.store)) == 1
    assert second.approve() == "decided"
    assert fleet.live(ash) not in (ash.store, swapped)

    # The answer comes after all, and finishes the first night as if there had been no second.
    again = fleet.live(ash)
    assert first.answer_rest("Adopt") == "decided"
    states = first.run_rest()
    assert "failed" not in states.values(), first.errors
    assert fleet.live(birch) != birch.store
    assert fleet.live(ash) == again
    assert fleet.is_archived(birch.store)


def test_an_old_run_does_nothing_for_a_member_that_a_later_one_has(fleet: Fleet) -> None:
    (ash,) = fleet.members("ash")
    first = fleet.reviewed("first", flagged=(ash,))
    second = fleet.night("second")
    assert second.run(UP_TO_THE_REVIEW) == "success", second.errors
    live = fleet.live(ash)
    with pytest.raises(MembersFailed, match="run second has taken it over"):
        first.approve()
    assert fleet.live(ash) == live


def test_a_clear_takes_a_member_back_from_a_run_that_took_it_and_is_through(
    fleet: Fleet, monkeypatch: pytest.MonkeyPatch
) -> None:
    under_way = {(fleet.dag.dag_id, "second")}
    monkeypatch.setattr(TaskInstance, "under_way", under_way)
    (ash,) = fleet.members("ash")
    first = fleet.reviewed("first", flagged=(ash,))
    output = fleet.output(ash, "first")
    fleet.client.beta.deployments.create(
        name="looks at it, so that it is left",
        agent=ash.agent,
        environment_id=ash.environment,
        initial_events=[message("Good morning")],  # type: ignore[list-item]
        resources=[{"type": "memory_store", "memory_store_id": output, "access": "read_only"}],
    )
    assert fleet.night("second").run(SETTLE) == "success"
    assert not fleet.is_archived(output)
    with pytest.raises(MembersFailed, match="run second has taken it over"):
        first.approve()

    for is_under_way in (True, False):
        if not is_under_way:
            under_way.clear()
        first.record.clear(*UP_TO_THE_REVIEW, tasks.APPROVE)
        assert first.run(UP_TO_THE_REVIEW) == ("skipped" if is_under_way else "success"), first.errors
    assert first.approve() == "asked"
    assert first.answer_rest("Adopt") == "decided"
    assert fleet.live(ash) == output
    assert len(dreams_on(fleet.client, ash.store)) == 1


@pytest.mark.parametrize("is_settling", [True, False])
def test_only_one_of_two_nights_retires_a_store_and_each_late_write_is_carried_once(
    fleet: Fleet, monkeypatch: pytest.MonkeyPatch, is_settling: bool
) -> None:
    """While one is at it, the other comes along: the run that swapped the store, and the next one's settle."""
    monkeypatch.setattr(TaskInstance, "under_way", {(fleet.dag.dag_id, run) for run in ("first", "second")})
    (ash,) = fleet.members("ash")
    first, second = fleet.reviewed("first"), fleet.night("second")
    assert first.approve() == "decided"
    live = fleet.live(ash)
    fleet.write(ash.store, "/late.md", "Closed on Monday.")
    for store, text in ((ash.store, "Opens at ten."), (live, "Opens at eight.")):
        fleet.rewrite(store, "/hours.md", text)
    write, came = storage.write_text, threading.Event()

    def write_meanwhile(uri: str, text: str) -> None:
        write(uri, text)
        if uri == f"{fleet.run(ash, 'first').folder}/retirement.json" and not came.is_set():
            came.set()
            first.run(AFTER_ADOPT) if is_settling else second.run(SETTLE)

    monkeypatch.setattr(storage, "write_text", write_meanwhile)
    nights = ((second, SETTLE), (first, AFTER_ADOPT))
    for night, its_tasks in nights if is_settling else nights[::-1]:
        assert night.run(its_tasks) in ("success", "skipped"), night.errors
    assert came.is_set()
    assert first.errors == second.errors == []
    held = fleet.texts(live)
    assert held["/hours.md"].strip() == "Opens at eight."
    assert sum("Closed on Monday." in text for path, text in held.items() if path != "/MEMORY.md") == 1
    assert sum("Opens at ten." in text for path, text in held.items() if path != "/MEMORY.md") == 1
    journal = fleet.journal(ash, "first")
    assert sorted(note.path for note in journal.late) == ["/hours.md", "/late.md"]
    assert journal.closed == "adopted"
    assert fleet.records.member(ash.deployment).open_runs() == []
    assert fleet.is_archived(ash.store)


def test_what_a_run_was_to_retire_that_died_at_it_is_a_later_ones(
    fleet: Fleet, monkeypatch: pytest.MonkeyPatch
) -> None:
    under_way = {(fleet.dag.dag_id, run) for run in ("first", "second", "third")}
    monkeypatch.setattr(TaskInstance, "under_way", under_way)
    (ash,) = fleet.members("ash")
    first = fleet.reviewed("first")
    assert first.approve() == "decided"
    assert fleet.run(ash, "first").claim(0, "first"), "its drain has begun"
    assert fleet.night("second").run(SETTLE) == "success"
    settled = fleet.journal(ash, "second").tasks[tasks.SETTLE_EARLIER_RUNS].left
    assert "run first is at work on what run first left" in str(settled)
    assert not fleet.is_archived(ash.store)
    under_way -= {(fleet.dag.dag_id, run) for run in ("first", "second")}
    assert fleet.night("third").run(SETTLE) == "success"
    assert fleet.is_archived(ash.store)
    assert fleet.journal(ash, "first").closed == "adopted"
