"""Settling the stores that earlier runs left and no run will use."""

from __future__ import annotations

import json
from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path

import httpx2
import pytest

from dreamflow.core.launching import DreamRequest, Intent
from dreamflow.core.objects import Dream
from dreamflow.errors import StalePlan
from dreamflow.records.journal import DreamNote
from dreamflow.steps.launch import give_up
from tests.support.server import KEY, LocalServer
from tests.unit.running import Night, night_of, take_back, write_late
from tests.unit.service import MODEL, Killed, Service

BEFORE = {"/keep.md": "keep", "/edit.md": "old"}
REVIEWED = {"/keep.md": "keep", "/edit.md": "dreamed"}


@pytest.fixture
def night(service: Service, location: str) -> Night:
    return night_of(service, location, BEFORE, REVIEWED)


@pytest.fixture
def slow(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[Service]:
    """A service whose dreams don't end while a test looks."""
    with LocalServer(tmp_path / "slow.db", pace_seconds=60) as server:
        connection = {"conn_type": "anthropic", "host": server.url, "password": KEY}
        monkeypatch.setenv("AIRFLOW_CONN_ANTHROPIC_DEFAULT", json.dumps(connection))
        yield Service(server.client)


class TestLeftovers:
    def test_an_output_that_no_run_will_use_is_archived(self, night: Night) -> None:
        settled = night.settle()
        assert night.state()["output archived"]
        assert night.state()["open"] == []
        assert night.named() == ["input", "input"]
        assert f"archived memory store {night.output_id}" in settled.did[0]

    def test_so_is_one_whose_swap_never_began(self, night: Night) -> None:
        write_late(night, {"/new.md": "new"})
        night.carry()
        night.settle()
        assert night.state()["output archived"]
        assert not night.state()["input archived"]

    def test_one_that_was_written_to_is_left_for_a_person_each_night(self, night: Night) -> None:
        night.carry()
        write_late(night, {"/only-here.md": "precious"}, night.output_id)
        for _ in range(2):
            settled = night.settle()
            assert not night.state()["output archived"]
            assert night.state()["open"] == ["manual__1"]
            assert "left for a person" in settled.did[0]

    def test_one_whose_second_carry_died_holds_nothing_of_anybody_elses_and_is_archived(
        self, service: Service, night: Night
    ) -> None:
        write_late(night, {"/one.md": "one"})
        night.carry()
        write_late(night, {"/two.md": "two", "/keep.md": "keep, and more"})

        def die(number: int, request: httpx2.Request) -> None:
            if request.method != "GET" and f"/{night.output_id}/memories" in request.url.path:
                raise Killed

        night.wire.after = die
        with pytest.raises(Killed):
            night.carry()
        night.wire.after = lambda number, request: None
        night.settle()
        assert night.state()["output archived"]
        assert night.open_runs() == []

    def test_one_that_somebody_wrote_to_between_two_carries_is_left_for_a_person(self, night: Night) -> None:
        write_late(night, {"/one.md": "one"})
        night.carry()
        write_late(night, {"/only-here.md": "precious"}, night.output_id)
        write_late(night, {"/two.md": "two"})
        with pytest.raises(StalePlan):
            night.carry()
        assert "left for a person" in night.settle().did[0]

    def test_one_that_a_session_could_still_write_to_is_left(self, night: Night) -> None:
        night.carry()
        night.service.session(night.output_id, status="running")
        night.settle()
        assert not night.state()["output archived"]

    def test_a_run_that_left_no_store_is_settled(self, night: Night, location: str) -> None:
        night.run.close("by the test")
        records = night.world.records
        records.run("manual__0").open(DreamNote(input_store_id=night.input_id, dream_id="drm_gone"))
        records.run("manual__00").open(DreamNote(input_store_id=night.input_id))
        night.settle()
        assert night.open_runs() == []

    def test_an_output_that_somebody_deleted_is_settled(self, night: Night) -> None:
        night.service.client.beta.memory_stores.delete(night.output_id)
        night.settle()
        assert night.open_runs() == []

    def test_the_run_itself_is_not_settled_by_its_own_task(self, night: Night) -> None:
        night.settle(run_id=night.run_id)
        assert not night.state()["output archived"]
        assert night.state()["open"] == [night.run_id]

    def test_other_pipelines_are_left_alone(self, night: Night, location: str) -> None:
        theirs = replace(night.world.records, pipeline="sales")
        theirs.run("manual__1").open(night.run.journal().dreams[0])
        night.run.close("by the test")
        night.settle()
        assert not night.state()["output archived"]
        assert theirs.open_runs() == ["manual__1"]


class TestWhatWasLiveForAWhile:
    """A swap that was begun, and taken back: by a failed task, or by a person who goes back by hand."""

    def test_what_agents_wrote_to_the_output_is_carried_back_before_it_is_archived(
        self, service: Service, night: Night
    ) -> None:
        take_back(night, {"/keep.md": "keep, and more", "/only-here.md": "precious"})
        did = night.settle().did
        assert (
            f"carried 2 writes to {night.input_id} that agents made to {night.output_id} while it was live"
            in did
        )
        # Nothing of the dream's own comes with it.
        assert service.contents(night.input_id) == {
            "/keep.md": "keep, and more",
            "/edit.md": "old",
            "/only-here.md": "precious",
        }
        assert night.state()["output archived"]
        assert night.open_runs() == []

    def test_so_it_is_where_a_person_went_back_and_archived_the_output(
        self, service: Service, night: Night
    ) -> None:
        night.adopt()
        write_late(night, {"/only-here.md": "precious"}, night.output_id)
        service.client.beta.memory_stores.archive(night.output_id)
        night.point_by_hand(night.input_id)
        night.settle()
        assert service.contents(night.input_id)["/only-here.md"] == "precious"
        assert night.open_runs() == []

    def test_what_the_retirement_had_carried_there_is_not_carried_back(
        self, service: Service, night: Night
    ) -> None:
        night.adopt()
        session_id = service.session(night.input_id, status="running")
        write_late(night, {"/edit.md": "edited"})
        assert night.retire().archived_at is None
        assert "/late/edit.md" in service.contents(night.output_id)
        write_late(night, {"/only-here.md": "precious"}, night.output_id)
        night.point_by_hand(night.input_id)
        service.set_status(session_id, "idle")
        night.settle()
        assert service.contents(night.input_id) == {
            "/keep.md": "keep",
            "/edit.md": "edited",
            "/only-here.md": "precious",
        }
        assert night.state()["output archived"]

    def test_so_it_is_where_the_run_dreams_again_and_gives_the_first_dreams_store_up(
        self, service: Service, night: Night
    ) -> None:
        take_back(night, {"/only-here.md": "precious"})
        at = night.world.now()
        dream = Dream("drm_1", "completed", at, night.input_id, (), MODEL, output_store_id=night.output_id)
        give_up(night.world, night.run, dream)
        assert service.contents(night.input_id)["/only-here.md"] == "precious"
        assert night.state()["output archived"]

    def test_to_a_store_of_theirs_nothing_is_carried_and_the_output_is_left_for_them(
        self, service: Service, night: Night
    ) -> None:
        night.adopt()
        write_late(night, {"/only-here.md": "precious"}, night.output_id)
        theirs = service.store()
        night.point_by_hand(theirs)
        (said,) = night.settle().did
        assert "left for a person" in said
        assert service.contents(theirs) == {}
        assert not night.state()["output archived"]


def request_of(service: Service) -> DreamRequest:
    return DreamRequest(service.store(BEFORE), (service.session(),), MODEL, None)


def ended(night: Night, request: DreamRequest) -> Dream:
    """Return what became of a dream of the request."""
    dream = night.hook.create_dream(request)
    while dream.status in ("pending", "running"):
        dream = night.hook.retrieve_dream(dream.id)
    return dream


def open_run(night: Night, request: DreamRequest, seen: tuple[str, ...], dream_id: str | None) -> None:
    """Leave what a run leaves that asked for a dream, and nothing of the night's own run."""
    note = DreamNote(
        input_store_id=request.input_store_id,
        session_ids=request.session_ids,
        asked=Intent.of(request).asked,
        seen=seen,
        dream_id=dream_id,
    )
    night.world.records.run("manual__0").open(note)
    night.run.close("by the test")


class TestDreams:
    """A run that died before it noted what its dream made, or whose request created two."""

    @pytest.mark.parametrize("failing", [None, "internal_error"], ids=["completed", "failed"])
    @pytest.mark.parametrize("noted", [True, False], ids=["id noted", "reply lost"])
    def test_what_its_dream_left_is_found_and_archived(
        self, service: Service, night: Night, noted: bool, failing: str | None
    ) -> None:
        seen = tuple(dream.id for dream in night.hook.newest_dreams())
        if failing:
            service.client.post("/_control/dreams/fail_next", cast_to=object, body={"type": failing})
        request = request_of(service)
        dream = ended(night, request)
        assert dream.output_store_id is not None
        open_run(night, request, seen, dream.id if noted else None)
        night.settle()
        assert service.is_archived(dream.output_store_id)
        assert not service.is_archived(request.input_store_id)
        assert night.open_runs() == []

    @pytest.mark.parametrize("adopted", [True, False])
    def test_what_a_second_dream_of_one_request_made_is_archived(
        self, service: Service, night: Night, adopted: bool
    ) -> None:
        """A late create: the run went on with one dream, and the other's store is nobody's."""
        seen = tuple(dream.id for dream in night.hook.newest_dreams())
        request = request_of(service)
        own, other = ended(night, request), ended(night, request)
        assert own.output_store_id
        assert other.output_store_id
        open_run(night, request, seen, own.id)
        if adopted:
            night.point_by_hand(own.output_store_id)
        night.settle()
        assert service.is_archived(other.output_store_id)
        assert service.is_archived(own.output_store_id) is not adopted

    def test_a_store_that_somebody_made_live_is_not_archived_as_a_second_dreams(
        self, service: Service, night: Night
    ) -> None:
        seen = tuple(dream.id for dream in night.hook.newest_dreams())
        request = request_of(service)
        own, other = ended(night, request), ended(night, request)
        assert other.output_store_id
        open_run(night, request, seen, own.id)
        night.point_by_hand(other.output_store_id)
        did = night.settle().did
        assert not service.is_archived(other.output_store_id)
        assert any(f"{other.output_store_id} of run manual__0 was adopted by hand" in said for said in did)
        assert night.open_runs() == ["manual__0"]

    def test_a_second_dream_that_is_in_flight_is_canceled_and_what_it_made_is_archived(
        self, slow: Service, location: str
    ) -> None:
        night = night_of(slow, location, BEFORE, REVIEWED)
        seen = tuple(dream.id for dream in night.hook.newest_dreams())
        request = request_of(slow)
        own, other = night.hook.create_dream(request), night.hook.create_dream(request)
        open_run(night, request, seen, own.id)
        did = night.settle().did
        canceled = night.hook.retrieve_dream(other.id)
        assert canceled.status == "canceled"
        assert canceled.output_store_id is None or slow.is_archived(canceled.output_store_id)
        assert any(f"canceled dream {other.id} of run manual__0" in said for said in did)
        # Its own goes on: a person may still clear the run's wait.
        assert night.hook.retrieve_dream(own.id).status in ("pending", "running")
        assert any(f"its dream {own.id} is still" in said for said in did)
        assert night.open_runs() == ["manual__0"]
