"""Swapping the live store in every target, or in none."""

from __future__ import annotations

import errno
import json
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
from airflow.sdk.definitions.retry_policy import RetryAction

from dreamflow.errors import NotYet, StalePlan, StateError, StorageUnavailable
from dreamflow.operators.target import live_store_asset
from dreamflow.retry import RetryByCause
from tests.unit.running import Night, night_of, pipeline_of
from tests.unit.service import Service, mounted, writes

CONTENTS = {"/keep.md": "keep"}


@pytest.fixture
def night(service: Service, tmp_path: Path) -> Night:
    carried = night_of(service, f"file://{tmp_path}/reports", CONTENTS, {**CONTENTS, "/index.md": "index"})
    carried.carry()
    return carried


def point_deployment_at(night: Night, store_id: str) -> None:
    resources: Any = [mounted(store_id)]
    night.service.client.beta.deployments.update(night.deployment_id, resources=resources)


def test_each_target_says_what_it_named_before_and_after(night: Night) -> None:
    first, second = night.repoint(0), night.repoint(1)
    assert first == {
        "target": f"deployment {night.deployment_id}",
        "before": night.input_id,
        "after": night.output_id,
    }
    assert (second["before"], second["after"]) == (night.input_id, night.output_id)
    assert night.named() == ["output", "output"]


def test_the_first_target_is_swapped_first(night: Night) -> None:
    with pytest.raises(NotYet, match=r"comes first.*left as it is"):
        night.repoint(1)
    assert night.named() == ["input", "input"]


def test_a_target_that_somebody_repointed_meanwhile_stops_the_swap(night: Night) -> None:
    theirs = night.service.store()
    point_deployment_at(night, theirs)
    with pytest.raises(StateError, match="somebody else repointed it"):
        night.repoint(0)
    assert night.named() == [theirs, "input"]


def test_a_swap_that_is_whole_is_told_to_whoever_waits_for_the_asset(night: Night) -> None:
    night.repoint(0)
    night.repoint(1)
    lineage = night.verify()
    assert lineage["memory_store_id"] == night.output_id
    assert lineage["parent"] == night.input_id
    assert (lineage["dream_id"], lineage["adopted_by"]) == ("drm_1", "Ada")
    assert lineage["digest"] == night.left["carry_late_writes"]["digest"]
    assert len(lineage["targets"]) == 2
    event = night.context["outlet_events"][live_store_asset(night.pipeline)]
    assert event.extra == lineage


def test_a_swap_that_is_only_half_done_is_taken_back_and_fails_the_run(night: Night) -> None:
    night.repoint(0)
    with pytest.raises(
        StateError, match=rf"deployment {night.deployment_id} was set back to {night.input_id}"
    ):
        night.verify()
    assert night.named() == ["input", "input"]


def test_a_swap_that_never_came_off_changes_nothing(night: Night) -> None:
    done = len(night.wire.requests)
    with pytest.raises(StateError, match="none was"):
        night.verify()
    assert writes(night.wire.requests[done:]) == []


def test_a_target_that_names_a_third_store_is_left_alone_and_named(night: Night) -> None:
    night.repoint(0)
    night.repoint(1)
    theirs = night.service.store()
    point_deployment_at(night, theirs)
    with pytest.raises(StateError, match=rf"names {theirs}, and was left alone"):
        night.verify()
    assert night.named() == [theirs, "input"]


@pytest.mark.parametrize("position", [0, 1])
def test_an_output_that_was_archived_meanwhile_is_never_made_live(night: Night, position: int) -> None:
    """As it is when a task is cleared after a later run has settled what this one left."""
    for earlier in range(position):
        night.repoint(earlier)
    was = night.named()
    night.service.client.beta.memory_stores.archive(night.output_id)
    with pytest.raises(StateError, match=rf"{night.output_id}.*is archived.*No target was changed"):
        night.repoint(position)
    assert night.named() == was


def test_an_output_that_was_written_to_since_the_carry_is_not_made_live(night: Night) -> None:
    night.service.put(night.output_id, "/evil.md", "nobody has seen this")
    with pytest.raises(StalePlan, match=r"written to since.*No target was changed"):
        night.repoint(0)
    assert night.named() == ["input", "input"]


def test_what_agents_write_once_the_first_target_is_swapped_stops_no_other_target(night: Night) -> None:
    night.repoint(0)
    night.service.put(night.output_id, "/note.md", "the agents work on it")
    night.repoint(1)
    assert night.named() == ["output", "output"]


def test_nothing_is_taken_back_to_an_archived_input(night: Night) -> None:
    night.repoint(0)
    night.repoint(1)
    theirs = night.service.store()
    night.service.client.beta.memory_stores.archive(night.input_id)
    point_deployment_at(night, theirs)
    with pytest.raises(StateError, match=rf"{night.input_id}.*is archived: nothing was taken back"):
        night.verify()
    assert night.named() == [theirs, "output"]


def test_without_a_carry_nothing_is_swapped_and_nothing_taken_back(night: Night) -> None:
    del night.left["carry_late_writes"]
    with pytest.raises(StateError, match="carry_late_writes left nothing"):
        night.repoint(0)
    with pytest.raises(StateError, match=r"the swap never began.*Every target is as it was"):
        night.verify()
    assert night.named() == ["input", "input"]


def test_a_storage_that_fails_for_a_while_leaves_no_swap_half_done(
    night: Night, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    file = tmp_path / "live.json"
    file.write_text(json.dumps({"live": night.input_id}))
    night.pipeline = pipeline_of(
        night.location,
        {"type": "agent", "agent_id": night.agent_id},
        {"type": "file", "path": f"file://{file}", "key": "live"},
    )
    night.repoint(0)

    def busy(uri: str) -> str:
        raise OSError(errno.EBUSY, "Please reduce your request rate.")

    steps: list[Callable[[], Any]] = [lambda: night.repoint(1), night.verify]
    with monkeypatch.context() as patch:
        patch.setattr("dreamflow.targets.file.read_text", busy)
        for step in steps:
            with pytest.raises(StorageUnavailable) as raised:
                step()
            assert RetryByCause().evaluate(raised.value, 1, 5).action == RetryAction.RETRY
    with pytest.raises(StateError, match="was set back"):
        night.verify()
    named = night.service.agent_metadata(night.agent_id)["memory_store_id"]
    assert {named, json.loads(file.read_text())["live"]} == {night.input_id}
