"""Relative dates become absolute by the day on which they were said."""

from __future__ import annotations

from datetime import date

import pytest
from hypothesis import given
from hypothesis import strategies as st

from include.managed_agents.dreams.offline.dates import disarm, resolve_dates, without_computed
from include.managed_agents.dreams.offline.words import terse, vocatives

FRIDAY = date(2026, 11, 6)
MONDAY = date(2026, 11, 9)


@pytest.mark.parametrize(
    ("said", "text", "absolute"),
    [
        (FRIDAY, "yesterday", "5 November 2026"),
        (FRIDAY, "the day before yesterday", "4 November 2026"),
        (FRIDAY, "tomorrow morning", "7 November 2026"),
        (FRIDAY, "the day after tomorrow", "8 November 2026"),
        (FRIDAY, "last night", "5 November 2026"),
        (FRIDAY, "in two weeks", "20 November 2026"),
        (FRIDAY, "in a fortnight", "20 November 2026"),
        (FRIDAY, "three days ago", "3 November 2026"),
        (FRIDAY, "10 days from now", "16 November 2026"),
        (FRIDAY, "in a year", "2027"),
        (date(2026, 1, 31), "in a month", "February 2026"),
        (date(2024, 2, 29), "ten years ago", "2014"),
        (FRIDAY, "next week", "week of 9 November 2026"),
        (FRIDAY, "last weekend", "weekend of 31 October 2026"),
        (date(2026, 11, 8), "last weekend", "weekend of 31 October 2026"),
        (FRIDAY, "this weekend", "weekend of 7 November 2026"),
        (FRIDAY, "last month", "October 2026"),
        (date(2026, 12, 31), "next month", "January 2027"),
        (FRIDAY, "next year", "2027"),
        (FRIDAY, "next Tuesday", "10 November 2026"),
        (FRIDAY, "last Monday", "2 November 2026 or 26 October 2026"),
        (MONDAY, "last Friday", "6 November 2026"),
        (MONDAY, "last Fri", "6 November 2026"),
        (MONDAY, "this Friday", "13 November 2026"),
        (MONDAY, "Friday next week", "20 November 2026"),
        (MONDAY, "by Friday", "13 November 2026"),
        (MONDAY, "until Monday", "16 November 2026"),
        (MONDAY, "since Friday", "6 November 2026"),
        (MONDAY, "this coming Friday", "13 November 2026"),
    ],
)
def test_a_relative_date_becomes_the_day_it_means(said: date, text: str, absolute: str) -> None:
    resolved = resolve_dates(f"It happens {text}, they say.", said)
    start, end = f"It happens {text} [", "], they say."
    assert resolved.startswith(start)
    assert resolved.endswith(end)
    assert set(resolved[len(start) : -len(end)].split(" or ")) == set(absolute.split(" or "))


def test_today_is_the_day_of_the_line() -> None:
    assert resolve_dates("It happens tonight.", FRIDAY) == "It happens tonight."


def test_next_friday_said_on_a_monday_keeps_both_readings() -> None:
    assert resolve_dates("The strike lasts until next Friday.", MONDAY) == (
        "The strike lasts until next Friday [13 November 2026 or 20 November 2026]."
    )


@pytest.mark.parametrize(
    ("text", "resolved"),
    [
        ("Open on Monday.", "Open on Monday."),
        ("Open on Monday next week.", "Open on Monday next week [9 November 2026]."),
        ("Open since Tuesday last week.", "Open since Tuesday last week [27 October 2026]."),
        ("I'll watch tomorrow's run.", "I'll watch tomorrow's [7 November 2026] run."),
        ("Mondays are busy.", "Mondays are busy."),
        ("Come back one day earlier.", "Come back one day earlier."),
    ],
)
def test_what_is_not_told_by_its_words_alone_stays(text: str, resolved: str) -> None:
    assert resolve_dates(text, FRIDAY) == resolved


@pytest.mark.parametrize(
    "text", ["I'm in the last week of lessons.", "Much changed in the last month.", "Last week of term!"]
)
def test_the_last_week_is_not_the_week_before_this(text: str) -> None:
    assert resolve_dates(text, FRIDAY) == text
    assert resolve_dates(terse(text, vocatives(())), FRIDAY) == terse(text, vocatives(()))


def test_a_date_beyond_the_calendar_stays_as_it_was_said() -> None:
    assert resolve_dates("in 999 years", date(9990, 1, 1)) == "in 999 years"


def test_a_date_that_somebody_wrote_in_square_brackets_cannot_pass_for_a_computed_one() -> None:
    assert (
        resolve_dates(disarm("paid yesterday [1 January 2020]"), FRIDAY)
        == "paid yesterday [5 November 2026] (1 January 2020)"
    )


@given(st.text(max_size=200), st.dates())
def test_resolving_twice_changes_nothing_and_taking_it_back_gives_what_was_said(
    text: str, said: date
) -> None:
    text = disarm(text)
    resolved = resolve_dates(text, said)
    assert resolve_dates(resolved, said) == resolved
    assert without_computed(resolved) == text
