"""Swapping the live store in every target, or in none."""

from __future__ import annotations

import errno
import json
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
from airflow.sdk.definitions.retry_policy import RetryAction

from dreamflow.errors import StalePlan, StateError, StorageUnavailable, SwapNotBegun
from dreamflow.retry import RetryByCause
from dreamflow.targets import file as file_target
from tests.unit.running import Night, night_of, pipeline_of, world_of
from tests.unit.service import Service, Wire, writes

CONTENTS = {"/keep.md": "keep"}


@pytest.fixture
def night(service: Service, tmp_path: Path) -> Night:
    carried = night_of(service, f"file://{tmp_path}/reports", CONTENTS, {**CONTENTS, "/index.md": "index"})
    carried.carry()
    return carried


@pytest.fixture
def to_file(night: Night, tmp_path: Path) -> tuple[Night, Path]:
    """A night whose second target is a file."""
    file = tmp_path / "live.json"
    file.write_text(json.dumps({"live": night.input_id}))
    pipeline = pipeline_of(
        night.location,
        {"type": "agent", "agent_id": night.agent_id},
        {"type": "file", "path": f"file://{file}", "key": "live"},
    )
    night.world = world_of(pipeline, Wire())
    return night, file


def busy(uri: str) -> str:
    raise OSError(errno.EBUSY, "Please reduce your request rate.")


def test_each_target_says_what_it_named_before_and_after(night: Night) -> None:
    first, second = night.repoint()
    assert first == {
        "target": f"deployment {night.deployment_id}",
        "before": night.input_id,
        "after": night.output_id,
    }
    assert (second["before"], second["after"]) == (night.input_id, night.output_id)
    assert night.named() == ["output", "output"]


def test_the_first_target_is_swapped_first_and_none_after_it_where_it_can_not_be(night: Night) -> None:
    theirs = night.service.store()
    night.point_deployment_at(theirs)
    with pytest.raises(StateError, match=r"somebody else repointed it"):
        night.repoint()
    assert night.named() == [theirs, "input"]


def test_a_swap_that_is_whole_is_told_to_whoever_waits_for_the_asset(night: Night) -> None:
    night.repoint()
    assert night.verify() == {
        "memory_store_id": night.output_id,
        "parent": night.input_id,
        "dream_id": "drm_1",
        "ancestor_id": "",
        "adopted_by": "Ada",
        "digest": night.swap.adopted,
        "targets": [target.name for target in night.world.targets],
    }


def test_a_swap_that_is_only_half_done_is_taken_back_and_fails_the_run(night: Night) -> None:
    night.repoint(0)
    with pytest.raises(
        StateError, match=rf"deployment {night.deployment_id} was set back to {night.input_id}"
    ):
        night.verify()
    assert night.named() == ["input", "input"]
    # A repoint that is cleared, or still to come, has no swap to make any more.
    assert night.run.journal().swap_decided is None


def test_a_swap_that_never_came_off_changes_nothing_and_says_what_is_live(night: Night) -> None:
    done = len(night.wire.requests)
    with pytest.raises(SwapNotBegun) as raised:
        night.verify()
    for words in (
        f"no target names {night.output_id}",
        f"deployment {night.deployment_id} names {night.input_id}",
    ):
        assert words in str(raised.value)
    assert writes(night.wire.requests[done:]) == []


def test_a_clear_that_comes_later_than_the_swap_does_not_say_that_all_is_as_it_was(night: Night) -> None:
    night.adopt()
    second = night.next_night(CONTENTS)
    second.adopt()
    with pytest.raises(SwapNotBegun) as raised:
        night.verify()
    assert f"deployment {night.deployment_id} names {second.output_id}" in str(raised.value)
    assert "as it was" not in str(raised.value)
    assert second.named() == ["output", "output"]


