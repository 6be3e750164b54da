"""A fleet's run that goes on after an upgrade, from what the release before noted of it."""

from __future__ import annotations

import pytest

from dreamflow import storage, tasks
from tests.dags.fleet_nights import UP_TO_THE_REVIEW, Fleet, FleetNight
from tests.dags.test_fleet_cleared_again import RUN, clear
from tests.support.run_record import TaskInstance
from tests.support.workspace import Workspace


def note_as_before(fleet: Fleet, night: FleetNight, member: Workspace, decision: str) -> None:
    """Decide on a member as the tab of the release before did: in the member's journal."""
    run, cleared = fleet.run(member, RUN), night.record.max_tries(tasks.APPROVE)
    assert fleet.choose(night, member, decision)
    answer = run.own_answer(cleared).answer
    run.forget_answers()
    run.note(answer=answer)


@pytest.mark.parametrize("is_cleared", [False, True])
def test_what_was_decided_in_the_tab_before_an_upgrade_holds(fleet: Fleet, is_cleared: bool) -> None:
    kept, edited, rest = fleet.members("kept", "edited", "rest")
    night = fleet.reviewed(RUN, (kept, edited, rest))
    assert night.approve() == "asked"
    note_as_before(fleet, night, kept, "Adopt")
    note_as_before(fleet, night, edited, "Adopt")
    if is_cleared:
        fleet.write(fleet.output(edited, RUN), "/behind.md", "Nobody saw this.")
        clear(night, tasks.APPROVE)
        assert night.approve() == "asked"
    assert night.answer_rest("Reject") == "decided"
    by = [one.by for member in (kept, edited, rest) if (one := fleet.journal(member, RUN).decision)]
    assert by == ["Grace", "Ada" if is_cleared else "Grace", "Ada"]


def test_what_was_acted_on_or_is_about_a_dream_before_does_not_come_back_after_an_upgrade(
    fleet: Fleet,
) -> None:
    acted, anew = fleet.members("acted", "anew")
    night = fleet.reviewed(RUN, (acted, anew), new_dream=True)
    assert night.approve() == "asked"
    note_as_before(fleet, night, acted, "Reject")
    assert night.answer_rest("Reject") == "decided"
    fleet.run(acted, RUN).forget_answers()
    note_as_before(fleet, night, anew, "Reject")
    clear(night, tasks.APPROVE)
    assert night.approve() == "asked"
    assert {row.state for row in fleet.records.run(RUN).read_rows(0)} == {"waiting"}

    note_as_before(fleet, night, anew, "Reject")
    clear(night, tasks.LAUNCH_DREAM)
    assert night.run(UP_TO_THE_REVIEW) == "success", night.errors
    assert night.approve() == "decided", "the new dreams are clean"
    assert fleet.live(anew) == fleet.output(anew, RUN)


@pytest.mark.parametrize("is_cut", [False, True])
def test_who_was_handed_on_after_a_clear_before_an_upgrade_is_not_dreamed_for_once_more(
    fleet: Fleet, monkeypatch: pytest.MonkeyPatch, is_cut: bool
) -> None:
    """The release before had one run follow, whichever life of the task triggered it."""
    (member,) = fleet.members("one")
    night = fleet.reviewed(RUN, (member,))
    assert night.approve() == "asked"
    assert night.answer_rest("Dream again", "No owners.") == "decided"
    night.record.begin_try(tasks.DREAM_AGAIN)
    clear(night, tasks.DREAM_AGAIN)
    assert night.run_task(tasks.DREAM_AGAIN) == "success", night.errors
    first = fleet.night(f"again_1__{RUN}", fleet.told.confs[0])
    assert first.run(UP_TO_THE_REVIEW) == "success", first.errors
    monkeypatch.setattr(TaskInstance, "under_way", {(fleet.dag.dag_id, first.record.run_id)})
    fleet.told.runs.clear()
    if is_cut:  # whether that run has begun with the member is not to be told
        storage.write_text(
            f"{fleet.run(member, first.record.run_id).folder}/journal.json", '{"version": 1, "pip'
        )
    clear(night, tasks.DREAM_AGAIN)
    assert night.run_task(tasks.DREAM_AGAIN) == "success", night.errors
    assert fleet.told.runs == []
