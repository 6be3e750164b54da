"""A rename in the live store while a late write is carried to the same memory."""

from __future__ import annotations

from pathlib import Path

import httpx2
import pytest

from dreamflow.errors import NotYet
from tests.unit.running import Night, night_of, write_late
from tests.unit.service import Service

pytestmark = pytest.mark.usefixtures("one_plan_a_try")

THEIRS = "/agents-choice.md"


@pytest.fixture
def night(service: Service, tmp_path: Path) -> Night:
    night = night_of(service, f"file://{tmp_path}/reports", {"/a.md": "a\n"}, {"/a.md": "a\n"})
    night.adopt()
    return night


def rename_before(night: Night, method: str) -> None:
    """Let a session of the live store rename the memory right before the first such request for it, once."""
    memory_id, hit = night.service.memory_id(night.output_id, "/a.md"), list[int]()

    def interfere(number: int, request: httpx2.Request) -> None:
        if (
            request.method == method
            and request.url.path.endswith(f"{night.output_id}/memories/{memory_id}")
            and not hit
        ):
            hit.append(number)
            night.service.rename(night.output_id, "/a.md", THEIRS)

    night.wire.before = interfere


def told(night: Night) -> list[tuple[str, str, str]]:
    return [(note.path, note.how, note.why) for note in night.run.journal().late]


def test_stands_and_a_late_rename_does_not_overrule_it(service: Service, night: Night) -> None:
    service.rename(night.input_id, "/a.md", "/b.md")
    rename_before(night, "GET")
    with pytest.raises(NotYet, match=r"'/a\.md'.*'/b\.md'.*was renamed"):
        night.retire()
    night.retire()
    assert service.contents(night.output_id) == {THEIRS: "a\n"}
    assert told(night) == [("/b.md", "same", "it was given another path there, which it keeps")]


def test_that_a_late_rename_has_overruled_within_a_moment_is_told(service: Service, night: Night) -> None:
    """The service can't be asked to compare where a memory lies."""
    service.rename(night.input_id, "/a.md", "/b.md")
    rename_before(night, "POST")
    night.retire()
    assert service.contents(night.output_id) == {"/b.md": "a\n"}
    assert told(night) == [("/b.md", "moved", f"somebody had renamed it to {THEIRS!r} at the same moment")]


def test_stands_and_a_late_write_that_met_it_is_told_as_written(service: Service, night: Night) -> None:
    write_late(night, {"/a.md": "a\nlate\n"})
    rename_before(night, "POST")
    with pytest.raises(NotYet, match=r"'/a\.md'"):
        night.retire()
    night.retire()
    assert service.contents(night.output_id) == {THEIRS: "a\nlate\n"}
    assert told(night) == [("/a.md", "updated", "")]


def test_a_circle_of_late_renames_overrules_nobody(service: Service, tmp_path: Path) -> None:
    contents = {"/a.md": "a\n", "/b.md": "b\n"}
    night = night_of(service, f"file://{tmp_path}/reports", contents, contents)
    for path, to in [("/a.md", "/c.md"), ("/b.md", "/a.md"), ("/c.md", "/b.md")]:
        service.rename(night.input_id, path, to)
    night.adopt()
    assert service.contents(night.output_id) == {"/a.md": "b\n", "/b.md": "a\n"}
    assert sorted(told(night)) == [("/a.md", "moved", ""), ("/b.md", "moved", "")]
