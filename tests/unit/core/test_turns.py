"""Turns: what a night has room for, each shard's part of it, and who dreams tonight. Nobody is overtaken for ever."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import UTC, datetime, timedelta
from math import ceil

import pytest
from hypothesis import given
from hypothesis import strategies as st

from dreamflow.core.turns import Allowance, admit, share_of, shares, turns_after
from dreamflow.core.verdicts import Budget, Spent

SIZES = st.lists(st.integers(0, 400), min_size=1, max_size=12)
CENTS = st.integers(1, 10**6).map(lambda cents: cents / 100)
NOON = datetime(2026, 12, 1, 12, tzinfo=UTC)


@given(st.integers(0, 10**9), SIZES, st.integers(0, 1000))
def test_shares_sum_to_the_whole_and_are_as_large_as_the_shards(
    whole: int, sizes: list[int], least: int
) -> None:
    parts = shares(whole, sizes, least)
    assert sum(parts) == whole
    assert parts == shares(whole, sizes, least)
    if not any(sizes):
        return
    held = [size for size in sizes if size]
    is_enough = whole >= least * len(held)
    rest = whole - least * len(held) if is_enough else whole
    for part, size in zip(parts, sizes, strict=True):
        first = least if size and is_enough else 0
        assert abs(part - first - rest * size / sum(sizes)) < 1 + 1e-6


@given(SIZES.filter(any), st.integers(1, 10**6), CENTS, st.integers(1, 9))
def test_a_night_that_has_room_for_a_dream_in_each_shard_gives_each_that_room(
    sizes: list[int], tokens: int, usd: float, times: int
) -> None:
    count = times * len(sizes)
    each, whole = Budget(tokens, usd), Allowance(count, Budget(tokens * count, usd * count))
    parts = [share_of(whole, each, shard, sizes) for shard in range(len(sizes))]
    rooms = [part.allowance.room(each) for part in parts]
    assert all((room or 0) >= 1 for room, size in zip(rooms, sizes, strict=True) if size)
    assert sum(room or 0 for room in rooms) <= count
    assert sum(part.allowance.budget.tokens or 0 for part in parts) == whole.budget.tokens
    assert sum(part.allowance.budget.usd or 0 for part in parts) == pytest.approx(whole.budget.usd)


@given(
    st.none() | st.integers(0, 50),
    st.none() | st.integers(0, 10**6),
    st.none() | CENTS,
    st.integers(1, 10**5),
    CENTS,
    st.integers(0, 60),
)
def test_there_is_room_for_as_many_dreams_as_fit_and_for_no_more(
    dreams: int | None, tokens: int | None, usd: float | None, each: int, dear: float, count: int
) -> None:
    allowance = Allowance(dreams, Budget(tokens, usd))
    room = allowance.room(Budget(each, dear))
    fits = (
        (dreams is None or count <= dreams)
        and (tokens is None or count * each <= tokens)
        and (usd is None or round(count * dear * 100) <= round(usd * 100))
    )
    assert fits == (room is None or count <= room)
    left = allowance.less(Spent(1, each, dear)).room(Budget(each, dear))
    assert left == (None if room is None else max(room - 1, 0))


class Fleet:
    """A fleet over many nights, and how many of them each member has waited with something to dream."""

    def __init__(self) -> None:
        self.turns: dict[str, datetime] = {}
        self.waits: dict[str, int] = {}
        self.members: set[str] = set()

    def night(self, wants: Mapping[str, bool], room: int, now: datetime) -> list[str]:
        """:param wants: who takes part, and whether it has something to dream; who has, goes on wanting it."""
        self.members |= wants.keys()
        candidates = {one for one, does in wants.items() if does or one in self.waits}
        admitted, left_out = admit(candidates, self.turns, room)
        had = (wants.keys() - candidates) | set(admitted)
        self.turns = turns_after(self.turns, wants, had, now)
        self.waits = {one: self.waits.get(one, 0) + 1 for one in left_out}
        return admitted


@st.composite
def nights(draw: st.DrawFn) -> tuple[int, list[tuple[dict[str, bool], int, int]]]:
    """Return how many dreams each night has room for at least, and the nights: who wants, room, how the clock ran."""
    least = draw(st.integers(1, 4))
    names = [f"depl_{number}" for number in range(draw(st.integers(1, 9)))]
    night = st.tuples(
        st.fixed_dictionaries(dict.fromkeys(names, st.booleans())),
        st.integers(least, 6),
        st.integers(-3, 100),
    )
    return least, draw(st.lists(night, min_size=1, max_size=25))


@given(nights())
def test_nobody_waits_for_more_nights_than_it_takes_to_serve_everyone(
    case: tuple[int, list[tuple[dict[str, bool], int, int]]],
) -> None:
    least, every = case
    fleet, now = Fleet(), NOON
    for wants, room, hours in every:
        now += timedelta(hours=hours)
        assert len(fleet.night(wants, room, now)) <= room
        assert all(waited < ceil(len(fleet.members) / least) for waited in fleet.waits.values())


@given(st.integers(1, 5), st.lists(st.integers(0, 8), min_size=1, max_size=30))
def test_members_that_join_every_night_overtake_nobody(room: int, joining: list[int]) -> None:
    fleet, joined = Fleet(), {f"z_{number}": 0 for number in range(20)}
    for night, count in enumerate([0, *joining]):
        joined |= {f"a_{night}_{number}": night for number in range(count)}
        admitted = fleet.night({one: since == night for one, since in joined.items()}, room, NOON)
        newest = max((joined[one] for one in admitted), default=0)
        assert newest <= min((joined[one] for one in fleet.waits), default=night)


@given(st.dictionaries(st.text(max_size=3), st.integers(0, 5)), st.integers(0, 9))
def test_who_waited_longest_comes_first_whatever_the_order_they_are_named_in(
    turns: dict[str, int], room: int
) -> None:
    moments = {one: NOON + timedelta(hours=hours) for one, hours in turns.items()}
    named = [*turns, "new"]
    admitted, left_out = admit(named, moments, room)
    assert (admitted, left_out) == admit(reversed(named), moments, room)
    assert sorted(admitted + left_out) == sorted(named)
    since = [moments.get(one, NOON + timedelta(days=9)) for one in (*admitted, *left_out)]
    assert since == sorted(since)
    assert len(admitted) == min(room, len(named))
    assert admit(named, moments, None)[1] == []
