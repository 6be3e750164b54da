"""A decision is noted once, with the swap that follows; what was done of a swap stands when it is answered again."""

from __future__ import annotations

from datetime import timedelta
from pathlib import Path

import pytest

from dreamflow.core.lineage import read_lineage
from dreamflow.errors import StalePlan, StateError
from dreamflow.records.journal import DreamNote
from tests.unit.running import THROUGH, Night, night_of, take_back, write_late
from tests.unit.service import Service

BEFORE = {"/keep.md": "keep", "/edit.md": "old"}
REVIEWED = {"/keep.md": "keep", "/edit.md": "dreamed"}


@pytest.fixture
def night(service: Service, tmp_path: Path) -> Night:
    return night_of(service, f"file://{tmp_path}/reports", BEFORE, REVIEWED)


def test_an_adoption_is_noted_with_its_swap(night: Night) -> None:
    swap = night.swap
    assert (swap.before, swap.after, swap.dream_id) == (night.input_id, night.output_id, "drm_1")
    assert (swap.by, swap.reviewed, swap.through) == ("Ada", night.reviewed().digest, THROUGH)
    assert (swap.adopted, swap.verified_at) == (None, None)


@pytest.mark.parametrize("decision", ["Reject", "Dream again"])
def test_any_other_answer_begins_no_swap(night: Night, decision: str) -> None:
    night.run.note(swap=None)
    decided = night.decide(decision)
    journal = night.run.journal()
    assert (decided.swap, journal.swap) == (None, None)
    assert (decided.output_store_id, journal.decision) == (night.output_id, decided)


def test_what_counts_as_covered_is_what_the_dream_was_given_whatever_was_collected_since(
    night: Night,
) -> None:
    """Somebody clears collect_sessions alone while the dream runs: nothing that it finds has been read."""
    created = THROUGH - timedelta(hours=1)
    night.run.note_dream("drm_1", created_at=created)
    through = night.decide().swap
    assert through is not None
    assert through.through is not None
    assert through.through < created
    night.carry()
    lineage = read_lineage(night.hook.retrieve_store(night.output_id))
    assert lineage is not None
    assert lineage.through == through.through


def test_coverage_of_other_sessions_than_the_pipeline_looks_at_by_now_is_not_claimed(night: Night) -> None:
    night.run.note_dream("drm_1", scope_mark="of other sessions")
    night.decide()
    night.carry()
    lineage = read_lineage(night.hook.retrieve_store(night.output_id))
    assert lineage is not None
    assert lineage.through_in(night.pipeline.sessions.scope) is None


def test_a_dream_that_the_journal_does_not_know_is_not_decided_on(night: Night) -> None:
    """Its sessions, and so what would count as covered, are another dream's."""
    night.run.open(DreamNote(input_store_id=night.input_id, dream_id="drm_2"))
    reviewed = night.reviewed().model_copy(update={"dream_id": "drm_3"})
    with pytest.raises(StateError, match=r"journal\.json does not know the dream that was reviewed"):
        night.decide(reviewed=reviewed)


def test_a_review_from_before_the_upgrade_is_of_the_runs_dream(night: Night) -> None:
    reviewed = night.reviewed().model_copy(
        update={"dream_id": "", "input_store_id": "", "output_store_id": ""}
    )
    swap = night.decide(reviewed=reviewed).swap
    assert swap is not None
    assert (swap.before, swap.after, swap.dream_id) == (night.input_id, night.output_id, "drm_1")


class TestAnsweredAgain:
    """Somebody clears approve after the swap, and whatever came of it."""

    def test_adopting_what_is_adopted_changes_nothing(self, night: Night) -> None:
        night.adopt()
        night.retire()
        was, verified = night.state(), night.swap.verified_at
        night.decide()
        assert night.swap.verified_at == verified
        assert night.carry() == []
        night.repoint()
        night.verify()
        night.retire()
        assert night.state() == was
        assert night.settle().did == ()

    def test_adopting_what_agents_have_written_to_since_stops_and_leaves_it_live(self, night: Night) -> None:
        night.adopt()
        write_late(night, {"/note.md": "the agents work on it"}, night.output_id)
        reviewed = night.reviewed().model_copy(update={"digest": night.swap.reviewed})
        was = night.state()
        night.decide(reviewed=reviewed)
        with pytest.raises(StalePlan, match="Nothing was changed"):
            night.carry()
        assert night.state() == was
        night.settle()
        assert night.named() == ["output", "output"]
        assert night.state()["input archived"]

    def test_rejecting_what_is_live_changes_nothing_and_the_run_can_still_be_settled(
        self, night: Night
    ) -> None:
        night.adopt()
        was = night.state()
        night.decide("Reject")
        with pytest.raises(StateError, match="is live: a target names it"):
            night.discard()
        assert night.state() == was
        write_late(night, {"/late.md": "late"})
        night.settle()
        assert night.state()["input archived"]
        assert night.state()["output"]["/late.md"] == "late"

    def test_rejecting_what_was_swapped_and_taken_back_carries_back_what_sessions_wrote_to_it(
        self, service: Service, night: Night
    ) -> None:
        take_back(night, {"/only-here.md": "precious"})
        night.decide("Reject")
        night.discard()
        assert service.contents(night.input_id)["/only-here.md"] == "precious"
        assert night.state()["output archived"]

    def test_so_does_adopting_it_after_a_new_review_that_nothing_came_of(
        self, service: Service, night: Night
    ) -> None:
        take_back(night, {"/only-here.md": "precious"})
        night.decide()
        night.settle()
        assert service.contents(night.input_id)["/only-here.md"] == "precious"
        assert night.state()["output archived"]

    def test_adopting_what_was_rejected_before_is_refused_once_it_is_archived(self, night: Night) -> None:
        night.decide("Reject")
        night.discard()
        night.decide()
        with pytest.raises(StateError, match=rf"{night.output_id}.*is archived.*Trigger a new run"):
            night.carry()
        assert night.named() == ["input", "input"]
