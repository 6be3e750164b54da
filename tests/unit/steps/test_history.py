"""The versions of one memory, across the stores that it has been in."""

from __future__ import annotations

from pathlib import Path

import pytest

from dreamflow.core.changes import digest
from dreamflow.errors import StateError
from dreamflow.steps import history as telling
from dreamflow.steps.history import ancestors_of, history
from tests.unit.reviewing import note_changes
from tests.unit.running import Night, night_of
from tests.unit.service import Service
from tests.unit.support import sha

BEFORE = {"/a.md": "first\n", "/gone.md": "gone\n", "/old.md": "as it was named before\n"}
AFTER = {"/a.md": "second\n", "/new.md": "as it was named before\n"}


@pytest.fixture
def night(service: Service, tmp_path: Path) -> Night:
    night = night_of(
        service,
        f"file://{tmp_path}/reports",
        BEFORE,
        {"/a.md": "second\n", "/old.md": "as it was named before\n"},
        dream=lambda output_id: service.rename(output_id, "/old.md", "/new.md"),
    )
    note_changes(night, BEFORE, AFTER)
    return night


def rows(night: Night, path: str) -> list[tuple[str, str, str, str | None]]:
    names = {night.input_id: "input", night.output_id: "output"}
    return [
        (names.get(row.store_id, "before"), row.operation, row.path, row.sha256)
        for row in history(night.world, night.run, path)
    ]


def test_it_tells_the_versions_of_the_output_and_of_the_input(night: Night) -> None:
    assert rows(night, "/a.md") == [
        ("output", "modified", "/a.md", sha("second\n")),
        ("output", "created", "/a.md", sha("first\n")),
        ("input", "created", "/a.md", sha("first\n")),
    ]


def test_it_tells_of_a_memory_that_was_removed(night: Night) -> None:
    assert rows(night, "/gone.md") == [
        ("output", "deleted", "/gone.md", None),
        ("output", "created", "/gone.md", sha("gone\n")),
        ("input", "created", "/gone.md", sha("gone\n")),
    ]


def test_it_follows_a_memory_that_was_renamed(night: Night) -> None:
    assert rows(night, "/new.md") == [
        ("output", "modified", "/new.md", sha("as it was named before\n")),
        ("output", "created", "/old.md", sha("as it was named before\n")),
        ("input", "created", "/old.md", sha("as it was named before\n")),
    ]


def test_it_goes_back_through_the_stores_that_the_input_came_of(night: Night) -> None:
    night.adopt()
    later = night.next_night({"/a.md": "third\n", "/new.md": "as it was named before\n"})
    assert [store.id for store in ancestors_of(later.world, later.run)] == [
        later.output_id,
        later.input_id,
        night.input_id,
    ]
    told = history(later.world, later.run, "/a.md")
    assert (told[0].store_id, told[-1].store_id) == (later.output_id, night.input_id)
    assert all(row.by for row in told)
    assert digest(later.hook.list_memories(later.output_id))


def test_it_is_bounded(night: Night, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(telling, "_ROWS", 2)
    assert len(history(night.world, night.run, "/a.md")) == 2
    monkeypatch.setattr(telling, "_STORES", 1)
    assert len(list(ancestors_of(night.world, night.run))) == 1


def test_a_run_without_an_output_has_no_history(night: Night) -> None:
    with pytest.raises(StateError, match="has made no memory store"):
        history(night.world, night.world.records.run("another"), "/a.md")
