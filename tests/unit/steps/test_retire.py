"""Retiring a superseded store: what came in until it was archived is carried, whoever came first."""

from __future__ import annotations

from datetime import timedelta
from pathlib import Path

import httpx2
import pytest

from dreamflow.core import late_writes
from dreamflow.errors import NotYet, StateError
from dreamflow.steps.stores import writers_of
from tests.unit.running import Night, night_of, write_first, write_late
from tests.unit.service import Killed, Service

BEFORE = {"/keep.md": "keep", "/edit.md": "old", "/late.md": "early"}
REVIEWED = {"/keep.md": "keep", "/edit.md": "dreamed", "/late.md": "early"}


@pytest.fixture
def night(service: Service, tmp_path: Path) -> Night:
    """A night whose output is live, and whose input is to be retired."""
    adopted = night_of(service, f"file://{tmp_path}/reports", BEFORE, REVIEWED)
    adopted.adopt()
    return adopted


def test_a_store_that_nobody_holds_is_archived_and_the_run_accounted_for(night: Night) -> None:
    retired = night.retire()
    assert night.state()["input archived"]
    assert night.state()["open"] == []
    assert retired.archived_at is not None
    assert (retired.applied, retired.held_by) == ((), ())


def test_what_came_after_the_carry_is_carried_before_the_archive(service: Service, night: Night) -> None:
    write_late(night, {"/late.md": "later", "/new.md": "new", "/keep.md": None})
    retired = night.retire()
    assert service.contents(night.output_id) == {"/edit.md": "dreamed", "/late.md": "later", "/new.md": "new"}
    assert {write.path for write in retired.applied} == {"/late.md", "/new.md", "/keep.md"}


def before_the_archive(night: Night, late: dict[str, str | None], then: dict[str, str | None]) -> None:
    """Let ``late`` reach the input right before it is archived, and ``then`` right after."""

    def interfere(number: int, request: httpx2.Request) -> None:
        if request.url.path.endswith(f"{night.input_id}/archive"):
            write_late(night, late)

    def interfere_after(number: int, request: httpx2.Request) -> None:
        if request.url.path.endswith(f"{night.input_id}/archive"):
            write_late(night, then)

    night.wire.before, night.wire.after = interfere, interfere_after


def test_a_write_that_beat_the_archive_is_carried_after_it(service: Service, night: Night) -> None:
    before_the_archive(night, {"/late.md": "at the last moment", "/keep.md": None}, {})
    night.retire()
    assert service.contents(night.output_id) == {"/edit.md": "dreamed", "/late.md": "at the last moment"}


def test_a_delete_after_the_archive_is_ignored(service: Service, night: Night) -> None:
    before_the_archive(night, {}, {"/keep.md": None, "/late.md": None})
    night.retire()
    assert service.contents(night.output_id) == REVIEWED
    assert night.state()["input archived"]


@pytest.mark.parametrize("path", ["/late.md", "/new.md"], ids=["changed", "created"])
def test_a_write_that_beat_the_archive_is_carried_even_where_it_was_deleted_after_it(
    service: Service, night: Night, path: str
) -> None:
    before_the_archive(night, {path: "at the last moment"}, {path: None})
    night.retire()
    assert service.contents(night.output_id)[path] == "at the last moment"


def test_what_merges_is_carried_and_what_does_not_is_kept_beside(service: Service, night: Night) -> None:
    write_late(night, {"/edit.md": "edited", "/keep.md": "kept better"})
    retired = night.retire()
    held = service.contents(night.output_id)
    assert (held["/edit.md"], held["/keep.md"]) == ("dreamed", "kept better")
    assert "\nedited\n" in held["/late/edit.md"]
    assert [row["late_path"] for row in retired.to_json()["beside"]] == ["/late/edit.md"]
    assert night.state()["input archived"]
    assert night.state()["open"] == []


def test_a_write_of_the_new_sessions_is_never_overwritten_by_a_late_one(
    service: Service, night: Night
) -> None:
    write_late(night, {"/late.md": "from the new"}, night.output_id)
    write_late(night, {"/late.md": "from the old"})
    night.retire()
    held = service.contents(night.output_id)
    assert held["/late.md"] == "from the new"
    assert "\nfrom the old\n" in held["/late/late.md"]


@pytest.mark.parametrize(("path", "late"), [("/new.md", "new"), ("/late.md", "later"), ("/late.md", None)])
def test_a_write_of_the_new_sessions_at_the_same_moment_is_tried_again_and_then_merged(
    service: Service, night: Night, path: str, late: str | None
) -> None:
    write_late(night, {path: late})
    write_first(night, {path: "from the new"})
    night.retire()
    held = service.contents(night.output_id)
    kept = held[f"/late{path}"]
    assert (f"\n{late}\n" in kept and held[path] == "from the new") if late else "\nfrom the new\n" in kept
    assert night.state()["input archived"]


