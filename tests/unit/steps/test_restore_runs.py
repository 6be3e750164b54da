"""Restores beside other runs of their pipeline, restores that died, and ones whose tasks are cleared."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace

import pytest

from dreamflow.errors import SkipRun, StateError
from tests.unit.going_back import BEFORE, DAG_ID, going_back, gone_forward, live_of
from tests.unit.running import Night, write_late
from tests.unit.service import Service


@pytest.fixture
def night(service: Service, location: str) -> Night:
    return gone_forward(service, location)


class TestBeside:
    """A dream's run and a restore, or two restores, of one pipeline."""

    def under_way(self, *runs: tuple[str, str | None]) -> Callable[[str, str | None], bool]:
        return lambda dag_id, run_id: (dag_id, run_id) in runs

    def test_a_restore_refuses_while_a_dreams_run_is_under_way(self, night: Night) -> None:
        back = going_back(night)
        back.world = replace(night.world, is_under_way=self.under_way(("dream__support", None)))
        with pytest.raises(StateError, match=r"a run of dream__support is under way.*Answer its question"):
            back.begin()
        assert night.open_runs() == []

    def test_a_dreams_run_is_skipped_while_a_restore_is_under_way(self, night: Night) -> None:
        back = going_back(night).ask()
        night.world = replace(night.world, is_under_way=self.under_way((DAG_ID, "manual__9")))
        requests = len(night.wire.requests)
        with pytest.raises(SkipRun, match=r"run manual__9 of restore_memory_store is under way"):
            night.settle()
        assert len(night.wire.requests) == requests
        assert not night.service.is_archived(back.clone_id)

    def test_a_second_restore_refuses_and_leaves_the_first_alone(self, night: Night) -> None:
        first = going_back(night).ask()
        second = going_back(night, "manual__10")
        second.world = replace(night.world, is_under_way=self.under_way((DAG_ID, "manual__9")))
        with pytest.raises(StateError, match=r"run manual__9 of restore_memory_store is under way"):
            second.begin()
        assert night.open_runs() == ["restore__manual__9"]
        first.adopt()
        assert live_of(night) == first.clone_id

    def test_a_journal_that_is_cut_keeps_nobody_off(self, night: Night) -> None:
        back = going_back(night).ask()
        night.files.write_text(f"{back.run.folder}/journal.json", "{")
        assert night.settle().live_store_id == night.output_id


class TestDead:
    """A restore that has died is settled by the next night."""

    def test_its_copy_is_archived_where_it_was_not_adopted(self, service: Service, night: Night) -> None:
        back = going_back(night).ask()
        night.settle()
        assert service.is_archived(back.clone_id)
        assert night.open_runs() == []
        assert live_of(night) == night.output_id

    def test_its_swap_is_finished_told_and_the_old_store_retired(
        self, service: Service, night: Night
    ) -> None:
        back = going_back(night).ask()
        back.decide()
        back.carry()
        night.point_deployment_at(back.clone_id)
        write_late(night, {"/late.md": "late\n"}, night.output_id)
        night.settle()
        assert live_of(night) == back.clone_id
        assert service.is_archived(night.output_id)
        assert service.contents(back.clone_id) == {**BEFORE, "/late.md": "late\n"}
        assert [told["ancestor_id"] for told in night.adoptions] == [night.input_id]
        assert night.open_runs() == []

    def test_one_that_died_as_it_began_leaves_nothing(self, night: Night) -> None:
        going_back(night).begin()
        assert night.open_runs() == ["restore__manual__9"]
        night.settle()
        assert night.open_runs() == []


def test_a_cleared_restore_whose_copy_was_adopted_does_nothing(night: Night) -> None:
    back = going_back(night).adopt()
    with pytest.raises(StateError, match=r"which this run made, was adopted"):
        back.clone()
    assert live_of(night) == back.clone_id


def test_a_cleared_restore_starts_anew_where_another_store_is_live_by_now(
    service: Service, night: Night
) -> None:
    back = going_back(night).ask()
    first = back.clone_id
    second = night.next_night({"/all.md": "all\n"})
    second.adopt()
    back.begin()
    back.clone()
    assert back.clone_id != first
    assert service.is_archived(first)
    assert service.contents(back.clone_id) == service.contents(night.output_id)