def test_a_target_that_names_a_third_store_is_left_alone_and_named(night: Night) -> None:
    night.repoint()
    theirs = night.service.store()
    night.point_deployment_at(theirs)
    with pytest.raises(StateError, match=rf"names {theirs}, and was left alone"):
        night.verify()
    assert night.named() == [theirs, "input"]


@pytest.mark.parametrize("swapped", [0, 1])
def test_an_output_that_was_archived_meanwhile_is_never_made_live(night: Night, swapped: int) -> None:
    """As it is when a task is cleared after a later run has settled what this one left."""
    for position in range(swapped):
        night.repoint(position)
    was = night.named()
    night.service.client.beta.memory_stores.archive(night.output_id)
    with pytest.raises(StateError, match=rf"{night.output_id}.*is archived.*No target was changed"):
        night.repoint()
    assert night.named() == was


def test_an_output_that_was_written_to_since_the_carry_is_not_made_live(night: Night) -> None:
    night.service.put(night.output_id, "/evil.md", "nobody has seen this")
    with pytest.raises(StalePlan, match=r"written to since.*No target was changed"):
        night.repoint()
    assert night.named() == ["input", "input"]


def test_what_agents_write_once_the_first_target_is_swapped_stops_no_other_target(night: Night) -> None:
    night.repoint(0)
    night.service.put(night.output_id, "/note.md", "the agents work on it")
    night.repoint()
    assert night.named() == ["output", "output"]


def test_nothing_is_taken_back_to_an_archived_input(night: Night) -> None:
    night.repoint()
    theirs = night.service.store()
    night.service.client.beta.memory_stores.archive(night.input_id)
    night.point_deployment_at(theirs)
    with pytest.raises(StateError, match=rf"{night.input_id}.*is archived: nothing was taken back"):
        night.verify()
    assert night.named() == [theirs, "output"]


def test_without_a_carry_nothing_is_swapped_and_nothing_taken_back(service: Service, tmp_path: Path) -> None:
    """As it is where somebody marks the carry successful by hand."""
    night = night_of(service, f"file://{tmp_path}/reports", CONTENTS, CONTENTS)
    with pytest.raises(StalePlan, match=r"carry_late_writes did not end. No target was changed"):
        night.repoint()
    with pytest.raises(SwapNotBegun):
        night.verify()
    assert night.named() == ["input", "input"]


def test_a_target_that_can_not_be_written_for_a_while_is_written_by_the_retry(
    to_file: tuple[Night, Path], monkeypatch: pytest.MonkeyPatch
) -> None:
    """One task swaps all targets: no other gives up on the swap, and takes it back, while one backs off."""
    night, file = to_file
    with monkeypatch.context() as patch:
        patch.setattr(file_target, "read_text", busy)
        with pytest.raises(StorageUnavailable) as raised:
            night.repoint()
        assert RetryByCause().evaluate(raised.value, 1, 5).action == RetryAction.RETRY
    assert json.loads(file.read_text())["live"] == night.input_id
    night.service.put(night.output_id, "/note.md", "the agents work on it")
    night.repoint()
    assert json.loads(file.read_text())["live"] == night.output_id
    assert night.verify()["memory_store_id"] == night.output_id


def test_a_storage_that_fails_for_a_while_leaves_no_swap_half_done(
    to_file: tuple[Night, Path], monkeypatch: pytest.MonkeyPatch
) -> None:
    night, file = to_file
    steps: list[Callable[[], Any]] = [night.repoint, night.verify]
    with monkeypatch.context() as patch:
        patch.setattr(file_target, "read_text", busy)
        for step in steps:
            with pytest.raises(StorageUnavailable) as raised:
                step()
            assert RetryByCause().evaluate(raised.value, 1, 5).action == RetryAction.RETRY
    with pytest.raises(StateError, match="was set back"):
        night.verify()
    named = night.service.agent_metadata(night.agent_id)["memory_store_id"]
    assert {named, json.loads(file.read_text())["live"]} == {night.input_id}