@pytest.mark.parametrize("status", ["running", "rescheduling"])
def test_a_store_that_sessions_hold_is_left_and_its_late_writes_are_carried_all_the_same(
    service: Service, night: Night, status: str
) -> None:
    session_id = service.session(night.input_id, status=status)
    write_late(night, {"/late.md": "later"})
    retired = night.retire()
    assert (retired.archived_at, retired.held_by) == (None, (session_id,))
    assert not night.state()["input archived"]
    assert night.state()["open"] == ["manual__1"]
    assert service.contents(night.output_id)["/late.md"] == "later"
    service.set_status(session_id, "idle")
    write_late(night, {"/late.md": "last"})
    assert night.retire().archived_at is not None
    assert service.contents(night.output_id)["/late.md"] == "last"


def test_who_could_still_write(service: Service, night: Night) -> None:
    store_id = service.store()
    busy = service.session(store_id, status="running")
    resting = service.session(store_id)
    service.session(store_id, access="read_only", status="running")
    service.session(store_id, status="terminated")
    gone = service.session(store_id)
    service.client.beta.sessions.archive(gone)
    service.session(service.store(), status="running")
    assert writers_of(night.world, store_id) == [busy]
    night.settings = {"retire": {"idle_for": "PT1H"}}
    night.__post_init__()
    assert set(writers_of(night.world, store_id)) == {busy, resting}


def test_retiring_again_changes_nothing_and_tells_the_same(service: Service, night: Night) -> None:
    """Where a task died once its run was closed, the next try leaves what the first would have."""
    write_late(night, {"/late.md": "later", "/edit.md": "edited"})
    first = night.retire()
    was = night.state()
    again = night.retire()
    assert night.state() == was
    assert again.to_json() == first.to_json()
    assert [row.path for row in again.applied] == ["/late.md", "/late/edit.md"]


def test_an_input_that_somebody_deleted_is_said_with_what_to_do_and_the_next_run_closes_it(
    service: Service, night: Night
) -> None:
    service.client.beta.memory_stores.delete(night.input_id)
    with pytest.raises(StateError, match=rf"{night.input_id}, which .* superseded, is gone.*Mark this task"):
        night.retire()
    night.settle()
    assert night.open_runs() == []
    assert set(night.named()) == {"output"}


def test_a_lost_base_stops_the_retirement_and_archives_nothing(night: Night, tmp_path: Path) -> None:
    for name in ("base.json", "carried.json"):
        (tmp_path / "reports" / "support" / "manual__1" / name).unlink()
    with pytest.raises(StateError, match=r"base\.json is not there"):
        night.retire()
    assert not night.state()["input archived"]


def test_a_retirement_that_died_while_it_carried_knows_its_own_writes(service: Service, night: Night) -> None:
    write_late(night, {"/late.md": "first", "/new.md": "first"})

    def die(number: int, request: httpx2.Request) -> None:
        if request.method == "POST" and request.url.path.endswith("/memories"):
            raise Killed

    night.wire.after = die
    with pytest.raises(Killed):
        night.retire()
    night.wire.after = lambda number, request: None
    write_late(night, {"/late.md": "second", "/new.md": "second"})
    night.retire()
    assert service.contents(night.output_id) == {**REVIEWED, "/late.md": "second", "/new.md": "second"}


@pytest.mark.parametrize("agent", [True, False], ids=["every target", "the first target"])
def test_an_input_that_somebody_went_back_to_is_never_archived(night: Night, agent: bool) -> None:
    (night.point_by_hand if agent else night.point_deployment_at)(night.input_id)
    with pytest.raises(StateError, match=rf"names memory store {night.input_id} again: it is live"):
        night.retire()
    assert not night.state()["input archived"]
    assert night.state()["open"] == [night.run_id]


def test_an_input_is_not_retired_for_a_store_that_did_not_come_of_it(service: Service, night: Night) -> None:
    theirs = service.store()
    night.point_by_hand(theirs)
    with pytest.raises(StateError, match=rf"names memory store {theirs}, which did not come of"):
        night.retire()
    assert not night.state()["input archived"]


def test_after_going_back_the_next_run_accounts_for_the_output(night: Night) -> None:
    night.point_by_hand(night.input_id)
    night.settle()
    assert night.state()["output archived"]
    assert not night.state()["input archived"]
    assert night.state()["open"] == []


