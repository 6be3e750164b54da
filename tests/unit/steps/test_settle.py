"""Settling what earlier runs left, from what is there."""

from __future__ import annotations

import re

import httpx2
import pytest

from dreamflow.config import Pipeline
from dreamflow.core.handoffs import Settled
from dreamflow.errors import NotFound, StateError, TargetsDisagree
from dreamflow.steps import settle as settling
from dreamflow.storage import delete
from tests.unit.running import Night, night_of, pipeline_of, world_of, write_first, write_late
from tests.unit.service import Service, Wire, mounted, writes

BEFORE = {"/keep.md": "keep", "/edit.md": "old"}
REVIEWED = {"/keep.md": "keep", "/edit.md": "dreamed"}


@pytest.fixture
def night(service: Service, location: str) -> Night:
    return night_of(service, location, BEFORE, REVIEWED)


def settle(pipeline: Pipeline, wire: Wire | None = None) -> Settled:
    return settling.settle(world_of(pipeline, wire or Wire()), "manual__2")[0]


class TestTargets:
    def test_where_nothing_is_left_nothing_is_written(self, night: Night) -> None:
        night.run.close("by the test")
        assert night.settle() == Settled(live_store_id=night.input_id)
        assert writes(night.wire.requests) == []

    def test_a_swap_whose_first_target_was_done_is_finished(self, night: Night) -> None:
        night.carry()
        night.repoint(0)
        left = night.settle()
        assert night.named() == ["output", "output"]
        assert left.live_store_id == night.output_id
        assert "finished the interrupted swap" in left.did[0]

    def test_a_swap_that_was_half_taken_back_is_taken_back(self, night: Night) -> None:
        night.adopt()
        night.point_deployment_at(night.input_id)
        left = night.settle()
        assert night.named() == ["input", "input"]
        assert "took back the interrupted swap" in left.did[0]
        assert night.state()["output archived"]

    def test_targets_that_disagree_without_a_reason_stop_the_run_with_who_names_what(
        self, service: Service, location: str
    ) -> None:
        one, two = service.store(), service.store()
        deployment_id, agent_id = service.deployment(mounted(one)), service.agent(memory_store_id=two)
        pipeline = pipeline_of(
            location,
            {"type": "deployment", "deployment_id": deployment_id},
            {"type": "agent", "agent_id": agent_id},
        )
        wire = Wire()
        with pytest.raises(TargetsDisagree) as raised:
            settle(pipeline, wire)
        for words in (
            f"deployment {deployment_id} names {one}",
            f"agent {agent_id}",
            two,
            "Nothing was changed",
        ):
            assert words in str(raised.value)
        assert writes(wire.requests) == []

    def test_a_target_that_names_a_store_that_is_gone_disagrees(
        self, service: Service, location: str
    ) -> None:
        one = service.store()
        pipeline = pipeline_of(
            location,
            {"type": "agent", "agent_id": service.agent(memory_store_id=one)},
            {"type": "agent", "agent_id": service.agent(memory_store_id="memstore_gone")},
        )
        with pytest.raises(TargetsDisagree, match="memstore_gone"):
            settle(pipeline)

    def test_a_live_store_that_is_archived_or_gone_stops_the_run(
        self, service: Service, location: str
    ) -> None:
        store_id = service.store()
        service.client.beta.memory_stores.archive(store_id)
        target = {"type": "agent", "agent_id": service.agent(memory_store_id=store_id)}
        with pytest.raises(StateError, match=rf"{store_id}, which is archived.*Point the targets"):
            settle(pipeline_of(location, target))
        target = {"type": "agent", "agent_id": service.agent(memory_store_id="memstore_gone")}
        with pytest.raises(NotFound, match="memstore_gone"):
            settle(pipeline_of(location, target))

    def test_every_target_is_checked_before_any_is_written(self, night: Night) -> None:
        night.carry()
        night.repoint(0)
        night.service.client.beta.agents.archive(night.agent_id)
        with pytest.raises(StateError, match="archived"):
            night.settle()


