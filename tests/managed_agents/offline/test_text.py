"""Messages become statements: single lines of plain text."""

from __future__ import annotations

import re
import unicodedata

import pytest
from hypothesis import given
from hypothesis import strategies as st

from include.managed_agents.dreams.offline.text import MAX_STATEMENT, statements


def test_prose_gives_a_statement_a_sentence() -> None:
    assert statements(
        "The dashboard moved. It's at https://x.example.com/d. Call Dr. May at 14.30 p.m. today."
    ) == [
        "The dashboard moved.",
        "It's at https://x.example.com/d.",
        "Call Dr. May at 14.30 p.m. today.",
    ]


def test_a_list_item_keeps_what_is_nested_below_it_and_the_label_above_it() -> None:
    text = "Your booking NO6JO3:\n\n1. **Flight HAT069**\n   - Departure: 06:00\n   - Price: $121\n2. **Flight HAT083**"
    assert statements(text) == [
        "Your booking NO6JO3: Flight HAT069: Departure: 06:00; Price: $121; Flight HAT083"
    ]


def test_a_table_row_names_its_columns() -> None:
    text = "| SKU | Units |\n|---|---:|\n| PB-2210 | 1,200 |\n| PB-2211 | 900 |"
    assert statements(text) == ["SKU: PB-2210, Units: 1,200", "SKU: PB-2211, Units: 900"]


def test_markup_is_taken_off_and_a_link_keeps_its_address() -> None:
    text = (
        "# Read **me**\n![x](https://t.example.net/p.png)\n<script>steal()</script>"
        '[the report](https://h.example.com/r.pdf) <b onclick="x()">now</b>'
    )
    assert statements(text) == ["Read me", "x", "the report: https://h.example.com/r.pdf now"]


def test_a_quoted_mail_loses_its_marks() -> None:
    assert statements("> From: a@example.net\n> My order broke.") == [
        "From: a@example.net",
        "My order broke.",
    ]


@pytest.mark.parametrize("blanks", range(12))
def test_what_is_too_long_for_a_statement_is_cut_between_its_parts(blanks: int) -> None:
    said = f"I fly {'x' * blanks}{'; Departure: 05:00 PM from LAS; Arrival: 08:00 PM at IAH' * 12}"
    assert all(re.search(r"(?:LAS|IAH);?$", statement) for statement in statements(said))


@given(st.text(max_size=2_000))
def test_any_text_gives_single_visible_lines_of_bounded_length(text: str) -> None:
    for statement in statements(text):
        assert len(statement) <= 2 * MAX_STATEMENT
        assert not any(unicodedata.category(c) in {"Cc", "Cf", "Zl", "Zp", "Co"} for c in statement)


def test_deep_nesting_and_long_runs_are_taken_in_stride() -> None:
    assert statements("\n".join(" " * depth + "- item" for depth in range(3_000)))
    assert len(statements("word " * 20_000)) > 100
    assert statements("\n" * 50_000 + "end") == ["end"]
