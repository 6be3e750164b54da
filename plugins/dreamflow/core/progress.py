"""What a dream's log says while it runs."""

from __future__ import annotations

from datetime import datetime

from dreamflow.core.objects import Dream

__all__ = ["describe_progress"]


def describe_progress(dream: Dream, list_cost_usd: float | None, now: datetime) -> str:
    """Return one line: status, tokens, share read from cache, list cost where it is told, minutes."""
    usage = dream.usage
    parts = [f"dream {dream.id} is {dream.status}"]
    if usage.total:
        cache = usage.cache_read_share
        share = f", {cache:.0%} of the input from cache" if cache is not None else ""
        parts.append(f"{usage.total:,} tokens{share}")
    if list_cost_usd is not None:
        parts.append(f"USD {list_cost_usd:.2f} at list price")
    minutes = ((dream.ended_at or now) - dream.created_at).total_seconds() / 60
    parts.append(f"{max(minutes, 0):.0f} min")
    return "; ".join(parts)
