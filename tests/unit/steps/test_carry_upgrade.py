"""Finishing a carry that the release before began: it noted paths and checksums, and listings by path."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pytest

from dreamflow.core.objects import listing_to_json
from tests.unit.running import Night, night_of, write_late
from tests.unit.service import Service
from tests.unit.support import sha

BEFORE = {"/keep.md": "keep", "/edit.md": "old", "/drop.md": "drop"}
REVIEWED = {**BEFORE, "/dreamed.md": "dreamed"}
LATE: dict[str, str | None] = {"/edit.md": "late", "/drop.md": None, "/new.md": "new"}
ADOPTED = {"/keep.md": "keep", "/edit.md": "late", "/new.md": "new", "/dreamed.md": "dreamed"}
#: As the old release noted the late writes, in the order in which it did them.
NOTED: list[dict[str, Any]] = [
    {"path": "/drop.md", "before_sha256": sha("drop"), "after_sha256": None},
    {"path": "/edit.md", "before_sha256": sha("old"), "after_sha256": sha("late")},
    {"path": "/new.md", "before_sha256": None, "after_sha256": sha("new")},
]


@pytest.fixture
def night(service: Service, tmp_path: Path) -> Night:
    return night_of(service, f"file://{tmp_path}/reports", BEFORE, REVIEWED)


def keep(night: Night, tmp_path: Path, **files: Any) -> None:
    for name, data in files.items():
        (tmp_path / "reports" / "support" / "manual__1" / f"{name}.json").write_text(json.dumps(data))


def as_listed(night: Night) -> dict[str, Any]:
    listing = night.hook.list_memories(night.input_id)
    return {"memory_store_id": night.input_id, "memories": listing_to_json(listing)}


def do(night: Night, rows: list[dict[str, Any]]) -> None:
    write_late(night, {row["path"]: LATE[row["path"]] for row in rows}, night.output_id)


@pytest.mark.parametrize("done", range(4))
def test_a_carry_that_died_after_any_write_is_finished(
    service: Service, night: Night, tmp_path: Path, done: int
) -> None:
    write_late(night, LATE)
    keep(night, tmp_path, plan={"writes": NOTED})
    do(night, NOTED[:done])
    night.carry()
    assert service.contents(night.output_id) == ADOPTED


@pytest.mark.parametrize("done", range(4))
def test_a_retirement_that_died_after_any_write_is_finished(
    service: Service, night: Night, tmp_path: Path, done: int
) -> None:
    night.adopt()
    keep(night, tmp_path, carried=as_listed(night), plan={"writes": []}, retirement={"writes": NOTED})
    write_late(night, LATE)
    do(night, NOTED[:done])
    night.retire()
    assert service.contents(night.output_id) == ADOPTED
    assert night.state()["input archived"]
    assert night.open_runs() == []


def test_what_an_agent_made_of_a_write_that_was_carried_before_stays(
    service: Service, night: Night, tmp_path: Path
) -> None:
    night.adopt()
    keep(night, tmp_path, carried=as_listed(night), plan={"writes": []}, retirement={"writes": NOTED})
    write_late(night, LATE)
    do(night, NOTED)
    write_late(night, {"/edit.md": "late, and more"}, night.output_id)
    night.retire()
    assert service.contents(night.output_id) == {**ADOPTED, "/edit.md": "late, and more"}


def test_what_was_carried_before_is_the_base_of_what_is_carried_now(
    service: Service, night: Night, tmp_path: Path
) -> None:
    write_late(night, LATE)
    night.adopt()
    keep(night, tmp_path, carried=as_listed(night), plan={"writes": NOTED})
    write_late(night, {"/edit.md": "late\nlater\n", "/new.md": None})
    night.retire()
    expected = {**ADOPTED, "/edit.md": "late\nlater\n"}
    del expected["/new.md"]
    assert service.contents(night.output_id) == expected