class TestRetiring:
    def test_a_superseded_store_whose_sessions_have_gone_is_retired_with_its_late_writes(
        self, service: Service, night: Night
    ) -> None:
        session_id = service.session(night.input_id, status="running")
        night.adopt()
        night.retire()
        write_late(night, {"/late.md": "late"})
        assert "still held by 1" in night.settle().did[0]
        assert not night.state()["input archived"]
        service.set_status(session_id, "idle")
        assert "retired memory store" in night.settle("manual__3").did[0]
        state = night.state()
        assert (state["input archived"], state["open"]) == (True, [])
        assert state["output"]["/late.md"] == "late"

    def test_late_writes_reach_the_store_that_is_live_by_now(self, service: Service, night: Night) -> None:
        night.adopt()
        reviewed_later = {**REVIEWED, "/index.md": "index"}
        second = night.next_night(reviewed_later)
        second.adopt()
        write_late(night, {"/late.md": "late"})
        second.settle("manual__3")
        assert service.is_archived(night.input_id)
        assert service.is_archived(night.output_id)
        assert service.contents(second.output_id) == {**reviewed_later, "/late.md": "late"}
        assert night.open_runs() == []

    def test_what_does_not_merge_is_kept_beside_and_stops_nothing(
        self, service: Service, night: Night
    ) -> None:
        night.adopt()
        write_late(night, {"/edit.md": "edited"})
        night.settle()
        assert night.state()["input archived"]
        assert night.open_runs() == []
        held = service.contents(night.output_id)
        assert held.keys() - REVIEWED.keys() == {"/late/edit.md"}
        assert "\nedited\n" in held["/late/edit.md"]

    @pytest.mark.usefixtures("one_plan_a_try")
    def test_a_session_that_writes_at_the_same_moment_is_said_and_stops_no_night(
        self, service: Service, night: Night
    ) -> None:
        night.adopt()
        write_late(night, {"/late.md": "late"})
        write_first(night, {"/late.md": "from the new"})
        left = night.settle()
        assert left.live_store_id == night.output_id
        assert "'/late.md'" in left.did[0]
        assert night.state()["open"] == ["manual__1"]
        assert service.contents(night.output_id)["/late.md"] == "from the new"
        service.remove(night.output_id, "/late.md")
        night.settle("manual__3")
        assert service.contents(night.output_id)["/late.md"] == "late"
        assert night.state()["open"] == []

    def test_an_input_that_somebody_deleted_is_settled_and_said_so(self, night: Night) -> None:
        night.adopt()
        night.service.client.beta.memory_stores.delete(night.input_id)
        assert night.input_id in night.settle().did[0]
        assert night.open_runs() == []

    def test_an_output_that_was_adopted_by_hand_is_said_each_night_and_stops_none(
        self, service: Service, night: Night
    ) -> None:
        night.point_by_hand(night.output_id)
        was = night.state()
        for run_id in ("manual__2", "manual__3"):
            left = night.settle(run_id)
            assert left.live_store_id == night.output_id
            (said,) = left.did
            assert f"run manual__1: its memory store {night.output_id} was adopted by hand" in said
            assert night.state() == was
        marker = re.search(r"its marker: (file://\S+)", said)
        assert marker
        delete(marker[1])
        assert night.settle("manual__4").did == ()

    def test_a_late_write_that_was_redacted_while_it_was_read_does_not_settle_the_run(
        self, service: Service, night: Night
    ) -> None:
        night.adopt()
        write_late(night, {"/late.md": "a secret"})
        entry = night.hook.list_memories(night.input_id)["/late.md"]

        def redact(number: int, request: httpx2.Request) -> None:
            if request.url.path.endswith(entry.memory_id):
                night.wire.before = lambda number, request: None
                write_late(night, {"/late.md": "no secret"})
                service.client.beta.memory_stores.memory_versions.redact(
                    entry.version_id, memory_store_id=night.input_id
                )

        night.wire.before = redact
        night.settle()
        assert night.open_runs() == ["manual__1"]

    def test_a_store_that_was_archived_by_hand_gives_what_it_held(
        self, service: Service, night: Night
    ) -> None:
        night.adopt()
        write_late(night, {"/late.md": "late"})
        night.hook.archive_store(night.input_id)
        service.remove(night.input_id, "/keep.md")
        night.settle()
        assert service.contents(night.output_id) == {**REVIEWED, "/late.md": "late"}
        assert night.open_runs() == []

    def test_going_back_by_hand_archives_the_store_that_was_left(self, night: Night) -> None:
        night.adopt()
        night.point_by_hand(night.input_id)
        night.settle()
        state = night.state()
        assert (state["targets"], state["output archived"]) == (["input", "input"], True)
        assert not state["input archived"]
