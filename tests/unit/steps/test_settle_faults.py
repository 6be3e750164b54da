"""What stands in settle's way is said, night after night, and holds up nothing but itself."""

from __future__ import annotations

import time
from collections.abc import Callable
from dataclasses import dataclass
from datetime import timedelta
from pathlib import Path

import httpx2
import pytest

from dreamflow import storage
from dreamflow.core.handoffs import Settled
from dreamflow.errors import StateError
from dreamflow.records.journal import DreamNote
from dreamflow.steps import settle
from tests.unit.running import Night, night_of, write_late
from tests.unit.service import Service, Wire, mounted, writes

BEFORE = {"/keep.md": "keep", "/edit.md": "old"}
REVIEWED = {"/keep.md": "keep", "/edit.md": "dreamed"}


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    """Return where the pipeline's records are."""
    return tmp_path / "reports" / "support"


@pytest.fixture
def night(service: Service, location: str) -> Night:
    return night_of(service, location, BEFORE, REVIEWED)


def leftover(night: Night, run_id: str = "manual__0") -> str:
    """Leave another run's store that no run will use, and return its id."""
    store_id = night.service.store(REVIEWED)
    note = DreamNote(input_store_id=night.input_id, dream_id="drm_0", output_store_id=store_id)
    night.world.records.run(run_id).open(note)
    return store_id


def runs(service: Service, deployment_id: str) -> bool:
    """Let the deployment run, and tell whether it could: one whose store was archived is paused."""
    service.client.post(
        f"/_control/deployments/{deployment_id}/fire",
        cast_to=object,
        body={"scheduled_at": "2026-11-22T08:00:00Z"},
    )
    (entry,) = service.resources(deployment_id)
    sessions = service.client.beta.sessions
    while any(s.status == "running" for s in sessions.list(memory_store_id=entry["memory_store_id"])):
        time.sleep(0.01)
    return service.client.beta.deployments.retrieve(deployment_id).status == "active"


class TestOtherDeployments:
    """The service pauses a deployment whose store was archived, whoever owns it."""

    def test_a_superseded_store_that_one_mounts_is_left_with_its_name_and_its_writes_are_carried(
        self, service: Service, night: Night
    ) -> None:
        other = service.deployment(mounted(night.input_id))
        night.adopt()
        write_late(night, {"/late.md": "late"})
        retired = night.retire()
        assert retired.archived_at is None
        assert [other in holder for holder in retired.held_by] == [True]
        for run_id in ("manual__2", "manual__3"):
            (said,) = night.settle(run_id).did
            assert other in said
        assert not night.state()["input archived"]
        assert runs(service, other)
        assert service.contents(night.output_id)["/late.md"] == "late"
        service.client.beta.deployments.archive(other)
        night.settle("manual__4")
        assert night.state()["input archived"]

    def test_a_rejected_output_that_one_mounts_is_left_to_a_later_settle(
        self, service: Service, night: Night
    ) -> None:
        other = service.deployment(mounted(night.output_id))
        with pytest.raises(StateError, match=rf"is mounted by deployment {other}.*would pause"):
            night.discard()
        (said,) = night.settle().did
        assert other in said
        assert night.state()["open"] == ["manual__1"]
        assert runs(service, other)
        service.client.beta.deployments.archive(other)
        night.settle("manual__3")
        assert night.state()["output archived"]

    def test_those_that_mount_the_live_store_are_said_before_money_is_spent(
        self, service: Service, night: Night
    ) -> None:
        night.run.close("by the test")
        other = service.deployment(mounted(night.input_id, access="read_only"))
        (said,) = night.settle().did
        assert said.startswith(f"memory store {night.input_id} is mounted by deployments that are no target")
        assert other in said
        assert night.deployment_id not in said


@dataclass
class Refusing(httpx2.BaseTransport):
    """A service that refuses what goes to one path."""

    inner: httpx2.BaseTransport
    path: str
    status: int

    def handle_request(self, request: httpx2.Request) -> httpx2.Response:
        if request.url.path != self.path:
            return self.inner.handle_request(request)
        error = {"type": "error", "error": {"type": "api_error", "message": "no"}}
        return httpx2.Response(self.status, json=error, headers={"retry-after-ms": "1"})


class TestOneRunsTrouble:
    @pytest.mark.parametrize("text", ["{", "", "[]", '{"intent": 1}'])
    @pytest.mark.parametrize("name", ["manual__1/journal.json", "open/manual__1.json"])
    def test_a_file_that_is_cut_is_named_each_night_and_holds_up_its_own_run_only(
        self, night: Night, folder: Path, name: str, text: str
    ) -> None:
        others = leftover(night)
        # A run of an older release has its marker only.
        (folder / "manual__1" / "journal.json").unlink()
        (folder / name).write_text(text)
        for run_id in ("manual__2", "manual__3"):
            did = night.settle(run_id).did
            assert len([said for said in did if name in said]) == 1
            assert night.state()["open"] == ["manual__1"]
        assert night.service.is_archived(others)
        assert not night.state()["output archived"]

    @pytest.mark.parametrize("name", ["plan", "base", "carried", "retirement"])
    def test_a_cut_plan_or_listing_archives_nothing_that_it_tells_of(
        self, night: Night, folder: Path, name: str
    ) -> None:
        night.adopt()
        others = leftover(night)
        for cut in {name, "carried"} if name == "base" else {name}:
            (folder / "manual__1" / f"{cut}.json").write_text('{"memor')
        if name == "base":
            (folder / "manual__1" / "carried.json").unlink()
        if name == "plan":
            with pytest.raises(StateError, match=r"manual__1/plan\.json can't be read"):
                night.carry()
            return
        for run_id in ("manual__2", "manual__3"):
            did = night.settle(run_id).did
            assert len([said for said in did if f"manual__1/{name}.json can't be read" in said]) == 1
        assert not night.state()["input archived"]
        assert night.service.is_archived(others)

    @pytest.mark.parametrize("status", [400, 401, 403, 409, 503])
    def test_a_refusal_holds_up_the_run_that_met_it_only(
        self, service: Service, location: str, status: int
    ) -> None:
        wire = Wire()
        night = night_of(service, location, BEFORE, REVIEWED, wire=wire)
        others = [leftover(night, "manual__0"), leftover(night, "manual__9")]
        whole, wire.inner = (
            wire.inner,
            Refusing(wire.inner, f"/v1/memory_stores/{night.output_id}/archive", status),
        )
        settled = night.settle()
        assert settled.live_store_id == night.input_id
        assert len([said for said in settled.did if "run manual__1 was not settled" in said]) == 1
        assert [service.is_archived(store_id) for store_id in others] == [True, True]
        assert night.state()["open"] == ["manual__1"]
        wire.inner = whole
        night.settle("manual__3")
        assert night.state()["output archived"]


