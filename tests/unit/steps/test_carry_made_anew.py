"""A memory that was deleted and made anew, or that a restore brings back, is not taken for one that is to go."""

from __future__ import annotations

import time

import httpx2
import pytest

from tests.unit.going_back import going_back
from tests.unit.running import Night, night_of, write_late
from tests.unit.service import Service

KEPT = {"/a.md": "1\n", "/x.md": "keep me\n"}


@pytest.fixture
def adopted(service: Service, location: str) -> Night:
    """A night whose dream was adopted, and whose input is retired."""
    night = night_of(service, location, KEPT, {**KEPT, "/a.md": "2\n"})
    night.adopt()
    night.retire()
    time.sleep(0.05)  # what follows is later by the service's clock
    return night


@pytest.mark.parametrize("paths", [(), ("/x.md",)])
def test_what_an_agent_deleted_and_a_person_brings_back_stays(
    service: Service, adopted: Night, paths: tuple[str, ...]
) -> None:
    service.remove(adopted.output_id, "/x.md")
    back = going_back(adopted, late_writes="list", paths=paths).adopt()
    assert service.contents(back.clone_id)["/x.md"] == "keep me\n"


def test_what_came_and_went_in_the_live_store_leaves_the_ancestors(service: Service, location: str) -> None:
    night = night_of(service, location, KEPT, {"/a.md": "2\n"})
    night.adopt()
    night.retire()
    time.sleep(0.05)
    service.create(night.output_id, "/x.md", "keep me\n")
    service.remove(night.output_id, "/x.md")
    back = going_back(night).adopt()
    assert service.contents(back.clone_id)["/x.md"] == "keep me\n"


def test_what_is_made_anew_while_a_retirement_carries_it_stays_live(service: Service, location: str) -> None:
    night = night_of(service, location, {"/x.md": "v1\n"}, {"/x.md": "v1\n"})
    night.adopt()
    write_late(night, {"/x.md": "v1\nv2 line\n"})
    session, done = service.session(night.input_id, status="running"), list[str]()

    def make_anew(number: int, request: httpx2.Request) -> None:
        if request.method == "POST" and f"{night.output_id}/memories" in request.url.path and not done:
            done.append("made anew")
            service.remove(night.input_id, "/x.md")
            service.create(night.input_id, "/x.md", "v1\nv2 line\n")
            time.sleep(0.05)

    night.wire.before = make_anew
    night.retire()
    service.set_status(session, "terminated")
    night.retire()
    assert done
    assert service.contents(night.output_id) == {"/x.md": "v1\nv2 line\n"}
