"""One ledger for a run, and one for its night: what dreams before it used, a dream does not have."""

from __future__ import annotations

import logging
from typing import Any

import pytest
from structlog.testing import capture_logs

from dreamflow.errors import BudgetExceeded, DreamFailed, DreamUnwatched
from tests.faults.conftest import SetStage
from tests.faults.stage import Stage
from tests.faults.test_taking_over import launch_again
from tests.faults.waiting import PRICE, READING, fail_next
from tests.support.faulty_proxy import Rule
from tests.support.injected_faults import rewriting
from tests.support.night import Night
from tests.support.run_record import RunRecord

LAUNCH = ["collect_sessions", "launch_dream"]
#: What the sessions of a night use, and cost in US dollars: see ``READING``.
TOKENS, USD = 300_000, 1.425
SETTINGS = {"price": PRICE}


def fail_after_reading(stage: Stage) -> Night:
    """Launch a dream that fails, for a cause that may pass, once it has read all."""
    night = stage.night()
    assert night.run(LAUNCH) == "success", night.errors
    stage.enter("wait_for_dream")
    stage.client.beta.sessions.archive(stage.past.to_dream[0])

    def hold(seconds: float) -> None:
        """From then on, a dream reads, and comes to no end."""
        stage.finishes = False
        stage.may_write.clear()

    night.pause = hold
    return night


@pytest.mark.parametrize(
    ("budget", "left"), [({"tokens": 400_000}, "tokens: 100,000"), ({"usd": 2.0}, "usd: 0.58")]
)
@pytest.mark.parametrize("of", ["dream", "night"])
def test_a_new_dream_has_what_the_one_before_it_left_of_the_budget(
    set_stage: SetStage, budget: dict[str, Any], left: str, of: str
) -> None:
    with set_stage(reading=READING, settings=SETTINGS, **{of: {"budget": budget}}) as stage:
        night = fail_after_reading(stage)
        assert night.run() == "failed"
        assert isinstance(night.errors[0], DreamFailed)
        assert isinstance(night.errors[-1], BudgetExceeded), night.errors
        assert f"over dream.budget.{left}" in night.message
        assert "Earlier dreams of this night had used 300,000 tokens and USD 1.42" in night.message
        assert [dream.status for dream in stage.dreams()] == ["canceled", "failed"]
        assert stage.unsettled_stores(night) == set()


def test_where_nothing_is_left_no_new_dream_is_created(set_stage: SetStage) -> None:
    with set_stage(reading=READING, dream={"budget": {"tokens": TOKENS}}) as stage:
        night = fail_after_reading(stage)
        assert night.run() == "failed"
        assert isinstance(night.errors[-1], BudgetExceeded), night.errors
        assert "dream.budget is used up" in night.message
        assert len(stage.dreams()) == 1
        assert stage.unsettled_stores(night) == set()


def test_what_an_abandoned_dream_used_is_counted(set_stage: SetStage) -> None:
    with set_stage(reading=READING, dream={"budget": {"tokens": TOKENS}}) as stage:
        night = stage.night(new_dream=True)
        assert night.run(LAUNCH) == "success"
        stage.enter("wait_for_dream")
        assert launch_again(night) == "failed"
        assert "dream.budget is used up" in night.message
        assert [dream.status for dream in stage.dreams()] == ["canceled"]
        assert stage.unsettled_stores(night) == set()


def test_a_night_has_no_more_dreams_than_it_may_new_ones_included(set_stage: SetStage) -> None:
    with set_stage(night={"dreams": 2}) as stage:
        fail_next(stage, "internal_error", times=9)
        night = stage.night()
        assert night.run() == "failed"
        assert isinstance(night.errors[-1], BudgetExceeded), night.errors
        assert "this night has had 2 dreams, as many as night.dreams allows" in night.message
        assert len(stage.dreams()) == 2
        assert stage.unsettled_stores(night) == set()


