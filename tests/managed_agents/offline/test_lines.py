"""Statements become lines that stand on their own, and a line can be read back."""

from __future__ import annotations

from datetime import date
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from include.managed_agents.dreams.offline.lines import (
    MAX_LINE,
    Line,
    pack,
    parse_line,
    render_line,
    speaker,
)
from include.managed_agents.dreams.offline.text import clean, plain

MONDAY, TUESDAY = date(2026, 11, 9), date(2026, 11, 10)
WORDS = st.text(min_size=1, max_size=80).map(lambda t: plain(clean(t).replace("\n", " "))).filter(bool)
NAMES = st.text(min_size=1, max_size=30).map(lambda t: speaker(plain(clean(t)))).filter(bool)
LINES = st.builds(
    Line,
    day=st.dates(),
    account=st.from_regex(r"[\w.@+-]{0,64}", fullmatch=True),
    text=st.builds("{}: {}".format, NAMES, WORDS),
    sources=st.lists(st.text(min_size=1, max_size=30), min_size=1, max_size=6).map(tuple),
)
STATEMENTS = st.fixed_dictionaries(
    {
        "text": WORDS,
        "day": st.sampled_from([MONDAY, TUESDAY]),
        "who": st.sampled_from(["Tom Okafor", "Agent to Tom Okafor", "Ada"]),
        "party": st.sampled_from(["Tom Okafor", "Ada"]),
    }
)


def said(who: str, text: str, day: date = MONDAY, party: str = "") -> dict[str, Any]:
    return {"who": who, "text": text, "day": day, "party": party}


def rendered(*statements: dict[str, Any], account: str = "") -> list[str]:
    return [render_line(line) for line in pack(statements, ("s1",), account)]


def test_a_line_tells_when_who_what_and_where() -> None:
    assert rendered(said("Caroline", "I went to a support group yesterday [8 November 2026].")) == [
        "- 9 November 2026. Caroline: I went to a support group yesterday [8 November 2026]. (s1)"
    ]
    assert rendered(said("Customer", "Order LK-48213 broke."), account="mia_li_3668") == [
        "- 9 November 2026, mia_li_3668. Customer: Order LK-48213 broke. (s1)"
    ]


def test_a_speaker_is_named_once_until_another_speaks() -> None:
    assert rendered(
        said("Tom", "One."), said("Tom", "Two."), said("Agent", "Three."), said("Tom", "Four.")
    ) == ["- 9 November 2026. Tom: One. Two. Agent: Three. Tom: Four. (s1)"]


def test_each_day_and_each_person_has_lines_of_their_own() -> None:
    assert rendered(
        said("Ada", "One.", party="Ada"),
        said("Bob", "Two.", party="Bob"),
        said("Ada", "Three.", party="Ada"),
        said("Ada", "Four.", TUESDAY, party="Ada"),
    ) == [
        "- 9 November 2026. Ada: One. Three. (s1)",
        "- 9 November 2026. Bob: Two. (s1)",
        "- 10 November 2026. Ada: Four. (s1)",
    ]


@given(LINES)
def test_what_was_written_is_read_back(line: Line) -> None:
    written = render_line(line)
    assert "\n" not in written
    assert parse_line(written) == line


@given(st.lists(STATEMENTS, max_size=30))
def test_packing_keeps_every_statement_in_its_order_within_the_length_of_a_line(
    statements: list[dict[str, Any]],
) -> None:
    lines = pack(statements, ("s1",), "")
    assert sum(len(line.text) for line in lines) >= sum(len(s["text"]) for s in statements)
    for party in ("Tom Okafor", "Ada"):
        at = [-1, 0]
        for statement in (s for s in statements if s["party"] == party):
            found = [(n, line.text.find(statement["text"])) for n, line in enumerate(lines)]
            at = next([n, place] for n, place in found if place >= 0 and n >= at[0])
    for line in lines:
        single = any(f"{s['who']}: {s['text']}" == line.text for s in statements)
        assert single or len(render_line(line)) <= MAX_LINE


@pytest.mark.parametrize(
    "line",
    [
        "",
        "# Title",
        "- a plain item",
        "- 9 November 2026. nobody speaks (s1)",
        "- 9 November 2026. Tom: no source",
        "- 31 February 2026. Tom: no such day (s1)",
        "- 2026-11-09 09:05 Tom: another format (s1)",
    ],
)
def test_other_lines_are_not_taken_for_ours(line: str) -> None:
    assert parse_line(line) is None
