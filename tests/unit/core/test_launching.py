"""Whose dream it is, of those that a launch may have created."""

from __future__ import annotations

from collections.abc import Iterator

import pytest
from hypothesis import given
from hypothesis import strategies as st

from dreamflow.core.launching import DreamRequest, Intent, dreams_of, find_own_dream, foreign_dreams
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
    """Tell whether ``REQUEST`` asks for the dream, word by word; empty instructions are none."""
    asked = (seen.input_store_id, seen.session_ids, seen.model, seen.instructions or None)
    return asked == (REQUEST.input_store_id, REQUEST.session_ids, REQUEST.model, None)


@given(st.lists(DREAMS, max_size=8, unique_by=lambda d: d.id), st.integers(0, 8))
def test_a_newer_dream_of_the_same_request_is_ones_own_and_taken_over_unless_it_ended_badly(
    newest_first: list[Dream], known: int
) -> None:
    intent = Intent.of(REQUEST, [d.id for d in newest_first[known:]])
    own = [d for d in newest_first[:known] if asks_the_same(d)]
    usable = [d for d in own if d.status not in ("failed", "canceled")]
    assert list(dreams_of(intent, newest_first)) == own
    assert find_own_dream(intent, newest_first) == (usable[0] if usable else None)


def test_reading_stops_at_the_first_dream_that_was_there_before() -> None:
    def listed() -> Iterator[Dream]:
        yield dream("drm_9", input_store_id="memstore_7")
        yield dream("drm_1")
        pytest.fail("a page too many was read")

    assert find_own_dream(Intent.of(REQUEST, ("drm_1", "drm_0")), listed()) is None


def test_the_service_may_sort_the_session_ids() -> None:
    request = DreamRequest("memstore_1", ("sesn_2", "sesn_1"), "claude-opus-4-8", None)
    assert Intent.of(request).matches(dream(session_ids=("sesn_1", "sesn_2")))
    assert not Intent.of(request).matches(dream(session_ids=("sesn_1",)))


def test_a_request_without_some_sessions_is_another_request() -> None:
    request = DreamRequest("memstore_1", ("sesn_3", "sesn_1", "sesn_2"), "claude-opus-4-8", "tidy up")
    rest = request.without(["sesn_1", "sesn_9"])
    assert rest == DreamRequest("memstore_1", ("sesn_3", "sesn_2"), "claude-opus-4-8", "tidy up")
    assert not Intent.of(rest).matches(dream(session_ids=request.session_ids, instructions="tidy up"))


def test_what_an_intent_keeps_of_the_instructions_does_not_show_them() -> None:
    """A variable may have brought what stands in them, and the intent is written down."""
    secret = DreamRequest("memstore_1", ("sesn_1",), "claude-opus-4-8", "the password is swordfish")
    intent = Intent.of(secret)
    assert "swordfish" not in repr(intent)
    assert intent.matches(dream(instructions=secret.instructions))
    assert not intent.matches(dream(instructions="the password is herring"))


def test_the_intent_of_a_run_before_the_upgrade_is_read() -> None:
    noted = {
        "input_store_id": "memstore_1",
        "session_ids": ["sesn_1"],
        "model": "claude-opus-4-8",
        "instructions": None,
        "seen": ["drm_0"],
    }
    assert Intent.from_marker(noted) == Intent.of(REQUEST, ["drm_0"])


def test_dreams_on_the_same_store_are_company() -> None:
    in_flight = [dream("drm_1"), dream("drm_2"), dream("drm_3", input_store_id="memstore_9")]
    assert [d.id for d in foreign_dreams("memstore_1", in_flight)] == ["drm_1", "drm_2"]
