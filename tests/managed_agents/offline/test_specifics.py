"""What counts as a specific."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from include.managed_agents.dreams.offline.specifics import Kind, find_specifics


@pytest.mark.parametrize(
    ("text", "kind", "found"),
    [
        ("see https://example.com/a?b=c#d.", Kind.LINK, "https://example.com/a?b=c#d"),
        ("(https://example.com/x)", Kind.LINK, "https://example.com/x"),
        ("mail o.k@shop.example.com, please", Kind.EMAIL, "o.k@shop.example.com"),
        ("on 2026-11-24.", Kind.DATE, "2026-11-24"),
        ("on May 20th, 2024", Kind.DATE, "May 20th, 2024"),
        ("7 May 2023", Kind.DATE, "7 May 2023"),
        ("at 14:30 sharp", Kind.TIME, "14:30"),
        ("before 11 AM EST", Kind.TIME, "11 AM"),
        ("£1,234.50 each", Kind.AMOUNT, "£1,234.50"),
        ("about 12% of it", Kind.AMOUNT, "12%"),
        ("50 dollars", Kind.AMOUNT, "50 dollars"),
        ("+44 20 7946 0812", Kind.PHONE, "+44 20 7946 0812"),
        ("order LK-48213,", Kind.IDENTIFIER, "LK-48213"),
        ("user mia_li_3668.", Kind.IDENTIFIER, "mia_li_3668"),
        ("code **IFOYYZ**", Kind.IDENTIFIER, "IFOYYZ"),
        ("flag checkout.express is", Kind.IDENTIFIER, "checkout.express"),
        ("ask @tom", Kind.IDENTIFIER, "@tom"),
        ("certificate 7504069", Kind.IDENTIFIER, "7504069"),
        ("extension 4417", Kind.NUMBER, "4417"),
    ],
)
def test_a_specific_is_found_as_it_stands(text: str, kind: Kind, found: str) -> None:
    assert (kind, found) in [(s.kind, s.text) for s in find_specifics(text)]


@pytest.mark.parametrize("text", ["the 2nd time", "PLEASE HELP", "well-known", "e.g. this", "5kg of it"])
def test_ordinary_words_are_no_identifiers(text: str) -> None:
    assert not [s for s in find_specifics(text) if s.kind is Kind.IDENTIFIER]


def test_two_ways_to_write_a_date_are_one_specific() -> None:
    assert find_specifics("May 20th")[0].key == find_specifics("may 20")[0].key


@given(st.text(max_size=300))
def test_specifics_stand_where_they_say_in_order_without_overlap(text: str) -> None:
    at = 0
    for specific in find_specifics(text):
        assert specific.text
        at = text.index(specific.text, at) + len(specific.text)
