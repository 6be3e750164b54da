"""A dream that fails: which failures are dreamed again, how often, and which dream the run then goes on with."""

from __future__ import annotations

import pytest

from dreamflow import storage
from dreamflow.errors import BudgetExceeded, DreamFailed
from tests.faults.conftest import SetStage
from tests.faults.stage import Stage
from tests.faults.waiting import Died, fail_next, overspending, resumes_fail


def test_a_passing_failure_is_dreamed_again_and_what_it_left_is_archived(stage: Stage) -> None:
    fail_next(stage, "internal_error")
    night = stage.night()
    assert night.run() == "success", night.errors
    second, first = stage.dreams()
    assert (first.status, second.status) == ("failed", "completed")
    assert isinstance(night.errors[0], DreamFailed)
    assert night.left("wait_for_dream")["dream_id"] == second.id
    assert night.left("wait_for_dream")["output_store_id"] == second.outputs[0].memory_store_id
    assert stage.unsettled_stores(night) == set()


def test_a_passing_failure_that_stays_is_paid_for_three_times_at_most(stage: Stage) -> None:
    fail_next(stage, "internal_error", times=9)
    night = stage.night()
    assert night.run() == "failed"
    assert [dream.status for dream in stage.dreams()] == ["failed"] * 3
    assert "internal_error" in night.message
    assert stage.unsettled_stores(night) == set()


@pytest.mark.parametrize("error_type", ["input_memory_store_too_large", "brand_new"])
def test_a_failure_that_will_not_pass_fails_at_once_and_names_its_cause(
    stage: Stage, error_type: str
) -> None:
    fail_next(stage, error_type)
    night = stage.night()
    assert night.run() == "failed"
    assert len(stage.dreams()) == 1
    assert night.record.try_number("wait_for_dream") == 1
    assert error_type in night.message
    assert stage.unsettled_stores(night) == set()


def test_a_new_dream_that_failed_for_good_is_judged_before_another_is_paid_for(stage: Stage) -> None:
    fail_next(stage, "internal_error")
    fail_next(stage, "input_memory_store_too_large", times=9)
    resumes_fail(stage, dreams=2)
    night = stage.night()
    assert night.run() == "failed"
    assert "input_memory_store_too_large" in night.message
    assert len(stage.dreams()) == 2


def test_a_new_dream_that_went_over_budget_is_not_followed_by_another(set_stage: SetStage) -> None:
    with overspending(set_stage, {"tokens": 299_999}) as stage:
        fail_next(stage, "internal_error")
        resumes_fail(stage, dreams=2)
        night = stage.night()
        assert night.run() == "failed"
        assert isinstance(night.errors[-1], BudgetExceeded), night.errors
        assert [dream.status for dream in stage.dreams()] == ["canceled", "failed"]


def test_however_often_resumes_die_no_more_than_three_dreams_are_paid_for(stage: Stage) -> None:
    fail_next(stage, "internal_error", times=9)
    for dreams in (1, 2, 3):
        resumes_fail(stage, dreams)
    night = stage.night()
    assert night.run() == "failed"
    night.record.clear("wait_for_dream")
    assert night.run() == "failed"
    assert len(stage.dreams()) == 3
    assert stage.unsettled_stores(night) == set()


def test_a_new_dream_whose_id_was_never_noted_is_known_to_a_cleared_launch(
    stage: Stage, monkeypatch: pytest.MonkeyPatch
) -> None:
    fail_next(stage, "internal_error")
    night = stage.night()

    def write_text(uri: str, text: str) -> None:
        if len(stage.dreams()) == 2:
            raise Died
        at_first(uri, text)

    at_first = storage.write_text
    with monkeypatch.context() as patch:
        patch.setattr(storage, "write_text", write_text)
        with pytest.raises(Died):
            night.run()
    stage.finish()
    night.record.clear("launch_dream", "wait_for_dream")
    assert night.run() == "success", night.errors
    second, _ = stage.dreams()
    assert night.left("launch_dream") == {"dream_id": second.id}
    assert stage.unsettled_stores(night) == set()


def test_a_dream_that_somebody_canceled_is_not_dreamed_again_by_itself(stage: Stage) -> None:
    night = stage.night()
    assert night.run(["collect_sessions", "launch_dream"]) == "success"
    stage.client.beta.dreams.cancel(stage.dreams()[0].id)
    assert night.run() == "failed"
    assert len(stage.dreams()) == 1
    assert "was canceled" in night.message
    assert stage.unsettled_stores(night) == set()


def test_a_new_dream_of_the_wait_is_the_runs_own_when_the_launch_is_cleared(stage: Stage) -> None:
    fail_next(stage, "internal_error")
    night = stage.night()
    assert night.run() == "success"
    second = stage.dreams()[0]
    night.record.clear("launch_dream", "wait_for_dream")
    assert night.run() == "success", night.errors
    assert len(stage.dreams()) == 2
    assert night.left("launch_dream") == {"dream_id": second.id}
    assert night.left("wait_for_dream")["dream_id"] == second.id


def test_what_a_cleared_launch_dreams_anew_is_what_the_wait_waits_for(stage: Stage) -> None:
    fail_next(stage, "internal_error")
    night = stage.night(new_dream=True)
    assert night.run() == "success"
    night.record.clear("launch_dream", "wait_for_dream")
    assert night.run() == "success", night.errors
    third = stage.dreams()[0]
    assert len(stage.dreams()) == 3
    assert night.left("launch_dream") == {"dream_id": third.id}
    assert night.left("wait_for_dream")["dream_id"] == third.id
    assert stage.unsettled_stores(night) == set()


def test_a_failure_after_a_clear_has_its_own_new_dreams(set_stage: SetStage) -> None:
    with set_stage(night={"dreams": 5}) as stage:
        fail_next(stage, "internal_error", times=3)
        night = stage.night(new_dream=True)
        assert night.run() == "failed"
        fail_next(stage, "internal_error")
        night.record.clear("launch_dream", "wait_for_dream")
        assert night.run() == "success", night.errors
        assert len(stage.dreams()) == 5
        assert night.left("wait_for_dream")["dream_id"] == stage.dreams()[0].id
        assert stage.unsettled_stores(night) == set()
