"""When a dream's list cost is read: seldom, and never too late."""

from __future__ import annotations

from dataclasses import dataclass

from hypothesis import given, settings
from hypothesis import strategies as st

from dreamflow.core.verdicts import CostReading, should_read_cost

#: The next tokens cost at most so many times what the tokens so far did, beyond the price list's own proportions.
DEARER = 2.0


@dataclass(frozen=True)
class Poll:
    """What is true at one poll: priced tokens so far, and their cost in US dollars."""

    priced: float
    usd: float


@st.composite
def dreams(draw: st.DrawFn) -> list[Poll]:
    """
    Return the polls of one dream whose price moves within the assumption that the rule states.

    After any poll, tokens cost at most ``DEARER`` times what those before it did on the average; they may be free.
    """
    first = draw(st.floats(1, 1e6))
    polls = [Poll(first, first * draw(st.floats(1e-7, 1e-4)))]
    lowest = polls[0].usd / first
    steps = draw(
        st.lists(st.tuples(st.sampled_from([0.0, 0.01, 0.1, 1.0, 3.0]), st.floats(0, DEARER)), max_size=25)
    )
    for share, dearer in steps:
        before, more = polls[-1], share * polls[-1].priced
        polls.append(Poll(before.priced + more, before.usd + more * lowest * dearer))
        lowest = min(lowest, polls[-1].usd / polls[-1].priced)
    return polls


def readings(polls: list[Poll], budget: float) -> list[int]:
    """Return the polls, by number, at which the cost is read."""
    last: CostReading | None = None
    read = []
    for number, poll in enumerate(polls):
        if should_read_cost(budget, last, poll.priced):
            last = CostReading(poll.usd, poll.priced)
            read.append(number)
    return read


@settings(max_examples=500)
@given(dreams(), st.floats(0.01, 1000))
def test_from_nine_tenths_of_the_budget_on_the_cost_is_read_at_every_poll(
    polls: list[Poll], budget: float
) -> None:
    """So the first poll at which it is overrun sees it: the overrun is what one poll brings, at most."""
    read = readings(polls, budget)
    near = [number for number, poll in enumerate(polls) if poll.usd >= 0.9 * budget * (1 + 1e-9)]
    assert set(near) <= set(read)


@given(st.floats(1, 1e5), st.floats(1e-7, 1e-4), st.integers(2, 500))
def test_at_an_even_price_a_dream_far_from_its_budget_is_asked_about_once(
    step: float, price: float, count: int
) -> None:
    polls = [Poll(step * n, step * n * price) for n in range(1, count + 1)]
    assert readings(polls, budget=polls[-1].usd * 2.3) == [0]


@given(dreams())
def test_without_a_budget_in_dollars_nothing_is_read(polls: list[Poll]) -> None:
    assert not any(should_read_cost(None, None, poll.priced) for poll in polls)


@given(st.floats(1, 1e5), st.integers(1, 300))
def test_a_cost_that_the_service_does_not_tell_is_asked_for_as_often_as_the_tokens_double(
    step: float, count: int
) -> None:
    last: CostReading | None = None
    asked = 0
    for number in range(1, count + 1):
        if should_read_cost(1.0, last, step * number):
            last, asked = CostReading(None, step * number), asked + 1
    assert asked <= 1 + count.bit_length()


def test_before_the_first_token_there_is_nothing_to_ask() -> None:
    assert not should_read_cost(1.0, None, 0)
