"""Settling a run that was under way when the journal came."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pytest

from dreamflow import storage
from dreamflow.core.launching import DreamRequest
from tests.unit.running import Night, night_of, write_late
from tests.unit.service import MODEL, Service

BEFORE = {"/keep.md": "keep", "/edit.md": "old"}
REVIEWED = {"/keep.md": "keep", "/edit.md": "dreamed"}


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    """Return where the pipeline's records are."""
    return tmp_path / "reports" / "support"


@pytest.fixture
def night(service: Service, location: str) -> Night:
    return night_of(service, location, BEFORE, REVIEWED)


def as_before(night: Night, folder: Path) -> None:
    """Leave of the run what the release before left: a marker with facts, and a plan with digests."""
    run, journal = night.run, night.run.journal()
    assert journal.dream is not None
    known: dict[str, Any] = {
        "intent": {
            "input_store_id": night.input_id,
            "session_ids": ["sesn_1"],
            "model": MODEL,
            "instructions": None,
            "seen": ["drm_0"],
        },
        "dream_id": journal.dream.dream_id,
        "output_store_id": night.output_id,
    }
    storage.write_text(run.marker, json.dumps(known))
    if journal.swap is not None and journal.swap.adopted is not None:
        plan = {"writes": [], "digest_before": journal.swap.reviewed, "digest_after": journal.swap.adopted}
        (folder / "manual__1" / "plan.json").write_text(json.dumps(plan))
    (folder / "manual__1" / "journal.json").unlink()


def test_a_store_that_no_run_will_use_is_archived(night: Night, folder: Path) -> None:
    as_before(night, folder)
    night.settle()
    assert night.state()["output archived"]
    assert night.state()["open"] == []


def test_one_that_was_written_to_after_its_carry_is_left_for_a_person(night: Night, folder: Path) -> None:
    night.carry()
    as_before(night, folder)
    write_late(night, {"/only-here.md": "precious"}, night.output_id)
    (said,) = night.settle().did
    assert "left for a person" in said
    assert not night.state()["output archived"]


@pytest.mark.parametrize("verified", [True, False], ids=["whole", "half done"])
def test_its_swap_is_finished_and_its_old_store_retired(
    service: Service, night: Night, folder: Path, verified: bool
) -> None:
    night.carry()
    night.repoint(0)
    if verified:
        night.repoint(1)
    as_before(night, folder)
    write_late(night, {"/late.md": "late"})
    night.settle()
    state = night.state()
    assert (state["targets"], state["input archived"]) == (["output", "output"], True)
    assert state["output"]["/late.md"] == "late"
    assert state["open"] == []


def test_a_dream_of_which_only_the_request_was_noted_is_found(
    service: Service, night: Night, folder: Path
) -> None:
    request = DreamRequest(service.store(BEFORE), (service.session(),), MODEL, "Be brief.")
    seen = tuple(dream.id for dream in night.hook.newest_dreams())
    dream = night.hook.create_dream(request)
    while dream.status in ("pending", "running"):
        dream = night.hook.retrieve_dream(dream.id)
    facts = {
        "input_store_id": request.input_store_id,
        "session_ids": list(request.session_ids),
        "model": request.model,
        "instructions": request.instructions,
        "seen": list(seen),
    }
    storage.write_text(night.world.records.run("manual__0").marker, json.dumps({"intent": facts}))
    night.run.close("by the test")
    night.settle()
    assert dream.output_store_id
    assert service.is_archived(dream.output_store_id)
    assert night.open_runs() == []
