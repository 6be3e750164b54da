"""What a dream's log says while it runs."""

from __future__ import annotations

from dreamflow.core.objects import TokenUsage
from dreamflow.core.progress import describe_progress
from tests.unit.support import at, dream


def test_it_tells_status_tokens_cache_share_cost_and_minutes() -> None:
    running = dream(usage=TokenUsage(100, 50, 850, 0))
    said = describe_progress(running, 1.234, at(12))
    assert (
        said
        == "dream drm_1 is running; 1,000 tokens, 89% of the input from cache; USD 1.23 at list price; 12 min"
    )


def test_what_is_not_known_yet_is_left_out() -> None:
    assert describe_progress(dream(status="pending"), None, at(0)) == "dream drm_1 is pending; 0 min"


def test_a_dream_that_ended_took_as_long_as_it_ran() -> None:
    assert describe_progress(dream(status="completed", ended_at=at(3)), None, at(600)).endswith("; 3 min")


def test_a_clock_that_lags_behind_the_service_gives_no_negative_minutes() -> None:
    assert describe_progress(dream(), None, at(-5)).endswith("; 0 min")