def retirement_that_dies(night: Night, after: int) -> None:
    """Let the process die once it has written so many memories to the live store."""
    written: list[str] = []

    def die(number: int, request: httpx2.Request) -> None:
        if request.method != "GET" and f"/{night.output_id}/memories" in request.url.path:
            written.append(request.url.path)
            if len(written) >= after:
                raise Killed

    night.wire.after = die
    with pytest.raises(Killed):
        night.retire()
    night.wire.after = lambda number, request: None


@pytest.mark.parametrize("undo", [True, False])
def test_what_an_agent_makes_of_a_carried_write_stands_however_often_the_retirement_is_tried(
    service: Service, night: Night, undo: bool
) -> None:
    write_late(night, {"/late.md": "late", "/new.md": "new"})
    retirement_that_dies(night, after=2)
    theirs = {"/late.md": "early" if undo else "late, and more"}
    write_late(night, {**theirs, "/new.md": None}, night.output_id)
    night.retire()
    assert service.contents(night.output_id) == {**REVIEWED, **theirs}
    night.settle()
    assert service.contents(night.output_id) == {**REVIEWED, **theirs}


def test_a_retirement_that_died_before_the_live_store_was_replaced_goes_on_with_what_replaced_it(
    service: Service, night: Night
) -> None:
    write_late(night, {"/late.md": "late"})
    retirement_that_dies(night, after=1)
    write_late(night, {"/late.md": "early, said the new"}, night.output_id)
    second = night.next_night(service.contents(night.output_id))
    second.adopt()
    write_late(night, {"/new.md": "new"})
    second.settle("manual__3")
    assert service.contents(second.output_id) == {
        **REVIEWED,
        "/late.md": "early, said the new",
        "/new.md": "new",
    }


def test_a_live_store_without_room_leaves_the_old_one_as_it_is_and_says_what_to_do(
    service: Service, night: Night, monkeypatch: pytest.MonkeyPatch
) -> None:
    write_late(night, {"/new.md": "new"})
    monkeypatch.setattr("dreamflow.steps.carry.MEMORIES_LIMIT", len(REVIEWED))
    for _ in range(2):
        with pytest.raises(
            StateError, match=rf"{night.output_id} would hold 1 memories more.*Delete memories"
        ):
            night.retire()
    assert service.contents(night.output_id) == REVIEWED
    assert not night.state()["input archived"]
    write_late(night, {"/keep.md": None}, night.output_id)
    night.retire()
    assert "/new.md" in service.contents(night.output_id)


@pytest.mark.usefixtures("one_plan_a_try")
class TestWhereOneLateWriteIsCarriedLaterThanAnother:
    """The live store was written to in the place of the older one; the newer one was carried."""

    @pytest.fixture
    def night(self, service: Service, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Night:
        # How far apart the two are is more than listing a store takes.
        monkeypatch.setattr(late_writes, "_LISTING", timedelta(0))
        contents = {"/a.md": "a\n", "/b.md": "b\n"}
        adopted = night_of(service, f"file://{tmp_path}/reports", contents, contents)
        adopted.adopt()
        write_late(adopted, {"/b.md": "b\nacknowledged line\n"})
        write_late(adopted, {"/a.md": "a\nlater\n"})
        write_in_the_way(adopted, "/b.md", "b\nnew session\n")
        with pytest.raises(NotYet):
            adopted.retire()
        assert service.contents(adopted.output_id)["/a.md"] == "a\nlater\n"
        return adopted

    def test_it_is_told_who_wrote_it_and_when(self, service: Service, night: Night) -> None:
        night.retire()
        assert service.contents(night.output_id)["/b.md"] == "b\nnew session\nacknowledged line\n"
        rows = [row for row in night.hook.list_versions(night.input_id) if row.operation == "modified"]
        told = {note.path: (note.how, note.by, note.at) for note in night.run.journal().late}
        assert told == {
            "/a.md": ("updated", rows[0].by, rows[0].at),
            "/b.md": ("merged", rows[1].by, rows[1].at),
        }

    def test_it_is_carried_even_where_it_was_deleted_after_somebody_archived_the_store(
        self, service: Service, night: Night
    ) -> None:
        night.hook.archive_store(night.input_id)
        service.remove(night.input_id, "/b.md")
        night.retire()
        assert service.contents(night.output_id)["/b.md"] == "b\nnew session\nacknowledged line\n"
        assert night.state()["open"] == []


def write_in_the_way(night: Night, path: str, content: str) -> None:
    """Let a new session write to a memory of the live store right before the retirement does, once."""
    memory_id, hit = night.service.memory_id(night.output_id, path), list[int]()

    def interfere(number: int, request: httpx2.Request) -> None:
        if request.method == "POST" and request.url.path.endswith(f"/memories/{memory_id}") and not hit:
            hit.append(number)
            night.service.put(night.output_id, path, content)

    night.wire.before = interfere
