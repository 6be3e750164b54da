"""Settling the stores that earlier runs left and no run will use."""

from __future__ import annotations

import contextlib
from pathlib import Path
from typing import Any

import pytest
from dreamflow.run_files import RunFiles, open_runs

from dreamflow.core.launching import DreamRequest, Intent
from dreamflow.errors import StateError
from tests.unit.running import Night, night_of, write_late
from tests.unit.service import MODEL, Service

BEFORE = {"/keep.md": "keep", "/edit.md": "old"}
REVIEWED = {"/keep.md": "keep", "/edit.md": "dreamed"}


@pytest.fixture
def location(tmp_path: Path) -> str:
    return f"file://{tmp_path}/reports"


@pytest.fixture
def night(service: Service, location: str) -> Night:
    return night_of(service, location, BEFORE, REVIEWED)


class TestLeftovers:
    def test_an_output_that_no_run_will_use_is_archived(self, night: Night) -> None:
        left = night.settle()
        assert night.state()["output archived"]
        assert night.state()["open"] == []
        assert night.named() == ["input", "input"]
        assert f"archived memory store {night.output_id}" in left["did"][0]

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
            left = night.settle()
            assert not night.state()["output archived"]
            assert night.state()["open"] == ["manual__1"]
            assert "left for a person" in left["did"][0]

    def test_one_that_a_session_could_still_write_to_is_left(self, night: Night) -> None:
        night.carry()
        night.service.session(night.output_id, status="running")
        night.settle()
        assert not night.state()["output archived"]

    def test_a_run_that_left_no_store_is_settled(self, night: Night, location: str) -> None:
        night.files.mark_open({})
        RunFiles(location, "support", "manual__0").mark_open({"dream_id": "drm_gone"})
        night.settle()
        assert open_runs(location, "support") == []

    def test_an_output_that_somebody_deleted_is_settled(self, night: Night) -> None:
        night.service.client.beta.memory_stores.delete(night.output_id)
        night.settle()
        assert open_runs(night.location, "support") == []

    def test_the_run_itself_is_not_settled_by_its_own_task(self, night: Night) -> None:
        night.settle(run_id=night.run_id)
        assert not night.state()["output archived"]
        assert night.state()["open"] == [night.run_id]

    def test_other_pipelines_are_left_alone(self, night: Night, location: str) -> None:
        RunFiles(location, "sales", "manual__1").mark_open({"output_store_id": night.output_id})
        night.files.mark_settled()
        night.settle()
        assert not night.state()["output archived"]
        assert open_runs(location, "sales") == ["manual__1"]


class TestDreams:
    """A run that died before it noted what its dream made."""

    def dreamed(
        self, service: Service, night: Night, *, failing: str | None = None
    ) -> tuple[DreamRequest, Any]:
        if failing:
            service.client.post("/_control/dreams/fail_next", cast_to=object, body={"type": failing})
        request = DreamRequest(service.store(BEFORE), (service.session(),), MODEL, None)
        dream = night.hook.create_dream(request)
        while dream.status in ("pending", "running"):
            dream = night.hook.retrieve_dream(dream.id)
        return request, dream

    @pytest.mark.parametrize("failing", [None, "internal_error"], ids=["completed", "failed"])
    @pytest.mark.parametrize("noted", [True, False], ids=["id noted", "reply lost"])
    def test_what_its_dream_left_is_found_and_archived(
        self, service: Service, night: Night, noted: bool, failing: str | None
    ) -> None:
        seen = night.hook.newest_dream_ids()
        request, dream = self.dreamed(service, night, failing=failing)
        assert dream.output_store_id is not None
        facts: dict[str, Any] = {"intent": Intent(request, seen).to_json()}
        night.files.mark_open({**facts, **({"dream_id": dream.id} if noted else {})})
        night.settle()
        assert service.is_archived(dream.output_store_id)
        assert not service.is_archived(request.input_store_id)
        assert open_runs(night.location, "support") == []


def test_a_marker_that_can_not_be_read_is_not_taken_away(night: Night, tmp_path: Path) -> None:
    marker = tmp_path / "reports" / "support" / "open" / "manual__1.json"
    marker.write_text("[1]")
    with contextlib.suppress(StateError):
        night.settle()
    assert marker.exists()