def half_swapped(night: Night) -> None:
    night.carry()
    night.repoint(0)


def adopted_and_gone(night: Night) -> None:
    night.adopt()
    night.service.client.beta.memory_stores.delete(night.input_id)


#: What a run may leave, and what a dry run says that it would do about it.
LEFT: dict[str, tuple[Callable[[Night], object], str]] = {
    "a leftover": (lambda night: night.carry(), "archived memory store"),
    "a half-done swap": (half_swapped, "finished the interrupted swap"),
    "a superseded store": (Night.adopt, "retire memory store"),
    "an adoption that was not told": (
        lambda night: (night.carry(), night.repoint()),
        "adopted memory store",
    ),
    "a store that is gone": (
        adopted_and_gone,
        "is gone",
    ),
}


@pytest.mark.parametrize("left", LEFT)
def test_a_dry_run_changes_nothing_and_says_what_it_would_do(night: Night, folder: Path, left: str) -> None:
    prepare, words = LEFT[left]
    prepare(night)

    def files() -> dict[str, str]:
        return {str(path): path.read_text() for path in folder.rglob("*") if path.is_file()}

    was, done = files(), len(night.wire.requests)
    named = night.named()
    settled = night.settle(only_say=True)
    assert any(said.startswith("dry run, not done: ") and words in said for said in settled.did)
    assert writes(night.wire.requests[done:]) == []
    assert (files(), night.named(), night.adoptions) == (was, named, [])
    again = night.settle()
    assert not any("dry run" in said for said in again.did)
    assert night.open_runs() == []


class TestTelling:
    def test_a_swap_that_died_before_it_was_verified_is_told(self, night: Night) -> None:
        night.carry()
        night.repoint()
        did = night.settle().did
        assert f"run manual__1 adopted memory store {night.output_id}" in did
        (adoption,) = night.adoptions
        assert (adoption["memory_store_id"], adoption["parent"]) == (night.output_id, night.input_id)
        assert (adoption["adopted_by"], adoption["dream_id"]) == ("Ada", "drm_1")
        assert adoption["digest"] == night.swap.adopted
        night.settle("manual__3")
        assert len(night.adoptions) == 1

    def test_so_is_one_that_settle_finished(self, night: Night) -> None:
        half_swapped(night)
        night.settle()
        assert [told["memory_store_id"] for told in night.adoptions] == [night.output_id]

    def test_one_that_was_taken_back_or_told_already_is_not(self, service: Service, location: str) -> None:
        told = night_of(service, location + "/told", BEFORE, REVIEWED)
        told.adopt()
        told.settle()
        back = night_of(service, location + "/back", BEFORE, REVIEWED)
        back.carry()
        back.repoint(1)
        back.settle()
        assert back.named() == ["input", "input"]
        assert (told.adoptions, back.adoptions) == ([], [])


def test_a_store_that_is_held_for_long_does_not_make_settle_read_all_dreams_since(
    service: Service, night: Night, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(settle, "_LATE", timedelta(0))
    night.run.note_dream("drm_1", asked="x", seen=("drm_0",))
    service.session(night.input_id, status="running")
    night.adopt()
    done = len(night.wire.requests)
    (said,) = night.settle().did
    assert "is still held by 1" in said
    assert "GET /v1/dreams" not in night.wire.requests[done:]


class TestOldFiles:
    def test_finished_runs_that_are_older_than_the_pipeline_keeps_are_deleted_and_open_ones_never(
        self, service: Service, location: str, folder: Path
    ) -> None:
        reports = {"location": location, "keep": "PT0.001S"}
        night = night_of(service, location, BEFORE, REVIEWED, settings={"reports": reports})
        done = night.world.records.run("manual__0")
        done.write_question("#")
        # An open run that settle can't bring to its end yet.
        service.session(night.output_id, status="running")
        did = night.settle().did
        assert "deleted the files of 1 runs that are older than reports.keep" in did
        assert done.read_question() is None
        assert night.open_runs() == ["manual__1"]
        assert night.run.journal().swap is not None

    def test_files_that_can_not_be_deleted_are_said_and_stop_no_night(
        self, service: Service, location: str, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        reports = {"location": location, "keep": "PT0.001S"}
        night = night_of(service, location, BEFORE, REVIEWED, settings={"reports": reports})
        night.run.close("by the test")

        def refused(uri: str) -> None:
            raise PermissionError(f"no deletes in {uri}")

        monkeypatch.setattr(storage, "delete_folder", refused)
        settled = night.settle()
        assert settled == Settled(live_store_id=night.input_id, did=settled.did)
        (said,) = settled.did
        assert "could not be deleted: no deletes in" in said
