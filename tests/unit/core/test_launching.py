"""Whose dream it is: which dreams a launch may take for its own."""

from __future__ import annotations

from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from dreamflow.core.launching import DreamRequest, Intent, find_own_dream, foreign_dreams
from dreamflow.core.objects import Dream
from tests.unit.support import dream

REQUEST = DreamRequest("memstore_1", ("sesn_1",), "claude-opus-4-8", None)
DREAMS = st.builds(
    lambda number, status, store_id, sessions, model, text: dream(
        f"drm_{number}", status, input_store_id=store_id, session_ids=sessions, model=model, instructions=text
    ),
    st.integers(0, 8),
    st.sampled_from(["pending", "running", "completed", "failed", "canceled"]),
    st.sampled_from(["memstore_1", "memstore_2"]),
    st.sampled_from([("sesn_1",), ("sesn_2",)]),
    st.sampled_from(["claude-opus-4-8", "other"]),
    st.sampled_from([None, "", "tidy up"]),
)


def asks_the_same(seen: Dream) -> bool:
    """As the request says it, word for word; no instructions and empty ones are the same."""
    return (seen.input_store_id, seen.session_ids, seen.model, seen.instructions or None) == (
        REQUEST.input_store_id,
        REQUEST.session_ids,
        REQUEST.model,
        REQUEST.instructions,
    )


@given(st.lists(DREAMS, max_size=8, unique_by=lambda d: d.id), st.integers(0, 8))
def test_only_a_newer_dream_of_the_same_request_that_did_not_end_badly_is_taken_over(
    newest_first: list[Dream], known: int
) -> None:
    seen = tuple(d.id for d in newest_first[known:])
    fitting = [d for d in newest_first[:known] if asks_the_same(d) and d.status not in ("failed", "canceled")]
    found = find_own_dream(Intent.of(REQUEST, seen), newest_first)
    assert found == (fitting[0] if fitting else None)


def test_reading_stops_at_the_first_dream_that_was_there_before() -> None:
    def listed() -> Any:
        yield dream("drm_9", input_store_id="memstore_7")
        yield dream("drm_1")
        pytest.fail("a page too many was read")

    assert find_own_dream(Intent.of(REQUEST, ("drm_1", "drm_0")), listed()) is None


def test_the_service_may_sort_the_session_ids() -> None:
    intent = Intent.of(DreamRequest("memstore_1", ("sesn_2", "sesn_1"), "claude-opus-4-8", None))
    assert intent.matches(dream(session_ids=("sesn_1", "sesn_2")))
    assert not intent.matches(dream(session_ids=("sesn_1",)))


def test_every_dream_in_flight_on_the_same_store_is_company() -> None:
    in_flight = [dream("drm_1"), dream("drm_2"), dream("drm_3", input_store_id="memstore_9")]
    assert [d.id for d in foreign_dreams("memstore_1", in_flight)] == ["drm_1", "drm_2"]


@given(st.text(max_size=40), st.none() | st.text(max_size=40))
def test_an_intent_holds_neither_model_nor_instructions_which_may_come_from_a_variable(
    model: str, instructions: str | None
) -> None:
    intent = Intent.of(DreamRequest("memstore_1", ("sesn_1",), model, instructions))
    assert intent.matches(dream(model=model, instructions=instructions))
    assert len(intent.asked) == 64