@pytest.mark.parametrize(
    ("night", "why"),
    [
        ({"dreams": 1}, "night.dreams"),
        ({"budget": {"tokens": TOKENS}}, "night.budget is used up"),
        ({"budget": {"usd": 1.0}}, "night.budget is used up"),
    ],
    ids=["dreams", "tokens", "dollars"],
)
def test_a_catch_up_is_of_its_night_and_the_next_night_is_another(
    set_stage: SetStage, night: dict[str, Any], why: str
) -> None:
    """The first dream of the night completes before a poll sees what it uses: what is paid is used."""
    with set_stage(reading=READING, settings=SETTINGS, night=night) as stage:
        stage.may_write.set()
        first = stage.night("tonight")
        assert first.run(LAUNCH) == "success"
        stage.finish()
        assert first.run() == "success", first.errors
        conf = {"dreamflow": {"night": "tonight"}}
        catch_up = stage.night(record=RunRecord("catch_up_1__tonight", conf=conf))
        assert catch_up.run() == "failed"
        assert isinstance(catch_up.errors[-1], BudgetExceeded), catch_up.errors
        assert why in catch_up.message
        assert "Nothing more is spent" in catch_up.message
        assert catch_up.record.try_number("launch_dream") == 1
        assert len(stage.dreams()) == 1
        assert catch_up.run_records.journal().dreams == ()
        assert stage.night("tomorrow").run(LAUNCH) == "success"


@pytest.mark.parametrize("of", ["dream", "night"])
@pytest.mark.parametrize("watched", [True, False], ids=["in the trigger", "in the task"])
def test_a_budget_in_dollars_that_nothing_holds_a_dream_to_is_said_loudly(
    set_stage: SetStage, caplog: pytest.LogCaptureFixture, watched: bool, of: str
) -> None:
    def untold(session: Any) -> Any:
        session["usage"]["list_cost"] = None
        return session

    def is_session(request: Any) -> bool:
        return request.path.startswith("/v1/sessions/") and "/events" not in request.path

    with set_stage(reading=READING, **{of: {"budget": {"usd": 0.01}}}) as stage:
        stage.proxy.add(Rule(rewriting(untold), is_session, times=10**6))
        if watched:
            stage.may_read.clear()
        night = stage.night()
        with capture_logs() as logs:
            assert night.run() == "success", night.errors
        by_trigger = [
            log["event"] % log.get("positional_args", ()) for log in logs if log["log_level"] == "error"
        ]
        by_task = [record.getMessage() for record in caplog.records if record.levelno == logging.ERROR]
        said = by_trigger if watched else by_task
        assert said
        assert all("NOTHING HOLDS IT" in line for line in said)
        assert "Set dream.budget.tokens, or night.budget.tokens, too" in said[0]


@pytest.mark.parametrize("text", ['{"drm_1": {"tok', '{"a": 1}'], ids=["cut", "of another shape"])
def test_a_nights_ledger_that_is_damaged_costs_no_dream_that_is_paid_for(stage: Stage, text: str) -> None:
    night = stage.night()
    assert night.run(LAUNCH) == "success", night.errors
    (ledger,) = stage.folder.glob("reports/support/nights/*.json")
    ledger.write_text(text)
    assert night.run() == "success", night.errors
    assert night.left("wait_for_dream")["dream_id"] == stage.dreams()[0].id


def test_a_journal_that_is_cut_while_the_dream_runs_is_said_to_leave_it_unwatched_and_tried_again(
    stage: Stage,
) -> None:
    night = stage.night()
    assert night.run(LAUNCH) == "success", night.errors
    (journal,) = stage.folder.glob("reports/support/tonight/journal.json")
    whole = journal.read_text()
    journal.write_text(whole[:50])

    def bring_back(seconds: float) -> None:
        journal.write_text(whole)

    night.pause = bring_back
    assert night.run() == "success", night.errors
    assert isinstance(night.errors[0], DreamUnwatched)
    assert "journal.json" in str(night.errors[0])
    assert "watched by nobody" in str(night.errors[0])


def test_what_a_dream_used_that_nobody_saw_end_is_in_its_nights_ledger(set_stage: SetStage) -> None:
    with set_stage(reading=READING) as stage:
        night = stage.night()
        assert night.run(LAUNCH) == "success", night.errors
        stage.enter("wait_for_dream")
        stage.client.beta.dreams.cancel(stage.dreams()[0].id)
        night.settle()
        assert night.run_records.records.spent_in(night.record.run_id).tokens == TOKENS
