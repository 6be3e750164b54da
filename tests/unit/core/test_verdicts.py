"""Verdicts on a dream."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from dreamflow.core.objects import Dream, TokenUsage
from dreamflow.core.verdicts import (
    ADVICE,
    PASSING,
    Budget,
    Completed,
    CostReading,
    OverBudget,
    TimedOut,
    Unsuccessful,
    Verdict,
    Wait,
    judge_dream,
    should_read_cost,
)
from tests.unit.support import at, dream


def judged(
    seen: Dream, *, budget: Budget | None = None, minutes: float = 0, cost: float | None = None
) -> Verdict:
    return judge_dream(seen, budget=budget or Budget(), deadline=at(10), now=at(minutes), list_cost_usd=cost)


class TestJudgeDream:
    @pytest.mark.parametrize("status", ["pending", "running"])
    def test_a_dream_in_flight_within_its_limits_is_waited_for(self, status: str) -> None:
        assert judged(dream(status=status), budget=Budget(10, 1.0), cost=1.0) == Wait()

    @given(st.floats(0, 100), st.integers(0, 10**9), st.floats(0, 10**4))
    def test_what_is_paid_is_used_even_past_deadline_and_budget(
        self, minutes: float, tokens: int, cost: float
    ) -> None:
        done = dream(status="completed", output_store_id="memstore_2", usage=TokenUsage(output_tokens=tokens))
        assert judged(done, budget=Budget(1, 0.01), minutes=minutes, cost=cost) == Completed("memstore_2")

    def test_a_completed_dream_without_a_store_is_no_success(self) -> None:
        assert isinstance(judged(dream(status="completed")), Unsuccessful)

    @pytest.mark.parametrize("error_type", sorted(ADVICE))
    def test_every_cause_that_the_service_names_has_advice(self, error_type: str) -> None:
        failed = judged(dream(status="failed", error_type=error_type, error_message="said so"))
        assert isinstance(failed, Unsuccessful)
        assert failed.error_type == error_type
        assert all(word in failed.reason for word in ("drm_1", error_type, "said so", ADVICE[error_type]))
        assert failed.passing is (error_type in PASSING)

    @pytest.mark.parametrize("error_type", ["brand_new", None])
    def test_a_cause_that_nobody_knows_is_not_tried_again(self, error_type: str | None) -> None:
        failed = judged(dream(status="failed", error_type=error_type))
        assert isinstance(failed, Unsuccessful)
        assert not failed.passing

    def test_a_canceled_dream_is_not_tried_again_by_itself(self) -> None:
        canceled = judged(dream(status="canceled"), minutes=99)
        assert isinstance(canceled, Unsuccessful)
        assert (canceled.error_type, canceled.passing) == ("canceled", False)

    @given(st.builds(TokenUsage, *[st.integers(0, 50)] * 4), st.integers(1, 200))
    def test_a_token_budget_counts_every_token(self, usage: TokenUsage, tokens: int) -> None:
        verdict = judged(dream(usage=usage), budget=Budget(tokens=tokens))
        assert isinstance(verdict, OverBudget) == (usage.total > tokens)

    def test_a_cost_that_the_service_does_not_tell_breaks_no_budget(self) -> None:
        assert judged(dream(), budget=Budget(usd=0.01), cost=None) == Wait()

    def test_a_budget_that_is_just_spent_is_not_overrun(self) -> None:
        assert judged(dream(), budget=Budget(usd=2.5), cost=2.5) == Wait()
        over = judged(dream(), budget=Budget(usd=2.5), cost=2.51)
        assert isinstance(over, OverBudget)
        assert "2.51" in over.reason
        assert "2.50" in over.reason

    @given(st.floats(0, 20))
    def test_the_deadline_is_the_moment_itself(self, minutes: float) -> None:
        assert isinstance(judged(dream(), minutes=minutes), TimedOut) == (minutes >= 10)


class TestReadingTheCost:
    @given(
        st.floats(0.5, 100),
        st.lists(st.tuples(st.floats(0.01, 0.3), st.floats(0, 2)), min_size=4, max_size=30),
    )
    def test_from_nine_tenths_of_the_budget_on_it_is_read_at_every_poll(
        self, budget: float, polls: list[tuple[float, float]]
    ) -> None:
        """However the prices move, as long as the next tokens cost at most twice what tokens cost so far."""
        last = CostReading(usd=0.01 * budget, priced=1000.0)
        usd, priced = 0.01 * budget, 1000.0
        for share_of_budget, dearer in polls:
            assert last.usd
            price = last.usd / last.priced
            priced += share_of_budget * budget / price
            usd += share_of_budget * budget * dearer
            reads = should_read_cost(budget, last, priced)
            assert reads or usd < 0.9 * budget
            if reads:
                last = CostReading(usd, priced)

    def test_far_below_the_budget_it_is_read_rarely(self) -> None:
        last: CostReading | None = None
        reads = 0
        for poll in range(1, 1001):
            if should_read_cost(1000.0, last, poll * 100.0):
                reads += 1
                last = CostReading(poll * 0.1, poll * 100.0)
        assert reads < 20

    def test_without_a_budget_in_dollars_it_is_never_read(self) -> None:
        assert not should_read_cost(None, None, 10**9)

    def test_a_dream_that_has_used_nothing_has_no_cost_to_read(self) -> None:
        assert not should_read_cost(1.0, None, 0)

    @given(st.floats(1, 10**6), st.integers(1, 60))
    def test_a_service_that_does_not_tell_is_asked_less_and_less(self, priced: float, polls: int) -> None:
        last, reads = CostReading(None, priced), 0
        for poll in range(polls):
            now = priced * (1 + poll / 10)
            if should_read_cost(1.0, last, now):
                last, reads = CostReading(None, now), reads + 1
        assert reads <= 3
