"""The plain values: what travels as JSON comes back the same."""

from __future__ import annotations

import json

from hypothesis import given
from hypothesis import strategies as st

from dreamflow.core.objects import MemoryEntry, TokenUsage, listing_from_json, listing_to_json

ENTRIES = st.builds(MemoryEntry, st.text(), st.text(), st.text(), st.integers(0, 102_400))


@given(st.dictionaries(st.text(), ENTRIES, max_size=5))
def test_a_listing_comes_back_from_json_as_it_was(listing: dict[str, MemoryEntry]) -> None:
    assert listing_from_json(json.loads(json.dumps(listing_to_json(listing)))) == listing


def test_a_listing_is_written_in_path_order() -> None:
    entry = MemoryEntry("mem_1", "", "", 0)
    assert list(listing_to_json({"/b": entry, "/A": entry, "/a": entry})) == ["/A", "/a", "/b"]


def test_every_kind_of_token_counts_towards_the_total() -> None:
    usage = TokenUsage(1, 20, 300, 4000)
    assert usage.total == 4321
    assert usage.input_total == 4301
    assert usage.cache_read_share == 300 / 4301


def test_a_dream_that_read_nothing_has_no_cache_share() -> None:
    assert TokenUsage(output_tokens=5).cache_read_share is None


def test_usage_is_written_with_the_names_of_the_api() -> None:
    usage = TokenUsage(1, 2, 3, 4)
    assert TokenUsage(**usage.to_json()) == usage
