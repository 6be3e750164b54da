"""The clone that a restore makes: whole, and once, wherever the process that makes it dies."""

from __future__ import annotations

from pathlib import Path

import httpx2
import pytest

from dreamflow.core.lineage import metadata_of_clone
from dreamflow.errors import NotYet, ServiceUnavailable
from dreamflow.steps import restore as steps
from tests.unit.going_back import Restore, going_back
from tests.unit.running import Night, night_of, write_late
from tests.unit.service import Killed, Service, lose_one_reply, writes
from tests.unit.steps.fuse import Burning, Fuse

BEFORE = {f"/notes/{number}.md": f"note {number}\n" for number in range(9)}
REVIEWED = {"/notes/0.md": "note 0\n", "/notes/all.md": "all of them\n"}
#: What agents write to the dream's store once it is adopted.
SINCE = {"/since.md": "since\n", "/notes/0.md": "note 0\nand more\n"}


@pytest.fixture
def night(service: Service, tmp_path: Path, fuse: Fuse, monkeypatch: pytest.MonkeyPatch) -> Night:
    """A night that was adopted. A clone is copied two memories at a time."""
    monkeypatch.setattr(steps, "_CHUNK", 2)
    night = night_of(service, f"file://{tmp_path}/reports", BEFORE, REVIEWED, files=Burning(fuse))
    night.adopt()
    night.retire()
    write_late(night, SINCE, night.output_id)
    return night


def made_by(back: Restore) -> list[str]:
    """Return the stores that are not archived and that the restore's run has made. Other tests have such runs too."""
    mark = mark_of(back).items()
    return [store.id for store in back.world.hook.list_stores() if mark <= store.metadata.items()]


def mark_of(back: Restore, run_id: str = "", pipeline: str = "support") -> dict[str, str]:
    """Return what a clone of the run's has on it."""
    note = back.run.journal().restore
    assert note is not None
    return metadata_of_clone(pipeline, run_id or back.run.run_id, note.noted_at, note.ancestor_id)


def lives(back: Restore, night: Night, fuse: Fuse, before: int | None) -> bool:
    """Clone; return whether the process lived. It dies right before it would change something, the n-th time."""
    fuse.deeds, fuse.blows_before = 0, before
    night.wire.before = fuse.on_request
    try:
        back.clone()
    except Killed:
        return False
    finally:
        fuse.blows_before = None
        night.wire.before = lambda number, request: None
    return True


def test_a_clone_that_died_anywhere_is_completed_and_made_once(
    service: Service, night: Night, fuse: Fuse
) -> None:
    undisturbed = going_back(night, "manual__undisturbed")
    assert lives(undisturbed, night, fuse, None)
    deeds = fuse.deeds
    undisturbed.discard()
    assert deeds > len(BEFORE)
    for before in range(deeds):
        back = going_back(night, f"manual__{before}")
        assert not lives(back, night, fuse, before)
        back.clone()
        assert made_by(back) == [back.clone_id], f"died before deed {before} of {deeds}"
        assert service.contents(back.clone_id) == {**BEFORE, **SINCE}
        back.discard()


def test_each_memory_is_written_once(night: Night) -> None:
    back = going_back(night)
    back.clone()
    place = f"POST /v1/memory_stores/{back.clone_id}/memories"
    assert night.wire.requests.count(place) == len({**BEFORE, **SINCE})
    before = len(night.wire.requests)
    back.clone()
    assert writes(night.wire.requests[before:]) == []


def test_a_clone_whose_create_got_no_answer_is_found_by_what_was_written_on_it(
    service: Service, night: Night
) -> None:
    back = going_back(night)
    night.wire.after = lose_one_reply("POST")
    with pytest.raises(ServiceUnavailable, match="could not create a memory store"):
        back.clone()
    (made,) = made_by(back)
    back.clone()
    assert (back.clone_id, made_by(back)) == (made, [made])
    assert service.contents(made) == {**BEFORE, **SINCE}


@pytest.mark.parametrize("settles", [False, True])
def test_a_second_clone_that_the_service_made_late_is_archived(
    service: Service, night: Night, settles: bool
) -> None:
    back = going_back(night)
    back.begin()
    back.clone()
    late = service.store(metadata=mark_of(back))
    if settles:
        night.settle()
    else:
        back.clone()
    assert service.is_archived(late)
    assert service.is_archived(back.clone_id) == settles


def test_the_clone_of_another_run_or_pipeline_is_left_alone(service: Service, night: Night) -> None:
    back = going_back(night)
    with pytest.raises(ServiceUnavailable):
        night.wire.after = lose_one_reply("POST")
        back.clone()
    (own,) = made_by(back)
    others = [
        service.store(metadata=mark_of(back, "restore__other")),
        service.store(metadata=mark_of(back, pipeline="sales")),
    ]
    back.clone()
    assert back.clone_id == own
    assert not any(service.is_archived(store_id) for store_id in others)


def test_a_clone_that_somebody_writes_to_meanwhile_is_mended_by_the_next_try(
    service: Service, night: Night
) -> None:
    back = going_back(night)

    def write(number: int, request: httpx2.Request) -> None:
        if request.method == "POST" and request.url.path.endswith("/memories"):
            night.wire.before = lambda number, request: None
            service.create(request.url.path.split("/")[-2], "/strange.md", "strange\n")

    night.wire.before = write
    with pytest.raises(NotYet, match="not yet the copy"):
        back.clone()
    back.clone()
    assert service.contents(back.clone_id) == {**BEFORE, **SINCE}
