"""kill -9 of a worker in the middle of a fleet's tasks: the next try finishes, with one dream a member."""

from __future__ import annotations

import os
import signal
import time
from collections.abc import Callable
from pathlib import Path

import pytest

from dreamflow import tasks
from tests.dags.fleet_nights import AFTER_ADOPT, UP_TO_THE_REVIEW, Fleet, FleetNight
from tests.dags.secret_night import Record
from tests.support.mortal_process import die_after
from tests.support.workspace import dreams_on

RUN = "tonight"
CHAIN = (*UP_TO_THE_REVIEW, tasks.APPROVE, *AFTER_ADOPT)
#: Seconds after which a child is ended that hangs, as it was forked while a thread of the server's held a lock.
_PATIENCE = 15


def in_child(work: Callable[[], object]) -> int:
    """Do the work in a process of its own; return the signal that ended it, or 0."""
    child = os.fork()
    if not child:
        try:
            work()
        finally:
            os._exit(0)
    deadline = time.monotonic() + _PATIENCE
    while time.monotonic() < deadline:
        done, status = os.waitpid(child, os.WNOHANG)
        if done:
            return os.WTERMSIG(status) if os.WIFSIGNALED(status) else 0
        time.sleep(0.02)
    os.kill(child, signal.SIGKILL)
    os.waitpid(child, 0)
    return signal.SIGKILL


def night_of(fleet: Fleet, record: Path) -> FleetNight:
    """Return the night as its record has it: what a new process knows of it."""
    night = fleet.night(RUN)
    night.record = Record(RUN, fleet.told, record)
    return night


def one_try(night: FleetNight, task_id: str) -> None:
    if task_id == tasks.APPROVE:
        if night.approve() == "decided":
            night.record.end(tasks.APPROVE, "success")
    else:
        night.run_task(task_id)


@pytest.mark.parametrize("places", [(1, 3), (2, 6), (4, 9), (5, 14), (7, 20)])
def test_a_worker_that_dies_in_every_task_loses_and_repeats_nothing(
    fleet: Fleet, tmp_path: Path, places: tuple[int, ...]
) -> None:
    """In each task it dies after so many writes, of whichever members' threads they are; then after some more."""
    members = fleet.members("one", "two", "three")
    record, died = tmp_path / "record.json", []
    for task_id in CHAIN:
        for place in places:

            def work(task_id: str = task_id, place: int = place) -> None:
                die_after(place)
                one_try(night_of(fleet, record), task_id)

            ended = in_child(work)
            died += [task_id] if ended == signal.SIGKILL else []
            if night_of(fleet, record).record.ended(task_id):
                break
        night = night_of(fleet, record)
        if not night.record.ended(task_id):
            one_try(night, task_id)
        assert night.record.ended(task_id) == "success", (task_id, night.errors)
    assert {tasks.LAUNCH_DREAM, tasks.APPROVE, tasks.RETIRE_INPUT} <= {*died}, died
    for member in members:
        assert len(dreams_on(fleet.client, member.store)) == 1
        output = fleet.output(member, RUN)
        assert fleet.live(member) == output
        assert fleet.is_archived(member.store)
        assert not fleet.is_archived(output)
        journal = fleet.journal(member, RUN)
        assert journal.closed
        assert journal.swap
        assert journal.swap.by == "approval.mode: when_flagged"
        review = fleet.run(member, RUN).read_review()
        assert review
        assert review.verdict == "clean"
        before = {"Opens at nine."}
        assert before <= {text.strip() for text in fleet.texts(output).values()}


def test_a_worker_that_dies_between_two_members_decisions_takes_the_same_answer_to_its_end(
    fleet: Fleet, tmp_path: Path
) -> None:
    members = fleet.members("one", "two", "three")
    record = tmp_path / "record.json"
    night = night_of(fleet, record)
    assert night.run(UP_TO_THE_REVIEW[:-1]) == "success", night.errors
    for member in members:
        fleet.write(fleet.output(member, RUN), "/odd.md", "The owner is Zebulon Quux.")
    assert night.run(UP_TO_THE_REVIEW[-1:]) == "success", night.errors
    assert night.approve() == "asked"
    adopted: list[int] = []
    for place in (6, 12, 12):

        def answer(place: int = place) -> None:
            die_after(place)
            night_of(fleet, record).answer_rest("Adopt")

        def again(place: int = place) -> None:
            die_after(place)
            night_of(fleet, record).approve()

        was_noted = fleet.records.run(RUN).journal().answer is not None
        assert in_child(again if was_noted else answer) == signal.SIGKILL
        adopted.append(sum(fleet.live(member) != member.store for member in members))
    assert adopted[-1] < len(members), "it died too late to show anything"
    last = night_of(fleet, record)
    assert last.approve() == "decided"
    assert len(fleet.told.asked) == 1, "nobody is asked twice"
    assert last.run(AFTER_ADOPT) == "success", last.errors
    for member in members:
        assert fleet.live(member) == fleet.output(member, RUN)
        decision = fleet.journal(member, RUN).decision
        assert decision
        assert (decision.decision, decision.by) == ("Adopt", "Ada")


def test_clearing_tasks_after_some_were_adopted_dreams_for_the_others_alone(fleet: Fleet) -> None:
    clean, flagged = fleet.members("clean", "flagged")
    night = fleet.reviewed(RUN, (flagged,))
    assert night.approve() == "asked"
    live = fleet.live(clean)
    cleared = (tasks.COLLECT_SESSIONS, *CHAIN[2:6])
    night.record.clear(*cleared)
    assert night.run(UP_TO_THE_REVIEW) == "success", night.errors
    assert [len(dreams_on(fleet.client, member.store)) for member in (clean, flagged)] == [1, 1]
    assert fleet.live(clean) == live
    assert night.approve() == "asked"
    assert f"{fleet.name}-clean" not in night.told.asked[-1]["body"]
    assert night.answer_rest("Reject") == "decided"
    night.record.clear(tasks.APPROVE)
    assert night.approve() == "asked"
    assert "1 member" in night.told.asked[-1]["body"]
    fleet.write(fleet.output(flagged, RUN), "/behind.md", "Nobody saw this.")
    assert night.answer_rest("Adopt") == "asked"
    assert fleet.live(flagged) == flagged.store
    assert night.approve() == "asked"
    assert night.answer_rest("Adopt") == "decided"
    assert set(night.run_rest().values()) == {"success", "skipped"}, night.errors
    assert [fleet.live(one) for one in (clean, flagged)] == [live, fleet.output(flagged, RUN)]


def test_clearing_the_wait_waits_for_the_same_dreams(fleet: Fleet) -> None:
    members = fleet.members("one", "two")
    night = fleet.reviewed(RUN)
    night.record.clear(tasks.WAIT_FOR_DREAM, tasks.REVIEW_CHANGES)
    assert night.run(UP_TO_THE_REVIEW) == "success", night.errors
    assert [len(dreams_on(fleet.client, member.store)) for member in members] == [1, 1]
    assert night.approve() == "decided"
