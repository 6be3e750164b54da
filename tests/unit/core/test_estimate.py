"""What a dry run tells before anything is spent."""

from __future__ import annotations

from typing import Any

from dreamflow.core.estimate import BYTES_A_TOKEN, describe_estimate, estimate_tokens

SESSIONS = {"sesn_1": 4_000, "sesn_2": 8_001}


def test_what_is_read_once_follows_the_stated_rule() -> None:
    estimate = estimate_tokens(SESSIONS, 2_000, [])
    assert (estimate["sessions"], estimate["transcript_bytes"], estimate["store_bytes"]) == (2, 12_001, 2_000)
    assert estimate["tokens_read_once"] == -(-14_001 // BYTES_A_TOKEN)
    assert (estimate["tokens"], estimate["usd"]) == (None, None)
    said = describe_estimate(estimate)
    assert "12,001 bytes of transcript" in said
    assert "No finished dream of this pipeline" in said


def test_past_runs_tell_by_the_session_what_it_comes_to() -> None:
    past: list[dict[str, Any]] = [
        {"sessions": 10, "tokens": 1_000, "usd": 1.0},
        {"sessions": 10, "tokens": 9_000, "usd": None},
        {"sessions": 1, "tokens": 200, "usd": 0.5},
        {"sessions": 0, "tokens": 5, "usd": 9.0},
    ]
    estimate = estimate_tokens(SESSIONS, 0, past)
    assert estimate["tokens"] == 400
    assert estimate["usd"] == 0.6
    assert "about 400 tokens and USD 0.60" in describe_estimate(estimate)


def test_where_the_service_tells_no_price_none_is_made_up() -> None:
    estimate = estimate_tokens(SESSIONS, 0, [{"sessions": 2, "tokens": 100, "usd": None}])
    assert estimate["usd"] is None
    assert "USD" not in describe_estimate(estimate)
