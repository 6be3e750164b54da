"""Carrying late writes into the output, and making it the input's heir."""

from __future__ import annotations

from pathlib import Path

import pytest

from dreamflow.core.lineage import read_lineage
from dreamflow.errors import StalePlan, StateError
from tests.unit.running import THROUGH, Night, night_of, take_back, write_first, write_late
from tests.unit.service import Service, writes

BEFORE = {"/keep.md": "keep", "/dup.md": "dup", "/edit.md": "old"}
REVIEWED = {"/keep.md": "keep", "/edit.md": "dreamed", "/index.md": "index"}


def untouched(night: Night) -> bool:
    return (
        night.named() == ["input", "input"]
        and night.service.contents(night.output_id) == REVIEWED
        and night.state()["metadata"] == {"brought": "by the clone"}
    )


def test_what_reached_the_input_meanwhile_is_in_the_output(service: Service, location: str) -> None:
    late = {"/new.md": "new", "/keep.md": "kept better", "/dup.md": None}
    night = night_of(service, location, BEFORE, REVIEWED, late=late)
    written = night.carry()
    assert service.contents(night.output_id) == {**REVIEWED, "/new.md": "new", "/keep.md": "kept better"}
    assert [write.path for write in written] == ["/keep.md", "/new.md"]
    assert service.contents(night.input_id) == {
        "/keep.md": "kept better",
        "/edit.md": "old",
        "/new.md": "new",
    }


def test_without_late_writes_the_output_is_byte_for_byte_what_was_reviewed(
    service: Service, location: str
) -> None:
    night = night_of(service, location, BEFORE, REVIEWED)
    assert night.carry() == []
    assert service.contents(night.output_id) == REVIEWED
    assert night.swap.adopted == night.swap.reviewed


def test_the_output_becomes_the_inputs_heir_before_any_target_names_it(
    service: Service, location: str
) -> None:
    night = night_of(service, location, BEFORE, REVIEWED)
    night.carry()
    heir = night.hook.retrieve_store(night.output_id)
    assert (heir.name, heir.description) == ("Support", "What we know")
    assert {k: v for k, v in heir.metadata.items() if not k.startswith("dreamflow_")} == {"team": "support"}
    lineage = read_lineage(heir)
    assert lineage is not None
    assert (lineage.pipeline, lineage.parent, lineage.dream) == ("support", night.input_id, "drm_1")
    assert (lineage.run, lineage.adopted_by) == ("manual__1", "Ada")
    assert lineage.through == THROUGH
    assert lineage.scope == "workspace"
    assert night.named() == ["input", "input"]


def test_both_sides_saying_the_same_is_no_conflict(service: Service, location: str) -> None:
    night = night_of(service, location, BEFORE, REVIEWED, late={"/edit.md": "dreamed", "/dup.md": None})
    assert night.carry() == []


@pytest.mark.parametrize(
    "change", [{"/keep.md": "tampered"}, {"/extra.md": "slipped in"}, {"/index.md": None}]
)
def test_an_output_that_is_no_longer_what_was_reviewed_is_refused(
    service: Service, location: str, change: dict[str, str | None]
) -> None:
    night = night_of(service, location, BEFORE, REVIEWED)
    write_late(night, change, night.output_id)
    with pytest.raises(StalePlan, match=r"no longer what was decided on.*Nothing was changed"):
        night.carry()
    assert night.named() == ["input", "input"]
    assert writes(night.wire.requests) == []


@pytest.mark.parametrize("is_carried", [False, True])
def test_an_output_that_changed_after_the_decision_is_adopted_once_it_is_decided_on_anew(
    service: Service, location: str, is_carried: bool
) -> None:
    """As its message says: after clearing approve. What was carried by then is part of what is decided on."""
    night = night_of(service, location, BEFORE, REVIEWED, late={"/new.md": "new"})
    if is_carried:
        night.carry()
    write_late(night, {"/extra.md": "slipped in"}, night.output_id)
    with pytest.raises(StalePlan, match="Clear approve"):
        night.repoint() if is_carried else night.carry()
    assert night.named() == ["input", "input"]
    night.decide()
    night.adopt()
    assert service.contents(night.output_id) == {**REVIEWED, "/extra.md": "slipped in", "/new.md": "new"}
    assert night.named() == ["output", "output"]


def test_a_lost_base_stops_the_run_with_nothing_written(
    service: Service, location: str, tmp_path: Path
) -> None:
    night = night_of(service, location, BEFORE, REVIEWED, late={"/new.md": "new"})
    (tmp_path / "reports" / "support" / "manual__1" / "base.json").unlink()
    with pytest.raises(StateError, match=r"base\.json is not there"):
        night.carry()
    assert untouched(night)


def test_an_input_that_is_gone_stops_the_run_and_says_what_to_do(service: Service, location: str) -> None:
    night = night_of(service, location, BEFORE, REVIEWED)
    service.client.beta.memory_stores.delete(night.input_id)
    with pytest.raises(
        StateError, match=rf"{night.input_id}, which was live, is gone.*{night.output_id} holds"
    ):
        night.carry()
    assert service.contents(night.output_id) == REVIEWED


def test_a_write_to_the_output_at_the_same_moment_is_tried_again_and_then_seen(
    service: Service, location: str
) -> None:
    night = night_of(service, location, BEFORE, REVIEWED, late={"/new.md": "new"})
    write_first(night, {"/new.md": "slipped in"})
    with pytest.raises(StalePlan, match="no longer what was decided on"):
        night.carry()
    assert service.contents(night.output_id) == {**REVIEWED, "/new.md": "slipped in"}


def test_carrying_again_takes_what_came_in_since(service: Service, location: str) -> None:
    night = night_of(service, location, BEFORE, REVIEWED, late={"/new.md": "one"})
    night.carry()
    write_late(night, {"/new.md": "two", "/keep.md": None})
    written = night.carry()
    assert service.contents(night.output_id) == {
        "/edit.md": "dreamed",
        "/index.md": "index",
        "/new.md": "two",
    }
    assert {write.path for write in written} == {"/new.md", "/keep.md"}


def test_a_late_delete_of_what_the_dream_has_seen_and_the_launch_has_not_is_carried(
    service: Service, location: str
) -> None:
    """A session made it after the launch's listing and before the service cloned the store, and took it back since."""
    night = night_of(service, location, BEFORE, REVIEWED)
    for store_id in (night.input_id, night.output_id):
        service.create(store_id, "/secret.md", "secret\n")
    night.decide()
    service.remove(night.input_id, "/secret.md")
    night.carry()
    assert service.contents(night.output_id) == REVIEWED
    told = night.run.journal().late
    assert [(note.path, note.how) for note in told] == [("/secret.md", "deleted")]
    night.carry()
    assert night.run.journal().late == told


def test_deletes_after_somebody_archived_the_input_are_ignored(service: Service, location: str) -> None:
    night = night_of(service, location, BEFORE, REVIEWED)
    night.hook.archive_store(night.input_id)
    service.remove(night.input_id, "/keep.md")
    night.carry()
    assert service.contents(night.output_id) == REVIEWED


def test_a_rejected_output_is_archived_and_the_targets_stay(service: Service, location: str) -> None:
    night = night_of(service, location, BEFORE, REVIEWED)
    night.discard()
    state = night.state()
    assert (state["output archived"], state["input archived"]) == (True, False)
    assert state["targets"] == ["input", "input"]
    assert state["open"] == []
    night.discard()


def test_an_output_that_is_live_is_never_discarded(service: Service, location: str) -> None:
    night = night_of(service, location, BEFORE, REVIEWED)
    night.carry()
    night.repoint(0)
    with pytest.raises(StateError, match=r"is live: a target names it"):
        night.discard()
    assert not service.is_archived(night.output_id)


def test_an_output_that_was_adopted_and_replaced_since_is_never_discarded(
    service: Service, location: str
) -> None:
    """Somebody clears the old run and rejects: its input may still hold writes that only a settle would carry."""
    night = night_of(service, location, BEFORE, REVIEWED)
    night.adopt()
    second = night.next_night(REVIEWED)
    second.adopt()
    write_late(night, {"/late.md": "only here"})
    was = night.state()
    with pytest.raises(
        StateError, match=rf"was adopted, and {second.output_id} has replaced it since.*Mark this task"
    ):
        night.discard()
    assert night.state() == was
    second.settle("manual__3")
    assert service.contents(second.output_id) == {**REVIEWED, "/late.md": "only here"}


def test_what_sessions_wrote_to_an_output_while_a_target_named_it_is_carried_back_as_it_is_discarded(
    service: Service, location: str
) -> None:
    night = night_of(service, location, BEFORE, REVIEWED)
    take_back(night, {"/only-here.md": "precious"})
    night.discard()
    assert service.contents(night.input_id) == {**BEFORE, "/only-here.md": "precious"}
    assert night.state()["output archived"]
    assert night.state()["open"] == []
